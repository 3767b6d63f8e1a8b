"""Rules about examples, and about what was read from them because nothing else tells it."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Example, Operation, Origin, Role, Side, Structure
from understudy.derive.openapi.example_conformance import Difference, DifferenceKind
from understudy.derive.openapi.parameter_placement import locate_parameters
from understudy.derive.reader.shown_values import contains_ellipsis, looks_like_json
from understudy.derive.rules.rule_context import Rule, RuleContext

_SIDES = {Side.REQUEST: "request", Side.RESPONSE: "response"}


def _examples(case: RuleContext) -> Iterator[tuple[Operation, Example]]:
    """Give each example with the first operation that it belongs to."""
    seen: set[Origin] = set()
    for operation in case.facts.operations:
        for example in operation.examples:
            if example.origin not in seen:
                seen.add(example.origin)
                yield operation, example


def example_is_json(case: RuleContext) -> Iterator[Doubt]:
    """An example that is no JSON where a structure is told, or leaves parts out."""
    for operation, example in _examples(case):
        is_text = example.side is Side.RESPONSE and case.lookup.find_response(operation) is None
        if is_text and not looks_like_json(example.text):
            continue
        error = case.conformance.find_json_error(example)
        if error:
            line = Origin(example.origin.file, example.origin.line + error.line - 1)
            what = f"The example of the {_SIDES[example.side]} is no JSON: {error.reason}."
            decision = (
                "It is read as far as it goes, and left out."
                if example.node
                else "The example is left out."
            )
            yield make_doubt("example-not-json", line, what, decision)
        elif example.node and contains_ellipsis(example.node):
            what = f"The example of the {_SIDES[example.side]} leaves parts out with an ellipsis."
            yield make_doubt("example-elided", example.origin, what, "It is shown without them.")


def example_is_told(case: RuleContext) -> Iterator[Doubt]:
    """A member of an example that no table has, a told field that no example shows, a value that is not as told."""
    for operation, example in _examples(case):
        if case.conformance.find_json_error(example):
            continue
        differences = case.conformance.find_differences(example, operation)
        for each in differences:
            yield from _untold(each, example)
        yield from _missing(differences, example)


_RULES = {
    DifferenceKind.TYPE: "example-contradicts-type",
    DifferenceKind.ENUM: "example-not-in-enum",
    DifferenceKind.BOUNDS: "example-out-of-bounds",
}


def _untold(each: Difference, example: Example) -> Iterator[Doubt]:
    side = _SIDES[example.side]
    if each.kind is DifferenceKind.UNDOCUMENTED:
        what = f'The example of the {side} has "{each.name}", which nothing tells.'
        yield make_doubt(
            "example-field-not-told", each.origin, what, "The field is not in the schema."
        )
    elif each.kind in _RULES:
        told = f" ({each.field.origin})" if each.field else ""
        what = f'"{each.name}" in the example of the {side} is not as told{told}: {each.reason}.'
        yield make_doubt(_RULES[each.kind], each.origin, what, "The example is left out.")


def _missing(differences: list[Difference], example: Example) -> Iterator[Doubt]:
    by_place: dict[Origin, list[Difference]] = {}
    for each in differences:
        optional = each.field is not None and (
            each.field.required is False
            or (each.field.required is None and example.side is Side.REQUEST)
        )
        if each.kind is DifferenceKind.MISSING and not optional:
            by_place.setdefault(each.origin, []).append(each)
    for origin, gone in by_place.items():
        names = ", ".join(f'"{each.name}"' for each in gone)
        grave = any(each.excludes_example for each in gone)
        what = f"The example of the {_SIDES[example.side]} lacks {names}."
        decision = (
            "The example is left out." if grave else "A response may lack what its example lacks."
        )
        yield make_doubt("field-not-in-example", origin, what, decision)


def sample_is_told(case: RuleContext) -> Iterator[Doubt]:
    """A query in the example of a call with a parameter that nothing tells; a query in the told path."""
    seen: set[tuple[Origin, str]] = set()
    for operation in case.facts.operations:
        told = {field.name for field, place in locate_parameters(operation) if place == "query"}
        rows = {field.name for structure in operation.requests for field in structure.fields}
        for sample in operation.samples:
            if (sample.origin, sample.name) in seen:
                continue
            seen.add((sample.origin, sample.name))
            if sample.is_in_path:
                known = sample.name in rows
                what = f'The path has a query with "{sample.name}"{", which a table tells too" if known else ""}.'
                decision = (
                    "The table counts."
                    if known
                    else "It is an optional parameter, its type that of the value."
                )
                yield make_doubt("query-in-path", sample.origin, what, decision)
            elif not operation.requests:
                what = f'Only the example of a call tells the parameter "{sample.name}".'
                decision = "It is an optional parameter, its type that of the value."
                yield make_doubt("inferred-from-example", sample.origin, what, decision)
            elif sample.name not in told:
                what = f'The example of a call sends "{sample.name}", which nothing tells.'
                yield make_doubt(
                    "example-field-not-told", sample.origin, what, "It is no parameter."
                )


def inferred(case: RuleContext) -> Iterator[Doubt]:
    """A body or response that only an example tells."""
    seen: set[Origin] = set()
    for operation in case.facts.operations:
        told = operation.response if isinstance(operation.response, Structure) else None
        for structure in (*operation.requests, *((told,) if told else ())):
            if structure.is_inferred and structure.origin not in seen:
                seen.add(structure.origin)
                side, required = (
                    ("body", "nothing")
                    if structure.role is Role.REQUEST
                    else ("response", "all that it shows")
                )
                what = f"Only an example tells the {side} of {operation.method} {operation.path}."
                decision = f"Its schema is inferred from the example, with {required} required."
                yield make_doubt("inferred-from-example", structure.origin, what, decision)
    for structure, _ in case.iter_responses():
        told_elsewhere = structure.role is Role.RESPONSE and not _is_common(case, structure)
        if structure.is_inferred and not told_elsewhere and structure.origin not in seen:
            seen.add(structure.origin)
            what = (
                f"Only values tell the types of {structure.name or 'what all operations return'}."
            )
            yield make_doubt(
                "inferred-from-example", structure.origin, what, "Its schema is inferred from them."
            )


def _is_common(case: RuleContext, structure: Structure) -> bool:
    return any(document.common is structure for document in case.facts.documents)


EXAMPLE_RULES: tuple[Rule, ...] = (example_is_json, example_is_told, sample_is_told, inferred)

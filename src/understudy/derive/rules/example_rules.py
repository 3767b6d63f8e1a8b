"""Rules about examples, and about what only an example documents.

An example that breaks the schema would be an invalid contract: it is left out and reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import (
    Example,
    Operation,
    Origin,
    Role,
    Sample,
    Side,
    Structure,
)
from understudy.derive.openapi.example_conformance import Difference, DifferenceKind
from understudy.derive.openapi.parameter_placement import locate_parameters
from understudy.derive.reader.shown_values import contains_ellipsis, looks_like_json
from understudy.derive.rules.rule_context import Rule, RuleContext

_SIDES = {Side.REQUEST: "request", Side.RESPONSE: "response"}
_RULES = {
    DifferenceKind.TYPE: "example-contradicts-type",
    DifferenceKind.ENUM: "example-not-in-enum",
    DifferenceKind.BOUNDS: "example-out-of-bounds",
}
"""The rules about single values of an example, by the kind of difference."""
_NO_EXAMPLE = "The example is left out."
_OPTIONAL_PARAMETER = "It is an optional parameter with the type of the value."


def _iter_examples(context: RuleContext) -> Iterator[tuple[Operation, Example]]:
    """Yield each example with the first operation that has it.

    Operations of one section share their examples.
    """
    seen: set[Origin] = set()
    for operation in context.facts.operations:
        for example in operation.examples:
            if example.origin not in seen:
                seen.add(example.origin)
                yield operation, example


def check_json(context: RuleContext) -> Iterator[Doubt]:
    """Report an example that should be JSON and is not, and one that omits parts.

    Comments and `...` are allowed: documents use them to shorten examples.
    """
    for operation, example in _iter_examples(context):
        if _is_plain_text(context, operation, example):
            continue
        if context.conformance.find_json_error(example):
            yield from _report_json_error(context, example)
        elif example.node and contains_ellipsis(example.node):
            yield make_doubt(
                "example-elided",
                example.origin,
                f"The example of the {_SIDES[example.side]} omits parts with an ellipsis.",
                "The contract shows it without them.",
            )


def _is_plain_text(context: RuleContext, operation: Operation, example: Example) -> bool:
    """Return whether an example shows a response for which no structure is documented.

    Such a response may be plain text.
    """
    if example.side is not Side.RESPONSE or looks_like_json(example.text):
        return False
    return context.lookup.find_response(operation) is None


def _report_json_error(context: RuleContext, example: Example) -> Iterator[Doubt]:
    """Report an example at the line of its first error."""
    error = context.conformance.find_json_error(example)
    if error is None:
        return
    decision = _NO_EXAMPLE
    # The reader of examples is more tolerant than JSON: it may have read a part.
    if example.node:
        decision = "Its fields are read as far as possible; the example is left out."
    yield make_doubt(
        "example-not-json",
        Origin(example.origin.file, example.origin.line + error.line - 1),
        f"The example of the {_SIDES[example.side]} is not JSON: {error.reason}.",
        decision,
    )


def check_conformance(context: RuleContext) -> Iterator[Doubt]:
    """Report where an example and the documented fields differ.

    Either of them may be wrong; the tables are used, as they are the more complete ones.
    """
    for operation, example in _iter_examples(context):
        # An example that is not JSON is read in part only: what it lacks says nothing.
        if context.conformance.find_json_error(example):
            continue
        differences = context.conformance.find_differences(example, operation)
        for difference in differences:
            if difference.kind is DifferenceKind.UNDOCUMENTED:
                yield _report_undocumented(difference, example)
            elif difference.kind in _RULES:
                yield _report_value(difference, example)
        yield from _report_missing(differences, example)


def _report_undocumented(difference: Difference, example: Example) -> Doubt:
    """Return the doubt about a member that no table documents."""
    side = _SIDES[example.side]
    return make_doubt(
        "example-field-not-told",
        difference.origin,
        f'The example of the {side} has "{difference.name}", which is not documented.',
        "The field is not in the schema.",
    )


def _report_value(difference: Difference, example: Example) -> Doubt:
    """Return the doubt about a value, with the line that documents its field."""
    side = _SIDES[example.side]
    source = ""
    if difference.field:
        source = f" ({difference.field.origin})"
    return make_doubt(
        _RULES[difference.kind],
        difference.origin,
        f'"{difference.name}" in the example of the {side} is not as documented{source}: '
        f"{difference.reason}.",
        _NO_EXAMPLE,
    )


def _report_missing(differences: list[Difference], example: Example) -> Iterator[Doubt]:
    """Report the documented fields that an example lacks, all of one object together.

    A field without a documented presence is then optional (`find_missing_fields`).
    """
    by_origin: dict[Origin, list[Difference]] = {}
    for difference in differences:
        if difference.kind is DifferenceKind.MISSING and not _is_optional(difference, example):
            by_origin.setdefault(difference.origin, []).append(difference)
    for origin, missing in by_origin.items():
        names = [f'"{difference.name}"' for difference in missing]
        decision = "A response may lack the fields that its example lacks."
        if any(difference.excludes_example for difference in missing):
            decision = _NO_EXAMPLE
        yield make_doubt(
            "field-not-in-example",
            origin,
            f"The example of the {_SIDES[example.side]} lacks {', '.join(names)}.",
            decision,
        )


def _is_optional(difference: Difference, example: Example) -> bool:
    """Return whether an example may lack a field: in a request, all that is not required."""
    if difference.field is None:
        return False
    if difference.field.required is None:
        return example.side is Side.REQUEST
    return not difference.field.required


def check_samples(context: RuleContext) -> Iterator[Doubt]:
    """Report query parameters of example requests and paths that no table documents.

    Example: `curl "/books?colour=red"` above a table without `colour`.
    """
    seen: set[tuple[Origin, str]] = set()
    for operation in context.facts.operations:
        for sample in operation.samples:
            key = (sample.origin, sample.name)
            if key in seen:
                continue
            seen.add(key)
            if sample.is_in_path:
                yield _report_query_in_path(operation, sample)
            elif operation.requests:
                yield from _check_request(operation, sample)
            else:
                yield make_doubt(
                    "inferred-from-example",
                    sample.origin,
                    f'Only an example request has the parameter "{sample.name}".',
                    _OPTIONAL_PARAMETER,
                )


def _report_query_in_path(operation: Operation, sample: Sample) -> Doubt:
    """Return the doubt about a documented path with a query: `/books?page=1`.

    Source: OpenAPI 3.1, Paths Object: a path template contains no query.
    """
    problem = f'The documented path has a query with "{sample.name}".'
    decision = _OPTIONAL_PARAMETER
    for structure in operation.requests:
        if any(field.name == sample.name for field in structure.fields):
            problem = f'"{sample.name}" is in the query of the documented path and in a table.'
            decision = "The table is used."
    return make_doubt("query-in-path", sample.origin, problem, decision)


def _check_request(operation: Operation, sample: Sample) -> Iterator[Doubt]:
    """Report a parameter of an example request that the operation's tables do not have."""
    for field, location in locate_parameters(operation):
        if location == "query" and field.name == sample.name:
            return
    yield make_doubt(
        "example-field-not-told",
        sample.origin,
        f'The example request sends "{sample.name}", which is not documented.',
        "It is not a parameter.",
    )


def check_inferred(context: RuleContext) -> Iterator[Doubt]:
    """Report a body, response or structure that only an example documents.

    The types of an inferred schema are those of the values: they may be too narrow.
    """
    seen: set[Origin] = set()
    for operation in context.facts.operations:
        for structure in _list_bodies(operation):
            if structure.is_inferred and structure.origin not in seen:
                seen.add(structure.origin)
                yield _report_inferred_body(operation, structure)
    for structure, _ in context.iter_responses():
        if not structure.is_inferred or structure.origin in seen:
            continue
        # The response of an operation is left to that operation.
        if structure.role is Role.RESPONSE and not _is_common(context, structure):
            continue
        seen.add(structure.origin)
        yield make_doubt(
            "inferred-from-example",
            structure.origin,
            f"Only values document the types of {structure.name or 'the common response'}.",
            "Its schema is inferred from them.",
        )


def _list_bodies(operation: Operation) -> list[Structure]:
    """Return the request tables of an operation, then its own response if it has one."""
    bodies = list(operation.requests)
    if isinstance(operation.response, Structure):
        bodies.append(operation.response)
    return bodies


def _report_inferred_body(operation: Operation, structure: Structure) -> Doubt:
    """Return the doubt about an inferred body.

    Nothing is required of a client that may send more or less than the example. A server sends
    what its example shows.
    """
    side, required = "response", "all of its fields"
    if structure.role is Role.REQUEST:
        side, required = "body", "no field"
    return make_doubt(
        "inferred-from-example",
        structure.origin,
        f"Only an example documents the {side} of {operation.method} {operation.path}.",
        f"Its schema is inferred from the example, with {required} required.",
    )


def _is_common(context: RuleContext, structure: Structure) -> bool:
    """Return whether a structure is the response of all operations of a document."""
    return any(document.common is structure for document in context.facts.documents)


EXAMPLE_RULES: tuple[Rule, ...] = (
    check_json,
    check_conformance,
    check_samples,
    check_inferred,
)
"""All rules of this module."""

"""Rules about what was guessed: structures by other names, path parameters, responses told for all, units."""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Field, Kind, Structure, TypeExpr
from understudy.derive.facts.names import find_path_parameters, split_identifier
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import (
    NAMES_THAT_NEED_UNITS,
    PAGING_PARAMETERS,
    UNIT_SIGNS,
    UNIT_TERMS,
)
from understudy.derive.openapi.parameter_placement import PathParameters, UndocumentedParameter
from understudy.derive.openapi.structure_lookup import Outcome
from understudy.derive.rules.rule_context import Rule, RuleContext


def structure_guessed(case: RuleContext) -> Iterator[Doubt]:
    """A structure that was found under another name, and one that is written out twice with other types."""
    for field, section in case.iter_fields():
        found = case.lookup.find_for_field(field, section)
        if found.outcome is not Outcome.GUESSED:
            continue
        inner = field.type.item or field.type
        named = inner.name or field.prose.structure
        if inner.fields and found.structure:
            what = f'The fields of "{field.name}" are those of {found.structure.name} ({found.structure.origin}).'
            yield from _other_types(field, inner.fields, found.structure)
        else:
            what = f'No structure is called "{named}".'
        meant = f'"{found.structure.name}"' if found.structure else "what is told elsewhere"
        yield make_doubt(
            "structure-guessed", field.origin, what, f"It is taken for {meant}: {found.reason}."
        )


def _other_types(field: Field, fields: tuple[Field, ...], structure: Structure) -> Iterator[Doubt]:
    told = {other.name: other for other in structure.fields}
    strays = [each.name for each in fields if _basic(each.type) != _basic(told[each.name].type)]
    if strays:
        what = f'"{field.name}" tells other types than {structure.name} ({structure.origin}): {", ".join(strays)}.'
        yield make_doubt(
            "structure-told-twice", field.origin, what, f"Those of {structure.name} count."
        )


def _basic(type: TypeExpr) -> tuple[Kind, str]:
    return type.kind, type.format


def path_parameters_told(case: RuleContext) -> Iterator[Doubt]:
    """A parameter of the path without a row, a row for a path parameter that the path has not, a name used twice."""
    known = PathParameters(case.facts)
    for operation in case.facts.operations:
        named = find_path_parameters(operation.path)
        for untold in known.find_undocumented(operation):
            if untold.name in named:
                what = f'No table tells the path parameter "{untold.name}".'
                yield make_doubt("path-parameter-not-told", operation.origin, what, _taken(untold))
        for name in dict.fromkeys(named):
            if named.count(name) > 1:
                what = f'The path names "{name}" more than once.'
                yield make_doubt(
                    "duplicate-path-parameter",
                    operation.origin,
                    what,
                    "The later ones get a number.",
                )
        for field in (field for structure in operation.requests for field in structure.fields):
            if field.location == "path" and field.name not in named:
                what = f'"{field.name}" is told to be in the path, which has no such parameter.'
                yield make_doubt(
                    "path-parameter-not-in-path",
                    field.origin,
                    what,
                    "It is taken for a parameter elsewhere.",
                )
        for own, other in operation.renamed_parameters:
            what = f'The path parameter "{own}" is called "{other}" by another operation of the same path.'
            yield make_doubt(
                "path-parameter-renamed",
                operation.origin,
                what,
                f'It is "{other}": OpenAPI has one name for it.',
            )


def _taken(untold: UndocumentedParameter) -> str:
    if untold.field is None:
        return "It is a text."
    if untold.common:
        return f"It is what {untold.field.origin} tells for all operations."
    return f"It is what {untold.field.origin} tells for another operation of the same path."


def common_response(case: RuleContext) -> Iterator[Doubt]:
    """An operation without a response of its own where one is told for all, and one that tells less than that."""
    for operation in case.facts.operations:
        common = case.lookup.find_common_response(operation)
        told = operation.response
        if common is None:
            continue
        if told is None:
            what = f"The response of {operation.method} {operation.path} is not told on its own."
            decision = (
                f"It is what {common.origin} tells for all operations; further fields are allowed."
            )
            yield make_doubt("common-response-used", operation.origin, what, decision)
        elif isinstance(told, Structure) and told is not common and told.fields:
            names = {field.name for field in told.fields}
            gone = [field.name for field in common.fields if field.name not in names]
            if gone:
                what = f"For all operations is told what this response lacks ({common.origin}): {', '.join(gone)}."
                yield make_doubt(
                    "common-field-missing",
                    told.origin,
                    what,
                    "The response is as its own section tells it.",
                )


def unit_not_told(case: RuleContext) -> Iterator[Doubt]:
    """A number named like a measure, of which no description in the document tells the unit: once for each name."""
    measures: dict[tuple[str, str], Field] = {}
    told: set[tuple[str, str]] = set()
    for field, _ in case.iter_fields():
        if field.type.kind in (Kind.INTEGER, Kind.NUMBER) and _is_measure(field.name):
            key = (field.origin.file, field.name)
            first = measures.setdefault(key, field)
            measures[key] = min(first, field, key=lambda each: each.origin)
            if _tells_unit(field):
                told.add(key)
    for key, field in measures.items():
        if key not in told:
            what = f'"{field.name}" is a number that means little without a unit, and no description tells one.'
            yield make_doubt("unit-not-told", field.origin, what, "It is a number.")


def _is_measure(name: str) -> bool:
    words = [part.lower() for part in split_identifier(name)]
    return (
        bool(words) and words[-1] in NAMES_THAT_NEED_UNITS and fold(name) not in PAGING_PARAMETERS
    )


def _tells_unit(field: Field) -> bool:
    text = field.description.lower()
    signs = re.findall(r"[a-z]+", text)
    return any(unit in text for unit in UNIT_TERMS) or any(sign in UNIT_SIGNS for sign in signs)


GUESS_RULES: tuple[Rule, ...] = (
    structure_guessed,
    path_parameters_told,
    common_response,
    unit_not_told,
)

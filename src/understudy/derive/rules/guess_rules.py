"""Rules about guesses: structures with other names, path parameters, common responses, units.

The derivation guesses where a document leaves only one likely meaning. Each guess is in the
ledger, so that a maintainer can decide otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Field, Kind, Operation, Structure
from understudy.derive.facts.names import find_path_parameters, split_identifier
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import (
    NAMES_THAT_NEED_UNITS,
    PAGING_PARAMETERS,
    UNIT_SIGNS,
    UNIT_TERMS,
)
from understudy.derive.openapi.parameter_placement import PathParameters, UndocumentedParameter
from understudy.derive.openapi.structure_lookup import LookupResult, Outcome
from understudy.derive.rules.rule_context import Rule, RuleContext


def check_guessed_structures(context: RuleContext) -> Iterator[Doubt]:
    """Report a structure found under another name, and one defined twice with other types.

    Example: a field of the type `Region`, and a table with the label 区域数据结构.
    """
    for field, section in context.iter_fields():
        result = context.lookup.find_for_field(field, section)
        if result.outcome is Outcome.GUESSED:
            yield from _report_guess(field, result)


def _report_guess(field: Field, result: LookupResult) -> Iterator[Doubt]:
    """Report which structure is used for a field, and why.

    A field with members of its own has a twin; any other field has the name of a structure.
    """
    inner = field.type.item or field.type
    structure = result.structure
    if inner.fields and structure:
        problem = (
            f'The fields of "{field.name}" are those of {structure.name} ({structure.origin}).'
        )
        yield from _compare_types(field, inner.fields, structure)
    else:
        problem = f'No structure has the name "{inner.name or field.prose.structure}".'
    replacement = "The definition of another field"
    if structure:
        replacement = f'"{structure.name}"'
    yield make_doubt(
        "structure-guessed",
        field.origin,
        problem,
        f"{replacement} is used: {result.reason}.",
    )


def _compare_types(
    field: Field, fields: tuple[Field, ...], structure: Structure
) -> Iterator[Doubt]:
    """Report members of a field that have another type in its twin.

    A twin has the same member names (`NameMatcher.find_twin`), so each member is defined.
    """
    defined = {each.name: each for each in structure.fields}
    different = []
    for each in fields:
        if _basic_type(each) != _basic_type(defined[each.name]):
            different.append(each.name)
    if not different:
        return
    yield make_doubt(
        "structure-told-twice",
        field.origin,
        f'The types in "{field.name}" differ from {structure.name} ({structure.origin}): '
        f"{', '.join(different)}.",
        f"The types of {structure.name} are used.",
    )


def _basic_type(field: Field) -> tuple[Kind, str]:
    """Return what decides whether two types are the same; names of types may differ."""
    return field.type.kind, field.type.format


def check_path_parameters(context: RuleContext) -> Iterator[Doubt]:
    """Report path parameters on which tables and paths do not agree.

    Source: OpenAPI 3.1, Path Templating: each template expression corresponds to a parameter.
    """
    parameters = PathParameters(context.facts)
    for operation in context.facts.operations:
        yield from _check_undocumented(operation, parameters)
        yield from _check_duplicates(operation)
        yield from _check_rows(operation)
        yield from _check_renamed(operation)


def _check_undocumented(operation: Operation, parameters: PathParameters) -> Iterator[Doubt]:
    """Report a parameter of the path without a row in a table.

    Example: `GET /shelves/{shelfId}/books`, and no row `shelfId`.
    """
    in_path = find_path_parameters(operation.path)
    for parameter in parameters.find_undocumented(operation):
        # `id2`, the second of two with one name, is not in the document's own path;
        # `duplicate-path-parameter` reports it.
        if parameter.name not in in_path:
            continue
        yield make_doubt(
            "path-parameter-not-told",
            operation.origin,
            f'No table documents the path parameter "{parameter.name}".',
            _describe_definition(parameter),
        )


def _describe_definition(parameter: UndocumentedParameter) -> str:
    """Return where the type of an undocumented path parameter comes from."""
    if parameter.field is None:
        return "It is a string."
    origin = parameter.field.origin
    if parameter.common:
        return f"The definition for all operations is used ({origin})."
    return f"The definition of another operation with the same path is used ({origin})."


def _check_duplicates(operation: Operation) -> Iterator[Doubt]:
    """Report a name that a path contains twice: `/shelves/{id}/books/{id}`."""
    in_path = find_path_parameters(operation.path)
    for name in dict.fromkeys(in_path):
        if in_path.count(name) == 1:
            continue
        yield make_doubt(
            "duplicate-path-parameter",
            operation.origin,
            f'The path contains the parameter "{name}" more than once.',
            "The later ones get a number.",
        )


def _check_rows(operation: Operation) -> Iterator[Doubt]:
    """Report a row for a path parameter that the path does not contain.

    Example: the label **Path 参数** with a row `roomId`, below `GET /shelves`.
    """
    in_path = find_path_parameters(operation.path)
    for structure in operation.requests:
        for field in structure.fields:
            if field.location != "path" or field.name in in_path:
                continue
            yield make_doubt(
                "path-parameter-not-in-path",
                field.origin,
                f'"{field.name}" is documented as a path parameter, '
                "but the path does not contain it.",
                "It is not a path parameter.",
            )


def _check_renamed(operation: Operation) -> Iterator[Doubt]:
    """Report a path parameter that another operation of the path names differently.

    Source: OpenAPI 3.1, Paths Object: templates that differ only in names are the same path.
    """
    for own, used in operation.renamed_parameters:
        yield make_doubt(
            "path-parameter-renamed",
            operation.origin,
            f'The path parameter "{own}" is named "{used}" by another operation of the same path.',
            f'Its name is "{used}": OpenAPI allows one name for it.',
        )


def check_common_responses(context: RuleContext) -> Iterator[Doubt]:
    """Report an operation that relies on the response of all operations, or lacks its fields.

    Example: 所有接口返回统一结构 with a table, and operations that document less, or nothing.
    """
    for operation in context.facts.operations:
        common = context.lookup.find_common_response(operation)
        if common is None:
            continue
        if operation.response is None:
            yield make_doubt(
                "common-response-used",
                operation.origin,
                f"{operation.method} {operation.path} documents no response of its own.",
                f"The response of all operations is used ({common.origin}); "
                "additional fields are allowed.",
            )
        elif isinstance(operation.response, Structure):
            yield from _check_common_fields(operation.response, common)


def _check_common_fields(response: Structure, common: Structure) -> Iterator[Doubt]:
    """Report the fields of the common response that an operation's own response lacks."""
    # A response that is an array has no fields to compare.
    if response is common or not response.fields:
        return
    names = {field.name for field in response.fields}
    missing = [field.name for field in common.fields if field.name not in names]
    if not missing:
        return
    yield make_doubt(
        "common-field-missing",
        response.origin,
        f"This response lacks fields that are documented for all operations ({common.origin}): "
        f"{', '.join(missing)}.",
        "The response has the fields of its own section only.",
    )


def check_units(context: RuleContext) -> Iterator[Doubt]:
    """Report a measure whose unit no description gives, once for each name in a document.

    Example: `timeout` with the description 超时. The doubt is at the first field of the name. One
    description with a unit is enough for all.
    """
    first_fields: dict[tuple[str, str], Field] = {}
    with_unit: set[tuple[str, str]] = set()
    for field, _ in context.iter_fields():
        if not _needs_unit(field):
            continue
        key = (field.origin.file, field.name)
        first = first_fields.setdefault(key, field)
        # Responses come after all requests here, and may stand before them in the document.
        if field.origin < first.origin:
            first_fields[key] = field
        if _gives_unit(field):
            with_unit.add(key)
    for key, field in first_fields.items():
        if key in with_unit:
            continue
        yield make_doubt(
            "unit-not-told",
            field.origin,
            f'The number "{field.name}" needs a unit, but no description gives one.',
            "It is a plain number.",
        )


def _needs_unit(field: Field) -> bool:
    """Return whether a field is a number with a name such as `timeout` or `diskSize`."""
    if field.type.kind not in (Kind.INTEGER, Kind.NUMBER):
        return False
    # `pageSize` counts items.
    if fold(field.name) in PAGING_PARAMETERS:
        return False
    parts = split_identifier(field.name)
    return bool(parts) and parts[-1].lower() in NAMES_THAT_NEED_UNITS


def _gives_unit(field: Field) -> bool:
    """Return whether a description contains a unit: 毫秒, seconds, `ms`."""
    text = field.description.lower()
    if any(unit in text for unit in UNIT_TERMS):
        return True
    # A sign counts as a whole word only: `ms` and not the `m` of `memory`.
    signs = re.findall(r"[a-z]+", text)
    return any(sign in UNIT_SIGNS for sign in signs)


GUESS_RULES: tuple[Rule, ...] = (
    check_guessed_structures,
    check_path_parameters,
    check_common_responses,
    check_units,
)
"""All rules of this module."""

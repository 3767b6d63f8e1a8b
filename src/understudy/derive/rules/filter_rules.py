"""The rule about filters of lists: the items of a filtered list should show the filtered field.

A caller cannot check a filter, and a stub cannot apply it, when no item contains the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Field, Kind, Operation, Structure
from understudy.derive.facts.names import to_camel_case, to_singular
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import PAGING_PARAMETERS, SORTING_PARAMETERS
from understudy.derive.openapi.parameter_placement import locate_parameters
from understudy.derive.rules.rule_context import Rule, RuleContext

_MAX_DEPTH = 3
"""How deep a list's items, and their fields, are searched; structures may contain themselves."""


@dataclass(frozen=True, slots=True)
class _Members:
    """The fields of an object."""

    fields: tuple[Field, ...]
    section: int
    """The number of the section that defines them."""
    name: str
    """The name of the structure; empty for an object without one."""


def check_filters(context: RuleContext) -> Iterator[Doubt]:
    """Report a query parameter that filters a list by something that its items do not contain."""
    for operation, _ in context.names.operations:
        # A path that ends with a parameter selects one resource and not a list.
        if operation.method != "GET" or operation.path.endswith("}"):
            continue
        items = _find_list_items(context, context.lookup.find_response(operation))
        if items is not None:
            yield from _check_operation(context, operation, items)


def _check_operation(
    context: RuleContext, operation: Operation, items: _Members
) -> Iterator[Doubt]:
    shown = set()
    for name in _iter_names(context, items, "", _MAX_DEPTH):
        shown.add(fold(name))
    for field, location in locate_parameters(operation):
        if location == "query" and not _is_shown(field, shown):
            yield make_doubt(
                "filter-not-shown",
                field.origin,
                f'The list is filtered by "{field.name}", '
                f"but no field of {items.name or 'its items'} contains it.",
                "The parameter is kept; no response shows its effect.",
            )


def _is_shown(field: Field, shown: set[str]) -> bool:
    """Return whether a parameter is not a filter, or filters by a field that is shown."""
    name = fold(field.name)
    if name in PAGING_PARAMETERS or name in SORTING_PARAMETERS:
        return True
    # `statuses` filters by the field `status`.
    return name in shown or fold(to_singular(field.name)) in shown


def _find_list_items(context: RuleContext, envelope: Structure | None) -> _Members | None:
    """Return the members of a list's items, or None when a response contains no list.

    The list is the response itself, or the first array of objects inside it.
    """
    if envelope is None:
        return None
    if envelope.root:
        root = Field("", envelope.root, envelope.origin)
        return _find_members(context, root, envelope.section)
    members = _Members(envelope.fields, envelope.section, envelope.name)
    return _find_first_array(context, members, _MAX_DEPTH)


def _find_members(context: RuleContext, field: Field, section: int) -> _Members | None:
    """Return the members of a field's value, or of its items; None when it has none."""
    structure = context.lookup.find_for_field(field, section).structure
    if structure:
        return _Members(structure.fields, structure.section, structure.name)
    fields = (field.type.item or field.type).fields
    if not fields:
        return None
    return _Members(fields, section, "")


def _find_first_array(context: RuleContext, members: _Members, depth: int) -> _Members | None:
    """Return the members of the items of the first array of objects, searched depth-first."""
    for field in members.fields:
        inner = _find_members(context, field, members.section)
        if inner is None:
            continue
        if field.type.kind is Kind.ARRAY:
            return inner
        # The arrays of an object with an id belong to that resource: they are no page of a list.
        if depth == 0 or _has_id(inner):
            continue
        array = _find_first_array(context, inner, depth - 1)
        if array:
            return array
    return None


def _has_id(members: _Members) -> bool:
    return any(fold(field.name) == "id" for field in members.fields)


def _iter_names(context: RuleContext, members: _Members, prefix: str, depth: int) -> Iterator[str]:
    """Yield the names of fields; those of nested objects with the outer name: `clusterId`."""
    for field in members.fields:
        name = field.name
        if prefix:
            name = to_camel_case(prefix, field.name)
        yield name
        # A filter by the items of an inner array has no such name.
        if depth == 0 or field.type.kind is Kind.ARRAY:
            continue
        inner = _find_members(context, field, members.section)
        if inner:
            yield from _iter_names(context, inner, name, depth - 1)


FILTER_RULES: tuple[Rule, ...] = (check_filters,)
"""All rules of this module."""

"""What `unevaluatedProperties` and `unevaluatedItems` add to the branches of a schema.

Source: JSON Schema Core 2020-12, section 11.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from understudy.contract.document.pointers import JsonObject
from understudy.contract.expansion.constraints import (
    ANY_VALUE,
    Branch,
    Contains,
    ItemSchemas,
    MemberSchemas,
    NeededMember,
    ObjectConstraint,
    Requirement,
)
from understudy.contract.expansion.join import join_branches
from understudy.contract.schema.keywords import Schema

CombineSchemas = Callable[[str, Sequence[Schema]], JsonObject]
"""Returns the schema `{keyword: schemas}`, the same object for the same schemas."""
_ARRAY = frozenset(["array"])
_OBJECT = frozenset(["object"])


def close_members(branch: Branch, rest: Schema) -> Branch | None:
    """Return the branch with what `unevaluatedProperties` requires of all other members."""
    groups = [group for group in branch.object.groups if group.annotates]
    if any(group.rest is not None for group in groups):
        return branch
    named = {name: Requirement(True) for group in groups for name in group.named}
    known_patterns = [pattern for group in groups for pattern, _ in group.patterns]
    patterns = tuple((pattern, Requirement(True)) for pattern in known_patterns)
    closing = MemberSchemas(named, patterns, Requirement(rest))
    return join_branches(branch, Branch(object=ObjectConstraint(groups=(closing,))))


def close_items(branch: Branch, rest: Schema, combine: CombineSchemas) -> Branch | None:
    """Return the branch with what `unevaluatedItems` requires of all other items."""
    groups = [group for group in branch.array.groups if group.annotates]
    if any(group.rest is not None for group in groups):
        return branch
    prefix = (Requirement(True),) * _longest_prefix(groups)
    # An item that `contains` found counts as evaluated.
    counted = [
        contains.requirement.schema
        for contains in branch.array.contains
        if contains.annotates and contains.requirement.holds
    ]
    after = Requirement(rest)
    if counted:
        after = Requirement(combine("anyOf", [*counted, rest]))
    array = replace(ANY_VALUE.array, groups=(ItemSchemas(prefix, after),))
    return join_branches(branch, Branch(array=array))


def add_wrong_member(branch: Branch, rest: Schema) -> tuple[Branch, ...]:
    """Return the branch with a member that nothing evaluates, and that violates the rest."""
    groups = [group for group in branch.object.groups if group.annotates]
    named = {name: part for group in groups for name, part in group.named.items()}
    patterns = tuple(pattern for group in groups for pattern in group.patterns)
    wrong = NeededMember(value=Requirement(rest, False), group=MemberSchemas(named, patterns))
    constraint = ObjectConstraint(needed_members=(wrong,))
    joined = join_branches(branch, Branch(kinds=_OBJECT, object=constraint, exact=False))
    # Where another schema already evaluates the rest, nothing is unevaluated.
    if joined is None or any(group.rest for group in groups):
        return ()
    return (joined,)


def add_wrong_item(branch: Branch, rest: Schema) -> tuple[Branch, ...]:
    """Return the branch with an item that nothing evaluates, and that violates the rest."""
    start = _longest_prefix(group for group in branch.array.groups if group.annotates)
    wrong = Contains(Requirement(rest, False), start=start)
    array = replace(ANY_VALUE.array, contains=(wrong,))
    joined = join_branches(branch, Branch(kinds=_ARRAY, array=array, exact=False))
    if joined is None:
        return ()
    return (joined,)


def _longest_prefix(groups: Iterable[ItemSchemas]) -> int:
    """Return from which index on the same is required of every item."""
    return max((len(group.prefix) for group in groups), default=0)

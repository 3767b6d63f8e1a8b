"""The rules of a world, parsed, and indexed by the operations that they can match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from understudy.rules.faults.fault_kinds import FaultPart
from understudy.rules.matching.when import When
from understudy.rules.replies.reply import ScriptedReply

NO_OPERATION = ""
"""The key of the rules that can match a call without an operation."""


@dataclass(frozen=True, slots=True, eq=False)
class ReplyRule:
    """A rule that answers the calls that it matches."""

    name: str
    when: When
    replies: tuple[ScriptedReply, ...]
    """The n-th use gives the n-th reply; the last one repeats."""
    times: int | None = None
    """How often the rule answers; None: without end."""
    must_be_used: bool = False
    """Whether a test fails when the rule has not answered (`must`, `assert_all_called`)."""
    off_contract: bool = False
    """Whether its replies may break the contract."""
    is_added: bool = False
    """Whether it was added to the world, beside the rules of its scenario."""

    @property
    def counts_uses(self) -> bool:
        """Whether the world has to count how often the rule answers."""
        return self.times is not None or self.must_be_used or len(self.replies) > 1


@dataclass(frozen=True, slots=True, eq=False)
class FaultRule:
    """A rule that puts faults into the calls that it matches."""

    name: str
    when: When
    parts: tuple[FaultPart, ...]
    """The faults, each with the calls or the share of calls that it is for."""
    times: int | None = None
    """How often the rule acts; None: without end."""
    after: int = 0
    """How many of the calls that it matches it leaves alone first."""
    is_added: bool = False
    """Whether it was added to the world, beside the rules of its scenario."""

    @property
    def counts_calls(self) -> bool:
        """Whether the world has to count the calls that the rule matches."""
        if self.when.call is not None or self.after > 0:
            return True
        return any(part.calls is not None for part in self.parts)


def _build_empty_data() -> dict[str, Any]:
    return {"replies": [], "faults": []}


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The rules of a world. The first reply that matches answers; every fault that matches acts."""

    replies: tuple[ReplyRule, ...] = ()
    faults: tuple[FaultRule, ...] = ()
    data: Mapping[str, Any] = field(default_factory=_build_empty_data)
    """The rules as they were written, as JSON data: a list of `replies` and one of `faults`."""
    _replies_of: Mapping[str, tuple[ReplyRule, ...]] = field(init=False, repr=False)
    _faults_of: Mapping[str, tuple[FaultRule, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Computed once, at load: a call only looks its operation up.
        object.__setattr__(self, "_replies_of", _group_by_operation(self.replies))
        object.__setattr__(self, "_faults_of", _group_by_operation(self.faults))

    def replies_for(self, operation: str) -> tuple[ReplyRule, ...]:
        """Return the replies that can match an operation, in order.

        The operationId is empty for a call without an operation.
        """
        return self._replies_of.get(operation, self._replies_of[NO_OPERATION])

    def faults_for(self, operation: str) -> tuple[FaultRule, ...]:
        """Return the faults that can match an operation, in order.

        The operationId is empty for a call without an operation.
        """
        return self._faults_of.get(operation, self._faults_of[NO_OPERATION])

    def as_added(self) -> RuleSet:
        """Return the same rules, marked as added to a world: they have counters of their own."""
        replies = tuple(replace(rule, is_added=True) for rule in self.replies)
        faults = tuple(replace(rule, is_added=True) for rule in self.faults)
        return RuleSet(replies, faults, self.data)

    def prepend(self, first: RuleSet) -> RuleSet:
        """Return a rule set with the rules of `first` before its own."""
        replies = (*first.replies, *self.replies)
        faults = (*first.faults, *self.faults)
        data = {
            "replies": [*first.data.get("replies", []), *self.data.get("replies", [])],
            "faults": [*first.data.get("faults", []), *self.data.get("faults", [])],
        }
        return RuleSet(replies, faults, data)


Rule = TypeVar("Rule", ReplyRule, FaultRule)


def _group_by_operation(rules: tuple[Rule, ...]) -> dict[str, tuple[Rule, ...]]:
    """Return for each operation that a rule names, and for NO_OPERATION, the rules to check."""
    names = {NO_OPERATION}
    for rule in rules:
        names.update(rule.when.operations)
    groups = {}
    for name in names:
        groups[name] = tuple(rule for rule in rules if _can_match(rule, name))
    return groups


def _can_match(rule: ReplyRule | FaultRule, operation: str) -> bool:
    return not rule.when.operations or operation in rule.when.operations

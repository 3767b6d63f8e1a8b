"""Rules, and a script of them: parsed, compiled, and found by the operation that a call is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from understudy.rules.matching.when import When
from understudy.rules.replies.reply import ScriptedReply

if TYPE_CHECKING:  # what only a script with rules needs is imported with them
    from understudy.rules.faults.fault_kinds import FaultPart


@dataclass(frozen=True, slots=True, eq=False)
class ReplyRule:
    """Answers the calls that it is meant for."""

    name: str
    when: When
    replies: tuple[ScriptedReply, ...]
    """The n-th use gives the n-th; the last one repeats."""
    times: int | None = None
    """After so many uses it never answers again."""
    must_be_used: bool = False
    """Whether somebody is going to ask if it was used."""
    off_contract: bool = False
    is_added: bool = False
    """Whether a world was given it beside those of its scenario."""

    @property
    def counts_uses(self) -> bool:
        """Whether it has to be known how often it has answered."""
        return self.times is not None or self.must_be_used or len(self.replies) > 1


@dataclass(frozen=True, slots=True, eq=False)
class FaultRule:
    """Strikes the calls that it is meant for."""

    name: str
    when: When
    parts: tuple[FaultPart, ...]
    times: int | None = None
    """After so many strikes it never strikes again."""
    after: int = 0
    """Spares so many of the calls that it is meant for."""
    is_added: bool = False
    """Whether a world was given it beside those of its scenario."""

    @property
    def counts_calls(self) -> bool:
        """Whether it has to be known how many calls it was meant for."""
        return (
            self.when.call is not None
            or self.after > 0
            or any(part.calls is not None for part in self.parts)
        )


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The replies and faults of a world. The first reply that matches answers; every fault that matches strikes."""

    replies: tuple[ReplyRule, ...] = ()
    faults: tuple[FaultRule, ...] = ()
    data: Mapping[str, Any] = field(default_factory=lambda: {"replies": [], "faults": []})
    """The rules as they were told, as JSON data: a list of `replies` and one of `faults`."""
    _replies_of: Mapping[str, tuple[ReplyRule, ...]] = field(init=False, repr=False)
    _faults_of: Mapping[str, tuple[FaultRule, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_replies_of", _by_operation(self.replies))
        object.__setattr__(self, "_faults_of", _by_operation(self.faults))

    def replies_for(self, operation: str) -> tuple[ReplyRule, ...]:
        """Give the replies that can be meant for an operation (empty: for a call of none), in order."""
        found = self._replies_of.get(operation)
        return self._replies_of[""] if found is None else found

    def faults_for(self, operation: str) -> tuple[FaultRule, ...]:
        """Give the faults that can be meant for an operation (empty: for a call of none), in order."""
        found = self._faults_of.get(operation)
        return self._faults_of[""] if found is None else found

    def as_added(self) -> RuleSet:
        """Give the same rules, as a world was given them: their counters are not those of a scenario's rules."""
        replies = tuple(replace(rule, is_added=True) for rule in self.replies)
        return RuleSet(
            replies, tuple(replace(rule, is_added=True) for rule in self.faults), self.data
        )

    def prepend(self, other: RuleSet) -> RuleSet:
        """Give a script with the rules of another one before its own."""
        data = {
            key: [*other.data.get(key, []), *self.data.get(key, [])]
            for key in ("replies", "faults")
        }
        return RuleSet((*other.replies, *self.replies), (*other.faults, *self.faults), data)


Rule = TypeVar("Rule", ReplyRule, FaultRule)


def _by_operation(rules: tuple[Rule, ...]) -> dict[str, tuple[Rule, ...]]:
    names = {"", *(name for rule in rules for name in rule.when.operations)}
    return {
        name: tuple(r for r in rules if not r.when.operations or name in r.when.operations)
        for name in names
    }

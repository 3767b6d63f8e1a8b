"""When a rule is meant: conditions on a call that all have to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.contract import Contract, Operation
from understudy.messages import Exchange
from understudy.rules.matching.call_context import NO_VALUES, CallView

if TYPE_CHECKING:  # what only a script with rules needs is imported with them
    from understudy.rules.matching.conditions import Condition
    from understudy.rules.matching.route_patterns import RoutePattern
    from understudy.rules.values.call_ranges import CallRange


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition beside what a call showed."""

    field: str
    expected: str
    actual: str
    matches: bool


@dataclass(frozen=True, slots=True, eq=False)
class When:
    """Conditions on a call. Without any, every call is meant."""

    conditions: tuple[Condition, ...] = ()
    """All but `call`; operation or request first."""
    call: CallRange | None = None
    """Which of the calls that meet the conditions."""
    operations: tuple[str, ...] = ()
    """The operationIds that are named; empty when none is."""
    route: RoutePattern | None = None

    def match(self, sight: CallView) -> Mapping[str, str] | None:
        """Give the segments of the path that the rule names, or None when a condition does not hold."""
        named = self._named(sight)
        if named is None:
            return None
        if named:
            sight = sight.with_path_variables(named)
        for condition in self.conditions:
            if not condition.check(sight)[0]:
                return None
        return named

    def check_each(self, sight: CallView) -> tuple[bool, ...]:
        """Tell of each condition whether it holds."""
        sight = self._seen(sight)
        return tuple(condition.check(sight)[0] for condition in self.conditions)

    def describe_conditions(self, sight: CallView) -> tuple[ConditionResult, ...]:
        """Tell of each condition what it wanted and what it found."""
        sight = self._seen(sight)
        return tuple(_row(condition, sight) for condition in self.conditions)

    @property
    def has_target(self) -> bool:
        """Whether the first condition tells the operation or the request."""
        return bool(self.operations) or self.route is not None

    def matching_operations(self, contract: Contract) -> tuple[Operation, ...]:
        """Give the operations that can be meant."""
        if self.operations:
            return tuple(
                contract.operations[name] for name in self.operations if name in contract.operations
            )
        every = tuple(contract.operations.values())
        route = self.route
        return (
            every
            if route is None
            else tuple(operation for operation in every if route.may_match(operation))
        )

    def _named(self, sight: CallView) -> Mapping[str, str] | None:
        if self.route is None:
            return NO_VALUES
        return self.route.match(sight.request.method, sight.request.path)

    def _seen(self, sight: CallView) -> CallView:
        named = self._named(sight)
        return sight.with_path_variables(named) if named else sight


def _row(condition: Condition, sight: CallView) -> ConditionResult:
    from understudy.rules.matching.conditions import format_actual

    matches, found = condition.check(sight)
    return ConditionResult(
        condition.field, condition.wanted, format_actual(condition, found), matches
    )


def matches_exchange(when: When, exchange: Exchange) -> bool:
    """Whether an exchange of a journal meets conditions that were read for a search."""
    path = exchange.trace.get("path", NO_VALUES)
    sight = CallView(
        exchange.request, exchange.operation, path if isinstance(path, Mapping) else NO_VALUES
    )
    sight.status, sight.account = exchange.response.status, exchange.account
    return when.match(sight) is not None

"""The conditions of one rule, all of which have to hold.

The protocol of a condition stands here, with all that is done with several of them. The kinds of
conditions are in `conditions`, which is imported with the first rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from understudy.contract import Contract, Operation
from understudy.messages import Exchange
from understudy.rules.matching.call_context import NO_VALUES, CallView
from understudy.rules.matching.route_patterns import RoutePattern
from understudy.rules.values.call_ranges import CallRange


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition beside the actual value of a call."""

    field: str
    """The part of the call: `query.status`."""
    expected: str
    """The condition as a text."""
    actual: str
    """The actual value as a text."""
    matches: bool


class Condition(Protocol):
    """One condition on a call."""

    @property
    def field(self) -> str:
        """The part of the call that the condition is about: `query.status`."""
        ...

    @property
    def expected(self) -> str:
        """The condition as a text."""
        ...

    def check(self, view: CallView) -> tuple[bool, object]:
        """Return whether the condition holds, and the actual value."""
        ...

    def format_actual(self, actual: object) -> str:
        """Return as a text the actual value that `check` returned."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class When:
    """The conditions of a rule. Without any, the rule matches every call."""

    conditions: tuple[Condition, ...] = ()
    """Every condition but `call`; the one on the operation or the request comes first."""
    call: CallRange | None = None
    """Which of the calls that meet the conditions; None: each of them."""
    operations: tuple[str, ...] = ()
    """The operationIds that the rule names; empty when it names none."""
    route: RoutePattern | None = None
    """The method and path that the rule names instead of operations."""

    def match(self, view: CallView) -> Mapping[str, str] | None:
        """Return the path segments that the rule names, or None when a condition does not hold."""
        captured = self._capture(view)
        if captured is None:
            return None
        if captured:
            view = view.with_path_variables(captured)
        # A plain loop: this runs for each rule in each call.
        for condition in self.conditions:
            if not condition.check(view)[0]:
                return None
        return captured

    def check_each(self, view: CallView) -> tuple[bool, ...]:
        """Return for each condition whether it holds."""
        view = self._with_captured(view)
        return tuple(condition.check(view)[0] for condition in self.conditions)

    def describe_conditions(self, view: CallView) -> tuple[ConditionResult, ...]:
        """Return each condition beside the actual value of a call."""
        view = self._with_captured(view)
        return tuple(_describe(condition, view) for condition in self.conditions)

    @property
    def has_target(self) -> bool:
        """Whether the first condition is on the operation or on the request."""
        return bool(self.operations) or self.route is not None

    def matching_operations(self, contract: Contract) -> tuple[Operation, ...]:
        """Return the operations of a contract that the rule can match."""
        known = contract.operations
        if self.operations:
            return tuple(known[name] for name in self.operations if name in known)
        route = self.route
        if route is None:
            return tuple(known.values())
        return tuple(operation for operation in known.values() if route.may_match(operation))

    def _capture(self, view: CallView) -> Mapping[str, str] | None:
        if self.route is None:
            return NO_VALUES
        return self.route.match(view.request.method, view.request.path)

    def _with_captured(self, view: CallView) -> CallView:
        captured = self._capture(view)
        if not captured:
            return view
        return view.with_path_variables(captured)


def _describe(condition: Condition, view: CallView) -> ConditionResult:
    matches, actual = condition.check(view)
    text = condition.format_actual(actual)
    return ConditionResult(condition.field, condition.expected, text, matches)


def matches_exchange(when: When, exchange: Exchange) -> bool:
    """Return whether an exchange of a journal meets conditions that were parsed for a search."""
    path = exchange.trace.get("path")
    variables = path if isinstance(path, Mapping) else NO_VALUES
    view = CallView(exchange.request, exchange.operation, variables)
    view.status = exchange.response.status
    view.account = exchange.account
    return when.match(view) is not None

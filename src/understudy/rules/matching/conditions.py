"""The kinds of conditions: each decides about a call, and reports what it expected and found."""

from collections.abc import Sequence
from dataclasses import dataclass

from understudy.messages import is_secret, redact, redact_text
from understudy.rules.matching.call_context import CallView, parse_path_id
from understudy.rules.matching.route_patterns import RoutePattern
from understudy.rules.matching.value_matchers import (
    MAX_SHOWN_BODY,
    BodyEquals,
    BodyJsonPath,
    BodyMatches,
    CheckResult,
    ShownBody,
    ValueMatcher,
    join_texts,
)
from understudy.rules.values.call_ranges import Period
from understudy.rules.values.json_compare import as_text, format_value
from understudy.rules.values.seeded_random import random_fraction

FROM_PATH = "path"
"""Stands for an id in the path: the first variable for a task, the second for a subtask."""


class _PlainActual:
    """The part that most conditions share: the actual value is written as it is."""

    __slots__ = ()

    def format_actual(self, actual: object) -> str:
        """Return the actual value as a text."""
        return format_value(actual)


@dataclass(frozen=True, slots=True)
class OperationCondition(_PlainActual):
    """The call is for one of these operations."""

    ids: tuple[str, ...]
    field: str = "operation"

    @property
    def expected(self) -> str:
        """The operationIds."""
        return " or ".join(self.ids)

    def check(self, view: CallView) -> CheckResult:
        """Compare the operationId."""
        return view.operation in self.ids, view.operation or "none"


@dataclass(frozen=True, slots=True)
class RequestCondition(_PlainActual):
    """The method and path match a pattern."""

    route: RoutePattern
    field: str = "request"

    @property
    def expected(self) -> str:
        """The pattern."""
        return self.route.text

    def check(self, view: CallView) -> CheckResult:
        """Match method and path."""
        request = view.request
        captured = self.route.match(request.method, request.path)
        return captured is not None, f"{request.method} {request.path}"


@dataclass(frozen=True, slots=True)
class RequestPartCondition:
    """A path variable, query parameter or header field matches; of several values, one has to."""

    location: str
    """`path`, `query` or `header`."""
    name: str
    matcher: ValueMatcher

    @property
    def field(self) -> str:
        """Location and name: `query.status`."""
        return f"{self.location}.{self.name}"

    @property
    def expected(self) -> str:
        """The matcher as a text; a secret value as its digest."""
        if not self._is_secret:
            return str(self.matcher)
        if self.matcher.equals is None:
            return redact(str(self.matcher))
        return redact(self.matcher.equals)

    def check(self, view: CallView) -> CheckResult:
        """Match the values; where none matches, the actual value is a text."""
        values = self._select_values(view)
        matches, note = self.matcher.check(values)
        if matches:
            return True, values
        actual = self._format_values(values)
        if note:
            actual = f"{actual} ({note})"
        return False, actual

    def format_actual(self, actual: object) -> str:
        """Return the values as one text; secret ones as their digests."""
        if isinstance(actual, list | tuple):
            return self._format_values(actual)
        return str(actual)  # `check` has written it already

    def _select_values(self, view: CallView) -> Sequence[str]:
        match self.location:
            case "query":
                return view.query.get(self.name, ())
            case "header":
                return view.header(self.name)
            case _ if self.name in view.path:
                return (view.path[self.name],)
            case _:
                return ()

    @property
    def _is_secret(self) -> bool:
        return is_secret(self.name)

    def _format_values(self, values: Sequence[str]) -> str:
        if self._is_secret:
            return join_texts(map(redact, values))
        return join_texts(values)


@dataclass(frozen=True, slots=True)
class BodyCondition:
    """The body of the request matches."""

    matcher: BodyEquals | BodyMatches | BodyJsonPath
    field: str = "body"

    @property
    def expected(self) -> str:
        """The matcher as a text."""
        return self.matcher.expected

    def check(self, view: CallView) -> CheckResult:
        """Match the body."""
        return self.matcher.check(view)

    def format_actual(self, actual: object) -> str:
        """Return what was found in the body, without secrets."""
        if isinstance(actual, ShownBody):
            return str(actual)
        text = as_text(actual)
        if isinstance(actual, list) and self._selects_secret:
            return redact(text)
        return format_value(redact_text(text[:MAX_SHOWN_BODY]))

    @property
    def _selects_secret(self) -> bool:
        return isinstance(self.matcher, BodyJsonPath) and self.matcher.selects_secret


@dataclass(frozen=True, slots=True)
class TaskStateCondition(_PlainActual):
    """A task of the world, or one of its subtasks, has one of these statuses."""

    task: int | str
    """An id, or FROM_PATH."""
    subtask: int | str | None
    """An id, or FROM_PATH; None when the condition is on the task itself."""
    statuses: tuple[str, ...]

    @property
    def field(self) -> str:
        """The task, and the subtask if there is one: `state.task 35000312`."""
        if self.subtask is None:
            return f"state.task {self.task}"
        return f"state.task {self.task}, subtask {self.subtask}"

    @property
    def expected(self) -> str:
        """The statuses."""
        return " or ".join(self.statuses)

    def check(self, view: CallView) -> CheckResult:
        """Compare the status in the world."""
        context = view.require_context()
        task = _resolve_id(self.task, view, 0)
        if task is None:
            return False, "no such id in the path"
        subtask = None
        if self.subtask is not None:
            subtask = _resolve_id(self.subtask, view, 1)
            if subtask is None:
                return False, "no such id in the path"
        status = context.status_of(task, subtask)
        return status in self.statuses, status or "no such task"


def _resolve_id(id: int | str, view: CallView, position: int) -> int | None:
    """Return an id, read from the path where it is FROM_PATH; None when the path has no such id."""
    if isinstance(id, int):
        return id
    return parse_path_id(view.path, position)


@dataclass(frozen=True, slots=True)
class TimeCondition(_PlainActual):
    """The world's moment lies in a period."""

    period: Period
    field: str = "time"

    @property
    def expected(self) -> str:
        """The period."""
        return str(self.period)

    def check(self, view: CallView) -> CheckResult:
        """Compare the world's clock."""
        context = view.require_context()
        now, start = context.now, context.start
        actual = f"{now.isoformat()} (started {start.isoformat()})"
        return self.period.contains(now, start), actual


@dataclass(frozen=True, slots=True)
class ProbabilityCondition(_PlainActual):
    """A random value, drawn for the rule and the call, is below a probability."""

    probability: float
    name: str
    """The name of the rule: each rule draws values of its own."""
    field: str = "probability"

    @property
    def expected(self) -> str:
        """The probability."""
        return f"{self.probability:g}"

    def check(self, view: CallView) -> CheckResult:
        """Draw the value; it is the same each time that this call is checked."""
        context = view.require_context()
        drawn = random_fraction(context.seed, context.call_number, f"when/{self.name}")
        return drawn < self.probability, f"{drawn:.3f}"


@dataclass(frozen=True, slots=True)
class StatusCondition(_PlainActual):
    """The response has one of these statuses; for a search of the journal only."""

    statuses: tuple[str, ...]
    """Statuses (`404`) and classes of them (`4xx`)."""
    field: str = "status"

    @property
    def expected(self) -> str:
        """The statuses."""
        return " or ".join(self.statuses)

    def check(self, view: CallView) -> CheckResult:
        """Compare the status of the response."""
        status = str(view.status)
        status_class = f"{status[:1]}xx"
        return status in self.statuses or status_class in self.statuses, view.status


@dataclass(frozen=True, slots=True)
class AccountCondition(_PlainActual):
    """An account made the call; for a search of the journal only."""

    matcher: ValueMatcher
    field: str = "account"

    @property
    def expected(self) -> str:
        """The matcher as a text."""
        return str(self.matcher)

    def check(self, view: CallView) -> CheckResult:
        """Match the account's name."""
        names = (view.account,) if view.account else ()
        matches, _ = self.matcher.check(names)
        return matches, view.account or "no account"

"""The conditions of a rule: each decides about a call, and tells what it wanted and what it found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from understudy.messages import is_secret, redact
from understudy.rules.matching.call_context import CallContext, CallView
from understudy.rules.matching.route_patterns import RoutePattern
from understudy.rules.matching.value_matchers import (
    BodyEquals,
    BodyJsonPath,
    BodyMatches,
    CheckResult,
    ValueMatcher,
    join_texts,
)
from understudy.rules.values.call_ranges import Period
from understudy.rules.values.json_compare import format_value
from understudy.rules.values.seeded_random import random_fraction


class Condition(Protocol):
    """One thing that has to hold."""

    @property
    def field(self) -> str:
        """What it is about: `query.status`."""
        ...

    @property
    def wanted(self) -> str:
        """What is wanted, in words."""
        ...

    def check(self, sight: CallView) -> CheckResult:
        """Whether it holds, and what was found."""
        ...


@dataclass(frozen=True, slots=True)
class OperationCondition:
    """The call is for one of these operations."""

    ids: tuple[str, ...]
    field: str = "operation"

    @property
    def wanted(self) -> str:
        """The operations."""
        return " or ".join(self.ids)

    def check(self, sight: CallView) -> CheckResult:
        """Compare the operationId."""
        return sight.operation in self.ids, sight.operation or "none"


@dataclass(frozen=True, slots=True)
class RequestCondition:
    """Method and path fit a pattern."""

    route: RoutePattern
    field: str = "request"

    @property
    def wanted(self) -> str:
        """The pattern."""
        return self.route.text

    def check(self, sight: CallView) -> CheckResult:
        """Compare method and path."""
        request = sight.request
        return self.route.match(
            request.method, request.path
        ) is not None, f"{request.method} {request.path}"


@dataclass(frozen=True, slots=True)
class RequestPartCondition:
    """A path variable, query parameter or header field is as told; any of several values will do."""

    location: str
    """`path`, `query` or `header`."""
    name: str
    matcher: ValueMatcher

    @property
    def field(self) -> str:
        """`query.status`."""
        return f"{self.location}.{self.name}"

    @property
    def wanted(self) -> str:
        """What the value has to be like; a secret as its digest."""
        if self.location == "path" or not is_secret(self.name):
            return str(self.matcher)
        return redact(str(self.matcher) if self.matcher.equals is None else self.matcher.equals)

    def check(self, sight: CallView) -> CheckResult:
        """Look at each value."""
        texts = self._texts(sight)
        matches, note = self.matcher.check(texts)
        if matches:
            return True, texts
        return False, f"{self._shown(texts)} ({note})" if note else self._shown(texts)

    def _texts(self, sight: CallView) -> Sequence[str]:
        if self.location == "query":
            return sight.query.get(self.name, ())
        if self.location == "header":
            return sight.header(self.name)
        return (sight.path[self.name],) if self.name in sight.path else ()

    def _shown(self, texts: Sequence[str]) -> str:
        return join_texts(
            map(redact, texts) if is_secret(self.name) and self.location != "path" else texts
        )

    def format_values(self, found: Sequence[str] | str) -> str:
        """Write what was found; secrets as their digests."""
        return found if isinstance(found, str) else self._shown(found)


@dataclass(frozen=True, slots=True)
class BodyCondition:
    """The body is as told."""

    matcher: BodyEquals | BodyMatches | BodyJsonPath
    field: str = "body"

    @property
    def wanted(self) -> str:
        """What the body has to be like."""
        return self.matcher.wanted

    def check(self, sight: CallView) -> CheckResult:
        """Look at the body."""
        return self.matcher.check(sight)


FROM_PATH = "path"
"""Stands for the id that the call's own path names: the first variable for a task, the second for a subtask."""


@dataclass(frozen=True, slots=True)
class TaskStateCondition:
    """A task of the world, or one of its subtasks, has one of these statuses."""

    task: int | str
    """An id, or OF_PATH."""
    subtask: int | str | None
    statuses: tuple[str, ...]

    @property
    def field(self) -> str:
        """`state.task 35000312`."""
        task = f"state.task {self.task}"
        return task if self.subtask is None else f"{task}, subtask {self.subtask}"

    @property
    def wanted(self) -> str:
        """The statuses."""
        return " or ".join(self.statuses)

    def check(self, sight: CallView) -> CheckResult:
        """Ask the world."""
        facts = _facts(sight)
        task = self.task if isinstance(self.task, int) else parse_path_id(sight.path, 0)
        subtask = (
            self.subtask
            if self.subtask is None or isinstance(self.subtask, int)
            else parse_path_id(sight.path, 1)
        )
        if task is None or (subtask is None and self.subtask is not None):
            return False, "no such id in the path"
        status = facts.status_of(task, subtask)
        return status in self.statuses, status or "no such task"


def parse_path_id(path: Mapping[str, str], position: int) -> int | None:
    """Give the id that a variable of the path holds, or None."""
    texts = list(path.values())[position : position + 1]
    if texts and texts[0].isascii() and texts[0].isdigit() and len(texts[0]) < 20:
        return int(texts[0])
    return None


@dataclass(frozen=True, slots=True)
class TimeCondition:
    """The world's moment lies in a period."""

    period: Period
    field: str = "time"

    @property
    def wanted(self) -> str:
        """The period."""
        return str(self.period)

    def check(self, sight: CallView) -> CheckResult:
        """Look at the world's clock."""
        facts = _facts(sight)
        return self.period.contains(
            facts.now, facts.start
        ), f"{facts.now.isoformat()} (started {facts.start.isoformat()})"


@dataclass(frozen=True, slots=True)
class ProbabilityCondition:
    """The dice fall so."""

    probability: float
    name: str
    """Of the rule: each throws dice of its own."""
    field: str = "probability"

    @property
    def wanted(self) -> str:
        """How likely it is."""
        return f"{self.probability:g}"

    def check(self, sight: CallView) -> CheckResult:
        """Throw the dice: they fall alike whenever this call is looked at."""
        facts = _facts(sight)
        found = random_fraction(facts.seed, facts.call_number, f"when/{self.name}")
        return found < self.probability, f"{found:.3f}"


@dataclass(frozen=True, slots=True)
class StatusCondition:
    """The answer has one of these statuses, or is of one of these classes. Only in a search of the journal."""

    statuses: tuple[str, ...]
    """`404`, or `4xx`."""
    field: str = "status"

    @property
    def wanted(self) -> str:
        """The statuses."""
        return " or ".join(self.statuses)

    def check(self, sight: CallView) -> CheckResult:
        """Compare the status of the answer."""
        told = str(sight.status)
        return told in self.statuses or f"{told[:1]}xx" in self.statuses, sight.status


@dataclass(frozen=True, slots=True)
class AccountCondition:
    """The call was made by this account. Only in a search of the journal."""

    matcher: ValueMatcher
    field: str = "account"

    @property
    def wanted(self) -> str:
        """What the name has to be like."""
        return str(self.matcher)

    def check(self, sight: CallView) -> CheckResult:
        """Compare the account's name."""
        return self.matcher.check((sight.account,) if sight.account else ())[
            0
        ], sight.account or "nobody"


def format_actual(condition: Condition, found: object) -> str:
    """Write what a condition found."""
    if isinstance(condition, RequestPartCondition) and isinstance(found, str | list | tuple):
        return condition.format_values(found)
    return format_value(found)


def _facts(sight: CallView) -> CallContext:
    assert sight.facts is not None  # noqa: S101 - reading a search refuses what asks the world
    return sight.facts

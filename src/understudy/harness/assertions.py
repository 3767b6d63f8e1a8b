"""Assertions about the calls of a world, and waiting for calls."""

from collections.abc import Callable, Mapping
from typing import cast

from understudy.control.api.journal_types import Criteria, NearMissRecord, WaitResult
from understudy.control.client import ControlClient, ControlError
from understudy.harness.assertion_messages import (
    describe_calls,
    describe_criteria,
    describe_missing_call,
)
from understudy.harness.message_parts import format_count, suggest_name
from understudy.harness.time_arguments import (
    Duration,
    format_duration_argument,
    parse_duration_argument,
)
from understudy.messages import Exchange

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

Operations = str | list[str] | None
"""An operationId, several of which any may match, or None for all operations."""
Keywords = Mapping[str, object]
"""Criteria as keywords of an assertion: those that `_CRITERIA` lists."""

_MAX_CALLS = 10_000
_CRITERIA = ("path", "query", "headers", "body", "status", "account", "request")


class CallAssertions:
    """The assertions of one world. All of them read the world's journal."""

    def __init__(self, control: ControlClient, shorten: Callable[[str], str]) -> None:
        """Take the control client, and a function that removes the world's prefix from targets."""
        self._control = control
        self._shorten = shorten

    def list_calls(self) -> tuple[Exchange, ...]:
        """Return the calls of the world, oldest first; the last 10 000 at most."""
        records = self._control.list_requests(limit=_MAX_CALLS)["requests"]
        return tuple(Exchange.from_record(record) for record in records)

    def assert_called(
        self,
        operation: Operations,
        times: int | None,
        criteria: Keywords,
    ) -> tuple[Exchange, ...]:
        """Return the calls that match.

        Raise AssertionError unless there are `times`, or at least one.
        """
        search = _build_search(operation, criteria, "times")
        calls = self._find(search)
        if len(calls) == times or (times is None and calls):
            return calls
        expected = "at least 1 call"
        if times is not None:
            expected = format_count(times, "call")
        raise self._build_error(
            f"expected {expected}{describe_criteria(search)}, found {len(calls)}.",
            search,
        )

    def assert_not_called(self, operation: Operations, criteria: Keywords) -> None:
        """Raise AssertionError if any call matches."""
        search = _build_search(operation, criteria)
        calls = self._find(search)
        if calls:
            message = f"expected no call{describe_criteria(search)}, found {len(calls)}."
            raise AssertionError(self._shorten(f"{message}\n{describe_calls(calls)}"))

    def wait_for(
        self,
        operation: Operations,
        count: int,
        timeout: Duration,
        criteria: Keywords,
    ) -> Exchange:
        """Return the last call, as soon as `count` calls match.

        Raise AssertionError after the timeout.

        `timeout` is on the wall clock.
        """
        search = _build_search(operation, criteria, "timeout", "count")
        wait = format_duration_argument(parse_duration_argument(timeout))
        reply = self._wait(search, count, wait)
        if reply["matched"]:
            return Exchange.from_record(reply["requests"][-1])
        expected = f"{format_count(count, 'call')}{describe_criteria(search)}"
        raise self._build_error(f"waited {wait} for {expected}, found {reply['count']}.", search)

    def _wait(self, search: Criteria, count: int, timeout: str) -> WaitResult:
        """Return the reply of the control API to a wait.

        Raise AssertionError if calls were dropped.
        """
        truncated = ""
        try:
            return self._control.wait_for_requests(**search, count=count, timeout=timeout)
        except ControlError as error:
            if error.slug != "journal-truncated":
                raise
            truncated = error.detail
        raise AssertionError(truncated)  # outside of `except`: without the error as its context

    def _find(self, search: Criteria) -> tuple[Exchange, ...]:
        """Return the calls that match. Raise AssertionError if calls were dropped.

        A dropped call could match too, so that neither presence nor absence can be asserted.
        """
        reply = self._control.find_requests(**search)
        if reply["dropped"]:
            count = reply["dropped"]
            raise AssertionError(
                f"the journal has dropped {count} exchanges, so the calls are not known"
            )
        return tuple(Exchange.from_record(record) for record in reply["requests"])

    def _build_error(self, message: str, search: Criteria) -> AssertionError:
        """Return the error of a missing call, with the nearest calls and all calls."""
        nearest: list[NearMissRecord] = []
        if search:
            nearest = self._control.find_near_misses(**search)["nearMisses"]
        text = describe_missing_call(message, nearest, self.list_calls())
        return AssertionError(self._shorten(text))


def _build_search(operation: Operations, criteria: Keywords, *keywords: str) -> Criteria:
    """Return the body of a search. Raise TypeError for an unknown criterion.

    `keywords` are the other keywords of the assertion, which a misspelled word may mean.
    """
    for word in criteria:
        if word in _CRITERIA:
            continue
        hint = suggest_name(word, _CRITERIA, *keywords)
        raise TypeError(f'unknown criterion "{word}". {hint}')
    search = {"operation": operation, **criteria}
    present = {key: value for key, value in search.items() if value is not None}
    return cast(Criteria, present)  # the control API checks the values

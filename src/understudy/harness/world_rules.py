"""Replies and faults that a test adds to its world."""

from collections.abc import Callable, Mapping
from types import TracebackType

from understudy.control.client import ControlClient

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

RuleData = dict[str, object]
"""A rule, a reply or conditions in the scenario format."""
Conditions = Mapping[str, object]
"""Conditions of a rule by name, such as `{"taskInstanceId": 7}` for `path`."""

_MAX_CALLS = 10_000


class Rule:
    """A reply or a fault of a world. As a context manager, it exists only inside the block."""

    def __init__(
        self,
        name: str,
        count_uses: Callable[[], int],
        remove: Callable[[], None],
        must: bool,
    ) -> None:
        self.name = name
        self.must = must
        """Whether the test fails if the rule was never used."""
        self._count_uses = count_uses
        self._remove = remove
        self._is_removed = False

    def __repr__(self) -> str:
        try:
            return f'<rule "{self.name}", used {self.used} times>'
        except AssertionError:
            return f'<rule "{self.name}", number of uses unknown>'

    @property
    def used(self) -> int:
        """The number of calls that used the rule.

        Raises AssertionError if the journal has dropped calls.
        """
        return self._count_uses()

    def remove(self) -> None:
        """Remove the rule from the world. A second call does nothing."""
        if not self._is_removed:
            self._is_removed = True
            self._remove()

    def __enter__(self) -> "Rule":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        is_missing = error is None and self.must and not self.used
        self.remove()
        if is_missing:
            raise AssertionError(f'the reply "{self.name}" was never used')


def build_conditions(
    operation: str | list[str] | None,
    keywords: Conditions,
    when: Conditions,
) -> RuleData:
    """Return the `when` of a rule: the conditions given as keywords, and those of `when`.

    A keyword with the value None is left out. Raises TypeError for a condition that is in both.
    """
    conditions = {"operation": operation, **keywords}
    present = {key: value for key, value in conditions.items() if value is not None}
    duplicates = sorted(present.keys() & when.keys())
    if duplicates:
        raise TypeError(f"{duplicates[0]!r} is given twice: as a keyword, and in when=")
    return {**present, **when}


def build_reply(keywords: Conditions) -> RuleData:
    """Return a reply in the scenario format.

    `media_type` becomes `media-type`. A keyword with the value None is left out.
    """
    present = {key: value for key, value in keywords.items() if value is not None}
    return {key.replace("_", "-"): value for key, value in present.items()}


def count_uses(control: ControlClient, name: str) -> int:
    """Return the number of calls that used a rule, according to the journal.

    Raises AssertionError if the journal has dropped calls, since the number is not known then.
    """
    reply = control.list_requests(limit=_MAX_CALLS)
    if reply["dropped"]:
        count = reply["dropped"]
        raise AssertionError(
            f'the journal has dropped {count} exchanges, so the uses of "{name}" are not known'
        )
    return sum(_is_used(request["trace"], name) for request in reply["requests"])


def _is_used(trace: Conditions, name: str) -> bool:
    """Return whether a call was replied to by a rule, or had the rule's fault."""
    if trace.get("matched") == name:
        return True
    faults = trace.get("faults")
    if not isinstance(faults, list):
        return False
    return any(fault["rule"] == name for fault in faults)

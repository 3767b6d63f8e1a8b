"""Scripted replies and faults that a test adds to its world."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from understudy.control.client import ControlClient

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""


class Rule:
    """A reply or a fault of a world; as a context manager, it is there for the block only."""

    def __init__(
        self, name: str, used: Callable[[], int], remove: Callable[[], None], must: bool
    ) -> None:
        self.name = name
        self.must = must
        """Whether the test fails when it was never used."""
        self._used, self._remove = used, remove
        self._removed = False

    def __repr__(self) -> str:
        try:
            return f'<rule "{self.name}", used {self.used} times>'
        except AssertionError:
            return f'<rule "{self.name}", used nobody knows how often>'

    @property
    def used(self) -> int:
        """How many calls it has answered, or struck. Raises AssertionError when the journal has dropped calls."""
        return self._used()

    def remove(self) -> None:
        """Take it out of the world. Removing it again does nothing."""
        if not self._removed:
            self._removed = True
            self._remove()

    def __enter__(self) -> "Rule":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None and self.must and not self.used:
            self.remove()
            raise AssertionError(f'the reply "{self.name}" was never used')
        self.remove()


def build_conditions(
    operation: str | list[str] | None, criteria: Mapping[str, Any], more: Mapping[str, Any]
) -> dict[str, Any]:
    """Give a rule's conditions: what was told by name, and `when`, in the words of the scenario format."""
    told = {"operation": operation, **criteria}
    found = {key: value for key, value in told.items() if value is not None}
    twice = sorted(found.keys() & more.keys())
    if twice:
        raise TypeError(f"{twice[0]!r} is told twice: by itself, and in when=")
    return {**found, **more}


def build_reply(told: Mapping[str, Any]) -> dict[str, Any]:
    """Give an answer in the words of the scenario format: only what was told."""
    return {key.replace("_", "-"): value for key, value in told.items() if value is not None}


def count_uses(control: ControlClient, name: str) -> int:
    """Count the calls that a rule has answered or struck, as the journal tells.

    Raises AssertionError when the journal has dropped calls: then nobody knows.
    """
    told = control.list_requests(limit=10_000)
    if told["dropped"]:
        raise AssertionError(
            f'{told["dropped"]} exchanges were dropped from the journal: nobody knows what used "{name}".'
        )
    return sum(
        name == one["trace"].get("matched") or _struck(one["trace"], name)
        for one in told["requests"]
    )


def _struck(trace: Mapping[str, Any], name: str) -> bool:
    return any(name == fault.get("rule") for fault in trace.get("faults", ()))

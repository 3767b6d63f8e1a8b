"""The bound of all journals of a server together."""

from threading import Lock
from typing import Protocol

MAX_TOTAL_BYTES = 64 * 1024 * 1024
"""The bytes of all journals of a server."""
SLACK_BYTES = 64 * 1024
"""At the bound, a trim frees as many bytes more, so that not each call has to trim."""


class BoundedJournal(Protocol):
    """A journal that can drop its oldest exchanges."""

    @property
    def size(self) -> int:
        """The estimated bytes of the exchanges."""
        ...

    def drop_oldest(self, size: int) -> int:
        """Drop the oldest exchanges until as many bytes are free; return how many are."""
        ...


class JournalBudget:
    """The bytes that all journals of a server may hold. Thread-safe.

    When they are used up, the largest journal drops its oldest exchanges. So a world with few
    calls keeps all of them, however many another world has.
    """

    def __init__(self, max_bytes: int = MAX_TOTAL_BYTES, *, slack: int = SLACK_BYTES) -> None:
        self.max_bytes = max_bytes
        self._slack = slack
        self._used = 0
        self._journals: dict[BoundedJournal, None] = {}
        self._lock = Lock()
        """Held for an addition or a look at the table only."""

    @property
    def used(self) -> int:
        """The bytes of all journals."""
        return self._used

    @property
    def is_exceeded(self) -> bool:
        """Whether a journal has to drop exchanges."""
        return self._used > self.max_bytes

    def join(self, journal: BoundedJournal) -> None:
        """Count an empty journal from now on."""
        with self._lock:
            self._journals[journal] = None

    def leave(self, journal: BoundedJournal, size: int) -> None:
        """Count a journal no more, which has as many bytes."""
        with self._lock:
            if journal in self._journals:
                del self._journals[journal]
                self._used -= size

    def add(self, size: int) -> None:
        """Count the bytes by which a journal has grown, or shrunk."""
        with self._lock:
            self._used += size

    def trim(self) -> None:
        """Let the largest journals drop exchanges until all of them are within the bound.

        The caller must hold the lock of no journal.
        """
        goal = self.max_bytes - self._slack
        while self.is_exceeded:
            with self._lock:
                largest = max(self._journals, key=lambda journal: journal.size, default=None)
            if largest is None or not largest.drop_oldest(self._used - goal):
                return

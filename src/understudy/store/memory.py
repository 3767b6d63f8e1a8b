"""The store of a single process."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class MemoryStore:
    """Text by key in the memory of this process.

    Each key has a lock of its own, so that two worlds never wait for each other.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()
        """Protects `_locks`; held for the look-up of a lock only."""

    def read(self, key: str) -> str | None:
        """Return the text of a key, or None when it has none."""
        return self._texts.get(key)

    def update(self, key: str, function: Callable[[str | None], tuple[str | None, T]]) -> T:
        """Change a key atomically: see Store.update."""
        with self._lock_of(key):
            text, result = function(self._texts.get(key))
            if text is not None:
                self._texts[key] = text
            return result

    def clear(self, key: str) -> None:
        """Delete a key."""
        with self._lock_of(key):
            self._texts.pop(key, None)
        with self._guard:
            self._locks.pop(key, None)

    def _lock_of(self, key: str) -> Lock:
        with self._guard:
            return self._locks.setdefault(key, Lock())

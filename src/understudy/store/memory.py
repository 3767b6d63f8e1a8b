"""The store of a single process."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class MemoryStore:
    """Text by key in this process's memory. Keys do not wait for one another."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()

    def read(self, key: str) -> str | None:
        """Give the text of a key, or None when it has none."""
        return self._texts.get(key)

    def update(self, key: str, function: Callable[[str | None], tuple[str | None, T]]) -> T:
        """Change a key atomically: see Store.update."""
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            text, result = function(self._texts.get(key))
            if text is not None:
                self._texts[key] = text
            return result

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            self._texts.pop(key, None)
        with self._guard:
            self._locks.pop(key, None)

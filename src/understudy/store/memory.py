"""The store of a single process."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class _KeyLock:
    """The lock of a key, and how many callers hold it or wait for it."""

    __slots__ = ("lock", "users")

    def __init__(self) -> None:
        self.lock = Lock()
        self.users = 0


class MemoryStore:
    """Text by key in the memory of this process.

    Each key has a lock of its own, so that two worlds never wait for each other. The lock exists
    only while a caller uses it: a deleted key leaves nothing behind.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._locks: dict[str, _KeyLock] = {}
        self._guard = Lock()
        """Protects `_locks`; held for the look-up of a lock only."""

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._texts)

    def read(self, key: str) -> str | None:
        """Return the text of a key, or None when it has none."""
        return self._texts.get(key)

    def update(self, key: str, function: Callable[[str | None], tuple[str | None, T]]) -> T:
        """Change a key atomically: see Store.update."""
        lock = self._acquire(key)
        try:
            text, result = function(self._texts.get(key))
            if text is not None:
                self._texts[key] = text
            return result
        finally:
            self._release(key, lock)

    def clear(self, key: str) -> None:
        """Delete a key."""
        lock = self._acquire(key)
        try:
            self._texts.pop(key, None)
        finally:
            self._release(key, lock)

    def _acquire(self, key: str) -> _KeyLock:
        with self._guard:
            lock = self._locks.get(key)
            if lock is None:
                lock = self._locks[key] = _KeyLock()
            # Counted before the wait: no lock is deleted while a caller waits for it.
            lock.users += 1
        lock.lock.acquire()
        return lock

    def _release(self, key: str, lock: _KeyLock) -> None:
        lock.lock.release()
        with self._guard:
            lock.users -= 1
            if not lock.users:
                del self._locks[key]

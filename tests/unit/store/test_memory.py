"""The store in memory."""

import threading

import pytest

from understudy.store import MemoryStore


def test_update_is_atomic_under_threads() -> None:
    """Eight threads count to the same number as one."""
    store = MemoryStore()

    def count() -> None:
        for _ in range(1000):
            store.update("n", lambda text: (str(int(text or 0) + 1), None))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("n") == "8000"


def test_update_without_text_changes_nothing() -> None:
    """A function that returns no text changes nothing; its result is returned."""
    store = MemoryStore()
    store.update("k", lambda text: ("a", None))
    assert store.update("k", lambda text: (None, text)) == "a"
    assert store.read("k") == "a"


def test_exception_of_update_changes_nothing() -> None:
    """The exception passes through, and the key can be used again."""
    store = MemoryStore()
    store.update("k", lambda text: ("a", None))

    def fail(text: str | None) -> tuple[str, None]:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.update("k", fail)
    assert store.update("k", lambda text: (None, text)) == "a"


def test_clear_deletes_a_key() -> None:
    """Clearing a missing key is not an error."""
    store = MemoryStore()
    store.update("k", lambda text: ("a", None))
    store.clear("k")
    store.clear("k")
    assert store.read("k") is None

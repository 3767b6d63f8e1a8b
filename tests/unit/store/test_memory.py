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


def test_locks_exist_only_while_they_are_used() -> None:
    """Neither updates, also failed ones, nor cleared keys leave a lock behind."""
    store = MemoryStore()
    for number in range(20):
        store.update(
            f"k{number}", lambda text: (None, store.update("inner", lambda t: ("a", None)))
        )
        store.clear(f"k{number}")
    with pytest.raises(ZeroDivisionError):
        store.update("k", lambda text: (None, 1 / 0))
    assert (len(store._locks), len(store)) == (0, 1)


def test_a_cleared_key_has_one_lock() -> None:
    """A caller that waits while the key is cleared never runs beside a later caller."""
    store = MemoryStore()
    entered, finish = threading.Event(), threading.Event()
    inside: list[int] = []
    most: list[int] = []

    def hold(text: str | None) -> tuple[None, None]:
        entered.set()
        assert finish.wait(10)
        return None, None

    def count(text: str | None) -> tuple[None, None]:
        inside.append(1)
        most.append(len(inside))
        inside.pop()
        return None, None

    def use() -> None:
        for _ in range(200):
            store.update("k", count)
            store.clear("k")

    threads = [threading.Thread(target=store.update, args=("k", hold))]
    threads[0].start()
    assert entered.wait(10)
    threads += [threading.Thread(target=use) for _ in range(4)]
    for thread in threads[1:]:
        thread.start()
    finish.set()
    for thread in threads:
        thread.join()
    assert (len(most), set(most), len(store._locks)) == (800, {1}, 0)

"""The limit of waiting calls, and how a wait ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest

from understudy.replay.thread_limit import ThreadLimit

HOUR = timedelta(hours=1)


def test_limit_is_exact() -> None:
    """One call too many gets False at once; a released thread can be acquired again."""
    limit = ThreadLimit(2)
    assert [limit.acquire(), limit.acquire(), limit.acquire()] == [True, True, False]
    assert (limit.active, limit.limit) == (2, 2)
    limit.release()
    assert (limit.active, limit.acquire(), limit.active) == (1, True, 2)


def test_limit_can_be_zero() -> None:
    """With a limit of 0 no call can acquire a thread."""
    assert not ThreadLimit(0).acquire()


def test_negative_limit_is_reported() -> None:
    """The error has the number."""
    with pytest.raises(ValueError, match="must not be negative, but is -1"):
        ThreadLimit(-1)


def test_releasing_twice_raises() -> None:
    """The second release raises, and makes no room for another call."""
    limit = ThreadLimit(1)
    limit.acquire()
    limit.release()
    with pytest.raises(RuntimeError, match="no call holds one"):
        limit.release()
    assert [limit.acquire(), limit.acquire()] == [True, False]


def test_limit_holds_under_threads() -> None:
    """Of 16 threads that acquire at the same moment, 5 succeed."""
    limit, barrier = ThreadLimit(5), Barrier(16)

    def enter(_: int) -> bool:
        barrier.wait(timeout=30)
        return limit.acquire()

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(enter, range(16))) == 5
    assert limit.active == 5


@pytest.mark.parametrize("duration", [timedelta(milliseconds=1), timedelta(milliseconds=130)])
def test_wait_lasts_the_whole_duration(duration: timedelta) -> None:
    """Shorter and longer durations than the check of the client."""
    assert ThreadLimit(1).wait(duration)
    assert ThreadLimit(1).wait(duration, lambda: False)


@pytest.mark.parametrize("duration", [timedelta(0), timedelta(seconds=-1)])
def test_empty_wait_returns_at_once(duration: timedelta) -> None:
    """Without a duration, `gone` is not called, and a stopped server does not matter."""
    limit = ThreadLimit(1)
    limit.stop()
    assert limit.wait(duration, lambda: True)


@pytest.mark.parametrize("duration", [HOUR, timedelta.max])
def test_wait_ends_when_the_client_disconnects(duration: timedelta) -> None:
    """`gone` is called repeatedly, so the hour does not pass."""
    answers = iter([False, True])
    assert not ThreadLimit(1).wait(duration, lambda: next(answers))
    assert list(answers) == []


def test_stop_wakes_waiting_calls() -> None:
    """Calls that wait, and calls that begin to wait later, get False."""
    limit, started = ThreadLimit(3), [Event(), Event()]

    def wait(number: int) -> bool:
        assert limit.acquire()
        started[number].set()
        return limit.wait(HOUR)

    with ThreadPoolExecutor(2) as pool:
        pauses = [pool.submit(wait, number) for number in range(2)]
        assert all(event.wait(timeout=30) for event in started)
        limit.stop()
        assert [pause.result(timeout=30) for pause in pauses] == [False, False]
    assert not limit.wait(HOUR)


def test_stopped_limit_has_threads_for_every_call() -> None:
    """A late call is not rejected: its wait ends at once."""
    limit = ThreadLimit(0)
    limit.stop()
    assert (limit.acquire(), limit.acquire(), limit.active) == (True, True, 2)


def test_error_of_gone_passes_through() -> None:
    """An exception of `gone` reaches the caller of `wait`."""
    with pytest.raises(ZeroDivisionError):
        ThreadLimit(1).wait(HOUR, lambda: bool(1 / 0))

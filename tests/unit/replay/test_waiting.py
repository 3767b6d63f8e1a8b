"""The bound on calls that wait, and how a wait ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest

from understudy.replay.thread_limit import ThreadLimit

HOUR = timedelta(hours=1)


def test_so_many_enter_and_no_more() -> None:
    """The next one is told at once; a place that was left is free again."""
    waiting = ThreadLimit(2)
    assert [waiting.acquire(), waiting.acquire(), waiting.acquire()] == [True, True, False]
    assert (waiting.active, waiting.limit) == (2, 2)
    waiting.release()
    assert (waiting.active, waiting.acquire(), waiting.active) == (1, True, 2)


def test_nobody_enters_where_nobody_may_wait() -> None:
    """A bound of 0 is a bound."""
    assert not ThreadLimit(0).acquire()


def test_a_bound_is_no_negative_number() -> None:
    """The error tells the number."""
    with pytest.raises(ValueError, match="must not be negative, but is -1"):
        ThreadLimit(-1)


def test_leaving_twice_is_a_defect() -> None:
    """It is told, and does not make room for one more."""
    waiting = ThreadLimit(1)
    waiting.acquire()
    waiting.release()
    with pytest.raises(RuntimeError, match="no call holds one"):
        waiting.release()
    assert [waiting.acquire(), waiting.acquire()] == [True, False]


def test_the_bound_holds_for_threads() -> None:
    """Of many that enter at the same moment, so many get in as there are places."""
    waiting, together = ThreadLimit(5), Barrier(16)

    def enter(_: int) -> bool:
        together.wait(timeout=30)
        return waiting.acquire()

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(enter, range(16))) == 5
    assert waiting.active == 5


@pytest.mark.parametrize("duration", [timedelta(milliseconds=1), timedelta(milliseconds=130)])
def test_a_pause_passes(duration: timedelta) -> None:
    """Shorter than a look at the client, or longer: the whole time passes."""
    assert ThreadLimit(1).wait(duration)
    assert ThreadLimit(1).wait(duration, lambda: False)


@pytest.mark.parametrize("duration", [timedelta(0), timedelta(seconds=-1)])
def test_no_time_has_passed_already(duration: timedelta) -> None:
    """Nobody is asked, and nothing is waited for, even when the server stops."""
    waiting = ThreadLimit(1)
    waiting.stop()
    assert waiting.wait(duration, lambda: True)


@pytest.mark.parametrize("duration", [HOUR, timedelta.max])
def test_a_pause_ends_when_the_client_has_gone(duration: timedelta) -> None:
    """It is asked again and again, so the hour is not waited for."""
    answers = iter([False, True])
    assert not ThreadLimit(1).wait(duration, lambda: next(answers))
    assert list(answers) == []


def test_stopping_wakes_all_and_lets_nobody_in() -> None:
    """Those in the middle of a pause, and those that begin one later."""
    waiting, begun = ThreadLimit(3), [Event(), Event()]

    def wait(number: int) -> bool:
        assert waiting.acquire()
        begun[number].set()
        return waiting.wait(HOUR)

    with ThreadPoolExecutor(2) as pool:
        pauses = [pool.submit(wait, number) for number in range(2)]
        assert all(event.wait(timeout=30) for event in begun)
        waiting.stop()
        assert [pause.result(timeout=30) for pause in pauses] == [False, False]
    assert not waiting.wait(HOUR)
    assert not waiting.acquire()


def test_an_error_in_the_question_passes() -> None:
    """Who asks whether the client has gone gets the error."""
    with pytest.raises(ZeroDivisionError):
        ThreadLimit(1).wait(HOUR, lambda: bool(1 / 0))

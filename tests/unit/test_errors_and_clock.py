"""Problems as sentences, nearest names, clocks and times."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from understudy.clock import ClockState, WallClock, iso_time
from understudy.errors import InputError, MissingExtraError, Place, Problem, nearest_name


def test_a_problem_tells_what_where_and_how() -> None:
    """The sentence has every part, in one order."""
    problem = Problem(
        "x", 'found "a"', Place("f.yaml", 3, 7), expected="a number", hint="Write 1.", nearest="b"
    )
    assert str(problem) == 'f.yaml:3:7: found "a". Expected a number. Did you mean "b"? Write 1.'


def test_an_input_error_carries_all_problems() -> None:
    """Not only the first."""
    error = InputError([Problem("a", "one"), Problem("b", "two", Place("f"))])
    assert str(error) == "one.\nf: two."


def test_a_missing_extra_says_how_to_install_it() -> None:
    """The command can be copied."""
    assert "pip install 'understudy[derive]'" in str(
        MissingExtraError("`understudy derive`", "derive")
    )


@pytest.mark.parametrize(
    ("word", "expected"),
    [("retryTsk", "retryTask"), ("RETRYTASK", "retryTask"), ("zzz", ""), ("", "")],
)
def test_the_nearest_name(word: str, expected: str) -> None:
    """The one that was meant, or none."""
    assert nearest_name(word, ["retryTask", "rollbackTask", "getTask"]) == expected


START = datetime(2021, 8, 25, 15, 9, 31, tzinfo=timezone(timedelta(hours=8)))
WALL = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def clock(mode: str, **more: Any) -> ClockState:
    return ClockState(mode, START, WALL, **more)


@pytest.mark.parametrize(
    ("mode", "speed", "expected"),
    [
        ("real", 1.0, 10.0),
        ("real", 0.1, 1.0),
        ("real", 10_000, 100_000.0),
        ("virtual", 1.0, 0.0),
        ("per-call", 1.0, 0.0),
    ],
)
def test_ten_seconds_of_the_wall(mode: str, speed: float, expected: float) -> None:
    """A real clock runs as fast as it is told; the others stand still."""
    assert clock(mode, speed=speed).now(WALL + 10 * SECOND) == START + expected * SECOND


def test_a_real_clock_is_not_turned_back() -> None:
    """Though the wall's is, by those who set it."""
    assert clock("real").now(WALL - SECOND) == START


def test_a_clock_shows_milliseconds() -> None:
    """Nothing finer."""
    assert clock("real").now(WALL + timedelta(microseconds=1999)) == START + timedelta(
        milliseconds=1
    )


@pytest.mark.parametrize("mode", ["real", "virtual", "per-call"])
def test_any_clock_can_be_moved_forward(mode: str) -> None:
    """And never back."""
    later = WALL + SECOND
    moved = clock(mode).advance(30 * SECOND, later)
    assert moved.now(later) == clock(mode).now(later) + 30 * SECOND
    with pytest.raises(ValueError, match="forward only"):
        clock(mode).advance(-SECOND, WALL)


def test_a_clock_moves_a_step_at_each_call() -> None:
    """Only one that moves per call does; any other is the same object."""
    stepped = clock("per-call", step=5 * SECOND).step_for_call(WALL)
    assert stepped.now(WALL) == START + 5 * SECOND
    assert [clock(mode).step_for_call(WALL) == clock(mode) for mode in ("real", "virtual")] == [
        True,
        True,
    ]


def test_a_clock_is_frozen_and_let_go() -> None:
    """It goes on from where it stood, at its new speed."""
    frozen = clock("real").freeze(WALL + 10 * SECOND)
    assert frozen.now(WALL + 99 * SECOND) == START + 10 * SECOND
    running = frozen.set_speed(2, WALL + 100 * SECOND)
    assert running.now(WALL + 101 * SECOND) == START + 12 * SECOND
    for speed in (0.05, 20_000, 0, -1, float("nan")):
        with pytest.raises(ValueError, match="speed must be a number from"):
            frozen.set_speed(speed, WALL)


def test_a_clock_comes_back_from_its_record() -> None:
    """As it was."""
    state = clock("real", speed=2.5, step=timedelta(milliseconds=1500))
    assert ClockState.from_record(state.to_record()) == state


def test_the_wall_clock_knows_its_offset() -> None:
    """Its moments can be compared with any other."""
    assert WallClock().now().tzinfo is not None


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [
        (0, "15:09:31+08:00"),
        (740_000, "15:09:31.74+08:00"),
        (67_000, "15:09:31.067+08:00"),
        (100, "15:09:31.0001+08:00"),
    ],
)
def test_times_are_written_without_trailing_zeros(microsecond: int, text: str) -> None:
    """As the wire shows them."""
    moment = datetime(2021, 8, 25, 15, 9, 31, microsecond, timezone(timedelta(hours=8)))
    assert iso_time(moment) == f"2021-08-25T{text}"

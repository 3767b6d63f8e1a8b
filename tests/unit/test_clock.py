"""The clock of a world as a value, the wall clock, and the format of times."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from understudy.clock import END, ClockState, WallClock, iso_time

START = datetime(2021, 8, 25, 15, 9, 31, tzinfo=timezone(timedelta(hours=8)))
WALL = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def make_clock(mode: str, **options: Any) -> ClockState:
    return ClockState(mode, START, WALL, **options)


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
def test_only_a_real_clock_follows_the_wall(mode: str, speed: float, expected: float) -> None:
    """It runs at its speed; a virtual and a per-call clock stand still."""
    assert make_clock(mode, speed=speed).now(WALL + 10 * SECOND) == START + expected * SECOND


def test_a_wall_clock_that_goes_backwards_does_not_turn_a_world_back() -> None:
    """The world keeps the moment at which its clock was set."""
    assert make_clock("real").now(WALL - SECOND) == START


def test_moments_are_cut_to_milliseconds() -> None:
    """A clock shows nothing finer."""
    assert make_clock("real").now(WALL + timedelta(microseconds=1999)) == START + timedelta(
        milliseconds=1
    )


@pytest.mark.parametrize("mode", ["real", "virtual", "per-call"])
def test_any_clock_can_be_advanced_and_none_turned_back(mode: str) -> None:
    """A negative duration raises ValueError."""
    later = WALL + SECOND
    advanced = make_clock(mode).advance(30 * SECOND, later)
    assert advanced.now(later) == make_clock(mode).now(later) + 30 * SECOND
    with pytest.raises(ValueError, match="forward only"):
        make_clock(mode).advance(-SECOND, WALL)


def test_only_a_per_call_clock_moves_at_a_call() -> None:
    """It moves by its step; any other clock stays the same."""
    stepped = make_clock("per-call", step=5 * SECOND).step_for_call(WALL)
    assert stepped.now(WALL) == START + 5 * SECOND
    assert [
        make_clock(mode).step_for_call(WALL) == make_clock(mode) for mode in ("real", "virtual")
    ] == [
        True,
        True,
    ]


def test_a_frozen_clock_goes_on_from_where_it_stopped() -> None:
    """It runs at its new speed; a speed outside of the bounds raises ValueError."""
    frozen = make_clock("real").freeze(WALL + 10 * SECOND)
    assert frozen.now(WALL + 99 * SECOND) == START + 10 * SECOND
    running = frozen.set_speed(2, WALL + 100 * SECOND)
    assert running.now(WALL + 101 * SECOND) == START + 12 * SECOND
    for speed in (0.05, 20_000, 0, -1, float("nan")):
        with pytest.raises(ValueError, match="speed must be a number from"):
            frozen.set_speed(speed, WALL)


def test_a_clock_survives_its_record() -> None:
    """Reading the record returns an equal clock."""
    state = make_clock("real", speed=2.5, step=timedelta(milliseconds=1500))
    assert ClockState.from_record(state.to_record()) == state


def test_the_wall_clock_is_aware_of_its_zone() -> None:
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
def test_iso_time_has_no_zeros_at_the_end_of_its_fraction(microsecond: int, text: str) -> None:
    """OCP writes times like that."""
    moment = datetime(2021, 8, 25, 15, 9, 31, microsecond, timezone(timedelta(hours=8)))
    assert iso_time(moment) == f"2021-08-25T{text}"


@pytest.mark.parametrize("mode", ["per-call", "real"])
def test_clock_stops_at_its_end(mode: str) -> None:
    """Without the bound, each later call would fail; a stopped clock still answers."""
    start = datetime(2021, 8, 25, tzinfo=timezone(timedelta(hours=8)))
    clock = ClockState(mode, start, start, speed=10_000, step=timedelta(days=999_999))
    wall = start + timedelta(days=36_500)
    for _ in range(20):
        clock = clock.step_for_call(wall)
    assert clock.now(wall) == END
    assert clock.step_for_call(wall).now(wall) == END


def test_fast_clock_stops_when_the_wall_jumps() -> None:
    """What has elapsed for a fast clock need not fit into a timedelta."""
    start = datetime(2021, 8, 25, tzinfo=UTC)
    clock = ClockState("real", start, start, speed=10_000)
    assert clock.now(start.replace(year=2600)) == END


def test_clock_beyond_its_end_stays() -> None:
    """A scenario may begin in the year 9999: its clock is not turned back."""
    start = datetime(9999, 12, 30, tzinfo=UTC)
    clock = ClockState("per-call", start, start, step=timedelta(days=9))
    assert clock.step_for_call(start).now(start) == start

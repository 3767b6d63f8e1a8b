"""Problems as sentences, nearest names, clocks and times."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from understudy.clock import VirtualClock, WallClock, iso_time
from understudy.errors import InputError, MissingExtraError, Place, Problem, nearest_name


def test_a_problem_tells_what_where_and_how() -> None:
    """The sentence has every part, in one order."""
    problem = Problem("x", 'found "a"', Place("f.yaml", 3, 7), expected="a number", hint="Write 1.", nearest="b")
    assert str(problem) == 'f.yaml:3:7: found "a". Expected a number. Did you mean "b"? Write 1.'


def test_an_input_error_carries_all_problems() -> None:
    """Not only the first."""
    error = InputError([Problem("a", "one"), Problem("b", "two", Place("f"))])
    assert str(error) == "one.\nf: two."


def test_a_missing_extra_says_how_to_install_it() -> None:
    """The command can be copied."""
    assert "pip install 'understudy[derive]'" in str(MissingExtraError("`understudy derive`", "derive"))


@pytest.mark.parametrize(
    ("word", "expected"), [("retryTsk", "retryTask"), ("RETRYTASK", "retryTask"), ("zzz", ""), ("", "")]
)
def test_the_nearest_name(word: str, expected: str) -> None:
    """The one that was meant, or none."""
    assert nearest_name(word, ["retryTask", "rollbackTask", "getTask"]) == expected


def test_a_virtual_clock_moves_when_told() -> None:
    """And only forward."""
    clock = VirtualClock(datetime(2021, 8, 25, tzinfo=UTC))
    assert clock.now() == clock.now()
    assert clock.advance(timedelta(seconds=30)) == datetime(2021, 8, 25, 0, 0, 30, tzinfo=UTC) == clock.now()
    with pytest.raises(ValueError, match="forward only"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="offset"):
        VirtualClock(datetime(2021, 8, 25))  # noqa: DTZ001 - what is refused


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

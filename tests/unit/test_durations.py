"""Durations and moments as files and calls write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario_builders import START, ZONE
from understudy.durations import (
    MAX_DURATION,
    parse_duration,
    parse_moment,
    parse_run_duration,
    parse_time,
    resolve_moment,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0s", timedelta(0)),
        ("300ms", timedelta(milliseconds=300)),
        ("1.5s", timedelta(milliseconds=1500)),
        ("1h30m", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
        ("36500d", MAX_DURATION),
        ("2s500ms", timedelta(milliseconds=2500)),
    ],
)
def test_the_parts_of_a_duration_add_up(text: str, expected: timedelta) -> None:
    """Each part is a number with a unit."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"" is not a duration'),
        ("5", '"5" is not a duration'),
        ("-5s", '"-5s" is not a duration'),
        ("5 s", '"5 s" is not a duration'),
        ("5s\n", '"5s\n" is not a duration'),
        ("٣s", '"٣s" is not a duration'),
        ("36501d", 'the duration "36501d" is longer than 100 years'),
        ("9" * 30 + "d", f'the duration "{"9" * 30}d" is too long'),
        ("9" * 400 + "d", f'the duration "{"9" * 40}" is too long'),
    ],
)
def test_a_text_that_is_not_a_duration_is_an_error(text: str, message: str) -> None:
    """The error says what is wrong; a sign belongs to moments only."""
    with pytest.raises(ValueError) as caught:
        parse_duration(text)
    assert str(caught.value) == message


def test_a_run_may_take_for_ever() -> None:
    """`never` is None, every other text a duration."""
    assert (parse_run_duration("never"), parse_run_duration("2m")) == (None, timedelta(minutes=2))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2021-02-30T00:00:00Z", '"2021-02-30T00:00:00Z" is not a time'),
        ("2021-08-25T15:09:31", 'the time "2021-08-25T15:09:31" has no offset'),
        ("2021-08-25T15:09:31+25:00", '"2021-08-25T15:09:31+25:00" is not a time'),
        (
            "1899-12-31T23:59:59Z",
            'the time "1899-12-31T23:59:59Z" is not between the years 1900 and 9000',
        ),
        (
            "9999-12-31T23:59:59Z",
            'the time "9999-12-31T23:59:59Z" is not between the years 1900 and 9000',
        ),
    ],
)
def test_a_text_that_is_not_a_time_is_an_error(text: str, message: str) -> None:
    """A time needs a day of the calendar, an offset, and room for durations on both sides."""
    with pytest.raises(ValueError, match="^" + message.replace("+", r"\+")):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2h", START - timedelta(hours=2)),
        ("+30s", START + timedelta(seconds=30)),
        ("30s", START + timedelta(seconds=30)),
        ("2021-08-25T15:09:31.74+08:00", START + timedelta(milliseconds=740)),
        ("2021-08-25T07:09Z", START - timedelta(seconds=31)),
    ],
)
def test_an_offset_counts_from_the_start_of_the_clock(text: str, expected: datetime) -> None:
    """A time stands for itself."""
    assert resolve_moment(parse_moment(text), START) == expected


def test_a_moment_has_the_zone_of_the_clock() -> None:
    """A server shows one zone, whatever zone a file uses."""
    moment = resolve_moment(datetime(2021, 8, 25, 7, tzinfo=UTC), START)
    assert moment.isoformat() == datetime(2021, 8, 25, 15, tzinfo=ZONE).isoformat()


@given(st.text(max_size=12) | st.from_regex(r"[-+]?[0-9.]{1,6}(ms|s|m|h|d|T|Z)", fullmatch=True))
def test_any_text_is_a_moment_or_a_value_error(text: str) -> None:
    """No other exception is raised, and no moment leads out of the calendar."""
    try:
        moment = parse_moment(text)
    except ValueError:
        return
    assert abs(resolve_moment(moment, START) - START) < timedelta(days=3_000_000)

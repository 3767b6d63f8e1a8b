"""Strings that satisfy a constraint: a length, patterns, formats."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

from hypothesis import strategies as st

from understudy.contract.expansion.constraints import StringConstraint
from understudy.contract.expansion.string_solutions import (
    MAX_LENGTH,
    satisfies_string,
    solve_string,
)
from understudy.contract.schema.formats import ASSERTED_FORMATS
from understudy.regexgen import sketch_pattern
from understudy.regexgen.format_patterns import FORMAT_PATTERNS
from understudy.strategies.schema.pattern_strings import pattern_strings, repeat_to_length
from understudy.strategies.schema.small_draws import Opaque

JSON_CHARACTERS = st.characters(exclude_categories=["Cs"])
"""Every character that a JSON string can hold: all except surrogates."""
_NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
_LONG = 256
"""A longer string is not drawn character by character."""
_EXTRA_LENGTH = 8
"""How much longer than necessary a long string becomes."""
_EPOCH_DATE = date(2000, 1, 1)
"""What dates shrink towards."""
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - the zone is part of the text
_LAST_DAY = date(9999, 12, 31)
_DAYS = st.integers((date(1, 1, 1) - _EPOCH_DATE).days, (_LAST_DAY - _EPOCH_DATE).days)
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS = st.integers(
    (datetime(1, 1, 2) - _EPOCH) // _MICROSECOND,  # noqa: DTZ001
    (datetime(9999, 12, 30) - _EPOCH) // _MICROSECOND,  # noqa: DTZ001
)
_ZONES = ("Z", "+00:00", "+08:00", "-05:30", "+14:00", "-12:00")
_TIME_WITHOUT_FRACTION = 19
"""The length of `2000-01-01T00:00:00`."""
_MAX_TIME_LENGTH = 35
_DATE_LENGTH = 10
_UUID_LENGTH = 36


def strings(constraint: StringConstraint) -> st.SearchStrategy[str]:
    """Return strings that satisfy a constraint; an empty strategy when there plainly are none.

    Simple constraints have a strategy of their own, which is faster and shrinks to a plain string;
    for all others a string is generated from the patterns.
    """
    if constraint.max_length is not None and constraint.max_length < constraint.min_length:
        return st.nothing()
    simple = _simple(constraint)
    if simple is None:
        return _build(constraint)
    if not constraint.not_patterns and not constraint.not_formats:
        return simple
    if not (constraint.not_patterns or constraint.patterns or constraint.formats):
        # By chance, a string is hardly ever a date: filtering costs nothing.
        return simple.filter(lambda text: satisfies_string(text, constraint))
    built = _build(constraint)
    if built.is_empty:
        return built
    return _replace_wrong(simple, Opaque(constraint), built)


def _simple(constraint: StringConstraint) -> st.SearchStrategy[str] | None:
    """Return strings for a length and at most one pattern or format that has to hold.

    What must not hold is ignored here. None for a constraint with more.
    """
    formats = [name for name in constraint.formats if name in FORMAT_PATTERNS]
    if not formats and not constraint.patterns:
        return _of_length(constraint.min_length, constraint.max_length)
    if not formats and len(constraint.patterns) == 1:
        return _build(replace(constraint, not_patterns=(), not_formats=()))
    if constraint.patterns or len(formats) > 1:
        return None
    [name] = formats
    if name in ASSERTED_FORMATS:
        return _of_format(name, constraint.min_length, constraint.max_length)
    has_length = constraint.min_length or constraint.max_length is not None
    if has_length:
        return None
    return _ANNOTATED[name]


def _build(constraint: StringConstraint) -> st.SearchStrategy[str]:
    """Return strings for all requirements at once."""
    solution = solve_string(constraint)
    if not solution.is_solved:
        return _guess(constraint)
    if solution.texts is None:
        return st.nothing()
    built = pattern_strings(solution.texts)
    if solution.is_exact:
        return built
    return built.filter(lambda text: satisfies_string(text, constraint))


def _guess(constraint: StringConstraint) -> st.SearchStrategy[str]:
    """Return strings for a constraint that cannot be solved.

    They are built for one part of it, and filtered by the others.
    """
    if constraint.min_length > _LONG:
        return st.nothing()  # what is drawn by one part alone is hardly ever so long
    sketches = [sketch_pattern(pattern) for pattern in constraint.patterns]
    usable = [sketch for sketch in sketches if sketch is not None]
    asserted = [name for name in constraint.formats if name in ASSERTED_FORMATS]
    if asserted:
        drawn = _of_format(asserted[0], constraint.min_length, constraint.max_length)
    elif usable:
        drawn = st.from_regex(usable[0], alphabet=JSON_CHARACTERS)
    else:
        drawn = _of_length(constraint.min_length, constraint.max_length)
    return drawn.filter(lambda text: satisfies_string(text, constraint))


@st.composite
def _replace_wrong(
    draw: st.DrawFn,
    simple: st.SearchStrategy[str],
    constraint: Opaque[StringConstraint],
    built: st.SearchStrategy[str],
) -> str:
    """Draw a simple string.

    When it also satisfies what must not hold, draw a solved one instead.
    """
    text = draw(simple)
    if satisfies_string(text, constraint.value):
        return text
    return draw(built)


@lru_cache(maxsize=1024)
def _of_length(min_length: int, max_length: int | None) -> st.SearchStrategy[str]:
    """Return any strings with a length within bounds.

    Long ones repeat a drawn piece, since Hypothesis cannot draw so many characters.
    """
    if min_length > MAX_LENGTH:
        return st.nothing()
    if min_length <= _LONG:
        return st.text(JSON_CHARACTERS, min_size=min_length, max_size=max_length)
    longest = min_length + _EXTRA_LENGTH
    if max_length is not None:
        longest = min(max_length, longest)
    pieces = st.text(JSON_CHARACTERS, min_size=1, max_size=_LONG)
    return st.builds(repeat_to_length, pieces, st.integers(min_length, longest))


def _of_format(name: str, min_length: int, max_length: int | None) -> st.SearchStrategy[str]:
    """Return strings of an asserted format with a length within bounds."""
    if name == "date-time":
        return _times(min_length, max_length)
    length = _DATE_LENGTH if name == "date" else _UUID_LENGTH
    if length < min_length or (max_length is not None and length > max_length):
        return st.nothing()
    if name == "date":
        return _DATES
    return _UUIDS


def _times(min_length: int, max_length: int | None) -> st.SearchStrategy[str]:
    """Return times of RFC 3339 with a length within bounds."""
    longest = min_length + _MAX_TIME_LENGTH if max_length is None else max_length
    spellings = [
        (digits, zone) for zone in _ZONES for digits in _digit_counts(zone, min_length, longest)
    ]
    if not spellings:
        return st.nothing()
    return st.builds(_write_time, _MICROSECONDS, st.sampled_from(spellings))


def _digit_counts(zone: str, min_length: int, max_length: int) -> Iterator[int]:
    """Yield how many digits a fraction of a second may have.

    The length of the whole time is then within the bounds.
    """
    without_fraction = _TIME_WITHOUT_FRACTION + len(zone)
    for digits in [*range(10), min_length - without_fraction - 1]:
        length = without_fraction + (digits + 1 if digits else 0)  # the point is a character too
        if digits >= 0 and min_length <= length <= max_length:
            yield digits


def _write_time(microseconds: int, spelling: tuple[int, str]) -> str:
    """Return a time with some digits after the point, and a zone.

    Digits beyond microseconds are zeros.
    """
    digits, zone = spelling
    time = _EPOCH + microseconds * _MICROSECOND
    fraction = ""
    if digits:
        fraction = f".{time.microsecond:06d}".ljust(digits + 1, "0")[: digits + 1]
    return time.isoformat(timespec="seconds") + fraction + zone


_DATES = _DAYS.map(lambda days: (_EPOCH_DATE + timedelta(days)).isoformat())
_UUIDS = st.integers(0, 2**128 - 1).map(lambda number: str(UUID(int=number)))
_SECONDS = st.integers(0, 86_399)
_MAILS = _NAMES.map(lambda name: f"{name}@example.com")
_HOSTS = _NAMES.map(lambda name: f"{name}.example.com")
_URIS = _NAMES.map(lambda name: f"https://example.com/{name}")
_BYTES = st.binary(max_size=24)
_ANNOTATED: dict[str, st.SearchStrategy[str]] = {
    "email": _MAILS,
    "idn-email": _MAILS,
    "hostname": _HOSTS,
    "idn-hostname": _HOSTS,
    "uri": _URIS,
    "iri": _URIS,
    "uri-reference": _URIS,
    "iri-reference": _URIS,
    "uri-template": _URIS,
    "ipv4": st.integers(0, 2**32 - 1).map(lambda number: str(IPv4Address(number))),
    "ipv6": st.integers(0, 2**128 - 1).map(lambda number: str(IPv6Address(number))),
    "time": _SECONDS.map(lambda s: f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z"),
    "duration": _SECONDS.map(lambda seconds: f"PT{seconds}S"),
    "byte": _BYTES.map(lambda data: base64.b64encode(data).decode("ascii")),
    "json-pointer": _NAMES.map(lambda name: f"/{name}"),
    "relative-json-pointer": _NAMES.map(lambda name: f"0/{name}"),
}
"""Formats that are annotations here, but that other tools assert: they hold where the schema
allows it.
"""

"""Texts that obey a rule: a length, patterns, formats."""

import base64
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

from hypothesis import strategies as st

from understudy.contract.schema.formats import ASSERTED_FORMATS, obeys_format
from understudy.regexgen import compile_ecma_pattern, matches, solve_patterns
from understudy.regexgen.format_patterns import FORMAT_PATTERNS
from understudy.strategies.schema.constraints import StringConstraint
from understudy.strategies.schema.pattern_strings import pattern_strings
from understudy.strategies.schema.small_draws import Opaque

JSON_CHARACTERS = st.characters(exclude_categories=["Cs"])
"""Every character that a text of JSON can hold."""
_WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
_EPOCH_DATE = date(2000, 1, 1)
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - what is told by its text needs no zone
_DAYS = st.integers((date(1, 1, 1) - _EPOCH_DATE).days, (date(9999, 12, 31) - _EPOCH_DATE).days)
_MICROS = timedelta(microseconds=1)
_FIRST_MOMENT = datetime(1, 1, 2)  # noqa: DTZ001 - as above
_LAST_MOMENT = datetime(9999, 12, 30)  # noqa: DTZ001 - as above
_MOMENTS = st.integers((_FIRST_MOMENT - _EPOCH) // _MICROS, (_LAST_MOMENT - _EPOCH) // _MICROS)
_ZONES = ("Z", "+00:00", "+08:00", "-05:30", "+14:00", "-12:00")
_LONGEST_TIME = 35


def strings(rule: StringConstraint) -> st.SearchStrategy[str]:
    """Give texts that obey the rule; nothing when there plainly are none."""
    if rule.max_length is not None and rule.max_length < rule.min_length:
        return st.nothing()
    simple = _simple(rule)
    if simple is None:
        return _built(rule)
    if not rule.not_patterns and not rule.not_formats:
        return simple
    if not (
        rule.not_patterns or rule.patterns or rule.formats
    ):  # a text that nothing is asked of is hardly a date
        return simple.filter(lambda text: _obeys(text, rule))
    built = _built(rule)
    return built if built.is_empty else _mended(simple, Opaque(rule), built)


def _simple(rule: StringConstraint) -> st.SearchStrategy[str] | None:
    """Give texts that obey what holds of a rule, when that is a length and at most one thing beside it; else None."""
    shapes = [name for name in rule.formats if name in FORMAT_PATTERNS]
    if not shapes and not rule.patterns:
        return _plain(rule.min_length, rule.max_length)
    if not shapes and len(rule.patterns) == 1:
        return _built(replace(rule, not_patterns=(), not_formats=()))
    if rule.patterns or len(shapes) > 1:
        return None
    if shapes[0] in ASSERTED_FORMATS:
        return _formatted(shapes[0], rule.min_length, rule.max_length)
    return _ANNOTATED[shapes[0]] if not rule.min_length and rule.max_length is None else None


def _built(rule: StringConstraint) -> st.SearchStrategy[str]:
    """Give texts for all that is asked at once. A format that is not asserted is obeyed if that can be."""
    asserted = [FORMAT_PATTERNS[name] for name in rule.formats if name in ASSERTED_FORMATS]
    annotated = [
        FORMAT_PATTERNS[name]
        for name in rule.formats
        if name in FORMAT_PATTERNS and name not in ASSERTED_FORMATS
    ]
    fails = (*rule.not_patterns, *(FORMAT_PATTERNS[name] for name in rule.not_formats))
    for shapes in ([*asserted, *annotated], asserted):
        found = solve_patterns((*rule.patterns, *shapes), fails, rule.min_length, rule.max_length)
        if found is None:
            return _guessed(rule)
        if found.texts is not None:
            whole = not (found.unsolved_required or found.unsolved_forbidden or rule.not_formats)
            made = pattern_strings(found.texts)
            return made if whole else made.filter(lambda text: _obeys(text, rule))
    return st.nothing()


def _guessed(rule: StringConstraint) -> st.SearchStrategy[str]:
    """Give texts for a rule that is too much to build: for one part of it, filtered by the others."""
    told = [
        known for pattern in rule.patterns if (known := compile_ecma_pattern(pattern)) is not None
    ]
    asserted = [name for name in rule.formats if name in ASSERTED_FORMATS]
    if asserted:
        found = _formatted(asserted[0], rule.min_length, rule.max_length)
    elif told:
        found = st.from_regex(told[0], alphabet=JSON_CHARACTERS)
    else:
        found = _plain(rule.min_length, rule.max_length)
    return found.filter(lambda text: _obeys(text, rule))


@st.composite
def _mended(
    draw: st.DrawFn,
    simple: st.SearchStrategy[str],
    rule: Opaque[StringConstraint],
    built: st.SearchStrategy[str],
) -> str:
    """Draw a text that obeys what holds; when it also obeys what must not hold, one that was built not to."""
    text = draw(simple)
    return text if _obeys(text, rule.value) else draw(built)


def _obeys(text: str, rule: StringConstraint) -> bool:
    return (
        rule.min_length <= len(text)
        and (rule.max_length is None or len(text) <= rule.max_length)
        and all(matches(pattern, text) for pattern in rule.patterns)
        and not any(matches(pattern, text) for pattern in rule.not_patterns)
        and all(obeys_format(text, name) for name in rule.formats)
        and not any(obeys_format(text, name) for name in rule.not_formats)
    )


@lru_cache(maxsize=1024)
def _plain(least: int, most: int | None) -> st.SearchStrategy[str]:
    return st.text(JSON_CHARACTERS, min_size=least, max_size=most)


def _formatted(name: str, least: int, most: int | None) -> st.SearchStrategy[str]:
    if name == "date-time":
        longest = least + _LONGEST_TIME if most is None else most
        shapes = [(digits, zone) for zone in _ZONES for digits in _digits(zone, least, longest)]
        return st.builds(_moment, _MOMENTS, st.sampled_from(shapes)) if shapes else st.nothing()
    length = 10 if name == "date" else 36
    if length < least or (most is not None and length > most):
        return st.nothing()
    return _DATES if name == "date" else _UUIDS


def _digits(zone: str, least: int, most: int) -> list[int]:
    """Give how many digits a fraction of a second may have, so that the whole has a length within bounds."""
    bare = 19 + len(zone)
    return [
        n
        for n in [*range(10), least - bare - 1]
        if n >= 0 and least <= bare + (n + 1 if n else 0) <= most
    ]


def _moment(micros: int, shape: tuple[int, str]) -> str:
    digits, zone = shape
    moment = _EPOCH + micros * _MICROS
    text = moment.isoformat(timespec="seconds")
    fraction = f".{moment.microsecond:06d}".ljust(digits + 1, "0")[: digits + 1] if digits else ""
    return text + fraction + zone


_DATES = _DAYS.map(lambda days: (_EPOCH_DATE + timedelta(days)).isoformat())
_UUIDS = st.integers(0, 2**128 - 1).map(lambda number: str(UUID(int=number)))
_SECONDS = st.integers(0, 86_399)
_MAILS = _WORDS.map(lambda word: f"{word}@example.com")
_URIS = _WORDS.map(lambda word: f"https://example.com/{word}")
_ANNOTATED: dict[str, st.SearchStrategy[str]] = {
    "email": _MAILS,
    "idn-email": _MAILS,
    "hostname": _WORDS.map(lambda word: f"{word}.example.com"),
    "idn-hostname": _WORDS.map(lambda word: f"{word}.example.com"),
    "uri": _URIS,
    "iri": _URIS,
    "uri-reference": _URIS,
    "iri-reference": _URIS,
    "uri-template": _URIS,
    "ipv4": st.integers(0, 2**32 - 1).map(lambda number: str(IPv4Address(number))),
    "ipv6": st.integers(0, 2**128 - 1).map(lambda number: str(IPv6Address(number))),
    "time": _SECONDS.map(lambda s: f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z"),
    "duration": _SECONDS.map(lambda s: f"PT{s}S"),
    "byte": st.binary(max_size=24).map(lambda data: base64.b64encode(data).decode("ascii")),
    "json-pointer": _WORDS.map(lambda word: f"/{word}"),
    "relative-json-pointer": _WORDS.map(lambda word: f"0/{word}"),
}
"""Formats that are annotations here, but that other tools assert: obeyed where nothing else is said."""

"""Texts that obey a rule: a length, patterns, formats."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from itertools import permutations
from uuid import UUID

from hypothesis import strategies as st

from understudy.contract.formats import ASSERTED, obeys_format
from understudy.contract.patterns import compiled, matches
from understudy.strategies.regexes import letters_of, matching
from understudy.strategies.rules import TextRule

LETTERS = st.characters(exclude_categories=["Cs"])
"""Every character that a text of JSON can hold."""
_WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
_EPOCH_DATE = date(2000, 1, 1)
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - what is told by its text needs no zone
_DAYS = st.integers((date(1, 1, 1) - _EPOCH_DATE).days, (date(9999, 12, 31) - _EPOCH_DATE).days)
_MICROS = timedelta(microseconds=1)
_MOMENTS = st.integers((datetime(1, 1, 2) - _EPOCH) // _MICROS, (datetime(9999, 12, 30) - _EPOCH) // _MICROS)  # noqa: DTZ001
_ZONES = ("Z", "+00:00", "+08:00", "-05:30", "+14:00", "-12:00")
_LONGEST_TIME = 35


def texts(rule: TextRule) -> st.SearchStrategy[str]:
    """Give texts that obey the rule; nothing when there plainly are none."""
    if rule.most is not None and rule.most < rule.least:
        return st.nothing()
    asserted = [name for name in rule.formats if name in ASSERTED]
    patterns = list(rule.patterns)
    if asserted:
        found = _formatted(asserted[0], rule.least, rule.most)
    elif patterns:
        found, patterns = _patterned(patterns, rule)
    elif rule.formats and not rule.least and rule.most is None:
        found = _ANNOTATED.get(rule.formats[0], _plain(0, None))
    else:
        found = _plain(rule.least, rule.most)
    checks = _checks(rule, patterns, asserted[1:])
    return found.filter(lambda text: all(check(text) for check in checks)) if checks else found


@lru_cache(maxsize=1024)
def _plain(least: int, most: int | None) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=least, max_size=most)


def _patterned(patterns: list[str], rule: TextRule) -> tuple[st.SearchStrategy[str], list[str]]:
    """Give texts for the first pattern that can be solved, and the patterns that are still to be checked."""
    alphabet: str | None = None
    if len(patterns) > 1:  # what one says of all characters is obeyed while another is solved
        rule, alphabet, patterns = _spelt(rule, patterns)
        if alphabet == "" or (rule.most is not None and rule.most < rule.least):
            return st.nothing() if rule.least else st.just(""), patterns
    solved = [(matching(pattern, rule.least, rule.most, alphabet), pattern) for pattern in patterns]
    found = [part for part, _ in solved if part is not None]
    if len(found) > 1:
        return st.tuples(*found).map(lambda parts: _joined(parts, rule)), patterns
    if found:
        return found[0], [pattern for part, pattern in solved if part is None]
    told, others = compiled(patterns[0]), [pattern for pattern in rule.patterns if pattern != patterns[0]]
    if told is None:  # no pattern that Python knows: a validator that knows it decides
        return _plain(rule.least, rule.most), others
    bounded = st.from_regex(told, alphabet=LETTERS)
    return bounded.filter(lambda text: _fits(text, rule)), others


def _spelt(rule: TextRule, patterns: list[str]) -> tuple[TextRule, str | None, list[str]]:
    """Part the patterns that speak of single characters from the others; give what they ask, and those that are left.

    One is always left, so that there is one to solve.
    """
    alphabet: str | None = None
    left: list[str] = []
    for number, pattern in enumerate(patterns):
        told = letters_of(pattern)
        if told is None or (number == len(patterns) - 1 and not left):
            left.append(pattern)
            continue
        alphabet = "".join(c for c in told.alphabet if alphabet is None or c in alphabet)
        most = min((bound for bound in (rule.most, told.most) if bound is not None), default=None)
        rule = replace(rule, least=max(rule.least, told.least), most=most)
    return rule, alphabet, left


def _joined(parts: tuple[str, ...], rule: TextRule) -> str:
    """Give one text for several patterns: one of theirs, or several one after the other."""
    pairs = ["".join(pair) for pair in permutations(parts, 2)]
    texts = (text for text in (*parts, *pairs) if _fits(text, rule))
    return next((text for text in texts if all(matches(p, text) for p in rule.patterns)), parts[0])


def _fits(text: str, rule: TextRule) -> bool:
    return rule.least <= len(text) and (rule.most is None or len(text) <= rule.most)


def _checks(rule: TextRule, patterns: list[str], formats: list[str]) -> list[Callable[[str], bool]]:
    checks: list[Callable[[str], bool]] = []
    checks += [lambda text, p=p: matches(p, text) for p in patterns]  # type: ignore[misc]
    checks += [lambda text, p=p: not matches(p, text) for p in rule.not_patterns]  # type: ignore[misc]
    checks += [lambda text, f=f: obeys_format(text, f) for f in formats]  # type: ignore[misc]
    checks += [lambda text, f=f: not obeys_format(text, f) for f in rule.not_formats]  # type: ignore[misc]
    return checks


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
    return [n for n in [*range(10), least - bare - 1] if n >= 0 and least <= bare + (n + 1 if n else 0) <= most]


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
    "regex": _WORDS,
}
"""Formats that are annotations here, but that other tools assert: obeyed where nothing else is said."""

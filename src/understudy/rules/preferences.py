"""What one call prefers to get: `Prefer: code=404, delay=300ms` (RFC 7240), `?__code=404`, a cookie `understudy`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, unquote_plus

from understudy.errors import nearest_name
from understudy.messages import Request
from understudy.rules.faults.active_fault import ActiveFault, draw_faults, keep_first_replacement
from understudy.rules.matching.call_context import CallContext
from understudy.rules.replies.reply import ReplyKind, ScriptedReply

if TYPE_CHECKING:  # what only a call that wishes for a fault needs is imported with it
    from understudy.rules.faults.fault_kinds import Delay, FaultPart

KNOWN_PREFERENCES: Final = ("code", "example", "dynamic", "seed", "delay", "fault", "corrupt")
"""The words that the stub knows."""
IGNORED_PREFERENCES: Final = frozenset(
    ["respond-async", "return", "wait", "handling", "depth-noroot", "safe"]
)
"""Registered words that are for other servers: they are passed over."""
COOKIE_NAME: Final = "understudy"
_PREFERENCE = (
    r"""\s*(?P<word>[\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<token>[^\s",;]*+)))?"""
    r"""(?:\s*;(?:[^",]|"(?:[^"\\]|\\.)*+")*+)?\s*(?:,|\Z)"""
)
_TOKEN = re.compile(r"[\w!#$%&'*+.^`|~:/-]+", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_LONGEST = 8192
"""So much of a header field is read: what no preference is can take time that grows with the square of its length."""
_TRUTH = {"": True, "true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a call prefers."""

    values: Mapping[str, str]
    """Each known word with its value as told, in the order in which they were found."""
    unknown: tuple[str, ...] = ()
    """Words that nobody knows."""
    invalid: tuple[tuple[str, str, str], ...] = ()
    """Known words whose values cannot be read: word, value, what was expected."""
    code: int | None = None
    """A status of HTTP from 200 to 599, or a code of the service's own errors."""
    example: str = ""
    dynamic: bool | None = None
    seed: int | None = None
    delay: Delay | None = None
    fault: tuple[FaultPart, ...] = ()
    """What `fault` asks for; of a profile, all of its parts."""
    corrupt: str = ""
    """The id of a corruption of the contract's catalogue."""

    @property
    def reply(self) -> ScriptedReply | None:
        """What is to be answered, or None when that is not said."""
        status = self.code if self.code is not None and 200 <= self.code <= 599 else None
        if self.example:
            return ScriptedReply(ReplyKind.EXAMPLE, example_name=self.example, status=status)
        if self.dynamic or (self.seed is not None and self.dynamic is None):
            return ScriptedReply(ReplyKind.DYNAMIC, status=status, seed=self.seed)
        return None if self.code is None else ScriptedReply(ReplyKind.ERROR, code=self.code)

    def draw_faults(self, facts: CallContext) -> tuple[ActiveFault, ...]:
        """Give what strikes the call. The calls of a profile are counted as those of the world."""
        if self.delay is None and not self.fault:
            return ()
        from understudy.rules.faults.fault_kinds import Fault, FaultPart

        parts = (FaultPart(Fault(delay=self.delay)),) if self.delay else ()
        return keep_first_replacement(
            (
                *draw_faults("delay", parts, facts, facts.call_number),
                *draw_faults("fault", self.fault, facts, facts.call_number),
            )
        )

    def format_applied(self) -> str:
        """Give the words that could be read, as the value of Preference-Applied: `code=404, delay=300ms`."""
        unread = {word for word, _, _ in self.invalid}
        return ", ".join(
            _written(word, value) for word, value in self.values.items() if word not in unread
        )

    def describe_problems(self) -> str:
        """Say what is wrong with the words; empty when nothing is."""
        told = []
        for word in self.unknown:
            near = nearest_name(word[:100], KNOWN_PREFERENCES)
            told.append(
                f'Nobody knows the preference "{word[:100]}". '
                + (
                    f'Did you mean "{near}"?'
                    if near
                    else f"There are: {', '.join(KNOWN_PREFERENCES)}."
                )
            )
        told += [
            f'The preference "{word}" is "{value[:100]}". Expected {expected}.'
            for word, value, expected in self.invalid
        ]
        return " ".join(told)


NO_PREFERENCES: Final = Preferences({})


def parse_preferences(request: Request) -> tuple[Request, Preferences]:
    """Give a request without the query's words for the stub, and what it prefers. The target stays as it was sent.

    Of a word that stands in several places the header's value counts, then the cookie's, then the query's; in one
    place the first.
    """
    header, cookie = [], []
    for name, value in request.headers.fields:
        if len(name) == 6:
            folded = name.lower()
            if folded == "prefer":
                header.append(value)
            elif folded == "cookie" and COOKIE_NAME in value:
                cookie.append(value)
    twins = "__" in request.query
    if not (header or cookie or twins):
        return request, NO_PREFERENCES
    told = [*_of_header(header), *_of_cookie(cookie)]
    if twins:
        kept, found = _of_query(request.query)
        told += found
        if kept != request.query:
            request = replace(request, query=kept)
    return request, _wishes(told) if told else NO_PREFERENCES


def _of_header(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Source: RFC 7240, section 2; parameters after a semicolon belong to no word of ours."""
    for value in (told[:_LONGEST] for told in values):
        at = 0
        while at < len(value):
            match = _preference().match(value, at)
            if match is None:  # what cannot be read ends at the next comma
                at = value.find(",", at) + 1 or len(value)
                continue
            at = match.end()
            text = match["token"] or ""
            if match["quoted"] is not None:
                text = re.sub(r"\\(.)", r"\1", match["quoted"])
            yield match["word"].lower(), text


@cache
def _preference() -> re.Pattern[str]:
    return re.compile(_PREFERENCE, re.ASCII | re.VERBOSE)


def _of_cookie(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        for pair in value.split(";"):
            name, _, text = pair.strip().partition("=")
            if name != COOKIE_NAME:
                continue
            for part in re.split("[&,]", unquote(text.strip('"'))):
                word, _, told = part.strip().partition("=")
                if word:
                    yield word.strip().lower(), told.strip()


def _of_query(query: str) -> tuple[str, list[tuple[str, str]]]:
    """Give the query without the words that the stub knows, and all words that are meant for it."""
    kept, found = [], []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        word = name[2:].lower()
        if not name.startswith("__") or not word:
            kept.append(part)
            continue
        found.append((word, unquote_plus(value)))
        if word not in KNOWN_PREFERENCES:
            kept.append(part)
    return "&".join(kept), found


def _wishes(told: Iterable[tuple[str, str]]) -> Preferences:
    words: dict[str, str] = {}
    unknown: dict[str, None] = {}
    for word, value in told:
        if word in KNOWN_PREFERENCES:
            words.setdefault(word, value)
        elif word not in IGNORED_PREFERENCES:
            unknown[word] = None
    read: dict[str, Any] = {}
    bad = []
    for word, value in words.items():
        try:
            read[word] = _READERS[word](value)
        except ValueError as error:
            bad.append((word, value, str(error)))
    return Preferences(words, tuple(unknown), tuple(bad), **read)


def _code(value: str) -> int:
    number = int(value) if _WHOLE.fullmatch(value) else -1
    if number < 0 or 1 <= number < 200 or number > 2**31 - 1:
        raise ValueError("a status of HTTP from 200 to 599, or a code of the service's own errors")
    return number


def _example(value: str) -> str:
    if not value:
        raise ValueError("the name of an example")
    return value


def _corrupt(value: str) -> str:
    if not value:
        raise ValueError("the id of a corruption")
    return value


def _dynamic(value: str) -> bool:
    if value.lower() not in _TRUTH:
        raise ValueError("true or false")
    return _TRUTH[value.lower()]


def _seed(value: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise ValueError("a whole number of at most 18 digits")
    return int(value)


def _delay(value: str) -> Delay:
    from understudy.durations import parse_duration
    from understudy.rules.faults.fault_kinds import Delay, DelayKind

    try:
        return Delay(DelayKind.FIXED, parse_duration(value))
    except ValueError as error:
        raise ValueError("a duration such as 300ms") from error


def _fault(value: str) -> tuple[FaultPart, ...]:
    from understudy.rules.parse.fault_shorthand import parse_fault_shorthand

    return parse_fault_shorthand(value)


_READERS: Final = {
    "code": _code,
    "example": _example,
    "dynamic": _dynamic,
    "seed": _seed,
    "delay": _delay,
    "fault": _fault,
    "corrupt": _corrupt,
}


def _written(word: str, value: str) -> str:
    if not value:
        return word
    if _TOKEN.fullmatch(value):
        return f"{word}={value}"
    escaped = re.sub(r'(["\\])', r"\\\1", value)
    return f'{word}="{escaped}"'

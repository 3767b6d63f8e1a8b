"""What one call asks for by itself, without a rule.

A call writes its preferences in a header (`Prefer: code=404, delay=300ms`; RFC 7240), in the query
(`?__code=404`), or in a cookie `understudy`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

from understudy.durations import parse_duration
from understudy.errors import nearest_name
from understudy.messages import Request
from understudy.rules.faults.active_fault import ActiveFault, draw_faults, keep_first_replacement
from understudy.rules.faults.fault_kinds import Delay, DelayKind, Fault, FaultPart
from understudy.rules.faults.fault_shorthand import parse_fault_shorthand
from understudy.rules.matching.call_context import CallContext
from understudy.rules.replies.reply import ReplyKind, ScriptedReply

KNOWN_PREFERENCES: Final = ("code", "example", "dynamic", "seed", "delay", "fault", "corrupt")
"""The names of the preferences that the stub understands."""
IGNORED_PREFERENCES: Final = frozenset(
    ["respond-async", "return", "wait", "handling", "depth-noroot", "safe"]
)
"""Registered preferences that are for other servers. Source: the IANA registry of RFC 7240."""
COOKIE_NAME: Final = "understudy"
_QUERY_PREFIX: Final = "__"
# One preference with the comma after it. Source: RFC 7240, section 2.
_PREFERENCE = (
    r"""\s*(?P<word>[\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<token>[^\s",;]*+)))?"""
    r"""(?:\s*;(?:[^",]|"(?:[^"\\]|\\.)*+")*+)?\s*(?:,|\Z)"""
)
_TOKEN = re.compile(r"[\w!#$%&'*+.^`|~:/-]+", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_MAX_FIELD_LENGTH = 8192
"""How many characters of a header field are parsed.

A text that is not a preference can take time that grows with the square of its length.
"""
_MAX_CODE = 2**31 - 1
_BOOLEANS = {"": True, "true": True, "1": True, "false": False, "0": False}
_MAX_SHOWN = 100
"""How many characters of a name or value of a client are shown in a message."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences of one call."""

    values: Mapping[str, str]
    """Each known preference with its value as it was written, in the order of the call."""
    unknown: tuple[str, ...] = ()
    """The names of unknown preferences."""
    invalid: tuple[tuple[str, str, str], ...] = ()
    """Known preferences with invalid values: name, value, what was expected."""
    code: int | None = None
    """An HTTP status from 200 to 599, or a code of the service's own errors."""
    example: str = ""
    """The name of an example of the contract."""
    dynamic: bool | None = None
    seed: int | None = None
    delay: Delay | None = None
    fault: tuple[FaultPart, ...] = ()
    """The fault that `fault` asks for; of a profile, all of its parts."""
    corrupt: str = ""
    """The id of a corruption of the contract's catalogue."""

    @property
    def reply(self) -> ScriptedReply | None:
        """The reply that the call asks for, or None."""
        status = None
        if self.code is not None and 200 <= self.code <= 599:
            status = self.code
        if self.example:
            return ScriptedReply(ReplyKind.EXAMPLE, example_name=self.example, status=status)
        # A seed alone asks for generated data too, unless the call says `dynamic=false`.
        if self.dynamic or (self.seed is not None and self.dynamic is None):
            return ScriptedReply(ReplyKind.DYNAMIC, status=status, seed=self.seed)
        if self.code is None:
            return None
        return ScriptedReply(ReplyKind.ERROR, code=self.code)

    def draw_faults(self, call: CallContext) -> tuple[ActiveFault, ...]:
        """Return the faults that act on the call.

        A profile counts all calls of the world, since no rule counts its own.
        """
        faults: tuple[ActiveFault, ...] = ()
        if self.delay is not None:
            parts = (FaultPart(Fault(delay=self.delay)),)
            faults += draw_faults("delay", parts, call, call.call_number)
        if self.fault:
            faults += draw_faults("fault", self.fault, call, call.call_number)
        return keep_first_replacement(faults)

    def format_applied(self) -> str:
        """Return the valid preferences as the value of Preference-Applied: `code=404, delay=1s`."""
        invalid = {name for name, _, _ in self.invalid}
        texts = [
            _format_preference(name, value)
            for name, value in self.values.items()
            if name not in invalid
        ]
        return ", ".join(texts)

    def describe_problems(self) -> str:
        """Return what is wrong with the preferences, as sentences; empty when nothing is."""
        texts = [_describe_unknown(name[:_MAX_SHOWN]) for name in self.unknown]
        for name, value, expected in self.invalid:
            shown = value[:_MAX_SHOWN]
            texts.append(f'preference "{name}" is "{shown}". Expected {expected}.')
        return " ".join(texts)


NO_PREFERENCES: Final = Preferences({})
"""The preferences of a call without any: one object, so that no call makes its own."""


def _describe_unknown(name: str) -> str:
    nearest = nearest_name(name, KNOWN_PREFERENCES)
    if nearest:
        return f'unknown preference "{name}". Did you mean "{nearest}"?'
    return f'unknown preference "{name}". Expected one of {", ".join(KNOWN_PREFERENCES)}.'


def parse_preferences(request: Request) -> tuple[Request, Preferences]:
    """Return the request without preferences in its query, and the preferences of the call.

    The request's target stays as it was sent, since signatures are made over it. Where a
    preference has several values, the header's counts, then the cookie's, then the query's; in
    one of them, the first.
    """
    header: list[str] = []
    cookie: list[str] = []
    for name, value in request.headers.fields:
        # Both names have six letters: for most fields, the length is all that is looked at.
        if len(name) == 6:
            folded = name.lower()
            if folded == "prefer":
                header.append(value)
            elif folded == "cookie" and COOKIE_NAME in value:
                cookie.append(value)
    may_be_in_query = _QUERY_PREFIX in request.query
    if not (header or cookie or may_be_in_query):
        return request, NO_PREFERENCES
    pairs = [*_iter_header_pairs(header), *_iter_cookie_pairs(cookie)]
    if may_be_in_query:
        query, query_pairs = _split_query(request.query)
        pairs += query_pairs
        if query != request.query:
            request = replace(request, query=query)
    if not pairs:
        return request, NO_PREFERENCES
    return request, _build_preferences(pairs)


def _iter_header_pairs(fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each preference in header fields.

    Parameters after a semicolon are skipped: no preference of the stub has any.
    Source: RFC 7240, section 2.
    """
    for field in fields:
        text = field[:_MAX_FIELD_LENGTH]
        position = 0
        while position < len(text):
            match = _compile_preference().match(text, position)
            if match is None:  # what cannot be parsed ends at the next comma
                position = text.find(",", position) + 1 or len(text)
                continue
            position = match.end()
            value = match["token"] or ""
            if match["quoted"] is not None:
                value = re.sub(r"\\(.)", r"\1", match["quoted"])
            yield match["word"].lower(), value


@cache
def _compile_preference() -> re.Pattern[str]:
    # Compiled with the first header: few calls have one, and it takes its time.
    return re.compile(_PREFERENCE, re.ASCII | re.VERBOSE)


def _iter_cookie_pairs(fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each preference in the cookie, separated by `&` or a comma."""
    for field in fields:
        for cookie in field.split(";"):
            cookie_name, _, text = cookie.strip().partition("=")
            if cookie_name != COOKIE_NAME:
                continue
            for part in re.split("[&,]", unquote(text.strip('"'))):
                name, _, value = part.strip().partition("=")
                if name:
                    yield name.strip().lower(), value.strip()


def _split_query(query: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the query without known preferences, and name and value of all preferences in it.

    Unknown ones stay in the query: they may be parameters of the API.
    """
    rest = []
    pairs = []
    for part in query.split("&"):
        parameter, _, value = part.partition("=")
        name = parameter.removeprefix(_QUERY_PREFIX).lower()
        if not parameter.startswith(_QUERY_PREFIX) or not name:
            rest.append(part)
            continue
        pairs.append((name, unquote_plus(value)))
        if name not in KNOWN_PREFERENCES:
            rest.append(part)
    return "&".join(rest), pairs


def _build_preferences(pairs: Iterable[tuple[str, str]]) -> Preferences:
    values: dict[str, str] = {}
    unknown: dict[str, None] = {}
    for name, value in pairs:
        if name in KNOWN_PREFERENCES:
            values.setdefault(name, value)  # the first value counts
        elif name not in IGNORED_PREFERENCES:
            unknown[name] = None
    parsed: dict[str, Any] = {}
    invalid = []
    for name, value in values.items():
        try:
            parsed[name] = _PARSERS[name](value)
        except ValueError as error:
            invalid.append((name, value, str(error)))
    return Preferences(values, tuple(unknown), tuple(invalid), **parsed)


def _parse_code(value: str) -> int:
    # 0 is a code that a service may have; 1 to 199 would be informational statuses.
    code = -1
    if _INTEGER.fullmatch(value):
        code = int(value)
    is_code = code == 0 or 200 <= code <= _MAX_CODE
    if not is_code:
        raise ValueError("an HTTP status from 200 to 599, or a code of the service's own errors")
    return code


def _parse_example(value: str) -> str:
    if not value:
        raise ValueError("the name of an example")
    return value


def _parse_corrupt(value: str) -> str:
    if not value:
        raise ValueError("the id of a corruption")
    return value


def _parse_dynamic(value: str) -> bool:
    dynamic = _BOOLEANS.get(value.lower())
    if dynamic is None:
        raise ValueError("true or false")
    return dynamic


def _parse_seed(value: str) -> int:
    if not _INTEGER.fullmatch(value):
        raise ValueError("a whole number of at most 18 digits")
    return int(value)


def _parse_delay(value: str) -> Delay:
    try:
        return Delay(DelayKind.FIXED, parse_duration(value))
    except ValueError as error:
        raise ValueError("a duration such as 300ms") from error


_PARSERS: Final[Mapping[str, Callable[[str], object]]] = {
    "code": _parse_code,
    "example": _parse_example,
    "dynamic": _parse_dynamic,
    "seed": _parse_seed,
    "delay": _parse_delay,
    "fault": parse_fault_shorthand,
    "corrupt": _parse_corrupt,
}
"""The parser of each preference's value; it raises ValueError with what was expected."""


def _format_preference(name: str, value: str) -> str:
    if not value:
        return name
    if _TOKEN.fullmatch(value):
        return f"{name}={value}"
    escaped = re.sub(r'(["\\])', r"\\\1", value)
    return f'{name}="{escaped}"'

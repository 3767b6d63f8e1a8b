"""Faults in one word, as preferences write them: `reset`, `flaky`, `truncate:50%`, `status:503`.

A shorthand is the name of a fault or profile, or a kind with an argument after a colon. Each parser
raises ValueError with what was expected, to be shown behind "Expected".
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from understudy.config import TLS_FAULT_HINT, TLS_FAULTS
from understudy.durations import parse_duration
from understudy.rules.faults.fault_kinds import (
    MAX_DELAY,
    MAX_GARBAGE_BYTES,
    MAX_PIECES,
    NAMED_FAULTS,
    Delay,
    DelayKind,
    Dribble,
    Fault,
    FaultPart,
    GatewayResponse,
    parse_truncation,
)
from understudy.rules.faults.fault_profiles import PROFILES
from understudy.rules.values.http_syntax import MEDIA_TYPE


def parse_fault_shorthand(text: str) -> tuple[FaultPart, ...]:
    """Parse a name, and the argument that may follow it after a colon.

    Raise ValueError with what was expected.
    """
    name, colon, argument = text.partition(":")
    if name in PROFILES and not colon:
        return PROFILES[name]
    if name in _PARSERS and (colon or name in _DEFAULT_ARGUMENTS):
        if not colon:
            argument = _DEFAULT_ARGUMENTS[name]
        return (FaultPart(_PARSERS[name](argument)),)
    if name in NAMED_FAULTS and not colon:
        return (FaultPart(NAMED_FAULTS[name]),)
    if name in TLS_FAULTS:
        raise ValueError(TLS_FAULT_HINT)
    known = dict.fromkeys([*NAMED_FAULTS, *_PARSERS, *PROFILES])
    raise ValueError(
        f"one of {', '.join(known)}; some take an argument after a colon, "
        "such as truncate:50% or status:503"
    )


def _parse_duration(text: str) -> timedelta:
    """Parse a duration that a fault may hold a call."""
    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise ValueError("a duration after the colon, such as 300ms") from error
    if duration > MAX_DELAY:
        raise ValueError("a duration of at most 10m after the colon")
    return duration


def _parse_number(text: str, least: int, most: int) -> int:
    """Parse a whole number within its bounds."""
    # At most 9 digits: `int` of a long text takes its time.
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not is_number or not least <= int(text) <= most:
        raise ValueError(f"a whole number from {least} to {most} after the colon")
    return int(text)


def _parse_delay(text: str) -> Fault:
    return Fault(delay=Delay(DelayKind.FIXED, _parse_duration(text)))


def _parse_dribble(text: str) -> Fault:
    """Parse `PIECES` or `PIECES/DURATION`: `10/5s`."""
    pieces, slash, over = text.partition("/")
    count = _parse_number(pieces, 1, MAX_PIECES)
    if not slash:
        return Fault(dribble=Dribble(count))
    return Fault(dribble=Dribble(count, _parse_duration(over)))


def _parse_truncate(text: str) -> Fault:
    try:
        return Fault(truncation=parse_truncation(text))
    except ValueError as error:
        raise ValueError("a share such as 50%, or a number of bytes, after the colon") from error


def _parse_garbage(text: str) -> Fault:
    return Fault(garbage=_parse_number(text, 1, MAX_GARBAGE_BYTES))


def _parse_content_type(text: str) -> Fault:
    if not MEDIA_TYPE.fullmatch(text):
        raise ValueError("a media type after the colon, such as text/html")
    return Fault(content_type=text)


def _parse_timeout(text: str) -> Fault:
    return Fault(timeout=_parse_duration(text))


def _parse_status(text: str) -> Fault:
    """Parse the status of a gateway, which answers before the call has an effect."""
    status = _parse_number(text, 200, 599)
    return Fault(gateway=GatewayResponse(status), acts_before=True)


_PARSERS: Final[dict[str, Callable[[str], Fault]]] = {
    "delay": _parse_delay,
    "dribble": _parse_dribble,
    "truncate": _parse_truncate,
    "garbage": _parse_garbage,
    "content-type": _parse_content_type,
    "timeout": _parse_timeout,
    "status": _parse_status,
}
"""The kinds that take an argument, each with the parser of its argument."""
_DEFAULT_ARGUMENTS: Final = {
    "dribble": "10",
    "truncate": "50%",
    "content-type": "text/html",
    "status": "503",
}
"""The arguments of kinds that are written without one, and are not among NAMED_FAULTS."""

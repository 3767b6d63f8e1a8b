"""A fault in one word, as a preference tells it: `reset`, `flaky`, `truncate:50%`, `status:503`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from understudy.durations import parse_duration
from understudy.rules.faults.fault_kinds import (
    MAX_GARBAGE_BYTES,
    Delay,
    DelayKind,
    Dribble,
    Fault,
    FaultPart,
    GatewayResponse,
)
from understudy.rules.faults.fault_profiles import PROFILES
from understudy.rules.parse.parse_faults import MAX_PIECES, NAMED_FAULTS, parse_truncation
from understudy.rules.parse.parse_replies import MEDIA_TYPE

_LONGEST = timedelta(minutes=10)


def parse_fault_shorthand(text: str) -> tuple[FaultPart, ...]:
    """Read a word with what may follow it after a colon. Raises ValueError with what was expected."""
    word, colon, argument = text.partition(":")
    if word in PROFILES and not colon:
        return PROFILES[word]
    if word in _WITH and (colon or word in _DEFAULTS):
        return (FaultPart(_WITH[word](argument if colon else _DEFAULTS[word])),)
    if word in NAMED_FAULTS and not colon:
        return (FaultPart(NAMED_FAULTS[word]),)
    known = dict.fromkeys([*NAMED_FAULTS, *_WITH, *PROFILES])
    raise ValueError(
        f"one of {', '.join(known)}; some with more after a colon, such as truncate:50% or status:503"
    )


def _duration(text: str) -> timedelta:
    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise ValueError("a duration after the colon, such as 300ms") from error
    if duration > _LONGEST:
        raise ValueError("a duration of at most 10m after the colon")
    return duration


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise ValueError(f"a whole number from {least} to {most} after the colon")
    return int(text)


def _dribble(text: str) -> Fault:
    pieces, slash, over = text.partition("/")
    default = Dribble()
    return Fault(
        dribble=Dribble(_number(pieces, 1, MAX_PIECES), _duration(over) if slash else default.over)
    )


def _truncate(text: str) -> Fault:
    try:
        return Fault(truncation=parse_truncation(text))
    except ValueError as error:
        raise ValueError("a share such as 50%, or a number of bytes, after the colon") from error


def _content_type(text: str) -> Fault:
    if not MEDIA_TYPE.fullmatch(text):
        raise ValueError("a media type after the colon, such as text/html")
    return Fault(content_type=text)


_WITH: Final[dict[str, Callable[[str], Fault]]] = {
    "delay": lambda text: Fault(delay=Delay(DelayKind.FIXED, _duration(text))),
    "dribble": _dribble,
    "truncate": _truncate,
    "garbage": lambda text: Fault(garbage=_number(text, 1, MAX_GARBAGE_BYTES)),
    "content-type": _content_type,
    "timeout": lambda text: Fault(timeout=_duration(text)),
    "status": lambda text: Fault(
        gateway=GatewayResponse(_number(text, 200, 599)), acts_before=True
    ),
}
"""The kinds that can be told more after a colon."""
_DEFAULTS: Final = {
    "dribble": "10",
    "truncate": "50%",
    "content-type": "text/html",
    "status": "503",
}
"""What stands for the argument of kinds that are not in WORDS."""

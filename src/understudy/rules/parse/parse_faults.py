"""Reads what a fault does: from a scenario, and from the words of a preference."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from understudy.durations import parse_duration
from understudy.errors import nearest_name
from understudy.messages import Ending
from understudy.rules.faults.fault_kinds import (
    DEFAULT_TIMEOUT,
    MAX_GARBAGE_BYTES,
    Delay,
    DelayKind,
    Dribble,
    Fault,
    FaultPart,
    GatewayResponse,
    Truncation,
)
from understudy.rules.faults.fault_profiles import PROFILES
from understudy.rules.parse.header_fields import parse_headers
from understudy.rules.parse.parse_context import ParseContext
from understudy.rules.parse.parse_replies import MEDIA_TYPE

MAX_PIECES = 1000
_DURATION = "a duration such as 300ms"
_SHARE = re.compile(r"(100|[0-9]{1,2}(\.[0-9]+)?)%")
NAMED_FAULTS: Final[dict[str, Fault]] = {
    "reset": Fault(ending=Ending.RESET),
    "empty": Fault(ending=Ending.EMPTY),
    "garbage": Fault(garbage=0),
    "timeout": Fault(timeout=DEFAULT_TIMEOUT),
}
"""The kinds that need nothing but their name."""
_KEYS = (
    "delay",
    "dribble",
    "reset",
    "empty",
    "truncate",
    "garbage",
    "content-type",
    "timeout",
    "status",
    "acts",
)
_REPLACING = ("reset", "empty", "timeout", "status")
_SPREADS = {"uniform": DelayKind.UNIFORM, "normal": DelayKind.NORMAL}


def parse_fault(data: Any, reading: ParseContext, pointer: str) -> tuple[FaultPart, ...]:
    """Read what stands under `fault`: a word, or a mapping of kinds. Gives nothing where it cannot be read."""
    if isinstance(data, str):
        if data in PROFILES:
            return PROFILES[data]
        if data in NAMED_FAULTS:
            return (FaultPart(NAMED_FAULTS[data]),)
        known = (*NAMED_FAULTS, *PROFILES)
        expected = f"one of {', '.join(known)}, or a mapping of {', '.join(_KEYS)}"
        reading.add_problem(
            "bad-value",
            f': there is no fault "{data}"',
            pointer,
            expected=expected,
            near=nearest_name(data, known),
        )
        return ()
    told = reading.parse_mapping(data, _KEYS, pointer)
    told = {key: value for key, value in told.items() if value is not False}
    if not isinstance(data, dict) or not data:  # what is empty the shape's check has noted
        return ()
    if not set(told) - {"acts"}:
        if set(data) - set(_KEYS):
            return ()  # that is told already
        reading.add_problem(
            "missing-key",
            ": the fault does nothing",
            pointer,
            expected=f"one of {', '.join(_KEYS[:-1])}",
        )
        return ()
    fault = Fault()
    for key, read in _READERS.items():
        if key in told:
            fault = read(fault, told[key], reading, f"{pointer}/{key}")
    _check_mix(told, reading, pointer)
    return (FaultPart(replace(fault, acts_before=_acts_before(told, fault, reading, pointer))),)


def _check_mix(told: dict[str, Any], reading: ParseContext, pointer: str) -> None:
    replacing = [key for key in _REPLACING if key in told]
    if len(replacing) > 1:
        what = f": {' and '.join(replacing)} cannot both be"
        reading.add_problem(
            "bad-mix",
            what,
            f"{pointer}/{replacing[1]}",
            key=True,
            expected=f"one of {', '.join(_REPLACING)}",
        )
    nothing = next((key for key in replacing if key != "status"), None)
    for key in ("truncate", "garbage", "content-type", "dribble"):
        if nothing and key in told:
            what = f": with {nothing} nothing is sent that {key} could change"
            reading.add_problem("bad-mix", what, f"{pointer}/{key}", key=True)


def _acts_before(told: dict[str, Any], fault: Fault, reading: ParseContext, pointer: str) -> bool:
    acts = told.get("acts", "before" if fault.gateway else "after")
    if acts not in ("before", "after"):
        reading.add_wrong_value(f"{pointer}/acts", acts, "before or after")
    elif acts == "before" and not fault.replaces_response:
        what = ": what acts before the call has to answer it"
        reading.add_problem(
            "bad-mix", what, f"{pointer}/acts", expected=f"one of {', '.join(_REPLACING)} beside it"
        )
    return bool(acts == "before" and fault.replaces_response)


def _delay(fault: Fault, value: Any, reading: ParseContext, pointer: str) -> Fault:
    if not isinstance(value, dict):
        fixed = reading.parse_text(parse_duration, value, pointer, _DURATION)
        return fault if fixed is None else replace(fault, delay=Delay(DelayKind.FIXED, fixed))
    told = reading.parse_mapping(value, ("uniform", "normal", "median", "p99"), pointer)
    if set(told) in ({"uniform"}, {"normal"}):
        key = next(iter(told))
        pair = _pair(told[key], reading, f"{pointer}/{key}")
        if pair is None:
            return fault
        if key == "uniform" and pair[1] < pair[0]:
            reading.add_problem(
                "bad-value", ": the delay's end comes before its beginning", f"{pointer}/uniform"
            )
            return fault
        return replace(fault, delay=Delay(_SPREADS[key], *pair))
    if set(told) == {"median", "p99"}:
        ends = [
            reading.parse_text(parse_duration, told[key], f"{pointer}/{key}", _DURATION)
            for key in ("median", "p99")
        ]
        median, p99 = ends
        if median is None or p99 is None:
            return fault
        if not timedelta(0) < median < p99:
            reading.add_problem(
                "bad-value",
                ": the delay's p99 is not above its median",
                f"{pointer}/p99",
                expected="0 < median < p99",
            )
            return fault
        return replace(fault, delay=Delay(DelayKind.LOGNORMAL, median, p99))
    if told:
        expected = "a duration, uniform: [from, to], normal: [mean, deviation], or median and p99"
        reading.add_problem(
            "bad-mix", ": the delay is not told in one way", pointer, expected=expected
        )
    return fault


def _pair(value: Any, reading: ParseContext, pointer: str) -> tuple[timedelta, timedelta] | None:
    if not isinstance(value, list) or len(value) != 2:
        reading.add_wrong_value(pointer, value, "two durations, such as [100ms, 2s]")
        return None
    first, second = (
        reading.parse_text(parse_duration, v, f"{pointer}/{i}", _DURATION)
        for i, v in enumerate(value)
    )
    return None if first is None or second is None else (first, second)


def _dribble(fault: Fault, value: Any, reading: ParseContext, pointer: str) -> Fault:
    told = reading.parse_mapping(value, ("pieces", "over"), pointer)
    default = Dribble()
    pieces = reading.parse_integer(
        told.get("pieces", default.pieces), f"{pointer}/pieces", 1, MAX_PIECES
    )
    over = (
        reading.parse_text(parse_duration, told["over"], f"{pointer}/over", "a duration such as 5s")
        if "over" in told
        else default.over
    )
    if over is not None and over > timedelta(minutes=10):
        reading.add_wrong_value(f"{pointer}/over", told["over"], "at most 10m")
    return (
        fault if pieces is None or over is None else replace(fault, dribble=Dribble(pieces, over))
    )


def _ending(ending: Ending) -> Callable[[Fault, Any, ParseContext, str], Fault]:
    def read(fault: Fault, value: Any, reading: ParseContext, pointer: str) -> Fault:
        if value is not True:
            reading.add_wrong_value(pointer, value, "true")
        return replace(fault, ending=ending)

    return read


def parse_truncation(text: str) -> Truncation:
    """Read how much of a body is sent: `50%`, or a number of bytes. Raises ValueError."""
    if _SHARE.fullmatch(text):
        return Truncation(share=float(text[:-1]) / 100)
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise ValueError(f'"{text[:40]}" is neither a share nor a number of bytes')
    return Truncation(size=int(text))


def _truncate(fault: Fault, value: Any, reading: ParseContext, pointer: str) -> Fault:
    told = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    cut = reading.parse_text(
        parse_truncation, told, pointer, "a share such as 50%, or a number of bytes"
    )
    return fault if cut is None else replace(fault, truncation=cut)


def _garbage(fault: Fault, value: Any, reading: ParseContext, pointer: str) -> Fault:
    if value is True:
        return replace(fault, garbage=0)
    size = reading.parse_integer(value, pointer, 1, MAX_GARBAGE_BYTES)
    return fault if size is None else replace(fault, garbage=size)


def _content_type(fault: Fault, value: Any, reading: ParseContext, pointer: str) -> Fault:
    if isinstance(value, str) and MEDIA_TYPE.fullmatch(value):
        return replace(fault, content_type=value)
    reading.add_wrong_value(pointer, value, "a media type such as text/html")
    return fault


def _timeout(fault: Fault, value: Any, reading: ParseContext, pointer: str) -> Fault:
    held = (
        DEFAULT_TIMEOUT
        if value is True
        else reading.parse_text(parse_duration, value, pointer, "a duration such as 30s, or true")
    )
    if held is not None and held > timedelta(minutes=10):
        reading.add_wrong_value(pointer, value, "at most 10m")
    return fault if held is None else replace(fault, timeout=held)


def _status(fault: Fault, value: Any, reading: ParseContext, pointer: str) -> Fault:
    if not isinstance(value, dict):
        status = reading.parse_integer(value, pointer, 200, 599)
        return fault if status is None else replace(fault, gateway=GatewayResponse(status))
    told = reading.parse_mapping(value, ("code", "headers", "text"), pointer)
    status = reading.parse_integer(told.get("code", 503), f"{pointer}/code", 200, 599)
    headers, content_type = parse_headers(told.get("headers", {}), reading, f"{pointer}/headers")
    text = told.get("text", "")
    if not isinstance(text, str):
        reading.add_wrong_value(f"{pointer}/text", text, "a text")
        text = ""
    fields = (("Content-Type", content_type), *headers) if content_type else headers
    return replace(fault, gateway=GatewayResponse(status or 503, fields, text))


_READERS: Final[dict[str, Callable[[Fault, Any, ParseContext, str], Fault]]] = {
    "delay": _delay,
    "dribble": _dribble,
    "reset": _ending(Ending.RESET),
    "empty": _ending(Ending.EMPTY),
    "truncate": _truncate,
    "garbage": _garbage,
    "content-type": _content_type,
    "timeout": _timeout,
    "status": _status,
}

"""Parser of faults: what stands under the key `fault` of a rule.

A fault is a name (`reset`, or a profile such as `flaky`), or a mapping of kinds:

    fault: {delay: {median: 300ms, p99: 2s}, truncate: 50%, acts: after}

Each kind has a parser, which returns the fault with the kind added. Where a kind is invalid, the
parser reports it and returns the fault as it was: so all problems of a rule are reported at once.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from understudy.config import TLS_FAULT_HINT, TLS_FAULTS
from understudy.durations import parse_duration
from understudy.messages import Ending, Json
from understudy.rules.faults.fault_kinds import (
    DEFAULT_TIMEOUT,
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
from understudy.rules.parse.header_fields import parse_headers
from understudy.rules.parse.parse_context import ParseContext, is_integer
from understudy.rules.values.http_syntax import MEDIA_TYPE

_DURATION_EXPECTED = "a duration such as 300ms"
_MAX_DELAY_EXPECTED = "at most 10m"
_FAULT_KEYS = (
    *("delay", "dribble", "reset", "empty", "truncate", "garbage", "content-type", "timeout"),
    *("status", "acts"),
)
_REPLACING_KEYS = ("reset", "empty", "timeout", "status")
"""The kinds that replace the response: a fault has one of them at most."""
_DAMAGING_KEYS = ("truncate", "garbage", "content-type", "dribble")
"""The kinds that change a response which is sent."""
_DEFAULT_STATUS = 503


def parse_fault(data: Json, context: ParseContext, pointer: str) -> tuple[FaultPart, ...]:
    """Parse a name, or a mapping of kinds. Return nothing when it cannot be parsed."""
    if isinstance(data, str):
        return _parse_name(data, context, pointer)
    members = context.parse_mapping(data, _FAULT_KEYS, pointer)
    # `reset: false` is the same as no `reset`.
    members = {key: value for key, value in members.items() if value is not False}
    if not isinstance(data, dict) or not data:  # the schema's check has reported an empty one
        return ()
    if not members.keys() - {"acts"}:
        # With unknown keys, the problem is reported already.
        if data.keys() <= set(_FAULT_KEYS):
            expected = f"one of {', '.join(_FAULT_KEYS[:-1])}"
            context.add_problem("missing-key", "the fault is empty", pointer, expected=expected)
        return ()
    fault = Fault()
    for key, parse in _PARSERS.items():
        if key in members:
            fault = parse(fault, members[key], context, f"{pointer}/{key}")
    _check_mix(members, context, pointer)
    acts_before = _parse_acts(members, fault, context, pointer)
    return (FaultPart(replace(fault, acts_before=acts_before)),)


def _parse_name(name: str, context: ParseContext, pointer: str) -> tuple[FaultPart, ...]:
    """Return the parts of a profile, or of a fault that needs no more than its name."""
    if name in PROFILES:
        return PROFILES[name]
    if name in NAMED_FAULTS:
        return (FaultPart(NAMED_FAULTS[name]),)
    if name in TLS_FAULTS:
        message = f'the fault "{name}" is for a whole server'
        context.add_problem("bad-value", message, pointer, expected=TLS_FAULT_HINT)
        return ()
    known = (*NAMED_FAULTS, *PROFILES)
    context.add_problem(
        "bad-value",
        f'unknown fault "{name}"',
        pointer,
        expected=f"one of {', '.join(known)}, or a mapping of {', '.join(_FAULT_KEYS)}",
        near=context.report.find_nearest(name, known),
    )
    return ()


def _check_mix(members: dict[str, Json], context: ParseContext, pointer: str) -> None:
    """Report kinds that exclude each other.

    Only one kind can replace the response, and a response that is not sent cannot be damaged.
    """
    replacing = [key for key in _REPLACING_KEYS if key in members]
    if len(replacing) > 1:
        context.add_problem(
            "bad-mix",
            f"{' and '.join(replacing)} exclude each other",
            f"{pointer}/{replacing[1]}",
            key=True,
            expected=f"one of {', '.join(_REPLACING_KEYS)}",
        )
    # A `status` sends a response of its own, which can be damaged; the others send nothing.
    silent = next((key for key in replacing if key != "status"), None)
    if silent is None:
        return
    for key in _DAMAGING_KEYS:
        if key in members:
            message = f"{silent} sends no response, so {key} has no effect"
            context.add_problem("bad-mix", message, f"{pointer}/{key}", key=True)


def _parse_acts(
    members: dict[str, Json], fault: Fault, context: ParseContext, pointer: str
) -> bool:
    """Return whether the fault acts before the call has an effect.

    By default, the response of a gateway does: the call does not reach the service.
    """
    acts: Json = "after"
    if "acts" in members:
        acts = members["acts"]
    elif fault.gateway:
        acts = "before"
    if acts not in ("before", "after"):
        context.add_wrong_value(f"{pointer}/acts", acts, "before or after")
    elif acts == "before" and not fault.replaces_response:
        context.add_problem(
            "bad-mix",
            "a fault that acts before the call has to replace its response",
            f"{pointer}/acts",
            expected=f"one of {', '.join(_REPLACING_KEYS)} beside it",
        )
    return acts == "before" and fault.replaces_response


def _parse_delay(fault: Fault, value: Json, context: ParseContext, pointer: str) -> Fault:
    """Parse `delay`: a duration, or a mapping with one distribution."""
    delay: Delay | None
    if isinstance(value, dict):
        delay = _parse_distribution(value, context, pointer)
    else:
        duration = context.parse_text(parse_duration, value, pointer, _DURATION_EXPECTED)
        delay = None if duration is None else Delay(DelayKind.FIXED, duration)
    if delay is None:
        return fault
    return replace(fault, delay=delay)


def _parse_distribution(
    value: dict[str, Json], context: ParseContext, pointer: str
) -> Delay | None:
    """Parse the distribution of a delay.

    It is `uniform: [from, to]`, `normal: [mean, deviation]`, or `median` with `p99` (lognormal).
    """
    members = context.parse_mapping(value, ("uniform", "normal", "median", "p99"), pointer)
    match sorted(members):
        case ["uniform"]:
            return _parse_uniform(members["uniform"], context, f"{pointer}/uniform")
        case ["normal"]:
            pair = _parse_pair(members["normal"], context, f"{pointer}/normal")
            return None if pair is None else Delay(DelayKind.NORMAL, *pair)
        case ["median", "p99"]:
            return _parse_lognormal(members, context, pointer)
        case []:
            return None  # with unknown keys only, the problem is reported already
    context.add_problem(
        "bad-mix",
        "the delay needs one distribution",
        pointer,
        expected="a duration, uniform: [from, to], normal: [mean, deviation], or median and p99",
    )
    return None


def _parse_uniform(value: Json, context: ParseContext, pointer: str) -> Delay | None:
    """Parse `[from, to]`; both may be equal."""
    pair = _parse_pair(value, context, pointer)
    if pair is None:
        return None
    first, last = pair
    if last < first:
        context.add_problem("bad-value", "the delay ends before it begins", pointer)
        return None
    return Delay(DelayKind.UNIFORM, first, last)


def _parse_lognormal(members: dict[str, Json], context: ParseContext, pointer: str) -> Delay | None:
    """Parse `median` and `p99`: half of the delays, and 99 % of them, are shorter."""
    median = context.parse_text(
        parse_duration, members["median"], f"{pointer}/median", _DURATION_EXPECTED
    )
    p99 = context.parse_text(parse_duration, members["p99"], f"{pointer}/p99", _DURATION_EXPECTED)
    if median is None or p99 is None:
        return None
    # The deviation is computed from the logarithm of their quotient.
    if not timedelta(0) < median < p99:
        message = "the delay's p99 is not above its median"
        expected = "0 < median < p99"
        context.add_problem("bad-value", message, f"{pointer}/p99", expected=expected)
        return None
    return Delay(DelayKind.LOGNORMAL, median, p99)


def _parse_pair(
    value: Json, context: ParseContext, pointer: str
) -> tuple[timedelta, timedelta] | None:
    if not isinstance(value, list) or len(value) != 2:
        context.add_wrong_value(pointer, value, "two durations, such as [100ms, 2s]")
        return None
    first = context.parse_text(parse_duration, value[0], f"{pointer}/0", _DURATION_EXPECTED)
    second = context.parse_text(parse_duration, value[1], f"{pointer}/1", _DURATION_EXPECTED)
    if first is None or second is None:
        return None
    return first, second


def _parse_dribble(fault: Fault, value: Json, context: ParseContext, pointer: str) -> Fault:
    """Parse `dribble`: a mapping of `pieces` and `over`, each with a default."""
    members = context.parse_mapping(value, ("pieces", "over"), pointer)
    default = Dribble()
    pieces: int | None = default.pieces
    over: timedelta | None = default.over
    if "pieces" in members:
        pieces = context.parse_integer(members["pieces"], f"{pointer}/pieces", 1, MAX_PIECES)
    if "over" in members:
        over = context.parse_text(
            parse_duration, members["over"], f"{pointer}/over", "a duration such as 5s"
        )
        if over is not None and over > MAX_DELAY:
            context.add_wrong_value(f"{pointer}/over", members["over"], _MAX_DELAY_EXPECTED)
    if pieces is None or over is None:
        return fault
    return replace(fault, dribble=Dribble(pieces, over))


def _parse_reset(fault: Fault, value: Json, context: ParseContext, pointer: str) -> Fault:
    """Parse `reset: true`."""
    _check_true(value, context, pointer)
    return replace(fault, ending=Ending.RESET)


def _parse_empty(fault: Fault, value: Json, context: ParseContext, pointer: str) -> Fault:
    """Parse `empty: true`."""
    _check_true(value, context, pointer)
    return replace(fault, ending=Ending.EMPTY)


def _check_true(value: Json, context: ParseContext, pointer: str) -> None:
    if value is not True:
        context.add_wrong_value(pointer, value, "true")


def _parse_truncate(fault: Fault, value: Json, context: ParseContext, pointer: str) -> Fault:
    """Parse `truncate`: a share such as `50%`, or a number of bytes."""
    # YAML reads a number of bytes as a number, a share as a text.
    if is_integer(value):
        value = str(value)
    expected = "a share such as 50%, or a number of bytes"
    truncation = context.parse_text(parse_truncation, value, pointer, expected)
    if truncation is None:
        return fault
    return replace(fault, truncation=truncation)


def _parse_garbage(fault: Fault, value: Json, context: ParseContext, pointer: str) -> Fault:
    """Parse `garbage`: a number of bytes, or true for a small random number of them."""
    if value is True:
        return replace(fault, garbage=0)
    size = context.parse_integer(value, pointer, 1, MAX_GARBAGE_BYTES)
    if size is None:
        return fault
    return replace(fault, garbage=size)


def _parse_content_type(fault: Fault, value: Json, context: ParseContext, pointer: str) -> Fault:
    """Parse `content-type`: any media type, also a wrong one for the body."""
    if isinstance(value, str) and MEDIA_TYPE.fullmatch(value):
        return replace(fault, content_type=value)
    context.add_wrong_value(pointer, value, "a media type such as text/html")
    return fault


def _parse_timeout(fault: Fault, value: Json, context: ParseContext, pointer: str) -> Fault:
    """Parse `timeout`: a duration of at most ten minutes, or true for the default."""
    if value is True:
        return replace(fault, timeout=DEFAULT_TIMEOUT)
    timeout = context.parse_text(parse_duration, value, pointer, "a duration such as 30s, or true")
    if timeout is None:
        return fault
    if timeout > MAX_DELAY:
        context.add_wrong_value(pointer, value, _MAX_DELAY_EXPECTED)
    return replace(fault, timeout=timeout)


def _parse_status(fault: Fault, value: Json, context: ParseContext, pointer: str) -> Fault:
    """Parse `status`: a status from 200 to 599, or a mapping of `code`, `headers` and `text`."""
    if not isinstance(value, dict):
        status = context.parse_integer(value, pointer, 200, 599)
        if status is None:
            return fault
        return replace(fault, gateway=GatewayResponse(status))
    members = context.parse_mapping(value, ("code", "headers", "text"), pointer)
    code = members.get("code", _DEFAULT_STATUS)
    status = context.parse_integer(code, f"{pointer}/code", 200, 599)
    headers = members.get("headers", {})
    fields, content_type = parse_headers(headers, context, f"{pointer}/headers")
    if content_type:
        fields = (("Content-Type", content_type), *fields)
    text = members.get("text", "")
    if not isinstance(text, str):
        context.add_wrong_value(f"{pointer}/text", text, "a text")
        text = ""
    gateway = GatewayResponse(status or _DEFAULT_STATUS, fields, text)
    return replace(fault, gateway=gateway)


_PARSERS: Final[dict[str, Callable[[Fault, Json, ParseContext, str], Fault]]] = {
    "delay": _parse_delay,
    "dribble": _parse_dribble,
    "reset": _parse_reset,
    "empty": _parse_empty,
    "truncate": _parse_truncate,
    "garbage": _parse_garbage,
    "content-type": _parse_content_type,
    "timeout": _parse_timeout,
    "status": _parse_status,
}
"""The parser of each kind: it adds the kind to a fault, or reports what is wrong."""

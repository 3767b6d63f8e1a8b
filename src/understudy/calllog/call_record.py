"""The record of one call, as a line shows it: bounded, printable, without secrets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from understudy.messages import (
    Exchange,
    JsonError,
    RecordedViolation,
    Response,
    is_secret,
    parse_json,
    redact_target,
)

MAX_TARGET = 1000
MAX_REASON = 400
"""How many characters of a target and of a reason are shown."""
MAX_REASONS = 4
"""How many violations are shown; a line counts the others."""
_MAX_BODY = 16 * 1024
"""The largest body of an error that is searched for its message, in bytes."""
_ORIGINS = frozenset({"service", "refusal", "tool", "fault"})
"""What answers a call that neither a reply nor a preference answers."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What a line shows of a call."""

    at: datetime
    """The wall's moment at which the answer was ready."""
    elapsed_s: float
    """How long the answer took, its delay included, in seconds."""
    method: str
    target: str
    """The request target as received; secret parameters are redacted."""
    status: int
    world: str = ""
    """The name of the world; empty when none was selected."""
    account: str = ""
    """The caller's account; empty for an unknown caller."""
    number: int = 0
    """The number in the world's journal; 0: the call is not in it."""
    operation: str = ""
    reasons: tuple[str, ...] = ()
    """Why the call was answered so, and what its developer may have missed."""
    is_problem: bool = False
    """Whether the call failed, broke the contract, or may not do what its developer expects."""


def printable(text: str, limit: int) -> str:
    """Return a text on one line, at most `limit` characters long, without control characters."""
    if len(text) > limit:
        text = f"{text[:limit]}…"
    if text.isprintable():
        return text
    escaped = (char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return "".join(escaped)


def printable_target(target: str) -> str:
    """Return a request target as a line shows it, without its secrets."""
    return printable(redact_target(target), MAX_TARGET)


def printable_path(target: str) -> str:
    """Return the path of a request target; an ellipsis stands for its query.

    For a call without an operation: the contract's own API keys in its query are not known.
    """
    path, mark, _ = target.partition("?")
    shown = printable(path, MAX_TARGET)
    return f"{shown}?…" if mark else shown


def describe_exchange(exchange: Exchange, hints: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """Return the reasons of an exchange, and whether there is a problem beside its status.

    `hints` are what the journal does not have: the nearest path, unknown preferences.
    """
    violations = [_describe_violation(violation) for violation in exchange.recorded_violations]
    problems = [*violations[:MAX_REASONS], *hints]
    if len(violations) > MAX_REASONS:
        problems.append(f"and {len(violations) - MAX_REASONS} more violations")
    reasons = [*problems, *_describe_trace(exchange)]
    if exchange.response.status >= 400 and not reasons:
        reasons.append(find_message(exchange.response))
    shown = tuple(printable(reason, MAX_REASON) for reason in reasons if reason)
    return shown, bool(problems)


def _is_unknown_query(violation: RecordedViolation) -> bool:
    return violation.rule == "unknown" and violation.place.startswith("query.")


def _describe_violation(violation: RecordedViolation) -> str:
    """Return a violation as a reason: its place, its value unless it is a secret, what is right."""
    if _is_unknown_query(violation):
        name = violation.place.removeprefix("query.")
        expected = violation.text.partition("; expected ")[2].rpartition(" [unknown]")[0]
        nearest = expected.removeprefix("the parameter ")
        if nearest != expected:
            return f'unknown query parameter "{name}". Did you mean {nearest}?'
        return f'unknown query parameter "{name}"; expected {expected}'
    if is_secret(violation.place):
        return f"contract: {violation.place}: [{violation.rule}]"
    # The pointer of the contract's node, in brackets at the end, is for the journal.
    text = violation.text.rpartition(" (")[0] or violation.text
    value = text[len(violation.place) + 2 :]
    if value.startswith(("{", "[")) and is_secret(value):  # a member of it may be a secret
        text = f"{violation.place}; expected {text.rpartition('; expected ')[2]}"
    side = "" if violation.side == "request" else " of the response"
    return f"contract{side}: {text}"


def _describe_trace(exchange: Exchange) -> Iterator[str]:
    """Yield what answered or changed the answer, beside the service."""
    trace = exchange.trace
    faults = trace.get("faults", [])
    if faults:
        preferred = trace.get("preferences", {}).get("fault", "")
        yield from (_describe_fault(fault, preferred) for fault in faults)
    matched = str(trace.get("matched", "service"))
    if matched == "preference":
        yield "reply of the call's preference"
    elif matched not in _ORIGINS:
        yield f"reply {matched}"
    if "corruption" in trace:
        yield f"corruption {trace['corruption']}"
    if "problem" in trace:
        yield find_message(exchange.response)


def _describe_fault(fault: dict[str, object], preferred: str) -> str:
    """Return the rule of a fault, or the call's own preference, and what it does."""
    effects = [
        key if value is True else f"{key} {value}"
        for key, value in fault.items()
        if key not in ("rule", "acts")
    ]
    name = str(fault.get("rule"))
    if name == "fault" and preferred:
        name = preferred
    effect = f" ({', '.join(effects)})" if effects else ""
    return f"fault {name}{effect}"


def find_message(response: Response) -> str:
    """Return the message of an error: of a problem document, or of the service; empty: none."""
    if len(response.body) > _MAX_BODY:
        return ""
    try:
        body = parse_json(response.body)
    except JsonError:
        return ""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    if isinstance(error, dict):
        return str(error.get("message", ""))
    texts = [str(body[key]) for key in ("title", "detail") if body.get(key)]
    return ": ".join(texts)

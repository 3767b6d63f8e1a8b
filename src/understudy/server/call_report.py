"""From the outcome of a call to its record in the log of calls: the one place that does this."""

from typing import Any

from flask import Request as FlaskRequest

from understudy.calllog import CallLog, CallRecord
from understudy.calllog.call_record import (
    MAX_REASON,
    describe_exchange,
    find_message,
    printable,
    printable_path,
    printable_target,
)
from understudy.replay import StubProblem
from understudy.server.adapter import request_target
from understudy.server.operation_calls import Learned


def log_call(
    call_log: CallLog,
    environ: dict[str, Any],
    status_line: str,
    learned: Learned,
    page_hint: str,
    elapsed_s: float,
) -> None:
    """Log a call that took the whole way.

    Calls of the control API are not logged, unless they are answered with an error.
    """
    status = int(status_line.partition(" ")[0])
    if learned.is_control and status < 400:
        return
    hints = [*learned.hints, *([page_hint] if page_hint else [])]
    if not (call_log.shows_all or _may_have_problem(status, hints, learned)):
        return
    exchange, response = learned.exchange, learned.response
    if exchange is not None:
        target = printable_target(exchange.request.target)
    else:
        target = printable_path(request_target(FlaskRequest(environ)))
    reasons = tuple(printable(hint, MAX_REASON) for hint in hints)
    is_problem = bool(hints)
    if exchange is not None:
        reasons, is_problem = describe_exchange(exchange, hints)
    elif response is not None and status >= 400:
        reasons += (printable(find_message(response), MAX_REASON),)
    call_log.add(
        CallRecord(
            at=call_log.wall.now(),
            elapsed_s=elapsed_s,
            method=printable(environ["REQUEST_METHOD"], MAX_REASON),
            target=target,
            status=status,
            world=exchange.world if exchange else "",
            account=exchange.account if exchange else "",
            number=exchange.number if exchange else 0,
            operation=exchange.operation if exchange else "",
            reasons=reasons,
            is_problem=is_problem or status >= 400,
        )
    )


def log_server_problem(
    call_log: CallLog, method: str, target: str, problem: StubProblem, page_hint: str = ""
) -> None:
    """Log a request that the HTTP server itself answers: it cannot be parsed, or is too large."""
    if not target.startswith("/"):  # the absolute form may have a password: RFC 9112, 3.2.2
        parts = target.partition("://")[2].partition("/")
        target = f"/{parts[2]}" if parts[1] else "-"
    reasons = [*([page_hint] if page_hint else []), f"{problem.title}: {problem.detail}"]
    call_log.add(
        CallRecord(
            at=call_log.wall.now(),
            elapsed_s=0.0,
            method=printable(method, MAX_REASON),
            target=printable_path(target),
            status=problem.status,
            reasons=tuple(printable(reason, MAX_REASON) for reason in reasons),
            is_problem=True,
        )
    )


def _may_have_problem(status: int, hints: list[str], learned: Learned) -> bool:
    exchange = learned.exchange
    has_violations = exchange is not None and bool(exchange.recorded_violations)
    return status >= 400 or bool(hints) or has_violations

"""The exchange of a call for the journal, and its trace: how the response came about.

`explain` shows the trace. The log of calls shows the exchange, with hints.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from understudy.contract import Match, NoMethod, NoPath, Violation
from understudy.messages import (
    Exchange,
    RecordedViolation,
    Request,
    Secrets,
    redact_exchange,
    redact_fields,
    redact_path_values,
    redact_target,
)
from understudy.replay.call_plan import Decided, Plan, Rejected, RequestContext
from understudy.replay.response_builder import BuiltResponse
from understudy.replay.stub_problem import StubProblem
from understudy.rules import ActiveFault, ScriptedReply, find_near_miss

log = logging.getLogger("understudy")

Report: TypeAlias = Callable[[Exchange, tuple[str, ...]], None]
"""Gets the exchange of a call, with what its response may hide from the client's developer."""


def build_exchange(context: RequestContext, plan: Plan, built: BuiltResponse) -> Exchange:
    """Build the exchange of a call, without secrets.

    Its number is 0 until the journal has recorded it.
    """
    trace = _build_trace(context, plan)
    if built.corruption:
        trace["corruption"] = built.corruption
    secrets = Secrets()
    exchange = Exchange(
        number=0,
        world=context.world.name,
        at=plan.now,
        request=_hide_keys(context, secrets),
        response=built.response,
        operation=context.operation.id if context.operation else "",
        account=context.account,
        recorded_violations=_record_violations(plan, built),
        trace=trace,
        contents=None if built.representation is None else built.representation.contents,
    )
    return redact_exchange(exchange, secrets)


def _hide_keys(context: RequestContext, secrets: Secrets) -> Request:
    """Return the request without the API keys and secret path variables that the contract has."""
    operation = context.operation
    if operation is None or not isinstance(context.route, Match):
        return context.request
    security = operation.security
    return redact_fields(
        context.request,
        security.header_names() if security else (),
        security.query_names() if security else (),
        context.route.path_values,
        secrets,
    )


def report_exchange(
    context: RequestContext,
    plan: Plan,
    exchange: Exchange,
    report: Report | None,
    *,
    is_defect: bool = False,
) -> None:
    """Report an exchange with the hints for its developer; without `report`, log the hints.

    `is_defect`: its response is the tool's own, and breaks the contract. The exchange has the
    violations too.
    """
    hints = tuple(_find_hints(context, plan))
    if report is not None:
        report(exchange, hints)
        return
    for hint in hints:
        log.warning("world %s: %s", exchange.world, hint)
    if is_defect:
        violations = [v.text for v in exchange.recorded_violations if v.side == "response"]
        message = "world %s: the response to %s breaks the contract:\n%s"
        log.error(message, exchange.world, exchange.operation, "\n".join(violations))


def _find_hints(context: RequestContext, plan: Plan) -> Iterator[str]:
    """Yield what the developer of a client may not see in its response."""
    route = context.route
    if isinstance(route, NoPath) and not plan.rule:
        nearest = f'; did you mean "{route.nearest}"?' if route.nearest else ""
        yield f'no operation has the path "{redact_target(route.path)}"{nearest}'
    if isinstance(route, NoMethod) and not plan.rule:
        methods = ", ".join(route.allowed)
        path, method = redact_target(route.path), context.request.method
        yield f'the path "{path}" has no operation {method}; expected {methods}'
    if context.preferences.unknown and not isinstance(plan.outcome, StubProblem):
        yield context.preferences.describe_problems()


def _record_violations(plan: Plan, built: BuiltResponse) -> tuple[RecordedViolation, ...]:
    # The request's violations come first, then the response's.
    split = len(plan.violations)
    requested = [_record_violation("request", v) for v in built.violations[:split]]
    answered = [_record_violation("response", v) for v in built.violations[split:]]
    return (*requested, *answered)


def _record_violation(side: str, violation: Violation) -> RecordedViolation:
    return RecordedViolation(
        side,
        violation.place,
        violation.rule,
        str(violation),
        violation.source,
    )


def _build_trace(context: RequestContext, plan: Plan) -> dict[str, Any]:
    """Build the trace of a call as JSON data.

    Keys: matched, revision and clock; where they apply, path, preferences, faults, problem,
    before and after (the affected task), closest (the near miss).
    """
    clock = plan.after.clock
    trace: dict[str, Any] = {
        "matched": plan.rule or _name_origin(plan),
        "revision": [plan.before.revision, plan.after.revision],
        "clock": {"mode": clock.mode, "speed": clock.speed, "turn": context.call_number},
    }
    if isinstance(context.route, Match) and context.route.path_values:
        trace["path"] = redact_path_values(context.route.path_values)
    if context.preferences.values:
        trace["preferences"] = dict(context.preferences.values)
    if plan.active_faults:
        trace["faults"] = [fault.to_record() for fault in plan.active_faults]
    if isinstance(plan.outcome, StubProblem):
        trace["problem"] = plan.outcome.slug
    if plan.observation is not None:
        trace |= {"before": plan.observation, "after": _observe_after(context, plan)}
    if plan.unmatched_rules is not None:
        near_miss = find_near_miss(plan.unmatched_rules, plan.call, plan.before.counters)
        if near_miss is not None:
            trace["closest"] = near_miss.to_record()
    return trace


def _name_origin(plan: Plan) -> str:
    """Return what answered a call that no rule answered."""
    match plan.outcome:
        case StubProblem():
            return "tool"
        case ActiveFault():
            return "fault"
        case Rejected():
            return "refusal"
        case Decided() | ScriptedReply():
            return "service"


def _observe_after(context: RequestContext, plan: Plan) -> Any:
    match plan.outcome:
        case Decided(decision=decision) if decision.command is not None:
            return context.setup.service.observe(decision.model, plan.call.parameters)
        case _:
            # Without a command nothing has changed.
            return plan.observation

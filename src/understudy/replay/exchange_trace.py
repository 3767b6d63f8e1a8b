"""How an answer came about, as JSON data for the journal: what `explain` tells of an exchange."""

from dataclasses import replace
from typing import Any

from understudy.contract import Match, Violation
from understudy.messages import Exchange, RecordedViolation, is_secret, redact
from understudy.replay.call_plan import Plan, RequestContext
from understudy.replay.response_builder import BuiltResponse
from understudy.rules import find_near_miss


def build_exchange(
    asked: RequestContext, plan: Plan, number: int, answered: BuiltResponse
) -> Exchange:
    """Give the exchange for the journal."""
    operation = asked.operation.id if asked.operation else ""
    own = len(plan.violations)
    told = tuple(
        _breach(violation, asked=i < own) for i, violation in enumerate(answered.violations)
    )
    trace = _trace(asked, plan)
    if answered.corruption:
        trace["corruption"] = answered.corruption
    return Exchange(
        number,
        asked.world.name,
        plan.now,
        asked.request,
        answered.response,
        operation,
        asked.account,
        told,
        trace,
    )


def _breach(violation: Violation, *, asked: bool) -> RecordedViolation:
    side = "request" if asked else "response"
    return RecordedViolation(
        side, violation.place, violation.rule, str(_without_secret(violation)), violation.source
    )


def _without_secret(violation: Violation) -> Violation:
    """Take out what a parameter held whose name says that it is a secret: the journal keeps none."""
    location, _, name = violation.place.partition(".")
    if (
        location not in ("query", "header", "cookie")
        or not is_secret(name)
        or violation.value is None
    ):
        return violation
    return replace(violation, value=redact(str(violation.value)))


def _trace(asked: RequestContext, plan: Plan) -> dict[str, Any]:
    """Give what matched, the faults, the clock, and how that stood what the call is about, before and after it."""
    clock = plan.after.clock
    trace: dict[str, Any] = {
        "matched": plan.matched or _matched(plan),
        "revision": [plan.before.revision, plan.after.revision],
        "clock": {"mode": clock.mode, "speed": clock.speed, "turn": asked.call_number},
    }
    if isinstance(asked.route, Match) and asked.route.path_values:
        trace["path"] = dict(asked.route.path_values)
    if asked.preferences.values:
        trace["preferences"] = dict(asked.preferences.values)
    if plan.blows:
        trace["faults"] = [blow.to_record() for blow in plan.blows]
    if plan.problem is not None:
        trace["problem"] = plan.problem.slug
    if plan.seen is not None:
        trace |= {"before": plan.seen, "after": _seen_after(asked, plan)}
    near = (
        find_near_miss(plan.missed, plan.facts, plan.before.counters)
        if plan.missed is not None
        else None
    )
    if near is not None:
        trace["closest"] = near.to_record()
    return trace


def _matched(plan: Plan) -> str:
    if plan.problem is not None:
        return "tool"
    if plan.gateway is not None:
        return "fault"
    return "refusal" if plan.refused is not None else "service"


def _seen_after(asked: RequestContext, plan: Plan) -> Any:
    if plan.decision is None or plan.decision.command is None:
        return plan.seen
    return asked.setup.service.observe(plan.decision.model, plan.facts.parameters)

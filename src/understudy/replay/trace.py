"""How an answer came about, as JSON data for the journal: what `explain` tells of an exchange."""

from typing import Any

from understudy.contract import Match, Violation
from understudy.messages import Exchange, Response
from understudy.replay.plan import Asked, Plan
from understudy.replay.state import State
from understudy.script import closest_reply


def trace_of(asked: Asked, before: State, after: State, plan: Plan, matched: str) -> dict[str, Any]:
    """Give what matched, the faults, the clock, and how that stood what the call is about, before and after it."""
    trace: dict[str, Any] = {"matched": matched or _matched(plan), "revision": [before.revision, after.revision]}
    trace["clock"] = {"mode": after.clock.mode, "speed": after.clock.speed, "turn": asked.turn}
    if isinstance(asked.route, Match) and asked.route.path_values:
        trace["path"] = dict(asked.route.path_values)
    if asked.wishes.words:
        trace["preferences"] = dict(asked.wishes.words)
    if plan.blows:
        trace["faults"] = [blow.to_record() for blow in plan.blows]
    if plan.corruption is not None:
        trace["corruption"] = plan.corruption.id
    if plan.problem is not None:
        trace["problem"] = plan.problem.slug
    seen = _seen(asked, before, plan)
    if seen is not None:
        trace["before"] = seen
        changed = plan.decision is not None and plan.decision.command is not None
        trace["after"] = asked.setup.service.glimpse(plan.decision.model, plan.facts.values) if changed else seen  # type: ignore[union-attr]
    if not matched and plan.problem is None:
        script = asked.world.script(before)
        near = closest_reply(script, plan.facts, before.counters) if script.replies else None
        if near is not None:
            trace["closest"] = near.to_record()
    return trace


def exchange_of(
    asked: Asked, plan: Plan, number: int, response: Response, violations: tuple[Violation, ...]
) -> Exchange:
    """Give the exchange for the journal."""
    operation = asked.operation.id if asked.operation else ""
    told = tuple(str(violation) for violation in violations)
    return Exchange(
        number, asked.world.name, plan.now, asked.request, response, operation, asked.account, told, plan.trace
    )


def _matched(plan: Plan) -> str:
    if plan.problem is not None:
        return "tool"
    return "refusal" if plan.refused is not None else "service"


def _seen(asked: Asked, state: State, plan: Plan) -> Any:
    if not plan.facts.values:
        return None
    return asked.setup.service.glimpse(asked.world.model_of(state, plan.now), plan.facts.values)

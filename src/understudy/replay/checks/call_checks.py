"""The checks of a call against accounts, rate limits, contract and preferences."""

from collections.abc import Mapping
from typing import Any

from understudy.config import UnknownQuery, ValidateRequest
from understudy.contract import Match, Violation
from understudy.replay.call_plan import (
    LazyModel,
    Plan,
    Rejected,
    RequestContext,
    build_call_context,
)
from understudy.replay.corruption_reply import build_unknown_preference_problem
from understudy.replay.rate_limit import Allowance, count_in_window
from understudy.replay.service import ApiError
from understudy.replay.stub_problem import StubProblem
from understudy.replay.world_state import State


def reject_unauthenticated(context: RequestContext, state: State, error: ApiError) -> Plan:
    """Return the plan of an unauthenticated call: the error, and nothing else.

    No fault, reply or preference applies to it: it counts nowhere, moves no clock, and waits
    for nothing.
    """
    world = context.world
    now = state.clock.now(world.wall.now())
    _, allowance = count_in_window(state, "", now - state.start, context.setup.limits)
    lazy_model = LazyModel(world, state, now)
    return Plan(
        call=build_call_context(context, state, lazy_model, now, {}),
        before=state,
        after=state,
        outcome=Rejected(error),
        is_rejected=True,
        allowance=allowance,
        violations=context.missing_credentials,
        generation=world.journal.generation,
    )


def check_access(context: RequestContext, allowance: Allowance | None) -> Match:
    """Return the matched operation of a known caller who may call it now. Raises ApiError."""
    service = context.setup.service
    if allowance is not None and allowance.is_exceeded:
        raise service.rate_limit_error()
    if not isinstance(context.route, Match):
        raise service.no_route_error(context.route)
    service.authorize(context.account, context.route.operation)
    return context.route


def find_preference_problem(context: RequestContext, state: State) -> StubProblem | None:
    """Return why the preferences of a call cannot be applied; None when they can."""
    if context.preferences.unknown and context.setup.rejects_unknown_preferences(state):
        return build_unknown_preference_problem(context.preferences)
    return context.preference_problem


def validate_call(
    context: RequestContext, match: Match, state: State
) -> tuple[Mapping[str, Any], tuple[Violation, ...], tuple[Violation, ...]]:
    """Return the decoded parameters, the violations to record, and those that reject the call."""
    mode = context.world.validate_request(state)
    decoded = match.operation.decode(match.path_values, context.request)
    notes, fatal = decoded.notes, decoded.violations
    match context.setup.unknown_query:
        case UnknownQuery.IGNORE:
            notes = tuple(note for note in notes if not note.is_unknown_query)
        case UnknownQuery.ENFORCE:
            fatal += tuple(note for note in notes if note.is_unknown_query)
        case UnknownQuery.REPORT:
            pass
    reported = (*decoded.violations, *notes)
    if mode is not ValidateRequest.ENFORCE:
        # A call with an invalid path parameter is rejected in every mode: it names no task.
        fatal = tuple(v for v in fatal if v.place.startswith("path.") or v.is_unknown_query)
    if mode is ValidateRequest.OFF:
        return decoded.values, (), tuple(v for v in fatal if not v.is_unknown_query)
    if context.setup.turns_violations_into_errors(state):
        # Unknown query parameters have an option of their own.
        fatal += tuple(v for v in reported if v not in fatal and not v.is_unknown_query)
    return decoded.values, reported, fatal

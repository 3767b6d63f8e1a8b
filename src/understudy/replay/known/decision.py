"""The service's decision on a call, or the answer that is known already."""

from dataclasses import replace
from functools import partial
from typing import Any

from understudy.contract import Operation
from understudy.replay.call_plan import RequestContext, query_key
from understudy.replay.known.representation import Representation
from understudy.replay.service import Call, Decision
from understudy.rules import CallContext


def find_decision(
    context: RequestContext, operation: Operation, call: CallContext, model: Any
) -> tuple[Decision, Representation | None]:
    """Return the service's decision on a call, and the representation of a known answer.

    With a representation, the decision has no data: the bytes are known. Raises ApiError.
    """
    service, parameters = context.setup.service, call.parameters
    version = service.version_of(model, operation, parameters)
    find_content = partial(service.content_of, model, operation, parameters)
    if version is not None:
        key = query_key(context, parameters)
        known = context.world.representations.find(key, version, find_content)
        if known is not None:
            return Decision(None, version=version), known
    setup, is_dynamic = context.setup, context.is_dynamic
    # As for the preference `dynamic`: each call of a world gets other data.
    seed = setup.seed + context.call_number if is_dynamic else setup.seed
    decision = service.decide(
        model, Call(context.request, operation, parameters, call.now, seed, is_dynamic)
    )
    if version is None:
        return decision, None
    return replace(decision, version=version, content=find_content()), None

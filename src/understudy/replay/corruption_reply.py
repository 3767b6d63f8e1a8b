"""Preferences that cannot be applied, and corrupted responses."""

from typing import TYPE_CHECKING

from understudy.contract import Contract, Operation, Violation
from understudy.errors import InputError
from understudy.messages import Response
from understudy.replay.call_plan import Plan, RequestContext
from understudy.replay.stub_problem import StubProblem
from understudy.rules import Preferences

if TYPE_CHECKING:
    from understudy.contract import Corruption

# The functions import the corruptions late: most servers corrupt nothing, and start faster.


def build_unknown_preference_problem(preferences: Preferences) -> StubProblem:
    """Build the problem for unknown preferences, and for known ones with invalid values."""
    detail = preferences.describe_problems()
    return StubProblem(400, "unknown-preference", "Unknown preference", detail)


def find_requested_corruption(id: str, operation: Operation, contract: Contract) -> "Corruption":
    """Return a corruption of an operation by its id.

    Raises StubProblem for an unknown id, and for a corruption of another operation.
    """
    from understudy.contract import find_corruption

    title = "Unknown corruption"
    try:
        corruption = find_corruption(id, contract)
    except InputError as error:
        raise StubProblem(400, "no-such-corruption", title, str(error)) from error
    if corruption.operation != operation.id:
        detail = f"{id} is a corruption of {corruption.operation}; the call is {operation.id}."
        raise StubProblem(400, "no-such-corruption", title, detail)
    return corruption


def find_world_corruption(context: RequestContext, plan: Plan) -> "Corruption | None":
    """Return the first corruption of the operation in the world's settings, or None."""
    operation = context.operation
    if operation is None or "corrupt" not in plan.before.settings:
        return None
    from understudy.contract import corruptions

    known = {corruption.id: corruption for corruption in corruptions(operation)}
    for corruption_id in plan.before.settings["corrupt"]:
        if corruption_id in known:
            return known[corruption_id]
    return None


def applies_to(corruption: "Corruption", response: Response) -> bool:
    """Return whether a corruption belongs to the schema of a response's status."""
    target = corruption.target
    return target.operation.response_spec(response.status) is target.spec


def corrupt_response(
    context: RequestContext, corruption: "Corruption", response: Response
) -> tuple[Response, tuple[Violation, ...]]:
    """Return a corrupted response, and how it breaks the contract.

    The preference `seed` selects among the items of lists; without it, the first item is
    corrupted. Raises StubProblem when the response cannot be corrupted in this way.
    """
    from understudy.contract import corrupt

    try:
        corrupted = corrupt(corruption, response, seed=context.preferences.seed or 0)
    except ValueError as error:
        title = "The response cannot be corrupted in this way"
        raise StubProblem(400, "cannot-be-corrupted", title, str(error)) from error
    violations = corruption.target.operation.validate_response(corrupted)
    return corrupted, violations

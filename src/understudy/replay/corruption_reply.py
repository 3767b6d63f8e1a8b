"""What a call prefers, where it cannot be had; and answers that are wrong in a way that has a name."""

from understudy.contract import (
    Contract,
    Corruption,
    Operation,
    Violation,
    corrupt,
    corruptions,
    find_corruption,
)
from understudy.errors import InputError
from understudy.messages import Response
from understudy.replay.call_plan import Plan, RequestContext
from understudy.replay.stub_problem import StubProblem
from understudy.rules import Preferences


def build_unknown_preference_problem(wishes: Preferences) -> StubProblem:
    """Give the problem with words that nobody knows, and with values that no word has."""
    return StubProblem(
        400, "unknown-preference", "The call prefers what nobody knows", wishes.describe_problems()
    )


def find_requested_corruption(id: str, operation: Operation, contract: Contract) -> Corruption:
    """Give a corruption of an operation. Raises StubProblem for one that is not in the contract's catalogue."""
    title = "There is no such corruption here"
    try:
        found = find_corruption(id, contract)
    except InputError as error:
        raise StubProblem(400, "no-such-corruption", title, str(error)) from error
    if found.operation != operation.id:
        detail = f"{id} is one of {found.operation}; the call is {operation.id}."
        raise StubProblem(400, "no-such-corruption", title, detail)
    return found


def find_world_corruption(asked: RequestContext, plan: Plan) -> Corruption | None:
    """Give the corruption that the world serves to calls of the operation: the first one that was set."""
    operation = asked.operation
    if operation is None or "corrupt" not in plan.before.settings:
        return None
    known = {corruption.id: corruption for corruption in corruptions(operation)}
    return next((known[told] for told in plan.before.settings["corrupt"] if told in known), None)


def applies_to(corruption: Corruption, response: Response) -> bool:
    """Whether a corruption is about a response's status."""
    target = corruption.target
    return target.operation.response_spec(response.status) is target.spec


def corrupt_response(
    asked: RequestContext, corruption: Corruption, response: Response
) -> tuple[Response, tuple[Violation, ...]]:
    """Give a response made wrong, and how it breaks the contract.

    The preference `seed` chooses among the items of lists; without it, the first one is made wrong. Raises StubProblem
    where it cannot be made so.
    """
    try:
        wrong = corrupt(corruption, response, seed=asked.preferences.seed or 0)
    except ValueError as error:
        raise StubProblem(
            400, "cannot-be-corrupted", "The answer cannot be made so", str(error)
        ) from error
    return wrong, corruption.target.operation.validate_response(wrong)

"""What a call prefers, where it cannot be had; and answers that are wrong in a way that has a name."""

from understudy.contract import Contract, Corruption, Operation, Violation, corrupt, find_corruption
from understudy.errors import InputError
from understudy.messages import Response
from understudy.replay.plan import Asked
from understudy.replay.problems import StubProblem
from understudy.script import Wishes


def unknown_preference(wishes: Wishes) -> StubProblem:
    """Give the problem with words that nobody knows, and with values that no word has."""
    return StubProblem(400, "unknown-preference", "The call prefers what nobody knows", wishes.complaint())


def corruption_for(id: str, operation: Operation, contract: Contract) -> Corruption:
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


def corrupted(asked: Asked, response: Response) -> tuple[Response, tuple[Violation, ...]]:
    """Give a response made wrong as the call wants it, and how it breaks the contract.

    The preference `seed` chooses among the items of lists; without it, the first one is made wrong. Raises StubProblem
    where it cannot be made so.
    """
    assert asked.corruption is not None and asked.operation is not None  # noqa: S101, PT018 - whoever calls has looked
    try:
        wrong = corrupt(asked.corruption, response, seed=asked.wishes.seed or 0)
    except ValueError as error:
        raise StubProblem(400, "cannot-be-corrupted", "The answer cannot be made so", str(error)) from error
    return wrong, asked.operation.validate_response(wrong)

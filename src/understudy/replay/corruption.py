"""Answers that are wrong in a way that has a name: what `Prefer: corrupt=<id>` asks for."""

from understudy.contract import Contract, Corruption, Operation, Violation, corrupt, find_corruption
from understudy.errors import InputError
from understudy.messages import Response
from understudy.replay.plan import Asked
from understudy.replay.problems import StubProblem


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


def corrupted(corruption: Corruption, asked: Asked, response: Response) -> tuple[Response, tuple[Violation, ...]]:
    """Give a response made wrong, and how it breaks the contract. Raises StubProblem where it cannot be made so.

    The preference `seed` chooses among the items of lists; without it, the first one is made wrong.
    """
    assert asked.operation is not None  # noqa: S101 - a corruption is one of an operation
    try:
        wrong = corrupt(corruption, response, seed=asked.wishes.seed or 0)
    except ValueError as error:
        raise StubProblem(400, "cannot-be-corrupted", "The answer cannot be made so", str(error)) from error
    return wrong, asked.operation.validate_response(wrong)

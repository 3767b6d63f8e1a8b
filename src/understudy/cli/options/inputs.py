"""Inputs that several commands have in common: operations by id, and files that cannot be read."""

from pathlib import Path

from understudy.contract import Contract, Operation
from understudy.errors import InputError, Place, Problem, nearest_name


def find_operation(contract: Contract, operation_id: str) -> Operation:
    """Return an operation of the contract. Raises InputError with the nearest operationId."""
    operation = contract.operations.get(operation_id)
    if operation is not None:
        return operation
    nearest = nearest_name(operation_id, contract.operations)
    hint = "" if nearest else "`understudy routes` lists them."
    detail = f'the contract has no operation "{operation_id}"'
    raise InputError(Problem("no-such-operation", detail, nearest=nearest, hint=hint))


def unreadable_file(path: Path, error: OSError, kind: str) -> InputError:
    """Return the error of a file that cannot be read, with the nearest name in its folder.

    `kind` names the file in the message: `file` or `journal`.
    """
    nearest = ""
    if path.parent.is_dir():
        names = [sibling.name for sibling in path.parent.iterdir()]
        nearest = nearest_name(path.name, names)
    detail = f"the {kind} cannot be read ({error.strerror})"
    return InputError(Problem("unreadable-file", detail, Place(str(path)), nearest=nearest))

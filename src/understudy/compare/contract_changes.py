"""Changes between two contracts: operations that were added, removed, or changed."""

import re
from collections.abc import Iterator

from understudy.compare.change import Change, Impact, Side, Subject
from understudy.compare.operation_changes import compare_operations
from understudy.contract import Contract, Operation

_VARIABLE = re.compile(r"\{[^{}]*\}")
_ORDER = {impact: number for number, impact in enumerate(Impact)}


def compare_contracts(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Return all changes from one contract to another: breaking ones first, then by operation.

    Operations are the same if method and path are, whatever the variables of the path are named.
    Descriptions, summaries, examples and the order of things are not compared.
    """
    changes = list(_iter_changes(old, new))
    changes.sort(key=lambda change: _ORDER[change.impact])
    return tuple(dict.fromkeys(changes))


def _iter_changes(old: Contract, new: Contract) -> Iterator[Change]:
    subject = Subject(old, new, operation="", place="", side=Side.REQUEST, old="", new="")
    if old.base_paths and new.base_paths and not set(old.base_paths) <= set(new.base_paths):
        text = f"the base paths were {_join(old.base_paths)}, are {_join(new.base_paths)}"
        yield subject.change(
            Impact.BREAKING, "servers-changed", text, old="/servers", new="/servers"
        )
    before, after = _by_path(old), _by_path(new)
    for key, operation in before.items():
        if key in after:
            yield from compare_operations(old, new, operation, after[key])
        else:
            part = _part(subject, operation)
            yield part.change(
                Impact.BREAKING, "operation-removed", "it was removed", old=operation.pointer
            )
    for key, operation in after.items():
        if key not in before:
            part = _part(subject, operation)
            yield part.change(
                Impact.HARMLESS, "operation-added", "it was added", new=operation.pointer
            )


def _part(subject: Subject, operation: Operation) -> Subject:
    name = f"{operation.method} {operation.path}"
    return Subject(
        subject.old_contract, subject.new_contract, name, "", subject.side, old="", new=""
    )


def _by_path(contract: Contract) -> dict[tuple[str, str], Operation]:
    return {
        (operation.method, _VARIABLE.sub("{}", operation.path)): operation
        for operation in contract.operations.values()
    }


def _join(paths: tuple[str, ...]) -> str:
    return ", ".join(paths)

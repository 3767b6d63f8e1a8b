"""Check of conditions against the contract: requests and path variables that it does not have.

A condition that no call can meet is a slip: without the check, the rule would never act, and no
test would show why.
"""

from collections.abc import Mapping

from understudy.contract import Contract
from understudy.contract.document.pointers import child_pointer
from understudy.contract.operation.path_routing import list_variables
from understudy.messages import Json
from understudy.rules.matching.conditions import FROM_PATH, TaskStateCondition
from understudy.rules.matching.when import When
from understudy.rules.parse.parse_context import ParseContext


def check_when(
    members: Mapping[str, Json],
    when: When,
    contract: Contract,
    context: ParseContext,
    pointer: str,
) -> None:
    """Report conditions of a rule that no call of the contract can meet.

    `members` are those of the mapping at `pointer`, from which `when` was parsed.
    """
    operations = when.matching_operations(contract)
    if not operations:
        _check_route(when, contract, context, pointer)
        return
    check_path_variables(members, when, contract, context, pointer)
    _check_state(when, contract, context, pointer)


def _check_route(when: When, contract: Contract, context: ParseContext, pointer: str) -> None:
    """Report a request that matches no operation of the contract."""
    if when.route is None or context.off_contract:
        return
    path = when.route.text.partition(" ")[2]
    context.add_problem(
        "no-such-operation",
        f'the request "{when.route.text}" matches no operation of the contract',
        f"{pointer}/request",
        near=context.report.find_nearest(path, contract.by_path),
        hint='A reply may say "off-contract: true".',
    )


def check_path_variables(
    members: Mapping[str, Json],
    when: When,
    contract: Contract,
    context: ParseContext,
    pointer: str,
) -> None:
    """Report conditions on path variables that no call can have.

    A path of a rule's own `request` has the names of that pattern too.
    """
    variables = members.get("path")
    if not isinstance(variables, dict):
        return
    known = path_variable_names(when, contract)
    for name in variables:
        if name in known:
            continue
        near = context.report.find_nearest(str(name), known)
        expected = ""
        if not near:
            expected = f"one of {', '.join(known) or 'none'}"
        context.add_problem(
            "no-such-variable",
            f'{_name_target(when)} has no path variable "{name}"',
            child_pointer(pointer, "path", name),
            key=True,
            expected=expected,
            near=near,
        )


def _check_state(when: When, contract: Contract, context: ParseContext, pointer: str) -> None:
    """Report ids that a state takes from the path, where no path has as many variables."""
    needed = max((_count_path_ids(condition) for condition in when.conditions), default=0)
    available = 0
    if when.route is not None:
        available = len(when.route.variable_names)
    for operation in when.matching_operations(contract):
        available = max(available, len(list_variables(operation.path)))
    if needed > available:
        subject = "subtask" if needed == 2 else "task"
        message = f"{_name_target(when)} has no {subject} in its path"
        context.add_problem("no-such-variable", message, f"{pointer}/state")


def _count_path_ids(condition: object) -> int:
    """Return how many variables the path needs: the first is the task, the second the subtask."""
    if not isinstance(condition, TaskStateCondition):
        return 0
    if condition.subtask == FROM_PATH:
        return 2
    if condition.task == FROM_PATH:
        return 1
    return 0


def path_variable_names(when: When, contract: Contract) -> tuple[str, ...]:
    """Return the names of the path variables that the calls of a rule can have."""
    names: dict[str, None] = {}
    if when.route is not None:
        names.update(dict.fromkeys(when.route.variable_names))
    for operation in when.matching_operations(contract):
        names.update(dict.fromkeys(list_variables(operation.path)))
    return tuple(names)


def _name_target(when: When) -> str:
    """Return how a problem names the calls of a rule: by operations, by request, or as all."""
    if when.operations:
        return " or ".join(when.operations)
    if when.route is not None:
        return f'"{when.route.text}"'
    return "the contract"

"""Everything of a contract that a client can exercise, by section.

The items depend on the contract only. They are listed once per contract, when coverage is asked
for: a stub without coverage does not pay for them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from understudy.contract import Contract, Operation, Parameter, corruption_kinds
from understudy.contract.corruption.corruption_context import CorruptionContext
from understudy.contract.corruption.response_target import ResponseTarget
from understudy.coverage.fault_kinds_seen import FAULT_ITEMS
from understudy.coverage.schema_paths import PathNode, build_path_tree
from understudy.coverage.task_observations import STATES, TRANSITIONS
from understudy.messages import is_secret

Key = tuple[str, str]
"""Group and name of an item."""
SECTIONS = (
    "operations",
    "parameters",
    "responses",
    "properties",
    "values",
    "states",
    "transitions",
    "faults",
    "corruptions",
)
"""All sections in the order of a report. Only OCP has `states` and `transitions`."""
LOCATIONS = ("path", "query", "header")
"""Locations of counted parameters. A journal keeps only a digest of cookies."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The schema paths that can be observed in exchanges."""

    parameters: Mapping[tuple[str, str], PathNode]
    """By operationId and place (`query.status`): the paths of a parameter's enum values."""
    responses: Mapping[Key, PathNode]
    """By operationId and documented status: the paths of a JSON body."""


@lru_cache(maxsize=8)
def build_inventory(contract: Contract) -> Inventory:
    """Build the inventory of a contract; it is cached.

    The first call takes about 30 ms for the shipped contract.
    """
    parameters: dict[tuple[str, str], PathNode] = {}
    responses: dict[Key, PathNode] = {}
    # Operations with the same response schema share one tree.
    trees: dict[CorruptionContext, PathNode] = {}
    for operation in contract.operations.values():
        for parameter in iter_counted_parameters(operation):
            key = (operation.id, parameter.place)
            parameters[key] = _build_parameter_tree(contract, parameter)
        for status, spec in operation.responses.items():
            context = ResponseTarget.from_spec(operation, spec).context
            if context is None:
                continue
            if context not in trees:
                trees[context] = build_path_tree(contract.document, context.schema)
            responses[operation.id, status] = trees[context]
    return Inventory(parameters, responses)


def _build_parameter_tree(contract: Contract, parameter: Parameter) -> PathNode:
    # A journal does not contain the values of secret parameters.
    if is_secret(parameter.name):
        return PathNode("")
    return build_path_tree(contract.document, parameter.schema)


@lru_cache(maxsize=8)
def list_items(contract: Contract) -> Mapping[str, tuple[Key, ...]]:
    """Return group and name of the items of each section; sections without items are left out.

    The result is cached. The first call takes about 150 ms for the shipped contract.
    """
    inventory = build_inventory(contract)
    states: Iterable[Key] = ()
    transitions: Iterable[Key] = ()
    # The engine, and so the states of tasks, belong to the service and not to the contract.
    if contract.service == "ocp":
        states = STATES
        transitions = [key for key, _ in TRANSITIONS]
    sections: dict[str, Iterable[Key]] = {
        "operations": [("", operation_id) for operation_id in contract.operations],
        "parameters": _list_parameters(contract, inventory),
        "responses": _list_responses(contract),
        "properties": _list_properties(inventory),
        "values": _list_values(inventory),
        "states": states,
        "transitions": transitions,
        "faults": FAULT_ITEMS,
        "corruptions": _list_corruptions(contract),
    }
    items: dict[str, tuple[Key, ...]] = {}
    for name in SECTIONS:
        # Each key once: alternatives of a schema may give it several times.
        keys = dict.fromkeys(sections[name])
        if keys:
            items[name] = tuple(keys)
    return items


def iter_counted_parameters(operation: Operation) -> Iterator[Parameter]:
    """Yield the parameters of an operation that are items of a report."""
    for parameter in operation.parameters:
        if parameter.location in LOCATIONS:
            yield parameter


def format_value_name(
    place: str,
    path: str,
    text: str,
) -> str:
    """Return the name of an enum value of a parameter, or of its items: `query.status=RUNNING`."""
    # The values of an array parameter are named like those of a scalar one.
    path = path.removesuffix("[]")
    return f"{place}{path}={text}"


def _list_parameters(contract: Contract, inventory: Inventory) -> Iterator[Key]:
    """Yield each parameter of each operation with its enum values, then the body."""
    for operation in contract.operations.values():
        for parameter in iter_counted_parameters(operation):
            place = parameter.place
            yield operation.id, place
            for node in inventory.parameters[operation.id, place].walk():
                for text in node.enum_values:
                    yield operation.id, format_value_name(place, node.path, text)
        if operation.body is not None:
            yield operation.id, "body"


def _list_responses(contract: Contract) -> Iterator[Key]:
    """Yield the documented statuses of each operation, as the contract writes them: `4XX`."""
    for operation in contract.operations.values():
        for status in operation.responses:
            yield operation.id, status


def _iter_response_nodes(inventory: Inventory) -> Iterator[tuple[str, PathNode]]:
    """Yield the nodes of each response, each once, with the response's group: `getPet.200`."""
    for (operation_id, status), tree in inventory.responses.items():
        # Alternatives share nodes: the walk may reach one several times.
        for node in dict.fromkeys(tree.walk()):
            yield f"{operation_id}.{status}", node


def _list_properties(inventory: Inventory) -> Iterator[Key]:
    """Yield the path of each property."""
    for group, node in _iter_response_nodes(inventory):
        if node.is_property:
            yield group, node.path


def _list_values(inventory: Inventory) -> Iterator[Key]:
    """Yield each enum value with its path: `/data/status=RUNNING`."""
    for group, node in _iter_response_nodes(inventory):
        for text in node.enum_values:
            yield group, f"{node.path}={text}"


def _list_corruptions(contract: Contract) -> Iterator[Key]:
    """Yield the kinds of corruption that each response can have."""
    for operation in contract.operations.values():
        for status, mutation in corruption_kinds(operation):
            yield f"{operation.id}.{status}", str(mutation)

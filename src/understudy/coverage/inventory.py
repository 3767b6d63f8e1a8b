"""All that there is to exercise of a contract, by sections: made once per contract, when somebody asks."""

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
    *("operations", "parameters", "responses", "properties", "values"),
    *("states", "transitions", "faults", "corruptions"),
)
"""The names of all sections, in the order in which they are shown. `states` and `transitions` are OCP's alone."""
LOCATIONS = ("path", "query", "header")
"""Where parameters are that are counted. A cookie is a secret, of which a journal keeps a digest only."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What of a contract can be seen in exchanges."""

    parameters: Mapping[tuple[str, str], PathNode]
    """By operationId and place (`query.status`): where its listed values are."""
    responses: Mapping[Key, PathNode]
    """By operationId and documented status: what a body in JSON shows."""


@lru_cache(maxsize=8)
def build_inventory(contract: Contract) -> Inventory:
    """Give what is looked for in exchanges of a contract. Costs some 30 ms for the shipped one, the first time."""
    parameters: dict[tuple[str, str], PathNode] = {}
    answers: dict[Key, PathNode] = {}
    known: dict[
        CorruptionContext, PathNode
    ] = {}  # operations that answer by the same schema share its places
    for operation in contract.operations.values():
        for parameter in iter_counted_parameters(operation):
            shape = build_path_tree(contract.document, parameter.schema)
            parameters[operation.id, parameter.place] = (
                PathNode("") if is_secret(parameter.name) else shape
            )
        for status, spec in operation.responses.items():
            ground = ResponseTarget.from_spec(operation, spec).context
            if ground is not None:
                if ground not in known:
                    known[ground] = build_path_tree(contract.document, ground.schema)
                answers[operation.id, status] = known[ground]
    return Inventory(parameters, answers)


@lru_cache(maxsize=8)
def list_items(contract: Contract) -> Mapping[str, tuple[Key, ...]]:
    """Give the items of each section by group and name. Costs some 150 ms for the shipped contract, the first time."""
    universe, operations = build_inventory(contract), contract.operations.values()
    places = [
        (f"{name}.{status}", place)
        for (name, status), shape in universe.responses.items()
        for place in _all(shape)
    ]
    is_ocp = contract.service == "ocp"
    made: dict[str, Iterable[Key]] = {
        "operations": (("", operation.id) for operation in operations),
        "parameters": (key for operation in operations for key in _parameters(operation, universe)),
        "responses": (
            (operation.id, status) for operation in operations for status in operation.responses
        ),
        "properties": ((group, place.path) for group, place in places if place.is_property),
        "values": (
            (group, f"{place.path}={text}") for group, place in places for text in place.enum_values
        ),
        "states": STATES if is_ocp else (),
        "transitions": [key for key, _ in TRANSITIONS] if is_ocp else (),
        "faults": FAULT_ITEMS,
        "corruptions": (
            (f"{operation.id}.{status}", str(mutation))
            for operation in operations
            for status, mutation in corruption_kinds(operation)
        ),
    }
    found = {name: tuple(dict.fromkeys(made[name])) for name in SECTIONS}
    return {name: keys for name, keys in found.items() if keys}


def iter_counted_parameters(operation: Operation) -> Iterator[Parameter]:
    """Give the parameters of an operation that are counted."""
    return (parameter for parameter in operation.parameters if parameter.location in LOCATIONS)


def format_value_name(place: str, path: str, text: str) -> str:
    """Give the name of a listed value of a parameter, or of an item of it: `query.status=RUNNING`."""
    return f"{place}{path.removesuffix('[]')}={text}"


def _parameters(operation: Operation, universe: Inventory) -> Iterator[Key]:
    """Give each parameter, then its listed values; then the body."""
    for parameter in iter_counted_parameters(operation):
        place = parameter.place
        yield operation.id, place
        for inner in universe.parameters[operation.id, place].walk():
            yield from (
                (operation.id, format_value_name(place, inner.path, text))
                for text in inner.enum_values
            )
    if operation.body is not None:
        yield operation.id, "body"


def _all(shape: PathNode) -> Iterable[PathNode]:
    """Give the places of a shape, each once."""
    return dict.fromkeys(shape.walk())

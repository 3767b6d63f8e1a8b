"""All that there is to exercise of a contract, by sections: made once per contract, when somebody asks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from understudy.contract import Contract, Operation, Parameter, corruption_kinds
from understudy.contract.corruption.corruption_context import Ground
from understudy.contract.corruption.response_target import Target
from understudy.coverage.fault_kinds_seen import FAULT_ITEMS
from understudy.coverage.schema_paths import Shape, shape_of
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
class Universe:
    """What of a contract can be seen in exchanges."""

    parameters: Mapping[tuple[str, str], Shape]
    """By operationId and place (`query.status`): where its listed values are."""
    answers: Mapping[Key, Shape]
    """By operationId and documented status: what a body in JSON shows."""


@lru_cache(maxsize=8)
def universe_of(contract: Contract) -> Universe:
    """Give what is looked for in exchanges of a contract. Costs some 30 ms for the shipped one, the first time."""
    parameters: dict[tuple[str, str], Shape] = {}
    answers: dict[Key, Shape] = {}
    known: dict[Ground, Shape] = {}  # operations that answer by the same schema share its places
    for operation in contract.operations.values():
        for parameter in counted(operation):
            shape = shape_of(contract.document, parameter.schema)
            parameters[operation.id, parameter.place] = (
                Shape("") if is_secret(parameter.name) else shape
            )
        for status, spec in operation.responses.items():
            ground = Target.of(operation, spec).ground
            if ground is not None:
                if ground not in known:
                    known[ground] = shape_of(contract.document, ground.schema)
                answers[operation.id, status] = known[ground]
    return Universe(parameters, answers)


@lru_cache(maxsize=8)
def items_of(contract: Contract) -> Mapping[str, tuple[Key, ...]]:
    """Give the items of each section by group and name. Costs some 150 ms for the shipped contract, the first time."""
    universe, operations = universe_of(contract), contract.operations.values()
    places = [
        (f"{name}.{status}", place)
        for (name, status), shape in universe.answers.items()
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
            (group, f"{place.path}={text}") for group, place in places for text in place.listed
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


def counted(operation: Operation) -> Iterator[Parameter]:
    """Give the parameters of an operation that are counted."""
    return (parameter for parameter in operation.parameters if parameter.location in LOCATIONS)


def value_name(place: str, path: str, text: str) -> str:
    """Give the name of a listed value of a parameter, or of an item of it: `query.status=RUNNING`."""
    return f"{place}{path.removesuffix('[]')}={text}"


def _parameters(operation: Operation, universe: Universe) -> Iterator[Key]:
    """Give each parameter, then its listed values; then the body."""
    for parameter in counted(operation):
        place = parameter.place
        yield operation.id, place
        for inner in universe.parameters[operation.id, place].everything():
            yield from (
                (operation.id, value_name(place, inner.path, text)) for text in inner.listed
            )
    if operation.body is not None:
        yield operation.id, "body"


def _all(shape: Shape) -> Iterable[Shape]:
    """Give the places of a shape, each once."""
    return dict.fromkeys(shape.everything())

"""Names of the contract: an operationId for each operation, a component's name for each structure."""

from __future__ import annotations

from dataclasses import dataclass

from understudy.derive.facts.facts import Facts, Field, Operation, Origin, Role, Structure
from understudy.derive.facts.names import (
    erase_parameter_names,
    make_distinct,
    make_operation_id,
    to_pascal_case,
)
from understudy.derive.openapi.name_matching import build_english_name

_Key = tuple[Origin, str]


@dataclass(frozen=True, slots=True)
class Names:
    """The names that were given, and where two wanted the same."""

    operations: tuple[tuple[Operation, str], ...]
    """Each operation that is kept with its id; a second one of the same method and path is not kept."""
    duplicates: tuple[tuple[Operation, Operation], ...]
    """Operations that are not kept, each with the one that is."""
    collisions: tuple[tuple[Operation, str], ...]
    components: dict[_Key, str]
    schemas: tuple[tuple[str, Structure], ...]
    """The components in the order of the documents."""
    conflicts: tuple[tuple[Structure, Structure], ...]
    """Structures told a second time with other fields, each with the first."""

    def component_name(self, structure: Structure) -> str:
        """Give the component's name of a structure."""
        return self.components[_key(structure)]


def _key(structure: Structure) -> _Key:
    return structure.origin, structure.name


def assign_names(facts: Facts) -> Names:
    """Name every operation and structure."""
    kept: dict[tuple[str, str], Operation] = {}
    repeated = []
    for operation in facts.operations:
        address = (operation.method, erase_parameter_names(operation.path))
        if address in kept:
            repeated.append((operation, kept[address]))
        else:
            kept[address] = operation
    wanted = [make_operation_id(operation.method, operation.path) for operation in kept.values()]
    given = make_distinct(wanted)
    operations = tuple(zip(kept.values(), given, strict=True))
    collisions = tuple(
        pair for pair, name in zip(operations, wanted, strict=True) if pair[1] != name
    )
    return Names(operations, tuple(repeated), collisions, *_name_structures(facts, operations))


def _name_structures(
    facts: Facts, operations: tuple[tuple[Operation, str], ...]
) -> tuple[
    dict[_Key, str], tuple[tuple[str, Structure], ...], tuple[tuple[Structure, Structure], ...]
]:
    components: dict[_Key, str] = {}
    schemas: dict[str, Structure] = {}
    conflicts = []
    for structure, wanted in _wanted_names(facts, operations):
        name, number = wanted, 1
        while name in schemas and _shape_of(schemas[name].fields) != _shape_of(structure.fields):
            number += 1
            name = f"{wanted}{number}"
        if number > 1 and name not in schemas and structure.role is not Role.RESPONSE:
            conflicts.append((structure, schemas[wanted]))
        schemas.setdefault(name, structure)
        components[_key(structure)] = name
    return components, tuple(schemas.items()), tuple(conflicts)


def _shape_of(fields: tuple[Field, ...]) -> list[tuple[object, ...]]:
    return [
        (f.name, f.type.kind, f.type.format, f.type.name, f.description, _shape_of(f.type.fields))
        for f in fields
    ]


def _wanted_names(
    facts: Facts, operations: tuple[tuple[Operation, str], ...]
) -> list[tuple[Structure, str]]:
    """List every structure of the responses with the name that it would have alone, in the order of the documents."""
    wanted: dict[_Key, tuple[Structure, str]] = {}
    envelopes: dict[tuple[str, int], tuple[str, set[str]]] = {}
    paths: dict[tuple[str, int], str] = {}
    names = {
        (operation.method, erase_parameter_names(operation.path)): name
        for operation, name in operations
    }
    for (
        operation
    ) in facts.operations:  # one that is not kept may still tell a response that others reuse
        name = names[operation.method, erase_parameter_names(operation.path)]
        paths.setdefault((operation.origin.file, operation.section), operation.path)
        if isinstance(operation.response, Structure):
            wanted.setdefault(
                _key(operation.response), (operation.response, to_pascal_case(name, "Response"))
            )
            fields = {field.name for field in operation.response.fields}
            envelopes.setdefault((operation.origin.file, operation.section), (name, fields))
    for document in facts.documents:
        if document.common:
            wanted[_key(document.common)] = (document.common, "CommonResponse")
        for structure in document.structures:
            owner, fields = envelopes.get((document.file, structure.section), ("", set()))
            inside = structure.role is Role.FIELD and structure.name in fields
            proposal = (
                to_pascal_case(owner, structure.name) if inside else to_pascal_case(structure.name)
            )
            proposal = proposal or build_english_name(
                structure, paths.get((document.file, structure.section), "")
            )
            wanted[_key(structure)] = (structure, proposal or "Structure")
    order = {document.file: at for at, document in enumerate(facts.documents)}
    return sorted(
        wanted.values(), key=lambda pair: (order[pair[0].origin.file], pair[0].origin.line)
    )

"""Names of the contract: an operationId for each operation, a component name for each structure."""

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

_StructureKey = tuple[Origin, str]
"""Line and name of a structure; several structures may begin on one line."""
_SectionKey = tuple[str, int]
"""File and number of a section."""
NamedOperation = tuple[Operation, str]
"""An operation with its operationId."""
OperationPair = tuple[Operation, Operation]
"""A duplicate operation with the first one."""
StructurePair = tuple[Structure, Structure]
"""A structure with the first one of the same name."""


@dataclass(frozen=True, slots=True)
class Names:
    """All assigned names, and the conflicts that came up."""

    operations: tuple[NamedOperation, ...]
    """Each operation of the contract with its operationId, in the order of the documents."""
    duplicates: tuple[OperationPair, ...]
    """Operations with the method and path of an earlier one, each with that earlier one."""
    collisions: tuple[NamedOperation, ...]
    """Operations whose operationId got a number, with the id that they have now."""
    components: dict[_StructureKey, str]
    schemas: tuple[tuple[str, Structure], ...]
    """The components in the order of the documents: name and structure."""
    conflicts: tuple[StructurePair, ...]
    """Structures defined again with other fields, each with the first of the name."""

    def component_name(self, structure: Structure) -> str:
        """Return the name of a structure under `components/schemas`."""
        return self.components[_key_of(structure)]


def _key_of(structure: Structure) -> _StructureKey:
    return structure.origin, structure.name


def assign_names(facts: Facts) -> Names:
    """Assign a name to every operation and structure."""
    operations, duplicates = _split_duplicates(facts)
    plain_ids = [make_operation_id(each.method, each.path) for each in operations]
    # OpenAPI 3.1, Operation Object: an operationId is unique among all operations.
    unique_ids = make_distinct(plain_ids)
    named = tuple(zip(operations, unique_ids, strict=True))
    collisions = []
    for plain_id, pair in zip(plain_ids, named, strict=True):
        if pair[1] != plain_id:
            collisions.append(pair)
    structures = _name_structures(facts, named)
    return Names(
        named,
        duplicates,
        tuple(collisions),
        structures.components,
        tuple(structures.schemas.items()),
        tuple(structures.conflicts),
    )


def _split_duplicates(
    facts: Facts,
) -> tuple[list[Operation], tuple[OperationPair, ...]]:
    """Separate the operations of the contract from those defined a second time."""
    by_address: dict[tuple[str, str], Operation] = {}
    duplicates = []
    for operation in facts.operations:
        address = _address_of(operation)
        if address in by_address:
            duplicates.append((operation, by_address[address]))
        else:
            by_address[address] = operation
    return list(by_address.values()), tuple(duplicates)


def _address_of(operation: Operation) -> tuple[str, str]:
    """Return what a server routes by: method and path, without names of path parameters."""
    return operation.method, erase_parameter_names(operation.path)


@dataclass(slots=True)
class _NamedStructures:
    """The component names, while they are being assigned."""

    components: dict[_StructureKey, str]
    schemas: dict[str, Structure]
    conflicts: list[StructurePair]

    def add(self, structure: Structure, plain_name: str) -> None:
        """Name a structure; a number follows when another structure has the name."""
        name, number = plain_name, 1
        while name in self.schemas and not _has_same_fields(self.schemas[name], structure):
            number += 1
            name = f"{plain_name}{number}"
        # Envelopes of two operations may share a name without a contradiction in the documents.
        is_new = number > 1 and name not in self.schemas
        if is_new and structure.role is not Role.RESPONSE:
            self.conflicts.append((structure, self.schemas[plain_name]))
        self.schemas.setdefault(name, structure)
        self.components[_key_of(structure)] = name


_Proposal = tuple[Structure, str]
"""A structure with the name that it would have alone."""


def _name_structures(facts: Facts, operations: tuple[NamedOperation, ...]) -> _NamedStructures:
    """Name the structures in the order of the documents: the first gets the plain name."""
    structures = _NamedStructures({}, {}, [])
    for structure, plain_name in _propose_names(facts, operations):
        structures.add(structure, plain_name)
    return structures


def _has_same_fields(structure: Structure, candidate: Structure) -> bool:
    """Return whether two structures define the same fields in the same order."""
    fields = _describe_fields(structure.fields)
    return fields == _describe_fields(candidate.fields)


def _describe_fields(fields: tuple[Field, ...]) -> list[object]:
    """Return what decides whether two structures are the same: names, types, descriptions.

    Lines and examples may differ.
    """
    described: list[object] = []
    for field in fields:
        members = _describe_fields(field.type.fields)
        described += [
            field.name,
            field.type.kind,
            field.type.format,
            field.type.name,
            field.description,
            members,
        ]
    return described


@dataclass(frozen=True, slots=True)
class _Envelope:
    """The response of the first operation of a section: the owner of its nested structures."""

    operation_id: str
    field_names: frozenset[str]


class _NameProposer:
    """Proposes for each response structure the name that it would have alone."""

    def __init__(self, operations: tuple[NamedOperation, ...]) -> None:
        self._ids = {_address_of(operation): name for operation, name in operations}
        self._envelopes: dict[_SectionKey, _Envelope] = {}
        self._paths: dict[_SectionKey, str] = {}
        self.proposals: dict[_StructureKey, _Proposal] = {}

    def add_operation(self, operation: Operation) -> None:
        """Propose `GetTaskResponse` for the envelope of `getTask`."""
        operation_id = self._ids[_address_of(operation)]
        section = (operation.origin.file, operation.section)
        self._paths.setdefault(section, operation.path)
        response = operation.response
        if isinstance(response, Structure):
            name = to_pascal_case(operation_id, "Response")
            self.proposals.setdefault(_key_of(response), (response, name))
            field_names = frozenset(field.name for field in response.fields)
            envelope = _Envelope(operation_id, field_names)
            self._envelopes.setdefault(section, envelope)

    def add_structure(self, structure: Structure) -> None:
        """Propose the structure's own name; a field of an envelope gets its owner in front."""
        section = (structure.origin.file, structure.section)
        owner = self._find_owner(structure)
        name = to_pascal_case(owner, structure.name)
        if not name:
            # A Chinese name has no letters for a component name.
            name = build_english_name(structure, self._paths.get(section, ""))
        if not name:
            name = "Structure"
        self.proposals[_key_of(structure)] = (structure, name)

    def _find_owner(self, structure: Structure) -> str:
        """Return the operationId whose envelope a structure belongs to, or "".

        `data字段结构` is the data of one operation; another operation has its own.
        """
        envelope = self._envelopes.get((structure.origin.file, structure.section))
        if envelope is None or structure.role is not Role.FIELD:
            return ""
        if structure.name not in envelope.field_names:
            return ""
        return envelope.operation_id

    def add_common(self, structure: Structure) -> None:
        """Propose `CommonResponse` for what all operations of a document return."""
        self.proposals[_key_of(structure)] = (structure, "CommonResponse")


def _propose_names(facts: Facts, operations: tuple[NamedOperation, ...]) -> list[_Proposal]:
    """Return every response structure with its proposed name, in the order of the documents."""
    proposer = _NameProposer(operations)
    # Duplicates too: one that is left out may still define a response that others refer to.
    for operation in facts.operations:
        proposer.add_operation(operation)
    for document in facts.documents:
        if document.common:
            proposer.add_common(document.common)
        for structure in document.structures:
            proposer.add_structure(structure)
    positions = {document.file: at for at, document in enumerate(facts.documents)}

    def find_position(pair: _Proposal) -> tuple[int, int]:
        origin = pair[0].origin
        return positions[origin.file], origin.line

    return sorted(proposer.proposals.values(), key=find_position)

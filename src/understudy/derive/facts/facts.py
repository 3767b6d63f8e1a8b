"""What the documents say, each fact with the line that says it. Values only; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.pseudo_json_parser import Node


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """The line that a fact comes from; its text is what `x-source` holds."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Kind(Enum):
    """What a type cell means. NAMED is a structure's name, ANY a word that is not understood."""

    __hash__ = object.__hash__  # a member is the only one of its kind; Enum's own hash is slow

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    OBJECT = "object"
    ARRAY = "array"
    NAMED = "named"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class TypeExpr:
    """A type as the document tells it: `Array<Long>` is an ARRAY whose item is an INTEGER of format int64."""

    kind: Kind
    format: str = ""
    item: TypeExpr | None = None
    name: str = ""
    """The word itself, for NAMED and ANY."""
    fields: tuple[Field, ...] = ()
    """The members of an object that is written out in place."""


@dataclass(frozen=True, slots=True)
class Prose:
    """What the words of a description say beyond describing."""

    enum: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: str | None = None
    requires: str = ""
    """The words that name another parameter which this one needs: 集群ID."""
    structure: str = ""
    """The structure that is named: `WrappedTaskInstance对象`."""
    see_below: bool = False
    example: str | None = None
    is_time: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a table or one member of a sketch."""

    name: str
    type: TypeExpr
    origin: Origin
    description: str = ""
    prose: Prose = field(default_factory=Prose)
    required: bool | None = None
    """None when the document does not tell."""
    example: str | None = None
    """The example as it is written."""
    location: str = ""
    """`path`, `query`, `header`, `body` when a column or label tells it."""
    is_inferred: bool = False
    """Whether it was read from a value, or from another operation's table."""


class Role(Enum):
    """What a label announces."""

    DESCRIPTION = "description"
    CONSTRAINT = "constraint"
    ENDPOINT = "endpoint"
    METHOD = "method"
    MEDIA = "media"
    """The media type of a response."""
    REQUEST = "request"
    RESPONSE = "response"
    EXAMPLE = "example"
    STRUCTURE = "structure"
    """A structure with a name: `BasicTaskInstance结构`."""
    FIELD = "field"
    """The structure of one field: `cluster参数`, `data字段结构`."""


@dataclass(frozen=True, slots=True)
class Structure:
    """A table or sketch that was read: named fields."""

    role: Role
    name: str
    fields: tuple[Field, ...]
    origin: Origin
    """The label's line, or the table's own when it has none."""
    section: int
    label: str = ""
    has_required_column: bool = False
    """Whether the table has a column that says which fields are required."""
    is_inferred: bool = False
    """Whether it was read from an example."""
    root: TypeExpr | None = None
    """What the whole is, when it is no object: an array."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The text of a code block that tells a structure, for the rules on its form."""

    text: str
    origin: Origin
    """The first line inside the fence."""
    texts: tuple[tuple[str, Origin], ...] = ()
    """The members told by a text only, which may describe the value or be one."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Words that reuse what another section tells: 与 **回滚任务** 的返回结果一致."""

    title: str
    structure: str
    """The structure that is reused; empty when it is the response."""
    text: str
    origin: Origin
    section: int


@dataclass(frozen=True, slots=True)
class TextResponse:
    """A response that only words tell: a text."""

    text: str
    origin: Origin


class Side(Enum):
    """Which message an example shows."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a body."""

    side: Side
    text: str
    origin: Origin
    """Its first line."""
    node: Node | None = None
    """Its JSON with lines counted from 0 at the first; None when it is none."""
    title: str = ""
    """The comment above it."""

    def at(self, node: Node) -> Origin:
        """Give the line of a part."""
        return Origin(self.origin.file, self.origin.line + node.line)


@dataclass(frozen=True, slots=True)
class Sample:
    """A value of a query parameter in the example of a call, or in the path itself."""

    name: str
    value: str
    origin: Origin
    is_in_path: bool = False
    """Whether it stands in the told path: then it is a parameter."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method and path with all that its section says."""

    method: str
    path: str
    origin: Origin
    title: str
    title_origin: Origin
    section: int
    tag: str = ""
    tag_origin: Origin | None = None
    description: str = ""
    permission: str = ""
    requests: tuple[Structure, ...] = ()
    response: Structure | Reference | TextResponse | None = None
    examples: tuple[Example, ...] = ()
    samples: tuple[Sample, ...] = ()
    is_listed: bool = False
    """Whether only a list or table of operations tells it."""
    renamed_parameters: tuple[tuple[str, str], ...] = ()
    """Path parameters that another operation of the path calls otherwise: the own name and the other's."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of prose, for the rules about what a document says or does not say."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """All that one document says."""

    file: str
    title: str
    title_origin: Origin
    introduction: str
    operations: tuple[Operation, ...]
    structures: tuple[Structure, ...]
    references: tuple[Reference, ...]
    sketches: tuple[Sketch, ...]
    statements: tuple[Statement, ...]
    groups: tuple[tuple[Origin, str], ...]
    """What stands under headings that group operations, with the heading's line."""
    common: Structure | None
    """What all operations return."""
    common_fields: tuple[Field, ...]
    """Parameters that are told for all operations."""
    anomalies: tuple[Doubt, ...]
    """The doubts that came up while reading: what could not be read, and where."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the documents say, in their order."""

    documents: tuple[DocumentFacts, ...]

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation of every document, in order."""
        return tuple(operation for document in self.documents for operation in document.operations)

"""Facts of the documents, each with the line that states it.

Values only: nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.pseudo_json_parser import Node


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """The line that a fact comes from. Its text is the value of `x-source`: `orders.md:12`."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Kind(Enum):
    """The kind of a type."""

    # Each member exists once, so its identity is a valid hash; Enum's own hash is slow.
    __hash__ = object.__hash__

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    OBJECT = "object"
    ARRAY = "array"
    NAMED = "named"
    """A structure, by its name."""
    ANY = "any"
    """A text that is not a known type."""


@dataclass(frozen=True, slots=True)
class TypeExpr:
    """A documented type: `Array<Long>` is an ARRAY whose item is an INTEGER of format int64."""

    kind: Kind
    format: str = ""
    """The format in OpenAPI: `int64`, `date-time`; empty without one."""
    item: TypeExpr | None = None
    """The type of the items of an ARRAY; None when the document does not state it."""
    name: str = ""
    """The text itself, for NAMED and ANY."""
    fields: tuple[Field, ...] = ()
    """The members of an OBJECT that is written out in place."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Facts inside of a description."""

    enum: tuple[str, ...] = ()
    """The values that the description lists."""
    minimum: int | None = None
    maximum: int | None = None
    default: str | None = None
    requires: str = ""
    """How the description names another parameter that this one needs: 集群ID."""
    structure: str = ""
    """The name of a structure that the description mentions: WrappedTaskInstance."""
    see_below: bool = False
    """Whether the description refers to a table below."""
    example: str | None = None
    is_time: bool = False
    """Whether the value is described as a time without a format of its own."""


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a table, or one member of a sketch or an example."""

    name: str
    type: TypeExpr
    origin: Origin
    description: str = ""
    prose: Prose = field(default_factory=Prose)
    required: bool | None = None
    """None when the document does not state it."""
    example: str | None = None
    """The example as written."""
    location: str = ""
    """`path`, `query`, `header` or `body` when a column or label states it."""
    is_inferred: bool = False
    """Whether it comes from a value, or from another operation's table."""


class Role(Enum):
    """The part of an operation that a label announces."""

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
    """The fields of one table, sketch or list."""

    role: Role
    name: str
    fields: tuple[Field, ...]
    origin: Origin
    """The label's line, or the table's own without a label."""
    section: int
    """The number of its section in the document."""
    label: str = ""
    """The label as written."""
    has_required_column: bool = False
    """Whether the document states which of the fields are required."""
    is_inferred: bool = False
    """Whether it comes from an example."""
    root: TypeExpr | None = None
    """The type of the whole when it is not an object: an array."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """A code block that draws a structure, for the rules that check its form."""

    text: str
    origin: Origin
    """The first line inside of the fence."""
    texts: tuple[tuple[str, Origin], ...] = ()
    """Members whose value is a text only, which may be its description or its value."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A sentence that reuses another section's structure: 与 **回滚任务** 的返回结果一致."""

    title: str
    """The title of the other section; empty when it cannot be read."""
    structure: str
    """The structure that is reused; empty when it is the response."""
    text: str
    origin: Origin
    section: int


@dataclass(frozen=True, slots=True)
class TextResponse:
    """A response that is a plain text, described by a sentence only."""

    text: str
    origin: Origin


class Side(Enum):
    """The message that an example shows."""

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
    """Its JSON, with lines from 0 at its first; None when it is not JSON."""
    title: str = ""
    """The comment above it."""

    def at(self, node: Node) -> Origin:
        """Return the line of a node of the example."""
        line = self.origin.line + node.line
        return Origin(self.origin.file, line)


@dataclass(frozen=True, slots=True)
class Sample:
    """A value of a query parameter, from an example of a call or from the documented path."""

    name: str
    value: str
    origin: Origin
    is_in_path: bool = False
    """Whether it comes from the documented path, which makes it a parameter."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method and path with all that its section states."""

    method: str
    path: str
    origin: Origin
    title: str
    title_origin: Origin
    section: int
    """The number of its section in the document."""
    tag: str = ""
    """The heading that groups it with others; empty without one."""
    tag_origin: Origin | None = None
    description: str = ""
    permission: str = ""
    requests: tuple[Structure, ...] = ()
    response: Structure | Reference | TextResponse | None = None
    examples: tuple[Example, ...] = ()
    samples: tuple[Sample, ...] = ()
    is_listed: bool = False
    """Whether only a list or table of operations names it."""
    renamed_parameters: tuple[tuple[str, str], ...] = ()
    """Path parameters that another operation of the path names differently: own name, other
    name."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of prose, for the rules about what a document states or does not state."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """All facts of one document, each list in the order of the lines."""

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
    """Texts below headings that group operations, each with the heading's line."""
    common: Structure | None
    """The response of every operation that states none of its own."""
    common_fields: tuple[Field, ...]
    """Parameters that the document states for all operations."""
    anomalies: tuple[Doubt, ...]
    """Doubts of the reader: what it cannot read, and where."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of the documents, in the order of the documents."""

    documents: tuple[DocumentFacts, ...]

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation of every document, in order."""
        return tuple(operation for document in self.documents for operation in document.operations)

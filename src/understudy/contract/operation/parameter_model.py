"""One parameter of an operation, or one header field of a response, compiled.

Source: OpenAPI 3.1, Parameter Object and Header Object.
"""

from dataclasses import dataclass, field
from typing import Any

from understudy.contract.operation.violation import Violation
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.validator import Validator
from understudy.contract.schema.value_shapes import ValueShape
from understudy.contract.schema.value_types import TypeNames

STYLES: dict[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
"""The styles of each location, its default first. Source: OpenAPI 3.2, "Style Values"."""

COLLECTION_FORMATS = ("ssv", "tsv", "pipes")
"""Styles of arrays that Swagger 2.0 has in every location, and OpenAPI 3 in queries at most.

A converted document has them as `x-collection-format`. Source: Swagger 2.0, Parameter Object.
"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, compiled."""

    name: str
    location: str
    """`path`, `query`, `header` or `cookie`."""
    schema: Schema
    """Its schema, `$ref` followed."""
    validator: Validator = field(repr=False)
    pointer: str
    """Where it is in the contract."""
    schema_pointer: str
    required: bool = False
    style: str = "form"
    explode: bool = True
    accept_exploded: bool = False
    """`x-accept-exploded`: an array that is sent joined may be sent as a repeated parameter too."""
    allow_empty: bool = False
    """`allowEmptyValue`: a query may have the name alone, whatever the schema."""
    allow_reserved: bool = False
    """`allowReserved`: reserved characters stand for themselves; a plus is no space."""
    media_type: str = ""
    """For a parameter that is described by `content`: the media type of its text."""
    requires: tuple[str, ...] = ()
    """`x-requires`: the parameters without which this one has no effect."""
    source: str = ""
    shape: ValueShape = field(default_factory=ValueShape, compare=False, repr=False)
    """The types that its value, items and members may have."""
    example: Any = None
    """The first example in the document."""

    @property
    def types(self) -> TypeNames:
        """The types that its value may have, in the order in which they are tried."""
        return self.shape.types

    @property
    def place(self) -> str:
        """The place that a violation of it names, such as `query.size`."""
        return f"{self.location}.{self.name}"

    @property
    def sends_members(self) -> bool:
        """Whether each member of an object is sent under the member's own name."""
        if self.location not in ("query", "cookie") or self.media_type:
            return False
        return self.explode and self.style != "deepObject" and "object" in self.types

    def violation(self, rule: str, value: Any, expected: str) -> Violation:
        """Return a violation of the parameter itself, not of its schema."""
        return Violation(
            place=self.place,
            rule=rule,
            value=value,
            expected=expected,
            pointer=self.pointer,
            source=self.source,
        )

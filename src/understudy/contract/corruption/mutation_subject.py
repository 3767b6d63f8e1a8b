"""The kinds of mutations, and what a generator of wrong values gets: a location with its value."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from understudy.contract.corruption.corruption_context import (
    CorruptionContext,
    Token,
    is_json_type,
)
from understudy.contract.corruption.locations import Location
from understudy.messages import Json


class Mutation(StrEnum):
    """One way in which a response goes wrong."""

    WRONG_TYPE = "wrong-type"
    NULL = "null"
    MISSING = "missing"
    UNKNOWN_ENUM = "unknown-enum"
    NUMBER_AS_STRING = "number-as-string"
    OFF_BY_ONE_LOW = "off-by-one-low"
    OFF_BY_ONE_HIGH = "off-by-one-high"
    EMPTY = "empty"
    OVERSIZE = "oversize"
    BAD_FORMAT = "bad-format"
    DUPLICATE_ITEM = "duplicate-item"
    EXTRA_FIELD = "extra-field"
    RENAMED = "renamed"
    TRUNCATED_JSON = "truncated-json"
    WRONG_CONTENT_TYPE = "wrong-content-type"
    WRONG_ENVELOPE_STATUS = "wrong-envelope-status"


@dataclass(frozen=True, slots=True)
class Subject:
    """A location, with the value that is there before the mutation."""

    context: CorruptionContext
    location: Location
    types: tuple[str, ...]
    """The types that the value may have; empty when the schemas do not limit them."""
    value: Json
    container: Any
    """The object or array that holds the value; None for the body itself."""
    key: Token | None
    """The value's name or index in its container."""
    seed: int

    def allows(self, *types: str) -> bool:
        """Return whether the value may have one of these types."""
        return any(type_name in self.types for type_name in types)

    def value_of_type(self, type_name: str) -> Any:
        """Return the value, or a sample of this type where the value has another one."""
        if is_json_type(self.value, type_name):
            return self.value
        return self.context.build_sample(self.location, self.seed, type_name)

    def keyword_values(self, keyword: str) -> list[Any]:
        """Return the values that the schemas give a keyword."""
        return self.location.keyword_values(keyword)

    @property
    def has_free_members(self) -> bool:
        """Whether a schema describes members with free names."""
        return any(
            isinstance(schema, dict) for schema in self.keyword_values("additionalProperties")
        )


Candidates = Iterator[Json]
Generate = Callable[[Subject], Candidates]

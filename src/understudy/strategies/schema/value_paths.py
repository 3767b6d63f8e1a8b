"""The locations in a value, each with the schemas that apply to it there."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from understudy.contract.document.pointers import (
    JsonObject,
    join_pointer,
    ref_target,
    resolve_pointer,
)
from understudy.contract.schema.keywords import Schema
from understudy.messages import Json
from understudy.regexgen import matches

Token = str | int
"""The name of a member, or the index of an item."""
MAX_LOCATIONS = 2000
"""How many locations of one value are listed."""
_IN_PLACE = frozenset(["$ref", "allOf"])
"""Keywords whose schemas apply to the same value."""


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """One location in a value."""

    tokens: tuple[Token, ...]
    value: Json
    schemas: tuple[JsonObject, ...]
    """The schemas that apply here; those that `$ref` and `allOf` lead to are listed beside one
    another.
    """
    required: bool = True
    """False for a member of an object that may be left out."""

    @property
    def pointer(self) -> str:
        """The JSON pointer of the location."""
        return join_pointer(self.tokens)

    @property
    def generic_path(self) -> tuple[Token, ...]:
        """The path with `*` for every index: the same for all items of an array."""
        return tuple("*" if isinstance(token, int) else token for token in self.tokens)


class ValueWalker:
    """Walks through values of the schemas of one document.

    `satisfies(schema, value)` decides which alternative of `anyOf` and `oneOf` applies; without it,
    none does.
    """

    def __init__(
        self, document: Schema, satisfies: Callable[[Schema, Json], bool] | None = None
    ) -> None:
        self._document = document
        self._satisfies = satisfies
        self._bare: dict[int, JsonObject] = {}
        self._referenced: list[JsonObject] = []
        """Schemas that are keys by their identity: they must not be garbage collected."""

    def locations(self, value: Json, schema: Schema) -> Iterator[Location]:
        """Yield the locations in a value, each before those inside of it; at most MAX_LOCATIONS."""
        waiting = [Location((), value, tuple(self._schemas_for(schema, value)))]
        for _ in range(MAX_LOCATIONS):
            if not waiting:
                return
            location = waiting.pop()
            yield location
            waiting += reversed(list(self._inside(location)))

    def in_place_schemas(self, schema: Schema | None) -> list[JsonObject]:
        """Return the schemas that apply to every value of a schema.

        These are the schema itself, and what `$ref` and `allOf` lead to.
        """
        return list(self._schemas_for(schema, None))

    def _inside(self, location: Location) -> Iterator[Location]:
        """Yield the locations directly inside of a location: members or items."""
        value = location.value
        if isinstance(value, dict):
            required = {name for schema in location.schemas for name in schema.get("required", ())}
            for name, member in value.items():
                parts = [part for schema in location.schemas for part in _of_member(schema, name)]
                yield self._child(location, name, member, parts, name in required)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                parts = [part for schema in location.schemas for part in _of_item(schema, index)]
                yield self._child(location, index, item, parts, required=True)

    def _child(
        self, parent: Location, token: Token, value: Json, parts: Iterable[Schema], required: bool
    ) -> Location:
        """Return the location of one member or item, with the schemas that apply to it."""
        schemas = tuple(schema for part in parts for schema in self._schemas_for(part, value))
        return Location((*parent.tokens, token), value, schemas, required)

    def _schemas_for(
        self, schema: Schema | None, value: Json, seen: frozenset[int] = frozenset()
    ) -> Iterator[JsonObject]:
        """Yield the schemas that apply to a value, with the alternatives that it satisfies.

        A schema that refers to itself for the same value is entered once: `seen` has the
        identities of those on the way.
        """
        if not isinstance(schema, dict) or id(schema) in seen:
            return
        yield self._without_in_place(schema)
        inner: list[Schema] = []
        target = ref_target(schema)
        if target is not None:
            inner.append(resolve_pointer(self._document, target))
        inner += schema.get("allOf", ())
        if self._satisfies is not None:
            alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
            inner += [part for part in alternatives if self._satisfies(part, value)][:1]
        for part in inner:
            yield from self._schemas_for(part, value, seen | {id(schema)})

    def _without_in_place(self, schema: JsonObject) -> JsonObject:
        """Return a schema without the keywords that lead to others.

        It is the same object each time for the same schema.
        """
        if not _IN_PLACE & schema.keys():
            return schema
        if id(schema) not in self._bare:
            self._referenced.append(schema)
            bare = {keyword: part for keyword, part in schema.items() if keyword not in _IN_PLACE}
            self._bare[id(schema)] = bare
        return self._bare[id(schema)]


def _of_member(schema: JsonObject, name: str) -> Iterator[Schema]:
    """Yield what a schema requires of a member.

    Source: JSON Schema Core 2020-12, section 10.3.2.
    """
    is_known = False
    if name in schema.get("properties", {}):
        is_known = True
        yield schema["properties"][name]
    for pattern, part in schema.get("patternProperties", {}).items():
        if matches(pattern, name):
            is_known = True
            yield part
    if not is_known and "additionalProperties" in schema:
        yield schema["additionalProperties"]


def _of_item(schema: JsonObject, index: int) -> Iterator[Schema]:
    """Yield what a schema requires of an item. Source: JSON Schema Core 2020-12, section 10.3.1."""
    prefix = schema.get("prefixItems", ())
    if index < len(prefix):
        yield prefix[index]
    elif "items" in schema:
        yield schema["items"]


def replace_at(value: Json, tokens: tuple[Token, ...], part: Json) -> Json:
    """Return a copy of a value with another part at a path; what is not on the path is shared."""
    if not tokens:
        return part
    head, rest = tokens[0], tokens[1:]
    match value:
        case dict():
            return {
                name: replace_at(member, rest, part) if name == head else member
                for name, member in value.items()
            }
        case list():
            return [
                replace_at(item, rest, part) if index == head else item
                for index, item in enumerate(value)
            ]
    return value


def remove_at(value: Json, tokens: tuple[Token, ...]) -> Json:
    """Return a copy of a value without the member or item at a path, which is not empty."""
    head, rest = tokens[0], tokens[1:]
    match value:
        case dict() if rest:
            return {
                name: remove_at(member, rest) if name == head else member
                for name, member in value.items()
            }
        case list() if rest:
            return [
                remove_at(item, rest) if index == head else item for index, item in enumerate(value)
            ]
        case dict():
            return {name: member for name, member in value.items() if name != head}
        case list():
            return [item for index, item in enumerate(value) if index != head]
    return value

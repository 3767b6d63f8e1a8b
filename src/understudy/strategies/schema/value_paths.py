"""The places of a value, each with the schemas that are held against it there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from understudy.contract.document.pointers import join_pointer, ref_target, resolve_pointer
from understudy.regexgen import matches

Token = str | int
_IN_PLACE = frozenset(["$ref", "allOf"])


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """One place of a value."""

    tokens: tuple[Token, ...]
    value: Any
    schemas: tuple[dict[str, Any], ...]
    """The schemas held against it: those that `$ref` and `allOf` lead to stand beside one another."""
    required: bool = True
    """False for a member of an object that may be left out."""

    @property
    def pointer(self) -> str:
        """Where it is."""
        return join_pointer(self.tokens)

    @property
    def generic_path(self) -> tuple[Token, ...]:
        """Where it is, whatever the index: every item of an array is alike."""
        return tuple("*" if isinstance(token, int) else token for token in self.tokens)


class ValueWalker:
    """Walks through the values of one document's schemas. `fits` tells whether a value obeys a schema."""

    def __init__(self, document: Any, fits: Callable[[Any, Any], bool] | None = None) -> None:
        self._document = document
        self._fits = fits
        self._bare: dict[int, dict[str, Any]] = {}
        self._kept: list[Any] = []

    def locations(self, value: Any, schema: Any) -> Iterator[Location]:
        """Give the places of a value, the outermost first. With `fits`, also those inside of alternatives."""
        waiting = [Location((), value, tuple(self._nodes(schema, value)))]
        while waiting:
            place = waiting.pop()
            yield place
            waiting += reversed(list(self._inside(place)))

    def in_place_schemas(self, schema: Any) -> list[dict[str, Any]]:
        """Give the schemas that are held against every value of a schema."""
        return list(self._nodes(schema, None))

    def _inside(self, place: Location) -> Iterator[Location]:
        if isinstance(place.value, dict):
            needed = {name for node in place.schemas for name in node.get("required", ())}
            for name, member in place.value.items():
                parts = [part for node in place.schemas for part in _of_member(node, name)]
                yield self._place(place, name, member, parts, name in needed)
        elif isinstance(place.value, list):
            for index, item in enumerate(place.value):
                parts = [part for node in place.schemas for part in _of_item(node, index)]
                yield self._place(place, index, item, parts, True)

    def _place(
        self, place: Location, token: Token, value: Any, parts: list[Any], needed: bool
    ) -> Location:
        nodes = tuple(node for part in parts for node in self._nodes(part, value))
        return Location((*place.tokens, token), value, nodes, needed)

    def _nodes(self, schema: Any, value: Any) -> Iterator[dict[str, Any]]:
        if not isinstance(schema, dict):
            return
        yield self._without(schema)
        target = ref_target(schema)
        inner = [] if target is None else [resolve_pointer(self._document, target)]
        inner += schema.get("allOf", ())
        if self._fits is not None:
            alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
            inner += [part for part in alternatives if self._fits(part, value)][:1]
        for part in inner:
            yield from self._nodes(part, value)

    def _without(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Give a schema without what stands beside it as a node of its own; the same one each time."""
        if not _IN_PLACE & schema.keys():
            return schema
        if id(schema) not in self._bare:
            self._kept.append(schema)
            self._bare[id(schema)] = {
                key: part for key, part in schema.items() if key not in _IN_PLACE
            }
        return self._bare[id(schema)]


def _of_member(node: dict[str, Any], name: str) -> Iterator[Any]:
    properties = node.get("properties", {})
    found = [properties[name]] if name in properties else []
    found += [
        part
        for pattern, part in node.get("patternProperties", {}).items()
        if matches(pattern, name)
    ]
    if found:
        yield from found
    elif "additionalProperties" in node:
        yield node["additionalProperties"]


def _of_item(node: dict[str, Any], index: int) -> Iterator[Any]:
    first = node.get("prefixItems", ())
    if index < len(first):
        yield first[index]
    elif "items" in node:
        yield node["items"]


def replace_at(value: Any, tokens: tuple[Token, ...], part: Any) -> Any:
    """Give a copy of a value with another part at a place; what is not on the way is shared."""
    if not tokens:
        return part
    head, rest = tokens[0], tokens[1:]
    if isinstance(value, dict):
        return {
            name: replace_at(member, rest, part) if name == head else member
            for name, member in value.items()
        }
    return [
        replace_at(item, rest, part) if index == head else item for index, item in enumerate(value)
    ]


def remove_at(value: Any, tokens: tuple[Token, ...]) -> Any:
    """Give a copy of a value without the member or item at a place."""
    head, rest = tokens[0], tokens[1:]
    if rest:
        inner = value[head]
        return replace_at(value, (head,), remove_at(inner, rest))
    if isinstance(value, dict):
        return {name: member for name, member in value.items() if name != head}
    return [item for index, item in enumerate(value) if index != head]

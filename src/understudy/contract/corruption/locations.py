"""The locations of a response's body that its schema describes.

They decide where a response can be corrupted. Their paths are parts of the ids of corruptions, so
they depend on the schema only.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import quote

from understudy.contract.document.pointers import parse_pointer, ref_target, resolve_pointer
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.merge import drop_keywords
from understudy.contract.schema.value_types import infer_types
from understudy.messages import Json
from understudy.regexgen import matches

Node = dict[str, Any]
"""A JSON Schema with keywords, its `$ref` followed and the parts of its `allOf` beside it."""

MAX_LOCATIONS = 5000
"""How many locations of one response are listed.

Structures that refer to each other can have millions of them.
"""
_ALTERNATIVES = ("anyOf", "oneOf")
_PATTERNS = "patternProperties"
_SPANNING = frozenset(
    [
        *(*_ALTERNATIVES, "not", "if", "dependentSchemas", "contains", "enum", "const"),
        *("unevaluatedProperties", "unevaluatedItems"),
    ]
)
"""Keywords that see deeper values too: only the value that has one shows what a change breaks."""
_NAMES = (
    "entry",
    "id",
    "a",
    "A",
    "1",
    "abc",
    "ABC",
    "123",
    "a1",
    "a-1",
    "a_1",
    "x-a",
    "en",
    "zh-CN",
    "/",
)
"""Names to try for a member whose name is free or has to match a pattern."""
_PATTERN_SYNTAX = re.compile(r"[\^$\\]")
_SAFE = "-_.!$&'*+,;=@"
"""The signs of a name that are not encoded in an id: all but those that end a part of a path."""


class Step(Enum):
    """The way from one location to a location inside of it."""

    ROOT = "root"
    """The body itself."""
    MEMBER = "member"
    """A property, by its name."""
    ITEM = "item"
    """An item of an array, at any index."""
    HEAD = "head"
    """An item of an array with a schema of its own (`prefixItems`), by its index."""
    ENTRY = "entry"
    """A member with a free name (`additionalProperties`) or a pattern (`patternProperties`)."""
    BRANCH = "branch"
    """The same value, as one of several alternatives (`anyOf`, `oneOf`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """One location of a body."""

    step: Step
    key: str | int
    """The name of a member, index of a head, pattern of an entry's name, or label of a branch."""
    path: str
    """`/data/contents[]/status`; empty for the body itself."""
    parent: "Location | None"
    schemas: tuple[Schema, ...]
    """The schemas that validate the value."""
    nodes: tuple[Node, ...]
    """The same schemas, references followed, with the parts of `allOf` beside one another."""
    own_nodes: tuple[Node, ...]
    """The nodes that describe what is inside of the value; those of a branch are only its own."""
    visited_refs: frozenset[str]
    """The references on the way here."""
    is_recursive: bool = False
    """Whether a reference occurs twice on the way: what is inside is listed at its first place."""

    def keyword_values(self, keyword: str) -> list[Any]:
        """Return the values that the schemas give a keyword."""
        return [node[keyword] for node in self.nodes if keyword in node]

    def types(self, document: Json) -> tuple[str, ...]:
        """Return the types that the value may have; empty when the schemas do not limit them."""
        return infer_types({"allOf": list(self.nodes)}, document)

    @property
    def lineage(self) -> "list[Location]":
        """The locations from the body down to this one."""
        if self.parent is None:
            return [self]
        return [*self.parent.lineage, self]

    @property
    def depth(self) -> int:
        """How many tokens a pointer to the value has."""
        pointless = (Step.ROOT, Step.BRANCH)
        return sum(location.step not in pointless for location in self.lineage)

    @property
    def outside_branches(self) -> "Location":
        """The location of the value itself, where this one is an alternative of it."""
        if self.step is Step.BRANCH and self.parent:
            return self.parent.outside_branches
        return self

    @property
    def anchor(self) -> "Location":
        """The outermost location whose schema sees this value too; otherwise this location."""
        for location in self.lineage:
            if any(_SPANNING & node.keys() for node in location.nodes):
                return location
        return self

    def covers(self, name: str) -> bool:
        """Return whether an entry is about members with this name."""
        if self.key:
            return matches(str(self.key), name)
        # Source: JSON Schema 2020-12, section 10.3.2.3 (`additionalProperties`): what neither
        # `properties` nor `patternProperties` of the same schema evaluates.
        for node in self.parent.nodes if self.parent else ():
            if name in node.get("properties", {}):
                return False
            if any(matches(pattern, name) for pattern in node.get(_PATTERNS, {})):
                return False
        return True

    def pick_name(self, names: Iterable[str]) -> str:
        """Return the name of a member that an entry is about.

        One of `names` where one fits, otherwise a new one; empty when none is found.
        """
        bare = _PATTERN_SYNTAX.sub("", str(self.key))
        for name in (*names, bare, f"{bare}x", *_NAMES):
            if name and self.covers(name):
                return name
        return ""


def quote_name(name: str, *, safe: str = _SAFE) -> str:
    """Return a name encoded so that an id can be split again, and fits into a header field."""
    return quote(name, safe=safe)


def iter_locations(document: Json, schema: Schema) -> Iterator[Location]:
    """Yield the locations of the values of a schema, the outermost first.

    Each `$ref` is entered once on each way down.
    """
    flat = _flatten(document, [schema], frozenset())
    root = Location(
        Step.ROOT, "", "", None, (schema,), flat.nodes, flat.nodes, flat.refs, flat.is_recursive
    )
    waiting = deque([root])
    for _ in range(MAX_LOCATIONS):
        if not waiting:
            return
        location = waiting.popleft()
        yield location
        if not location.is_recursive:
            waiting += _iter_inside(document, location)


def _iter_inside(document: Json, location: Location) -> Iterator[Location]:
    """Yield the locations directly inside of a location, in the order of the catalogue."""
    yield from _iter_members(document, location)
    yield from _iter_free(document, location, "additionalProperties", Step.ENTRY, "{}")
    yield from _iter_free(document, location, "items", Step.ITEM, "[]")
    yield from _iter_pattern_members(document, location)
    yield from _iter_heads(document, location)
    yield from _iter_branches(document, location)


def _iter_members(document: Json, location: Location) -> Iterator[Location]:
    """Yield the location of each property; several parts of `allOf` can describe the same one."""
    for name in _collect_names(location.own_nodes, "properties"):
        schemas = [
            node["properties"][name]
            for node in location.nodes
            if name in node.get("properties", {})
        ]
        path = f"/{quote_name(name)}"
        yield from _enter(document, location, Step.MEMBER, name, path, schemas)


def _iter_free(
    document: Json, location: Location, keyword: str, step: Step, path: str
) -> Iterator[Location]:
    """Yield the location of any member with a free name, or of any item."""
    if any(keyword in node for node in location.own_nodes):
        schemas = [schema for schema in location.keyword_values(keyword) if schema is not True]
        yield from _enter(document, location, step, "", path, schemas)


def _iter_pattern_members(document: Json, location: Location) -> Iterator[Location]:
    """Yield the location of any member whose name matches a pattern (`patternProperties`)."""
    for pattern in _collect_names(location.own_nodes, _PATTERNS):
        schemas = [
            node[_PATTERNS][pattern]
            for node in location.nodes
            if pattern in node.get(_PATTERNS, {})
        ]
        limiting = [schema for schema in schemas if schema is not True]
        path = f"{{{quote_name(pattern)}}}"
        yield from _enter(document, location, Step.ENTRY, pattern, path, limiting)


def _iter_heads(document: Json, location: Location) -> Iterator[Location]:
    """Yield the location of each item with a schema of its own (`prefixItems`)."""
    heads: list[Schema] = []
    for node in location.own_nodes:
        heads = max(heads, node.get("prefixItems", []), key=len)
    for index, schema in enumerate(heads):
        path = f"[{index}]"
        yield from _enter(document, location, Step.HEAD, index, path, [schema])


def _collect_names(nodes: Iterable[Node], keyword: str) -> list[str]:
    """Return the names under a keyword of several schemas, each once, in order."""
    names: dict[str, None] = {}
    for node in nodes:
        names.update(dict.fromkeys(node.get(keyword, {})))
    return list(names)


def _enter(
    document: Json,
    location: Location,
    step: Step,
    key: str | int,
    path: str,
    schemas: list[Schema],
) -> Iterator[Location]:
    """Yield the location that a step leads to, unless no value can be there."""
    if not schemas or False in schemas:
        return
    if step in (Step.ITEM, Step.HEAD) and 0 in location.keyword_values("maxItems"):
        return
    flat = _flatten(document, schemas, location.visited_refs)
    inner = Location(
        step,
        key,
        location.path + path,
        location,
        tuple(schemas),
        flat.nodes,
        flat.nodes,
        flat.refs,
        flat.is_recursive,
    )
    if step is not Step.ENTRY or inner.pick_name(()):
        yield inner


def _iter_branches(document: Json, location: Location) -> Iterator[Location]:
    """Yield the location of each alternative of `anyOf` and `oneOf`."""
    for node in location.own_nodes:
        for keyword in _ALTERNATIVES:
            schemas = node.get(keyword, ())
            # What is beside the alternatives holds for each of them.
            others = tuple(
                drop_keywords(part, keyword) if part is node else part for part in location.nodes
            )
            for label, schema in zip(_label_branches(schemas), schemas, strict=True):
                if schema is False:
                    continue
                flat = _flatten(document, [schema], location.visited_refs)
                yield Location(
                    Step.BRANCH,
                    label,
                    f"{location.path}({quote_name(label)})",
                    location,
                    (*others, schema),
                    (*others, *flat.nodes),
                    flat.nodes,
                    flat.refs,
                    flat.is_recursive,
                )


def _label_branches(schemas: Sequence[Schema]) -> list[str]:
    """Return a label for each alternative.

    It is the reference, the title or the type where that is unique, so that an id stays the same
    when the alternatives have another order; otherwise it is the number.
    """
    names = [_name_branch(schema) for schema in schemas]
    labels = []
    for number, name in enumerate(names):
        is_unique = bool(name) and names.count(name) == 1
        if not is_unique:
            name = str(number)
        labels.append(name)
    return labels


def _name_branch(schema: Schema) -> str:
    """Return the last token of a reference, or a title, or a type; empty when there is none."""
    if not isinstance(schema, dict):
        return ""
    target = ref_target(schema)
    if target:
        return parse_pointer(target)[-1]
    name = schema.get("title", schema.get("type", ""))
    return name if isinstance(name, str) else ""


@dataclass(frozen=True, slots=True)
class _FlatSchema:
    """The nodes that several schemas consist of."""

    nodes: tuple[Node, ...]
    refs: frozenset[str]
    """The references on the way, those inside of the schemas included."""
    is_recursive: bool
    """Whether one of the references was on the way already."""


def _flatten(document: Json, schemas: list[Schema], visited: frozenset[str]) -> _FlatSchema:
    """Follow the references of several schemas, and put the parts of `allOf` beside one another."""
    nodes: list[Node] = []
    entered: set[str] = set()
    is_recursive = False
    waiting = list(reversed(schemas))
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, dict):
            continue
        target = ref_target(schema)
        bare: Node = schema
        if target is not None or "allOf" in schema:
            bare = drop_keywords(schema, "$ref", "allOf")
        if bare:
            nodes.append(bare)
        parts: Any = schema.get("allOf", ())
        waiting += reversed(parts)
        if target is not None and target not in entered:
            is_recursive = is_recursive or target in visited
            entered.add(target)
            waiting.append(resolve_pointer(document, target))
    return _FlatSchema(tuple(nodes), visited | entered, is_recursive)

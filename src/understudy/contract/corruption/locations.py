"""The places of a response's body, as its schema tells them: what can be corrupted, and where."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import quote

from understudy.contract.document.pointers import parse_pointer, ref_target, resolve_pointer
from understudy.contract.schema.merge import drop_keywords
from understudy.contract.schema.value_types import infer_types
from understudy.regexgen import matches

MAX_LOCATIONS = 5000
"""How many places of one response are looked at; a schema whose structures refer to each other can have millions."""
_ALTERNATIVES = ("anyOf", "oneOf")
# Keywords that judge what lies deeper: what a change there breaks can only be told by asking the whole.
_WHOLE = frozenset(
    [
        *(*_ALTERNATIVES, "not", "if", "dependentSchemas", "contains", "enum", "const"),
        *("unevaluatedProperties", "unevaluatedItems"),
    ]
)
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
_SYNTAX = re.compile(r"[\^$\\]")
_SAFE = "-_.!$&'*+,;=@"


class Step(Enum):
    """How a place is reached from the one above it."""

    ROOT = "root"
    MEMBER = "member"
    """A property, by its name."""
    ITEM = "item"
    """An item of an array, whatever its index."""
    HEAD = "head"
    """An item of an array that has a schema of its own (`prefixItems`), by its index."""
    ENTRY = "entry"
    """A member whose name is free (`additionalProperties`), or matches a pattern (`patternProperties`)."""
    BRANCH = "branch"
    """The same value, where it is one of several alternatives (`anyOf`, `oneOf`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """One place of a body."""

    step: Step
    key: str | int
    """The member's name, the index of a head, the pattern of an entry's name, the name of a branch."""
    path: str
    """`/data/contents[]/status`; empty for the body itself."""
    parent: "Location | None"
    schemas: tuple[Any, ...]
    """The schemas that are held against the value."""
    nodes: tuple[dict[str, Any], ...]
    """The same, references followed, the parts of `allOf` beside one another."""
    own_nodes: tuple[dict[str, Any], ...]
    """Of the nodes, those that tell what is further inside: for a branch, only its own."""
    visited_refs: frozenset[str]
    """The references that led here."""
    is_recursive: bool = False
    """Whether a reference was met that led here already: what is inside was told there."""

    def keyword_values(self, keyword: str) -> list[Any]:
        """Give what the schemas say under a keyword."""
        return [node[keyword] for node in self.nodes if keyword in node]

    def types(self, document: Any) -> tuple[str, ...]:
        """Give the types that the value may have; empty when nothing is said."""
        return infer_types({"allOf": list(self.nodes)}, document)

    @property
    def lineage(self) -> "list[Location]":
        """The places from the body down to this one."""
        return [*(self.parent.lineage if self.parent else ()), self]

    @property
    def depth(self) -> int:
        """How many tokens lead to the value."""
        return sum(spot.step not in (Step.ROOT, Step.BRANCH) for spot in self.lineage)

    @property
    def outside_branches(self) -> "Location":
        """The place itself, where this is one of its alternatives."""
        return self.parent.outside_branches if self.step is Step.BRANCH and self.parent else self

    @property
    def anchor(self) -> "Location":
        """The outermost place whose schema judges more than its own value; the place itself when there is none."""
        return next(
            (spot for spot in self.lineage if any(_WHOLE & node.keys() for node in spot.nodes)),
            self,
        )

    def covers(self, name: str) -> bool:
        """Whether an entry is about members of this name."""
        if self.key:
            return matches(str(self.key), name)
        nodes = self.parent.nodes if self.parent else ()
        known = {known for node in nodes for known in node.get("properties", {})}
        patterns = [pattern for node in nodes for pattern in node.get("patternProperties", {})]
        return name not in known and not any(matches(pattern, name) for pattern in patterns)

    def pick_name(self, value: Iterable[str]) -> str:
        """Give the name of a member that an entry is about: one that is there, else a new one, else nothing."""
        bare = _SYNTAX.sub("", str(self.key))
        return next(
            (name for name in (*value, bare, f"{bare}x", *_NAMES) if name and self.covers(name)), ""
        )


def quote_name(name: str, *, safe: str = _SAFE) -> str:
    """Write a name so that an id can be split again, and fits into a header field."""
    return quote(name, safe=safe)


def iter_locations(document: Any, schema: Any) -> Iterator[Location]:
    """Give the places of the values of a schema, the outermost first; a `$ref` is entered once on each way."""
    nodes, entered, ends = _flat(document, [schema], frozenset())
    waiting = deque([Location(Step.ROOT, "", "", None, (schema,), nodes, nodes, entered, ends)])
    for _ in range(MAX_LOCATIONS):
        if not waiting:
            return
        spot = waiting.popleft()
        yield spot
        if not spot.is_recursive:
            waiting += _inside(document, spot)


def _inside(document: Any, spot: Location) -> Iterator[Location]:
    for name in dict.fromkeys(
        name for node in spot.own_nodes for name in node.get("properties", {})
    ):
        parts = [
            node["properties"][name] for node in spot.nodes if name in node.get("properties", {})
        ]
        yield from _below(document, spot, Step.MEMBER, name, f"/{quote_name(name)}", parts)
    for keyword, path in (("additionalProperties", "{}"), ("items", "[]")):
        parts = spot.keyword_values(keyword)
        if any(keyword in node for node in spot.own_nodes):
            step = Step.ITEM if keyword == "items" else Step.ENTRY
            yield from _below(
                document, spot, step, "", path, [part for part in parts if part is not True]
            )
    for pattern in dict.fromkeys(
        pattern for node in spot.own_nodes for pattern in node.get("patternProperties", {})
    ):
        parts = [
            node["patternProperties"][pattern]
            for node in spot.nodes
            if pattern in node.get(_PATTERNS, {})
        ]
        told = [part for part in parts if part is not True]
        yield from _below(document, spot, Step.ENTRY, pattern, f"{{{quote_name(pattern)}}}", told)
    heads = max(
        (node["prefixItems"] for node in spot.own_nodes if "prefixItems" in node),
        key=len,
        default=(),
    )
    for index, part in enumerate(heads):
        yield from _below(document, spot, Step.HEAD, index, f"[{index}]", [part])
    yield from _branches(document, spot)


_PATTERNS = "patternProperties"


def _below(
    document: Any, spot: Location, step: Step, key: str | int, path: str, parts: list[Any]
) -> Iterator[Location]:
    nodes, entered, ends = _flat(document, parts, spot.visited_refs)
    full = step in (Step.ITEM, Step.HEAD) and 0 in spot.keyword_values("maxItems")
    if parts and not full and False not in parts:
        found = Location(
            step, key, spot.path + path, spot, tuple(parts), nodes, nodes, entered, ends
        )
        if step is not Step.ENTRY or found.pick_name(()):
            yield found


def _branches(document: Any, spot: Location) -> Iterator[Location]:
    for node in spot.own_nodes:
        for keyword in _ALTERNATIVES:
            others = tuple(
                drop_keywords(one, keyword) if one is node else one for one in spot.nodes
            )
            labels = _labels(node.get(keyword, ()))
            for label, part in zip(labels, node.get(keyword, ()), strict=True):
                own, entered, ends = _flat(document, [part], spot.visited_refs)
                if part is not False:
                    path = f"{spot.path}({quote_name(label)})"
                    given = (*others, part)
                    yield Location(
                        Step.BRANCH, label, path, spot, given, (*others, *own), own, entered, ends
                    )


def _labels(parts: Any) -> list[str]:
    """Name alternatives by what they refer to, their title or their type, where that is theirs alone; else by number.

    So an id stays the same when the alternatives are told in another order.
    """
    names = [_label(part) for part in parts]
    return [
        name if name and names.count(name) == 1 else str(number)
        for number, name in enumerate(names)
    ]


def _label(part: Any) -> str:
    if not isinstance(part, dict):
        return ""
    target = ref_target(part)
    if target:
        return parse_pointer(target)[-1]
    told = part.get("title", part.get("type", ""))
    return told if isinstance(told, str) else ""


def _flat(
    document: Any, schemas: list[Any], entered: frozenset[str]
) -> tuple[tuple[dict[str, Any], ...], frozenset[str], bool]:
    """Give the nodes that several schemas are made of, the references entered by then, and whether one was again."""
    found: list[dict[str, Any]] = []
    here: set[str] = set()
    ends = False
    waiting = list(reversed(schemas))
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, dict):
            continue
        target = ref_target(schema)
        bare = (
            drop_keywords(schema, "$ref", "allOf")
            if target is not None or "allOf" in schema
            else schema
        )
        if bare:
            found.append(bare)
        waiting += reversed(schema.get("allOf", ()))
        if target is not None and target not in here:
            ends = ends or target in entered
            here.add(target)
            waiting.append(resolve_pointer(document, target))
    return tuple(found), entered | here, ends

"""Rows of one table to fields inside of fields: `├─ id`, `- id`, indented names, `zones[].id`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Field, Kind, TypeExpr

_BRANCH = re.compile(r"^(?P<trunk>[\s│┃┆┊|]*)(?P<branch>[├└┣┗┝┕╰╠╚]+[─━╌┄-]*)\s*(?P<name>.*)$")
"""A name behind the lines of a tree: `│ ├─ id`."""
_SIGNS = r"\->+·•.*—–»∟↳→"
_MARKED = re.compile(rf"^(?P<marks>[{_SIGNS}][{_SIGNS}\s]*)(?P<name>[^\s{_SIGNS}].*)$")
"""A name behind signs: `-- id`, `> id`."""
_SPACED = re.compile(r"^(?P<spaces>(?:[\s\u00a0\u3000]|&nbsp;|&emsp;|&ensp;)+)(?P<name>\S.*)$")
_DOTTED = re.compile(r"[A-Za-z_$][\w$-]*(?:\[\d*\]|\.[A-Za-z_$*][\w$-]*)+")
"""`zones[].id`, `zones.id`."""
_INDEX = re.compile(r"\[\d*\]")
_MAX_DEPTH = 30
"""How deep fields are nested; deeper rows stand at this depth."""


@dataclass(slots=True)
class Rank:
    """The depth of a row, and its name without the signs that show the depth."""

    depth: int
    name: str


def rank_names(names: Sequence[str]) -> list[Rank]:
    """Return depth and bare name of each name of a table. The first row stands at depth 0."""
    ranks: list[Rank] = []
    open_weights: list[int] = []
    for weight, name in [_weigh(name) for name in names]:
        while open_weights and open_weights[-1] >= weight:
            open_weights.pop()
        ranks.append(Rank(min(len(open_weights), _MAX_DEPTH), name))
        open_weights.append(weight)
    return ranks


def _weigh(name: str) -> tuple[int, str]:
    """Return a number that grows with the depth that a name shows, and the bare name."""
    if branch := _BRANCH.match(name):
        trunk = branch["trunk"].replace("&nbsp;", " ")
        # One level of a tree is two letters of trunk, or four of branch.
        weight = 1 + len(trunk) * 2 + len(branch["branch"]) // 4
        return weight, branch["name"].strip()
    if marked := _MARKED.match(name):
        marks = re.sub(r"\s", "", marked["marks"])
        return len(marks), marked["name"].strip()
    if spaced := _SPACED.match(name):
        spaces = re.sub(r"&\w+;", " ", spaced["spaces"])
        return len(spaces), spaced["name"].strip()
    return 0, name.strip()


@dataclass(slots=True)
class _Branch:
    """A field with the fields inside of it, while a table is read."""

    row: Field
    inner: dict[str, _Branch] = field(default_factory=dict)


def nest_fields(
    rows: Sequence[tuple[int, Field]], report: Callable[[Doubt], None], *, are_dots_paths: bool
) -> tuple[Field, ...]:
    """Put the field of each row, given with its depth, into the field that it belongs to.

    With `are_dots_paths`, the dots of a name may lead into another field: `zones.id`.
    """
    if _is_flat(rows):
        return tuple(field for _, field in rows)
    root: dict[str, _Branch] = {}
    stack: list[tuple[int, dict[str, _Branch]]] = [(0, root)]
    heads = Counter(re.split(r"\[\]|\.", field.name)[0] for _, field in rows)
    for depth, row_field in rows:
        while stack[-1][0] > depth:
            stack.pop()
        level = stack[-1][1]
        if are_dots_paths and _is_path(row_field.name, heads):
            level, named = _descend(root if not depth else level, row_field)
        else:
            named = _strip_brackets(row_field)
        if named.name in level:
            _report_duplicate(named, level[named.name].row, report)
        branch = level.setdefault(named.name, _Branch(named))
        stack.append((depth + 1, branch.inner))
    return _close_all(root, report)


def _is_flat(rows: Sequence[tuple[int, Field]]) -> bool:
    """Check whether no row is nested, dotted or a duplicate: the usual table."""
    if any(depth or not field.name.isidentifier() for depth, field in rows):
        return False
    return len({field.name for _, field in rows}) == len(rows)


def _strip_brackets(field: Field) -> Field:
    if not field.name.endswith("[]"):
        return field
    return replace(field, name=field.name.removesuffix("[]"))


def _report_duplicate(field: Field, first: Field, report: Callable[[Doubt], None]) -> None:
    line = first.origin.line
    finding = f'"{field.name}" stands twice in one table, first on line {line}.'
    report(make_doubt("duplicate-field", field.origin, finding, "The first row counts."))


def _is_path(name: str, heads: Counter[str]) -> bool:
    """Check whether the dots of a name lead into another field.

    They do when the name has brackets, or when several rows share its head: `zones.id`,
    `zones.name`.
    """
    if "." not in name or not _DOTTED.fullmatch(name):
        return False
    return "[" in name or heads[name.split(".")[0]] > 1


def _descend(level: dict[str, _Branch], field: Field) -> tuple[dict[str, _Branch], Field]:
    """Return the level that a dotted name leads to, and the field by its last part.

    Fields on the way that have no row of their own are added.
    """
    *parts, last = field.name.split(".")
    for part in parts[:_MAX_DEPTH]:
        name = _INDEX.sub("", part)
        kind = Kind.ARRAY if part.endswith("]") else Kind.OBJECT
        between = Field(name, TypeExpr(kind), field.origin, required=field.required)
        level = level.setdefault(name, _Branch(between)).inner
    return level, replace(field, name=_INDEX.sub("", last))


def _close_all(level: dict[str, _Branch], report: Callable[[Doubt], None]) -> tuple[Field, ...]:
    return tuple(_close(branch, report) for branch in level.values())


def _close(branch: _Branch, report: Callable[[Doubt], None]) -> Field:
    """Return a field with the fields inside of it as its type."""
    if not branch.inner:
        return branch.row
    type_ = branch.row.type
    members = TypeExpr(Kind.OBJECT, fields=_close_all(branch.inner, report))
    if type_.kind is Kind.ARRAY:
        return replace(branch.row, type=replace(type_, item=members))
    if type_.kind not in (Kind.OBJECT, Kind.NAMED, Kind.ANY):
        finding = f'Rows are nested in "{branch.row.name}", which has the type {type_.kind.value}.'
        decision = "It is an object with those rows as fields."
        report(make_doubt("nested-in-plain", branch.row.origin, finding, decision))
    return replace(branch.row, type=members)

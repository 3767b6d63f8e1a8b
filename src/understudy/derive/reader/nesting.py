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
_MARKED = re.compile(
    rf"^(?P<marks>[{_SIGNS}][{_SIGNS}\s]*)"
    rf"(?P<name>[^\s{_SIGNS}].*)$"
)
"""A name behind signs: `-- id`, `> id`."""
_SPACED = re.compile(r"^(?P<spaces>(?:[\s\u00a0\u3000]|&nbsp;|&emsp;|&ensp;)+)(?P<name>\S.*)$")
_SPACE = re.compile(r"\s")
_ENTITY = re.compile(r"&\w+;")
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
    """Return depth and bare name of each name of a table.

    The first row stands at depth 0. A row is inside of the nearest row above it whose signs weigh
    less.
    """
    ranks: list[Rank] = []
    open_weights: list[int] = []
    for name in names:
        weight, bare = _weigh(name)
        while open_weights and open_weights[-1] >= weight:
            open_weights.pop()
        depth = min(len(open_weights), _MAX_DEPTH)
        ranks.append(Rank(depth, bare))
        open_weights.append(weight)
    return ranks


def _weigh(name: str) -> tuple[int, str]:
    """Return a number that grows with the depth that a name shows, and the bare name."""
    if branch := _BRANCH.match(name):
        trunk = branch["trunk"].replace("&nbsp;", " ")
        # A letter of the trunk weighs as much as eight of the branch.
        weight = 1 + len(trunk) * 2
        weight += len(branch["branch"]) // 4
        return weight, branch["name"].strip()
    if marked := _MARKED.match(name):
        marks = _SPACE.sub("", marked["marks"])
        return len(marks), marked["name"].strip()
    if spaced := _SPACED.match(name):
        spaces = _ENTITY.sub(" ", spaced["spaces"])
        return len(spaces), spaced["name"].strip()
    return 0, name.strip()


_HEAD_END = re.compile(r"\[\]|\.")

Row = tuple[int, Field]
"""The depth of a row, and its field."""
Report = Callable[[Doubt], None]


@dataclass(slots=True)
class _Branch:
    """A field with the fields inside of it, while a table is read."""

    row: Field
    inner: dict[str, _Branch] = field(default_factory=dict)


_Level = dict[str, _Branch]
"""The fields inside of one field, by their names."""


def nest_fields(rows: Sequence[Row], report: Report, *, are_dots_paths: bool) -> tuple[Field, ...]:
    """Put the field of each row into the field that it belongs to.

    With `are_dots_paths`, the dots of a name may lead into another field: `zones.id`. A name that
    stands twice in one level is doubted, and its first row counts.
    """
    if _is_flat(rows):
        return tuple(row_field for _, row_field in rows)
    root: _Level = {}
    # Depths may leave a number out: a row without a name is dropped, those below it are not.
    open_levels: list[tuple[int, _Level]] = [(0, root)]
    heads = _count_heads(rows)
    for depth, row_field in rows:
        while open_levels[-1][0] > depth:
            open_levels.pop()
        _, level = open_levels[-1]
        if are_dots_paths and _is_path(row_field.name, heads):
            start = level if depth else root
            level, named = _descend(start, row_field)
        else:
            named = _strip_brackets(row_field)
        if named.name in level:
            _report_duplicate(named, level[named.name].row, report)
        branch = level.setdefault(named.name, _Branch(named))
        open_levels.append((depth + 1, branch.inner))
    return _close_all(root, report)


def _is_flat(rows: Sequence[Row]) -> bool:
    """Check whether no row is nested, dotted or a duplicate: the usual table."""
    names = set()
    for depth, row_field in rows:
        name = row_field.name
        if depth or name in names or not name.isidentifier():
            return False
        names.add(name)
    return True


def _count_heads(rows: Sequence[Row]) -> Counter[str]:
    """Count how many rows share each head of a name: `zones` of `zones.id`."""
    heads: Counter[str] = Counter()
    for _, row_field in rows:
        parts = _HEAD_END.split(row_field.name)
        heads[parts[0]] += 1
    return heads


def _strip_brackets(field: Field) -> Field:
    """Return a field without the `[]` behind its name, which only marks an array."""
    if not field.name.endswith("[]"):
        return field
    return replace(field, name=field.name.removesuffix("[]"))


def _report_duplicate(field: Field, first: Field, report: Report) -> None:
    """Report a row whose name stands in an earlier row of the same level."""
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
    if "[" in name:
        return True
    head, *_ = name.split(".")
    return heads[head] > 1


def _descend(level: _Level, row_field: Field) -> tuple[_Level, Field]:
    """Return the level that a dotted name leads to, and the field by its last part.

    Fields on the way without a row of their own are added.
    """
    *parts, last = row_field.name.split(".")
    for part in parts[:_MAX_DEPTH]:
        kind = Kind.ARRAY if part.endswith("]") else Kind.OBJECT
        between = Field(
            name=_INDEX.sub("", part),
            type=TypeExpr(kind),
            origin=row_field.origin,
            required=row_field.required,
        )
        branch = level.setdefault(between.name, _Branch(between))
        level = branch.inner
    last_name = _INDEX.sub("", last)
    return level, replace(row_field, name=last_name)


def _close_all(level: _Level, report: Report) -> tuple[Field, ...]:
    """Return the fields of one level, each with the fields inside of it."""
    return tuple(_close(branch, report) for branch in level.values())


def _close(branch: _Branch, report: Report) -> Field:
    """Return a field with the fields inside of it as its type.

    An array gets them as the members of its items. A type that cannot hold fields is replaced by an
    object, and the row is doubted.
    """
    if not branch.inner:
        return branch.row
    type_ = branch.row.type
    inner = _close_all(branch.inner, report)
    members = TypeExpr(Kind.OBJECT, fields=inner)
    if type_.kind is Kind.ARRAY:
        return replace(branch.row, type=replace(type_, item=members))
    if type_.kind not in (Kind.OBJECT, Kind.NAMED, Kind.ANY):
        kind = type_.kind.value
        finding = f'Rows are nested in "{branch.row.name}", which has the type {kind}.'
        decision = "It is an object with those rows as fields."
        report(make_doubt("nested-in-plain", branch.row.origin, finding, decision))
    return replace(branch.row, type=members)

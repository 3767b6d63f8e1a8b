"""Rows of one table → fields inside fields: `├─ id`, `- id`, `> id`, indented names, `zones[].id`, `zones.id`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Field, Kind, TypeExpr

_BRANCH = re.compile(r"^(?P<trunk>[\s│┃┆┊|]*)(?P<branch>[├└┣┗┝┕╰╠╚]+[─━╌┄-]*)\s*(?P<name>.*)$")
_SIGNS = r"\->+·•.*—–»∟↳→"
_MARKED = re.compile(rf"^(?P<marks>[{_SIGNS}][{_SIGNS}\s]*)(?P<name>[^\s{_SIGNS}].*)$")
_SPACED = re.compile(r"^(?P<spaces>(?:[\s\u00a0\u3000]|&nbsp;|&emsp;|&ensp;)+)(?P<name>\S.*)$")
_MAX_DEPTH = 30


@dataclass(slots=True)
class Rank:
    """How deep a row stands by the form of its name, and the bare name."""

    depth: int
    name: str


def rank_names(names: Sequence[str]) -> list[Rank]:
    """Give depth and bare name of each name of a table. The first row stands at depth 0."""
    marks = [_weight(name) for name in names]
    ranks: list[Rank] = []
    stack: list[int] = []
    for weight, name in marks:
        while stack and stack[-1] >= weight:
            stack.pop()
        ranks.append(Rank(min(len(stack), _MAX_DEPTH), name))
        stack.append(weight)
    return ranks


def _weight(name: str) -> tuple[int, str]:
    """Give a number that grows with the depth that a name shows, and the name without what shows it."""
    if branch := _BRANCH.match(name):
        return 1 + len(branch["trunk"].replace("&nbsp;", " ")) * 2 + len(
            branch["branch"]
        ) // 4, branch["name"].strip()
    if marked := _MARKED.match(name):
        return len(re.sub(r"\s", "", marked["marks"])), marked["name"].strip()
    if spaced := _SPACED.match(name):
        return len(re.sub(r"&\w+;", " ", spaced["spaces"])), spaced["name"].strip()
    return 0, name.strip()


@dataclass(slots=True)
class _Branch:
    """A field with the fields inside it, while a table is read."""

    told: Field
    inner: dict[str, _Branch] = field(default_factory=dict)


def nest_fields(
    rows: Sequence[tuple[int, Field]], tell: Callable[[Doubt], None], *, dotted: bool
) -> tuple[Field, ...]:
    """Put each row's field into the one that it stands in. `dotted` says whether a dot in a name means that."""
    if all(not depth and told.name.isidentifier() for depth, told in rows) and len(
        {t.name for _, t in rows}
    ) == len(rows):
        return tuple(told for _, told in rows)
    root: dict[str, _Branch] = {}
    stack: list[tuple[int, dict[str, _Branch]]] = [(0, root)]
    heads = Counter(re.split(r"\[\]|\.", told.name)[0] for _, told in rows)
    for depth, told in rows:
        while stack[-1][0] > depth:
            stack.pop()
        level = stack[-1][1]
        name = told.name
        if dotted and _is_dotted(name, heads):
            level, told = _descend(root if not depth else level, told)
        else:
            told = replace(told, name=name.removesuffix("[]")) if name.endswith("[]") else told
        if told.name in level:
            first = level[told.name].told.origin.line
            what = f'"{told.name}" stands twice in one table, first on line {first}.'
            tell(make_doubt("duplicate-field", told.origin, what, "The first row counts."))
        branch = level.setdefault(told.name, _Branch(told))
        stack.append((depth + 1, branch.inner))
    return tuple(_close(branch, tell) for branch in root.values())


def _is_dotted(name: str, heads: Counter[str]) -> bool:
    """Tell whether a name's dots lead into another row's field: brackets say so, or rows that share the head."""
    if (
        not re.fullmatch(r"[A-Za-z_$][\w$-]*(?:\[\d*\]|\.[A-Za-z_$*][\w$-]*)+", name)
        or "." not in name
    ):
        return False
    return "[" in name or heads[name.split(".")[0]] > 1


def _descend(level: dict[str, _Branch], told: Field) -> tuple[dict[str, _Branch], Field]:
    """Give the level that a dotted name leads to, and the field by its last part; make what lies between."""
    *parts, last = told.name.split(".")
    for part in parts[:_MAX_DEPTH]:
        name = re.sub(r"\[\d*\]", "", part)
        kind = TypeExpr(Kind.ARRAY) if part.endswith("]") else TypeExpr(Kind.OBJECT)
        level = level.setdefault(
            name, _Branch(Field(name, kind, told.origin, required=told.required))
        ).inner
    return level, replace(told, name=re.sub(r"\[\d*\]", "", last))


def _close(branch: _Branch, tell: Callable[[Doubt], None]) -> Field:
    told = branch.told
    if not branch.inner:
        return told
    inner = tuple(_close(each, tell) for each in branch.inner.values())
    kind = told.type
    if kind.kind is Kind.ARRAY:
        return replace(told, type=replace(kind, item=TypeExpr(Kind.OBJECT, fields=inner)))
    if kind.kind not in (Kind.OBJECT, Kind.NAMED, Kind.ANY):
        what = f'Rows stand inside "{told.name}", which is told to be of type {kind.kind.value}.'
        tell(
            make_doubt(
                "nested-in-plain", told.origin, what, "It is an object with those rows as fields."
            )
        )
    return replace(told, type=TypeExpr(Kind.OBJECT, fields=inner))

"""From schemas to branches: every alternative spelt out, so that a value can be made for it without guessing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from understudy.contract.document.pointers import follow, ref_target, resolve
from understudy.strategies.schema.constraints import (
    ANY,
    Atom,
    Branch,
    Contains,
    Goal,
    ItemGroup,
    MemberGroup,
    ObjectRule,
    Some,
    joined,
)
from understudy.strategies.schema.keyword_branches import asserted, refuted

MOST_BRANCHES = 48
"""So many alternatives of one schema are told apart; the rest is left out, which loses variety but never soundness."""

Branches = tuple[Branch, ...]
NONE: Branches = ()
ALL: Branches = (ANY,)


class Expander:
    """Spells out the schemas of one document, each once.

    `hidden` is `readOnly` for what a client sends, `writeOnly` for what a server sends, else empty.
    """

    def __init__(self, document: Any, hidden: str) -> None:
        self._document = document
        self._hidden = hidden
        self._known: dict[tuple[Any, bool], Branches] = {}
        self._open: set[tuple[Any, bool]] = set()
        self._made: dict[tuple[Any, ...], Any] = {}
        self._kept: list[Any] = []

    def goal(self, goal: Goal) -> Branches:
        """Give the alternatives of a goal."""
        return self._all(self.atom(atom) for atom in goal)

    def atom(self, atom: Atom) -> Branches:
        """Give the alternatives of one schema, or of its contrary."""
        if isinstance(atom.schema, bool):
            return ALL if atom.schema is atom.holds else NONE
        if not isinstance(atom.schema, dict):
            return NONE
        if atom.key not in self._known:
            if atom.key in self._open:  # a schema that refers to itself for the same value
                return NONE
            self._open.add(atom.key)
            self._kept.append(atom.schema)  # its identity is what it is known by
            self._known[atom.key] = (
                self._holds(atom.schema) if atom.holds else self._breaks(atom.schema)
            )
            self._open.discard(atom.key)
        return self._known[atom.key]

    def made(self, *parts: Any) -> Any:
        """Give the schema `{keyword: parts}`; the same one for the same parts, so that recursion ends."""
        keyword, *schemas = parts
        key = (keyword, *(part if isinstance(part, bool) else id(part) for part in schemas))
        if key not in self._made:
            self._made[key] = {keyword: schemas}
        return self._made[key]

    def hides(self, schema: Any) -> bool:
        """Whether a property is one that this side never sends."""
        if not self._hidden or not isinstance(schema, dict):
            return False
        told, _ = follow(self._document, schema, "")
        return isinstance(told, dict) and told.get(self._hidden) is True

    # A schema that holds

    def _holds(self, schema: dict[str, Any]) -> Branches:
        parts = [tuple(asserted(schema, self.hides)), *self._applied(schema)]
        branches = self._all(parts)
        if "unevaluatedProperties" in schema:
            branches = _alive(
                self._closed(branch, schema["unevaluatedProperties"]) for branch in branches
            )
        if "unevaluatedItems" in schema:
            branches = _alive(
                self._ended(branch, schema["unevaluatedItems"]) for branch in branches
            )
        return branches

    def _applied(self, schema: dict[str, Any]) -> Iterator[Branches]:
        """Give the alternatives of each keyword that holds schemas against the very same value."""
        if "$ref" in schema:
            yield self.atom(Atom(self._target(schema)))
        for part in schema.get("allOf", ()):
            yield self.atom(Atom(part))
        if "anyOf" in schema:
            yield _either(self.atom(Atom(part)) for part in schema["anyOf"])
        if "oneOf" in schema:
            yield self._exactly_one(schema["oneOf"])
        if "not" in schema:
            yield self.atom(Atom(schema["not"], False))
        if "if" in schema and ("then" in schema or "else" in schema):
            condition, then, other = (
                schema["if"],
                schema.get("then", True),
                schema.get("else", True),
            )
            yield _either(
                [
                    self.goal((Atom(condition), Atom(then))),
                    self.goal((Atom(condition, False), Atom(other))),
                ]
            )
        for name, part in schema.get("dependentSchemas", {}).items():
            yield _either([self._needing(name, part), (_without(name),)])
        for name, needed in schema.get("dependentRequired", {}).items():
            yield (_without(name), Branch(kinds=ANY.kinds, object=ObjectRule(needed=tuple(needed))))

    def _needing(self, name: str, part: Any) -> Branches:
        return self._all([(_with(name),), self.atom(Atom(part))])

    def _target(self, schema: dict[str, Any]) -> Any:
        target = ref_target(schema)
        return True if target is None else resolve(self._document, target)

    def _exactly_one(self, schemas: Sequence[Any]) -> Branches:
        found = []
        for index, part in enumerate(schemas):
            others = [other for place, other in enumerate(schemas) if place != index]
            meeting = [other for other in others if not self._apart(part, other)]
            found.append(self.goal((Atom(part), *(Atom(other, False) for other in meeting))))
        return _either(found)

    def _apart(self, one: Any, other: Any) -> bool:
        """Whether two schemas plainly exclude one another: then neither needs to be told not to be the other."""
        pairs = ((a, b) for a in self.atom(Atom(one)) for b in self.atom(Atom(other)))
        return all(
            both is None or self._contradicts(both) for both in (joined(a, b) for a, b in pairs)
        )

    def _contradicts(self, branch: Branch) -> bool:
        """Whether a member that is needed cannot be, as the member that tells one kind of object from another."""
        if branch.kinds != {"object"}:
            return False
        return any(not self._flat(name, branch.object) for name in branch.object.needed)

    def _flat(self, name: str, rule: ObjectRule) -> Branches:
        told = (
            group.named[name].schema
            for group in rule.groups
            if name in group.named and group.named[name].holds
        )
        schemas = [
            follow(self._document, schema, "")[0] if isinstance(schema, dict) else schema
            for schema in told
        ]
        return self._all(
            tuple(asserted(part, self.hides)) for part in schemas if isinstance(part, dict)
        )

    def _closed(self, branch: Branch, rest: Any) -> Branch | None:
        groups = [group for group in branch.object.groups if group.annotates]
        if any(group.rest is not None for group in groups):
            return branch
        named = {name: Atom(True) for group in groups for name in group.named}
        patterns = tuple((pattern, Atom(True)) for group in groups for pattern, _ in group.patterns)
        return joined(
            branch, Branch(object=ObjectRule(groups=(MemberGroup(named, patterns, Atom(rest)),)))
        )

    def _ended(self, branch: Branch, rest: Any) -> Branch | None:
        groups = [group for group in branch.array.groups if group.annotates]
        if any(group.rest is not None for group in groups):
            return branch
        first = (Atom(True),) * max((len(group.first) for group in groups), default=0)
        counted = [c.atom.schema for c in branch.array.contains if c.annotates and c.atom.holds]
        after = Atom(self.made("anyOf", *counted, rest)) if counted else Atom(rest)
        array = replace(ANY.array, groups=(ItemGroup(first, after),))
        return joined(branch, Branch(array=array))

    # A schema that is broken

    def _breaks(self, schema: dict[str, Any]) -> Branches:
        found = [tuple(refuted(schema, self.hides)), *self._unapplied(schema)]
        return _either(found)

    def _unapplied(self, schema: dict[str, Any]) -> Iterator[Branches]:
        if "$ref" in schema:
            yield self.atom(Atom(self._target(schema), False))
        for part in schema.get("allOf", ()):
            yield self.atom(Atom(part, False))
        if "anyOf" in schema:
            yield self.goal(tuple(Atom(part, False) for part in schema["anyOf"]))
        if "oneOf" in schema:
            yield self.goal(tuple(Atom(part, False) for part in schema["oneOf"]))
            for one, other in combinations(schema["oneOf"], 2):
                yield self.goal((Atom(one), Atom(other)))
        if "not" in schema:
            yield self.atom(Atom(schema["not"]))
        if "if" in schema:
            if "then" in schema:
                yield self.goal((Atom(schema["if"]), Atom(schema["then"], False)))
            if "else" in schema:
                yield self.goal((Atom(schema["if"], False), Atom(schema["else"], False)))
        for name, part in schema.get("dependentSchemas", {}).items():
            yield self._all([(_object_with(name),), self.atom(Atom(part, False))])
        yield from self._unevaluated(schema)

    def _unevaluated(self, schema: dict[str, Any]) -> Iterator[Branches]:
        """Break what is said of the rest: a guess, since what counts as the rest depends on the value."""
        adjacent = {key: part for key, part in schema.items() if not key.startswith("unevaluated")}
        for branch in self._holds(adjacent) if len(adjacent) < len(schema) else ():
            if "unevaluatedProperties" in schema:
                groups = [group for group in branch.object.groups if group.annotates]
                named = {name: atom for group in groups for name, atom in group.named.items()}
                patterns = tuple(pattern for group in groups for pattern in group.patterns)
                extra = Some(
                    value=Atom(schema["unevaluatedProperties"], False),
                    group=MemberGroup(named, patterns),
                )
                told = joined(
                    branch,
                    Branch(
                        kinds=frozenset(["object"]), object=ObjectRule(some=(extra,)), exact=False
                    ),
                )
                yield () if told is None or any(group.rest for group in groups) else (told,)
            if "unevaluatedItems" in schema:
                first = max(
                    (len(group.first) for group in branch.array.groups if group.annotates),
                    default=0,
                )
                wrong = Contains(Atom(schema["unevaluatedItems"], False), start=first)
                array = replace(ANY.array, contains=(wrong,))
                told = joined(branch, Branch(kinds=frozenset(["array"]), array=array, exact=False))
                yield () if told is None else (told,)

    def _all(self, parts: Iterable[Branches]) -> Branches:
        """Give every way to obey all of several: one alternative of each."""
        found: Branches = ALL
        for part in parts:
            if part is ALL:
                continue
            pairs = (joined(one, other) for one in found for other in part)
            found = _first(branch for branch in pairs if branch is not None)
        return found


def _first(branches: Iterable[Branch]) -> Branches:
    return tuple(branch for _, branch in zip(range(MOST_BRANCHES), branches, strict=False))


def _either(parts: Iterable[Branches]) -> Branches:
    """Give the alternatives of several, those of each in turn, so that none is crowded out."""
    lists = [list(part) for part in parts]
    turns = range(max(map(len, lists), default=0))
    return _first(part[turn] for turn in turns for part in lists if turn < len(part))


def _alive(branches: Iterable[Branch | None]) -> Branches:
    return tuple(branch for branch in branches if branch is not None)


def _without(name: str) -> Branch:
    return Branch(object=ObjectRule(missing=frozenset([name])))


def _with(name: str) -> Branch:
    return Branch(kinds=frozenset(["object"]), object=ObjectRule(needed=(name,)))


_object_with = _with

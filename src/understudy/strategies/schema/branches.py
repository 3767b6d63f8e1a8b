"""From schemas to branches: every alternative spelt out, so that a value can be made for it without guessing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from understudy.contract.document.pointers import follow_refs, ref_target, resolve_pointer
from understudy.strategies.schema.constraints import (
    ANY_VALUE,
    Branch,
    Contains,
    ItemSchemas,
    MemberSchemas,
    NeededMember,
    ObjectConstraint,
    Requirement,
    Requirements,
    join_branches,
)
from understudy.strategies.schema.keyword_branches import expand_keywords, negate_keywords

MAX_BRANCHES = 48
"""So many alternatives of one schema are told apart; the rest is left out, which loses variety but never soundness."""

Branches = tuple[Branch, ...]
NO_BRANCHES: Branches = ()
ANY_BRANCH: Branches = (ANY_VALUE,)


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

    def expand_all(self, goal: Requirements) -> Branches:
        """Give the alternatives of a goal."""
        return self._all(self.expand(atom) for atom in goal)

    def expand(self, atom: Requirement) -> Branches:
        """Give the alternatives of one schema, or of its contrary."""
        if isinstance(atom.schema, bool):
            return ANY_BRANCH if atom.schema is atom.holds else NO_BRANCHES
        if not isinstance(atom.schema, dict):
            return NO_BRANCHES
        if atom.key not in self._known:
            if atom.key in self._open:  # a schema that refers to itself for the same value
                return NO_BRANCHES
            self._open.add(atom.key)
            self._kept.append(atom.schema)  # its identity is what it is known by
            self._known[atom.key] = (
                self._holds(atom.schema) if atom.holds else self._breaks(atom.schema)
            )
            self._open.discard(atom.key)
        return self._known[atom.key]

    def combine(self, *parts: Any) -> Any:
        """Give the schema `{keyword: parts}`; the same one for the same parts, so that recursion ends."""
        keyword, *schemas = parts
        key = (keyword, *(part if isinstance(part, bool) else id(part) for part in schemas))
        if key not in self._made:
            self._made[key] = {keyword: schemas}
        return self._made[key]

    def is_hidden(self, schema: Any) -> bool:
        """Whether a property is one that this side never sends."""
        if not self._hidden or not isinstance(schema, dict):
            return False
        told, _ = follow_refs(self._document, schema, "")
        return isinstance(told, dict) and told.get(self._hidden) is True

    # A schema that holds

    def _holds(self, schema: dict[str, Any]) -> Branches:
        parts = [tuple(expand_keywords(schema, self.is_hidden)), *self._applied(schema)]
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
            yield self.expand(Requirement(self._target(schema)))
        for part in schema.get("allOf", ()):
            yield self.expand(Requirement(part))
        if "anyOf" in schema:
            yield _either(self.expand(Requirement(part)) for part in schema["anyOf"])
        if "oneOf" in schema:
            yield self._exactly_one(schema["oneOf"])
        if "not" in schema:
            yield self.expand(Requirement(schema["not"], False))
        if "if" in schema and ("then" in schema or "else" in schema):
            condition, then, other = (
                schema["if"],
                schema.get("then", True),
                schema.get("else", True),
            )
            yield _either(
                [
                    self.expand_all((Requirement(condition), Requirement(then))),
                    self.expand_all((Requirement(condition, False), Requirement(other))),
                ]
            )
        for name, part in schema.get("dependentSchemas", {}).items():
            yield _either([self._needing(name, part), (_without(name),)])
        for name, needed in schema.get("dependentRequired", {}).items():
            yield (
                _without(name),
                Branch(kinds=ANY_VALUE.kinds, object=ObjectConstraint(required=tuple(needed))),
            )

    def _needing(self, name: str, part: Any) -> Branches:
        return self._all([(_with(name),), self.expand(Requirement(part))])

    def _target(self, schema: dict[str, Any]) -> Any:
        target = ref_target(schema)
        return True if target is None else resolve_pointer(self._document, target)

    def _exactly_one(self, schemas: Sequence[Any]) -> Branches:
        found = []
        for index, part in enumerate(schemas):
            others = [other for place, other in enumerate(schemas) if place != index]
            meeting = [other for other in others if not self._apart(part, other)]
            found.append(
                self.expand_all(
                    (Requirement(part), *(Requirement(other, False) for other in meeting))
                )
            )
        return _either(found)

    def _apart(self, one: Any, other: Any) -> bool:
        """Whether two schemas plainly exclude one another: then neither needs to be told not to be the other."""
        pairs = (
            (a, b) for a in self.expand(Requirement(one)) for b in self.expand(Requirement(other))
        )
        return all(
            both is None or self._contradicts(both)
            for both in (join_branches(a, b) for a, b in pairs)
        )

    def _contradicts(self, branch: Branch) -> bool:
        """Whether a member that is needed cannot be, as the member that tells one kind of object from another."""
        if branch.kinds != {"object"}:
            return False
        return any(not self._flat(name, branch.object) for name in branch.object.required)

    def _flat(self, name: str, rule: ObjectConstraint) -> Branches:
        told = (
            group.named[name].schema
            for group in rule.groups
            if name in group.named and group.named[name].holds
        )
        schemas = [
            follow_refs(self._document, schema, "")[0] if isinstance(schema, dict) else schema
            for schema in told
        ]
        return self._all(
            tuple(expand_keywords(part, self.is_hidden))
            for part in schemas
            if isinstance(part, dict)
        )

    def _closed(self, branch: Branch, rest: Any) -> Branch | None:
        groups = [group for group in branch.object.groups if group.annotates]
        if any(group.rest is not None for group in groups):
            return branch
        named = {name: Requirement(True) for group in groups for name in group.named}
        patterns = tuple(
            (pattern, Requirement(True)) for group in groups for pattern, _ in group.patterns
        )
        return join_branches(
            branch,
            Branch(
                object=ObjectConstraint(groups=(MemberSchemas(named, patterns, Requirement(rest)),))
            ),
        )

    def _ended(self, branch: Branch, rest: Any) -> Branch | None:
        groups = [group for group in branch.array.groups if group.annotates]
        if any(group.rest is not None for group in groups):
            return branch
        first = (Requirement(True),) * max((len(group.prefix) for group in groups), default=0)
        counted = [
            c.requirement.schema
            for c in branch.array.contains
            if c.annotates and c.requirement.holds
        ]
        after = Requirement(self.combine("anyOf", *counted, rest)) if counted else Requirement(rest)
        array = replace(ANY_VALUE.array, groups=(ItemSchemas(first, after),))
        return join_branches(branch, Branch(array=array))

    # A schema that is broken

    def _breaks(self, schema: dict[str, Any]) -> Branches:
        found = [tuple(negate_keywords(schema, self.is_hidden)), *self._unapplied(schema)]
        return _either(found)

    def _unapplied(self, schema: dict[str, Any]) -> Iterator[Branches]:
        if "$ref" in schema:
            yield self.expand(Requirement(self._target(schema), False))
        for part in schema.get("allOf", ()):
            yield self.expand(Requirement(part, False))
        if "anyOf" in schema:
            yield self.expand_all(tuple(Requirement(part, False) for part in schema["anyOf"]))
        if "oneOf" in schema:
            yield self.expand_all(tuple(Requirement(part, False) for part in schema["oneOf"]))
            for one, other in combinations(schema["oneOf"], 2):
                yield self.expand_all((Requirement(one), Requirement(other)))
        if "not" in schema:
            yield self.expand(Requirement(schema["not"]))
        if "if" in schema:
            if "then" in schema:
                yield self.expand_all(
                    (Requirement(schema["if"]), Requirement(schema["then"], False))
                )
            if "else" in schema:
                yield self.expand_all(
                    (Requirement(schema["if"], False), Requirement(schema["else"], False))
                )
        for name, part in schema.get("dependentSchemas", {}).items():
            yield self._all([(_object_with(name),), self.expand(Requirement(part, False))])
        yield from self._unevaluated(schema)

    def _unevaluated(self, schema: dict[str, Any]) -> Iterator[Branches]:
        """Break what is said of the rest: a guess, since what counts as the rest depends on the value."""
        adjacent = {key: part for key, part in schema.items() if not key.startswith("unevaluated")}
        for branch in self._holds(adjacent) if len(adjacent) < len(schema) else ():
            if "unevaluatedProperties" in schema:
                groups = [group for group in branch.object.groups if group.annotates]
                named = {name: atom for group in groups for name, atom in group.named.items()}
                patterns = tuple(pattern for group in groups for pattern in group.patterns)
                extra = NeededMember(
                    value=Requirement(schema["unevaluatedProperties"], False),
                    group=MemberSchemas(named, patterns),
                )
                told = join_branches(
                    branch,
                    Branch(
                        kinds=frozenset(["object"]),
                        object=ObjectConstraint(needed_members=(extra,)),
                        exact=False,
                    ),
                )
                yield () if told is None or any(group.rest for group in groups) else (told,)
            if "unevaluatedItems" in schema:
                first = max(
                    (len(group.prefix) for group in branch.array.groups if group.annotates),
                    default=0,
                )
                wrong = Contains(Requirement(schema["unevaluatedItems"], False), start=first)
                array = replace(ANY_VALUE.array, contains=(wrong,))
                told = join_branches(
                    branch, Branch(kinds=frozenset(["array"]), array=array, exact=False)
                )
                yield () if told is None else (told,)

    def _all(self, parts: Iterable[Branches]) -> Branches:
        """Give every way to obey all of several: one alternative of each."""
        found: Branches = ANY_BRANCH
        for part in parts:
            if part is ANY_BRANCH:
                continue
            pairs = (join_branches(one, other) for one in found for other in part)
            found = _first(branch for branch in pairs if branch is not None)
        return found


def _first(branches: Iterable[Branch]) -> Branches:
    return tuple(branch for _, branch in zip(range(MAX_BRANCHES), branches, strict=False))


def _either(parts: Iterable[Branches]) -> Branches:
    """Give the alternatives of several, those of each in turn, so that none is crowded out."""
    lists = [list(part) for part in parts]
    turns = range(max(map(len, lists), default=0))
    return _first(part[turn] for turn in turns for part in lists if turn < len(part))


def _alive(branches: Iterable[Branch | None]) -> Branches:
    return tuple(branch for branch in branches if branch is not None)


def _without(name: str) -> Branch:
    return Branch(object=ObjectConstraint(forbidden=frozenset([name])))


def _with(name: str) -> Branch:
    return Branch(kinds=frozenset(["object"]), object=ObjectConstraint(required=(name,)))


_object_with = _with

"""Expands schemas to branches.

With every alternative written out, a value can be built without guessing.

Source: JSON Schema Core 2020-12, section 10.2 (schemas applied to the same value) and section 11
(`unevaluated…`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, islice, product, starmap

from understudy.contract.document.pointers import (
    JsonObject,
    follow_refs,
    ref_target,
    resolve_pointer,
)
from understudy.contract.schema.keywords import Schema
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
)
from understudy.strategies.schema.join import join_branches
from understudy.strategies.schema.keyword_branches import expand_keywords, negate_keywords

MAX_BRANCHES = 48
"""The number of alternatives of one schema that are used. To leave out the rest loses variety,
never validity.
"""

Branches = tuple[Branch, ...]
NO_BRANCHES: Branches = ()
ANY_BRANCH: Branches = (ANY_VALUE,)

_Key = tuple[bool | int, bool]
"""The key of a requirement."""
_ARRAY = frozenset(["array"])
_OBJECT = frozenset(["object"])


class Expander:
    """Expands the schemas of one document, each once.

    `hidden` is `readOnly` for what a client sends, `writeOnly` for what a server sends, else empty:
    properties with this keyword are left out.
    """

    def __init__(self, document: Schema, hidden: str) -> None:
        self._document = document
        self._hidden = hidden
        self._known: dict[_Key, Branches] = {}
        self._in_progress: set[_Key] = set()
        self._combined: dict[tuple[str, tuple[_Key, ...]], JsonObject] = {}
        self._referenced: list[JsonObject] = []
        """Schemas that are keys by their identity: they must not be garbage collected."""

    def expand_all(self, requirements: Requirements) -> Branches:
        """Return the ways to satisfy all of some requirements."""
        return self._join_all(self.expand(requirement) for requirement in requirements)

    def expand(self, requirement: Requirement) -> Branches:
        """Return the ways to satisfy one schema, or to violate it."""
        schema, key = requirement.schema, requirement.key
        if isinstance(schema, bool):
            if schema is requirement.holds:
                return ANY_BRANCH
            return NO_BRANCHES
        if not isinstance(schema, dict):
            return NO_BRANCHES
        if key not in self._known:
            if key in self._in_progress:  # a schema that refers to itself for the same value
                return NO_BRANCHES
            self._in_progress.add(key)
            self._referenced.append(schema)
            if requirement.holds:
                self._known[key] = self._expand_schema(schema)
            else:
                self._known[key] = self._negate_schema(schema)
            self._in_progress.discard(key)
        return self._known[key]

    def _satisfy(self, schema: Schema) -> Branches:
        """Return the ways to satisfy a schema."""
        return self.expand(Requirement(schema))

    def _violate(self, schema: Schema) -> Branches:
        """Return the ways to violate a schema."""
        return self.expand(Requirement(schema, False))

    def combine(self, keyword: str, schemas: Sequence[Schema]) -> JsonObject:
        """Return the schema `{keyword: schemas}`.

        It is the same object for the same schemas, so that recursion ends.
        """
        identities = tuple(Requirement(part).key for part in schemas)
        key = (keyword, identities)
        if key not in self._combined:
            self._combined[key] = {keyword: list(schemas)}
        return self._combined[key]

    def is_hidden(self, schema: Schema | None) -> bool:
        """Return whether a property is one that this side never sends."""
        if not self._hidden or not isinstance(schema, dict):
            return False
        target, _ = follow_refs(self._document, schema, "")
        return isinstance(target, dict) and target.get(self._hidden) is True

    # A schema that holds

    def _expand_schema(self, schema: JsonObject) -> Branches:
        """Return the ways to satisfy a schema: its keywords together, then what is unevaluated."""
        keyword_branches = tuple(expand_keywords(schema, self.is_hidden))
        branches = self._join_all([keyword_branches, *self._expand_applicators(schema)])
        if "unevaluatedProperties" in schema:
            rest = schema["unevaluatedProperties"]
            branches = _present(self._close_members(branch, rest) for branch in branches)
        if "unevaluatedItems" in schema:
            rest = schema["unevaluatedItems"]
            branches = _present(self._close_items(branch, rest) for branch in branches)
        return branches

    def _expand_applicators(self, schema: JsonObject) -> Iterator[Branches]:
        """Yield the branches of each keyword that applies schemas to the very same value."""
        if "$ref" in schema:
            yield self._satisfy(self._target(schema))
        for part in schema.get("allOf", ()):
            yield self._satisfy(part)
        if "anyOf" in schema:
            yield _interleave(self._satisfy(part) for part in schema["anyOf"])
        if "oneOf" in schema:
            yield self._expand_one_of(schema["oneOf"])
        if "not" in schema:
            yield self._violate(schema["not"])
        if "if" in schema and ("then" in schema or "else" in schema):
            yield self._expand_condition(schema)
        for name, part in schema.get("dependentSchemas", {}).items():
            branches = [(_with_member(name),), self._satisfy(part)]
            with_name = self._join_all(branches)
            yield _interleave([with_name, (_without_member(name),)])
        for name, dependents in schema.get("dependentRequired", {}).items():
            with_dependents = Branch(object=ObjectConstraint(required=tuple(dependents)))
            yield (_without_member(name), with_dependents)

    def _expand_condition(self, schema: JsonObject) -> Branches:
        """Return the ways to satisfy `if` and `then`, or to violate `if` and satisfy `else`.

        An absent `then` or `else` is true (section 10.2.2).
        """
        condition = schema["if"]
        then, otherwise = schema.get("then", True), schema.get("else", True)
        satisfied = (Requirement(condition), Requirement(then))
        violated = (Requirement(condition, False), Requirement(otherwise))
        return _interleave([self.expand_all(satisfied), self.expand_all(violated)])

    def _target(self, schema: JsonObject) -> Schema:
        """Return the schema that `$ref` leads to; true when it leads nowhere that is known."""
        target = ref_target(schema)
        if target is None:
            return True
        schema_at_target: Schema = resolve_pointer(self._document, target)
        return schema_at_target

    def _expand_one_of(self, schemas: Sequence[Schema]) -> Branches:
        """Return the ways to satisfy exactly one of several schemas."""
        alternatives: list[Branches] = []
        for index, wanted in enumerate(schemas):
            unwanted = [*schemas[:index], *schemas[index + 1 :]]
            overlapping = [part for part in unwanted if not self._are_disjoint(wanted, part)]
            requirements = (Requirement(wanted), *_violate_each(overlapping))
            alternatives.append(self.expand_all(requirements))
        return _interleave(alternatives)

    def _are_disjoint(self, first: Schema, second: Schema) -> bool:
        """Return whether two schemas plainly exclude each other.

        Then a value of one satisfies no part of the other, and the other does not have to be
        violated.
        """
        first_branches = self._satisfy(first)
        if not first_branches:
            return True
        second_branches = self._satisfy(second)
        for first_branch, second_branch in product(first_branches, second_branches):
            joined = join_branches(first_branch, second_branch)
            if joined is not None and not self._is_contradictory(joined):
                return False
        return True

    def _is_contradictory(self, branch: Branch) -> bool:
        """Return whether a required member is impossible, such as a discriminator of two kinds."""
        if branch.kinds != {"object"}:
            return False
        constraint = branch.object
        return any(not self._expand_member(name, constraint) for name in constraint.required)

    def _expand_member(self, name: str, constraint: ObjectConstraint) -> Branches:
        """Return the branches of a named member.

        Only those keywords of its schemas are expanded that apply no other schema: a contradiction
        of these is enough to exclude two kinds of object.
        """
        named = [group.named[name] for group in constraint.groups if name in group.named]
        branches: list[Branches] = []
        for requirement in named:
            schema = requirement.schema
            if requirement.holds and isinstance(schema, dict):
                target, _ = follow_refs(self._document, schema, "")
                if isinstance(target, dict):
                    branches.append(tuple(expand_keywords(target, self.is_hidden)))
        return self._join_all(branches)

    def _close_members(self, branch: Branch, rest: Schema) -> Branch | None:
        """Return the branch with what `unevaluatedProperties` requires of all other members."""
        groups = [group for group in branch.object.groups if group.annotates]
        if any(group.rest is not None for group in groups):
            return branch
        named = {name: Requirement(True) for group in groups for name in group.named}
        known_patterns = [pattern for group in groups for pattern, _ in group.patterns]
        patterns = tuple((pattern, Requirement(True)) for pattern in known_patterns)
        closing = MemberSchemas(named, patterns, Requirement(rest))
        return join_branches(branch, Branch(object=ObjectConstraint(groups=(closing,))))

    def _close_items(self, branch: Branch, rest: Schema) -> Branch | None:
        """Return the branch with what `unevaluatedItems` requires of all other items."""
        groups = [group for group in branch.array.groups if group.annotates]
        if any(group.rest is not None for group in groups):
            return branch
        prefix = (Requirement(True),) * _longest_prefix(groups)
        # An item that `contains` found counts as evaluated.
        counted = [
            contains.requirement.schema
            for contains in branch.array.contains
            if contains.annotates and contains.requirement.holds
        ]
        after = Requirement(rest)
        if counted:
            after = Requirement(self.combine("anyOf", [*counted, rest]))
        array = replace(ANY_VALUE.array, groups=(ItemSchemas(prefix, after),))
        return join_branches(branch, Branch(array=array))

    # A schema that is violated

    def _negate_schema(self, schema: JsonObject) -> Branches:
        """Return the ways to violate a schema: one of its keywords each."""
        keyword_branches = tuple(negate_keywords(schema, self.is_hidden))
        return _interleave([keyword_branches, *self._negate_applicators(schema)])

    def _negate_applicators(self, schema: JsonObject) -> Iterator[Branches]:
        """Yield the branches that violate each keyword that applies schemas to the same value."""
        if "$ref" in schema:
            yield self._violate(self._target(schema))
        for part in schema.get("allOf", ()):
            yield self._violate(part)
        if "anyOf" in schema:
            yield self.expand_all(_violate_each(schema["anyOf"]))
        if "oneOf" in schema:
            yield self.expand_all(_violate_each(schema["oneOf"]))
            for first, second in combinations(schema["oneOf"], 2):
                yield self.expand_all((Requirement(first), Requirement(second)))
        if "not" in schema:
            yield self._satisfy(schema["not"])
        if "if" in schema and "then" in schema:
            yield self.expand_all((Requirement(schema["if"]), Requirement(schema["then"], False)))
        if "if" in schema and "else" in schema:
            yield self.expand_all(_violate_each([schema["if"], schema["else"]]))
        for name, part in schema.get("dependentSchemas", {}).items():
            branches = [(_with_member(name),), self._violate(part)]
            yield self._join_all(branches)
        yield from self._negate_unevaluated(schema)

    def _negate_unevaluated(self, schema: JsonObject) -> Iterator[Branches]:
        """Yield branches with a wrong member or item that nothing else evaluates.

        They are not exact, since what is evaluated depends on the value: each value has to be
        validated.
        """
        adjacent = {key: part for key, part in schema.items() if not key.startswith("unevaluated")}
        if len(adjacent) == len(schema):
            return
        for branch in self._expand_schema(adjacent):
            if "unevaluatedProperties" in schema:
                yield _add_wrong_member(branch, schema["unevaluatedProperties"])
            if "unevaluatedItems" in schema:
                yield _add_wrong_item(branch, schema["unevaluatedItems"])

    def _join_all(self, parts: Iterable[Branches]) -> Branches:
        """Return every way to satisfy all of several: one branch of each, joined."""
        joined: Branches = ANY_BRANCH
        for part in parts:
            if part is not ANY_BRANCH:
                pairs = starmap(join_branches, product(joined, part))
                joined = _first_branches(branch for branch in pairs if branch is not None)
        return joined


def _add_wrong_member(branch: Branch, rest: Schema) -> Branches:
    """Return the branch with a member that nothing evaluates, and that violates the rest."""
    groups = [group for group in branch.object.groups if group.annotates]
    named = {name: part for group in groups for name, part in group.named.items()}
    patterns = tuple(pattern for group in groups for pattern in group.patterns)
    wrong = NeededMember(value=Requirement(rest, False), group=MemberSchemas(named, patterns))
    constraint = ObjectConstraint(needed_members=(wrong,))
    joined = join_branches(branch, Branch(kinds=_OBJECT, object=constraint, exact=False))
    # Where another schema already evaluates the rest, nothing is unevaluated.
    if joined is None or any(group.rest for group in groups):
        return NO_BRANCHES
    return (joined,)


def _add_wrong_item(branch: Branch, rest: Schema) -> Branches:
    """Return the branch with an item that nothing evaluates, and that violates the rest."""
    start = _longest_prefix(group for group in branch.array.groups if group.annotates)
    wrong = Contains(Requirement(rest, False), start=start)
    array = replace(ANY_VALUE.array, contains=(wrong,))
    joined = join_branches(branch, Branch(kinds=_ARRAY, array=array, exact=False))
    if joined is None:
        return NO_BRANCHES
    return (joined,)


def _longest_prefix(groups: Iterable[ItemSchemas]) -> int:
    """Return from which index on the same is required of every item."""
    return max((len(group.prefix) for group in groups), default=0)


def _violate_each(schemas: Iterable[Schema]) -> Requirements:
    """Return the requirements to violate each of some schemas."""
    return tuple(Requirement(part, False) for part in schemas)


def _first_branches(branches: Iterable[Branch]) -> Branches:
    """Return at most MAX_BRANCHES of some branches."""
    return tuple(islice(branches, MAX_BRANCHES))


def _interleave(parts: Iterable[Branches]) -> Branches:
    """Return the branches of several alternatives, one of each in turn.

    So none of the alternatives is lost when the number of branches is limited.
    """
    lists = list(parts)
    turns = range(max(map(len, lists), default=0))
    return _first_branches(part[turn] for turn in turns for part in lists if turn < len(part))


def _present(branches: Iterable[Branch | None]) -> Branches:
    """Return the branches that are possible."""
    return tuple(branch for branch in branches if branch is not None)


def _without_member(name: str) -> Branch:
    """Return the branch of values without a member: also those that are not objects."""
    return Branch(object=ObjectConstraint(forbidden=frozenset([name])))


def _with_member(name: str) -> Branch:
    """Return the branch of objects that have a member."""
    return Branch(kinds=_OBJECT, object=ObjectConstraint(required=(name,)))

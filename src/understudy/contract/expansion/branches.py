"""Expands schemas to branches.

With every alternative written out, a value can be built without guessing.

Source: JSON Schema Core 2020-12, section 10.2 (schemas applied to the same value) and section 11
(`unevaluated…`).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice, product, starmap

from understudy.contract.document.pointers import (
    JsonObject,
    follow_refs,
    ref_target,
    resolve_pointer,
)
from understudy.contract.expansion.constraints import (
    ANY_VALUE,
    Branch,
    ObjectConstraint,
    Requirement,
    Requirements,
    violate_each,
)
from understudy.contract.expansion.join import (
    drop_annotations,
    join_branches,
    list_present,
    with_member,
    without_member,
)
from understudy.contract.expansion.keyword_branches import (
    expand_keywords,
    make_hidden_predicate,
    negate_keywords,
)
from understudy.contract.expansion.unevaluated import (
    add_wrong_item,
    add_wrong_member,
    close_items,
    close_members,
)
from understudy.contract.schema.discriminators import (
    is_lenient_one_of,
    is_reference,
    list_subtypes,
    pin_alternative,
    pin_reference,
)
from understudy.contract.schema.keywords import Schema
from understudy.messages import dump_json

MAX_BRANCHES = 48
"""How many alternatives of one schema are used. Without the rest, values vary less."""
_MANY_ALTERNATIVES = 24
"""How many alternatives of one `oneOf` are used: each has to exclude all others."""
_BRANCHES_OF_MANY = 4
"""How many ways to exclude the others are used, where there are more alternatives."""

Branches = tuple[Branch, ...]
NO_BRANCHES: Branches = ()
ANY_BRANCH: Branches = (ANY_VALUE,)

_Key = tuple[bool | int, bool]
"""The key of a requirement."""
_ARRAY = frozenset(["array"])
_OBJECT = frozenset(["object"])
_PLAIN_KEYWORDS = frozenset(["type", "enum", "const", "title", "description", "example"])
"""A schema of these keywords alone is violated by a value that violates one of them."""


class Expander:
    """Expands the schemas of one document, each once.

    `hidden` is `readOnly` for what a client sends, `writeOnly` for what a server sends, else empty:
    properties with this keyword are left out. With `names_alternatives`, a value has the name that
    a `discriminator` requires: fewer values than the schema allows.
    """

    def __init__(self, document: Schema, hidden: str, *, names_alternatives: bool = True) -> None:
        self._document = document
        self._hidden = hidden
        self.is_hidden = make_hidden_predicate(document, hidden)
        self._names_alternatives = names_alternatives
        self._complete: Expander | None = None
        """Expands the same schemas without the names that a `discriminator` requires."""
        self._known: dict[_Key, Branches] = {}
        self._in_progress: set[_Key] = set()
        self._incomplete: set[_Key] = set()
        """The keys of schemas of which some alternatives are left out."""
        self._is_incomplete = False
        """Whether alternatives were left out since this was last set to False."""
        self._combined: dict[tuple[str, tuple[_Key, ...]], JsonObject] = {}
        self._referenced: list[JsonObject] = []
        """Schemas that are keys by their identity: they must not be garbage collected."""
        self._references: dict[str, JsonObject] = {}
        self._pins: dict[bytes, JsonObject] = {}

    def expand_all(self, requirements: Requirements) -> Branches:
        """Return the ways to satisfy all of some requirements."""
        return self._join_all(self.expand(requirement) for requirement in requirements)

    def expand(self, requirement: Requirement) -> Branches:
        """Return the ways to satisfy one schema, or to violate it.

        What is violated evaluates nothing, not even where it contains a schema that holds: only a
        subschema that holds adds to what `unevaluated…` sees (section 7.7.1.2).
        """
        schema, key = requirement.schema, requirement.key
        if isinstance(schema, bool):
            if schema is requirement.holds:
                return ANY_BRANCH
            return NO_BRANCHES
        if not isinstance(schema, dict):
            return NO_BRANCHES
        if key not in self._known:
            if key in self._in_progress:  # a schema that refers to itself for the same value
                self._is_incomplete = True
                return NO_BRANCHES
            self._expand_new(schema, key, holds=requirement.holds)
        if key in self._incomplete:
            self._is_incomplete = True
        return self._known[key]

    def _expand_new(self, schema: JsonObject, key: _Key, *, holds: bool) -> None:
        """Expand a schema for the first time, and note whether alternatives were left out."""
        was_incomplete = self._is_incomplete
        self._is_incomplete = False
        self._in_progress.add(key)
        self._referenced.append(schema)
        if holds:
            self._known[key] = self._expand_schema(schema)
        else:
            self._known[key] = tuple(map(drop_annotations, self._negate_schema(schema)))
        self._in_progress.discard(key)
        if self._is_incomplete:
            self._incomplete.add(key)
        self._is_incomplete = was_incomplete

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

    # A schema that holds

    def _expand_schema(self, schema: JsonObject) -> Branches:
        """Return the ways to satisfy a schema: its keywords together, then what is unevaluated."""
        keyword_branches = tuple(expand_keywords(schema, self.is_hidden))
        branches = self._join_all([keyword_branches, *self._expand_applicators(schema)])
        if "unevaluatedProperties" in schema:
            rest = schema["unevaluatedProperties"]
            branches = list_present(close_members(branch, rest) for branch in branches)
        if "unevaluatedItems" in schema:
            rest = schema["unevaluatedItems"]
            branches = list_present(close_items(branch, rest, self.combine) for branch in branches)
        return branches

    def _expand_applicators(self, schema: JsonObject) -> Iterator[Branches]:
        """Yield the branches of each keyword that applies schemas to the very same value."""
        if "$ref" in schema:
            yield self._expand_reference(schema)
        for part in schema.get("allOf", ()):
            # What a schema inherits from does not name it: only the schema itself has a name.
            yield self._satisfy(self._target(part) if is_reference(part) else part)
        if "anyOf" in schema:
            yield self._interleave(
                self._name_alternative(schema, part, self._satisfy(part))
                for part in schema["anyOf"]
            )
        if "oneOf" in schema:
            yield self._expand_one_of(schema)
        if "not" in schema:
            yield self._violate(schema["not"])
        if "if" in schema and ("then" in schema or "else" in schema):
            yield self._expand_condition(schema)
        for name, part in schema.get("dependentSchemas", {}).items():
            branches = [(with_member(name),), self._satisfy(part)]
            with_name = self._join_all(branches)
            yield self._interleave([with_name, (without_member(name),)])
        for name, dependents in schema.get("dependentRequired", {}).items():
            with_dependents = Branch(object=ObjectConstraint(required=tuple(dependents)))
            yield (without_member(name), with_dependents)

    def _expand_condition(self, schema: JsonObject) -> Branches:
        """Return the ways to satisfy `if` and `then`, or to violate `if` and satisfy `else`."""
        # An absent `then` or `else` is true (section 10.2.2).
        condition = schema["if"]
        then, otherwise = schema.get("then", True), schema.get("else", True)
        satisfied = (Requirement(condition), Requirement(then))
        violated = (Requirement(condition, False), Requirement(otherwise))
        return self._interleave([self.expand_all(satisfied), self.expand_all(violated)])

    def _target(self, schema: JsonObject) -> Schema:
        """Return the schema that `$ref` leads to; true when it leads nowhere that is known."""
        target = ref_target(schema)
        if target is None:
            return True
        schema_at_target: Schema = resolve_pointer(self._document, target)
        return schema_at_target

    def _expand_reference(self, schema: JsonObject) -> Branches:
        """Return the ways to satisfy a `$ref`, named by an inherited discriminator.

        For a schema that others inherit from, these are used instead of it.
        """
        target = self._satisfy(self._target(schema))
        if not self._names_alternatives:
            return target
        subtypes = list_subtypes(self._document, schema)
        if subtypes:
            # The same object each time for the same target, so that recursion ends.
            same = [self._references.setdefault(part["$ref"], part) for part in subtypes]
            references = self.combine("anyOf", same)
            joined = self._join_all([target, self._satisfy(references)])
            if joined:
                return joined
        return self._join_pin(target, pin_reference(self._document, schema))

    def _expand_alternatives(self, schema: JsonObject, alternatives: Sequence[Schema]) -> Branches:
        """Return the ways to satisfy one or more of the alternatives of a schema."""
        return self._interleave(
            self._name_alternative(schema, part, self._satisfy(part)) for part in alternatives
        )

    def _name_alternative(
        self, schema: JsonObject, alternative: Schema, branches: Branches
    ) -> Branches:
        """Return the branches of an alternative with the name that a discriminator requires."""
        if not self._names_alternatives:
            return branches
        return self._join_pin(branches, pin_alternative(self._document, schema, alternative))

    def _join_pin(self, branches: Branches, pin: JsonObject | None) -> Branches:
        """Return branches with a name; without it, where the schema contradicts the name."""
        if pin is None:
            return branches
        key = dump_json(pin)
        same_pin = self._pins.setdefault(key, pin)
        joined = self._join_all([branches, self._satisfy(same_pin)])
        possible = tuple(branch for branch in joined if not self._is_contradictory(branch))
        return possible or branches

    def _expand_one_of(self, schema: JsonObject) -> Branches:
        """Return the ways to satisfy exactly one of several schemas.

        A discriminator chooses one of them, even where several are satisfied.
        """
        schemas = schema["oneOf"]
        alternatives: list[Branches] = []
        limit = MAX_BRANCHES
        if len(schemas) > _MANY_ALTERNATIVES:
            limit = _BRANCHES_OF_MANY
            self._is_incomplete = True
        for index, wanted in islice(enumerate(schemas), _MANY_ALTERNATIVES):
            unwanted = [*schemas[:index], *schemas[index + 1 :]]
            overlapping = [part for part in unwanted if not self._are_disjoint(wanted, part)]
            requirements = (Requirement(wanted), *violate_each(overlapping))
            branches = ANY_BRANCH
            for requirement in requirements:
                joined = self._join_all([branches, self.expand(requirement)], limit)
                # Else contradictory branches could be all that the limit leaves.
                branches = tuple(part for part in joined if not self._is_contradictory(part))
            alternatives.append(self._name_alternative(schema, wanted, branches))
        strict = self._interleave(alternatives)
        if is_lenient_one_of(schema) and all(map(self._is_contradictory, strict)):
            return self._expand_alternatives(schema, schemas)
        return strict

    def _are_disjoint(self, first: Schema, second: Schema) -> bool:
        """Return whether two schemas plainly exclude each other.

        Then a value of one satisfies no part of the other.
        """
        if self._names_alternatives:
            if self._complete is None:
                self._complete = Expander(self._document, self._hidden, names_alternatives=False)
            return self._complete._are_disjoint(first, second)
        was_incomplete = self._is_incomplete
        self._is_incomplete = False
        first_branches = self._satisfy(first)
        second_branches = self._satisfy(second)
        if self._is_incomplete:
            return False  # an alternative that was left out may be the one that both satisfy
        self._is_incomplete = was_incomplete
        for first_branch, second_branch in product(first_branches, second_branches):
            joined = join_branches(first_branch, second_branch)
            if joined is not None and not self._is_contradictory(joined):
                return False
        return True

    def _is_contradictory(self, branch: Branch) -> bool:
        """Return whether a required member is impossible, such as a discriminator of two kinds."""
        if branch.kinds != _OBJECT or branch.allowed is not None:
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
            elif isinstance(schema, dict) and _PLAIN_KEYWORDS.issuperset(schema):
                branches.append(tuple(negate_keywords(schema, self.is_hidden)))
        return self._join_all(branches)

    # A schema that is violated

    def _negate_schema(self, schema: JsonObject) -> Branches:
        """Return the ways to violate a schema: one of its keywords each."""
        keyword_branches = tuple(negate_keywords(schema, self.is_hidden))
        return self._interleave([keyword_branches, *self._negate_applicators(schema)])

    def _negate_applicators(self, schema: JsonObject) -> Iterator[Branches]:
        """Yield the branches that violate each keyword that applies schemas to the same value."""
        if "$ref" in schema:
            yield self._violate(self._target(schema))
        for part in schema.get("allOf", ()):
            yield self._violate(part)
        if "anyOf" in schema:
            yield self.expand_all(violate_each(schema["anyOf"]))
        if "oneOf" in schema:
            yield self.expand_all(violate_each(schema["oneOf"]))
            for first, second in islice(combinations(schema["oneOf"], 2), MAX_BRANCHES):
                yield self.expand_all((Requirement(first), Requirement(second)))
        if "not" in schema:
            yield self._satisfy(schema["not"])
        if "if" in schema and "then" in schema:
            yield self.expand_all((Requirement(schema["if"]), Requirement(schema["then"], False)))
        if "if" in schema and "else" in schema:
            yield self.expand_all(violate_each([schema["if"], schema["else"]]))
        for name, part in schema.get("dependentSchemas", {}).items():
            branches = [(with_member(name),), self._violate(part)]
            yield self._join_all(branches)
        yield from self._negate_unevaluated(schema)

    def _negate_unevaluated(self, schema: JsonObject) -> Iterator[Branches]:
        """Yield branches with a wrong member or item that nothing else evaluates.

        They are not exact, since what is evaluated depends on the value.
        """
        adjacent = {key: part for key, part in schema.items() if not key.startswith("unevaluated")}
        if len(adjacent) == len(schema):
            return
        for branch in self._expand_schema(adjacent):
            if "unevaluatedProperties" in schema:
                yield add_wrong_member(branch, schema["unevaluatedProperties"])
            if "unevaluatedItems" in schema:
                yield add_wrong_item(branch, schema["unevaluatedItems"])

    def _join_all(self, parts: Iterable[Branches], limit: int = MAX_BRANCHES) -> Branches:
        """Return every way to satisfy all of several: one branch of each, joined."""
        joined: Branches = ANY_BRANCH
        for part in parts:
            if part is not ANY_BRANCH:
                pairs = starmap(join_branches, product(joined, part))
                possible = (branch for branch in pairs if branch is not None)
                joined = self._limit(possible, limit)
        return joined

    def _interleave(self, parts: Iterable[Branches]) -> Branches:
        """Return the branches of several alternatives, one of each in turn.

        So none of the alternatives is lost when the number of branches is limited.
        """
        lists = list(parts)
        turns = range(max(map(len, lists), default=0))
        return self._limit(part[turn] for turn in turns for part in lists if turn < len(part))

    def _limit(self, branches: Iterator[Branch], limit: int = MAX_BRANCHES) -> Branches:
        """Return the first of some branches, up to a limit."""
        limited = tuple(islice(branches, limit))
        if next(branches, None) is not None:
            self._is_incomplete = True
        return limited

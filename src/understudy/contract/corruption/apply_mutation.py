"""The application of a mutation at a location: the changed value, and what the contract reports.

A mutation changes its site: the location itself, or the container of a missing or renamed member.
The errors are those of the anchor: the outermost value around the site whose schema sees the
site, because of `anyOf` or `unevaluatedProperties`, for example. Errors that were there before
are ignored. So a response that is wrong already can still be corrupted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from understudy.contract.corruption.corruption_context import (
    CorruptionContext,
    ValueWalk,
    replace_at,
    value_at,
)
from understudy.contract.corruption.locations import Location
from understudy.contract.corruption.mutation_subject import Mutation, Subject
from understudy.contract.corruption.mutations import (
    CONTAINER_MUTATIONS,
    EXTRA_FIELD_NAME,
    VALUE_MUTATIONS,
)
from understudy.contract.document.pointers import child_pointer, join_pointer
from understudy.contract.schema.validator import SchemaError
from understudy.messages import Json

BREAKABLE_KEYWORDS: dict[Mutation, tuple[str, ...]] = {
    Mutation.WRONG_TYPE: ("type",),
    Mutation.NULL: ("type", "enum", "const"),
    Mutation.MISSING: ("required", "dependentRequired", "minProperties"),
    Mutation.UNKNOWN_ENUM: ("enum", "const"),
    Mutation.NUMBER_AS_STRING: ("type",),
    Mutation.OFF_BY_ONE_LOW: (
        *("minimum", "exclusiveMinimum", "format", "minLength", "minItems", "minProperties"),
    ),
    Mutation.OFF_BY_ONE_HIGH: (
        *("maximum", "exclusiveMaximum", "format", "maxLength", "maxItems", "maxProperties"),
    ),
    Mutation.EMPTY: (
        *("minLength", "minItems", "minProperties", "required"),
        *("enum", "const", "format", "pattern"),
        *("contains", "minContains"),
    ),
    Mutation.OVERSIZE: ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "format"),
    Mutation.BAD_FORMAT: ("format", "pattern"),
    Mutation.DUPLICATE_ITEM: ("uniqueItems", "maxItems", "maxContains"),
    Mutation.EXTRA_FIELD: (
        *("additionalProperties", "unevaluatedProperties", "maxProperties", "propertyNames"),
    ),
    Mutation.RENAMED: (
        *("required", "additionalProperties", "unevaluatedProperties", "minProperties"),
    ),
    Mutation.WRONG_ENVELOPE_STATUS: ("enum", "const", "minimum", "maximum"),
}
"""The keywords that a mutation may break at its location; the first that is broken is the rule."""
_SPANNING_RULES = ("anyOf", "oneOf", "not", "contains", "unevaluatedProperties", "unevaluatedItems")
"""Keywords of an outer value that a mutation may break instead: they validate its inner values."""
_HARMLESS = frozenset(
    [
        *(Mutation.NULL, Mutation.MISSING, Mutation.EMPTY, Mutation.OVERSIZE, Mutation.BAD_FORMAT),
        *(Mutation.DUPLICATE_ITEM, Mutation.EXTRA_FIELD, Mutation.RENAMED),
        Mutation.WRONG_ENVELOPE_STATUS,
    ]
)
"""Mutations that are in the catalogue even where the contract allows their values."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A changed value, and the rule that it breaks."""

    value: Json
    rule: str
    """The broken keyword; empty when the value is valid."""
    place: str
    """The location whose schemas report it, as a path."""
    is_only_error: bool
    """Whether the value breaks nothing else."""


class MutationAttempt:
    """A value in which mutations are tried at one location.

    :param start: the location that the value itself stands at.
    :param in_container: whether the container of the location is changed, not the value there.
    :param seed: selects among the items of arrays, and makes the samples.
    """

    def __init__(
        self,
        context: CorruptionContext,
        location: Location,
        value: Json,
        *,
        start: Location,
        in_container: bool = False,
        seed: int = 0,
    ) -> None:
        lineage = location.lineage
        walk = ValueWalk(context, value, seed)
        walk.reach(lineage[lineage.index(start) :])
        tokens = walk.tokens
        self._context = context
        self._root = walk.root
        self._site = location
        """The location that changes."""
        self._site_tokens = tokens
        if in_container:
            self._site_tokens = tokens[:-1]
            if location.parent is not None:
                self._site = location.parent
        self._anchor = self._site.anchor
        # Only the anchor is validated. It is never above the start: the start is an anchor itself,
        # or stands above the anchor.
        anchor_depth = max(0, self._anchor.depth - start.depth)
        self._anchor_tokens = self._site_tokens[:anchor_depth]
        errors = self._find_errors(self._root)
        self._known_errors = {(error.pointer, error.keyword) for error in errors}
        """What is wrong before any mutation: it is not reported again."""
        container, key = None, None
        if tokens:
            *path, key = tokens
            container = value_at(self._root, path)
        types = location.types(context.document)
        value_there = value_at(self._root, tokens)
        self._subject = Subject(context, location, types, value_there, container, key, seed)

    def try_mutation(self, mutation: Mutation, rule: str | None = None) -> Outcome | None:
        """Return the outcome of a mutation; None where it has none at this location.

        Of several wrong values, one that breaks a single rule is preferred; with `rule`, one that
        breaks this rule.
        """
        outcomes = list(self._iter_outcomes(mutation))
        if not outcomes:
            return None
        if rule is not None:
            for outcome in outcomes:
                if outcome.rule == rule and outcome.is_only_error:
                    return outcome
            return outcomes[0]
        broken = [outcome for outcome in outcomes if outcome.rule]
        for outcome in broken:
            if outcome.is_only_error:
                return outcome
        if broken:
            return broken[0]
        if mutation in _HARMLESS:
            return outcomes[0]
        return None

    def _iter_outcomes(self, mutation: Mutation) -> Iterator[Outcome]:
        """Yield the outcome of each wrong value that breaks no more than the mutation is about."""
        pointer = join_pointer(self._site_tokens[len(self._anchor_tokens) :])
        generate = VALUE_MUTATIONS.get(mutation) or CONTAINER_MUTATIONS[mutation]
        for candidate in generate(self._subject):
            changed = replace_at(self._root, self._site_tokens, candidate)
            errors = self._find_errors(changed)
            new_errors = [
                error
                for error in errors
                if (error.pointer, error.keyword) not in self._known_errors
            ]
            if not new_errors and any(error.pointer == pointer for error in errors):
                continue  # no sample is valid there, so the mutation shows nothing
            result = _select_rule(new_errors, mutation, self._site, pointer, self._anchor)
            if result is not None:
                yield Outcome(changed, *result)

    def _find_errors(self, root: Json) -> list[SchemaError]:
        """Return the errors of the anchor's part of a value."""
        value = value_at(root, self._anchor_tokens)
        return self._context.find_errors(self._anchor.schemas, value)


def _select_rule(
    errors: Sequence[SchemaError],
    mutation: Mutation,
    site: Location,
    pointer: str,
    anchor: Location,
) -> tuple[str, str, bool] | None:
    """Return rule, place, and whether the rule is the only one that breaks.

    Return None when something breaks that the mutation is not about. `pointer` leads from the
    anchor to the site.
    """
    path = site.outside_branches.path
    if not errors:
        return "", path, True
    extra = child_pointer(pointer, EXTRA_FIELD_NAME)
    if not all(_is_on_the_way(error.pointer, pointer, extra) for error in errors):
        return None
    # An emptied object lacks each of its required fields: that is one rule.
    is_one_field = len(errors[0].names) <= 1 or mutation is Mutation.EMPTY
    is_only_error = len(errors) == 1 and is_one_field
    broken_here = [error.keyword for error in errors if error.pointer == pointer]
    for keyword in BREAKABLE_KEYWORDS[mutation]:
        if keyword in broken_here:
            return keyword, path, is_only_error
    for error in errors:
        if error.pointer not in (pointer, extra):
            place = _path_of_pointer(anchor, site, error.pointer)
            return error.keyword, place, is_only_error
        if error.keyword in _SPANNING_RULES:
            return error.keyword, path, is_only_error
        if error.pointer == extra and mutation is Mutation.EXTRA_FIELD:
            return error.keyword, f"{path}/{EXTRA_FIELD_NAME}", is_only_error
    return None


def _is_on_the_way(error_pointer: str, pointer: str, extra: str) -> bool:
    """Return whether an error is at the site, at a value around it, or at the extra field."""
    if error_pointer == extra:
        return True
    return f"{pointer}/".startswith(f"{error_pointer}/")


def _path_of_pointer(anchor: Location, site: Location, pointer: str) -> str:
    """Return the path of the location between anchor and site that a pointer leads to."""
    depth = anchor.depth + pointer.count("/")
    for location in site.lineage:
        if location.depth == depth:
            return location.path
    raise LookupError(f"no location of {site.path} has the depth {depth}")

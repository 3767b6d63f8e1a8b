"""What a mutation does at a place: the changed value, and what the contract says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from understudy.contract.corruption.corruption_context import (
    CorruptionContext,
    ValueWalk,
    replace_at,
    value_at,
)
from understudy.contract.corruption.locations import Location
from understudy.contract.corruption.mutations import (
    CONTAINER_MUTATIONS,
    EXTRA_FIELD_NAME,
    VALUE_MUTATIONS,
    Mutation,
    Subject,
)
from understudy.contract.document.pointers import child_pointer, join_pointer
from understudy.contract.schema.validator import SchemaError

_TEXTS = ("enum", "const", "format", "pattern")
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
        "minLength",
        "minItems",
        "minProperties",
        "required",
        *_TEXTS,
        "contains",
        "minContains",
    ),
    Mutation.OVERSIZE: ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "format"),
    Mutation.BAD_FORMAT: ("format", "pattern"),
    Mutation.DUPLICATE_ITEM: ("uniqueItems", "maxItems", "maxContains"),
    Mutation.EXTRA_FIELD: (
        "additionalProperties",
        "unevaluatedProperties",
        "maxProperties",
        "propertyNames",
    ),
    Mutation.RENAMED: (
        "required",
        "additionalProperties",
        "unevaluatedProperties",
        "minProperties",
    ),
    Mutation.WRONG_ENVELOPE_STATUS: ("enum", "const", "minimum", "maximum"),
}
"""The keywords that a mutation may break at its place; the first that is broken is the rule."""
_ALTERNATIVES = ("anyOf", "oneOf", "not", "contains", "unevaluatedProperties", "unevaluatedItems")
_HARMLESS = frozenset(
    [
        *(Mutation.NULL, Mutation.MISSING, Mutation.EMPTY, Mutation.OVERSIZE, Mutation.BAD_FORMAT),
        *(
            Mutation.DUPLICATE_ITEM,
            Mutation.EXTRA_FIELD,
            Mutation.RENAMED,
            Mutation.WRONG_ENVELOPE_STATUS,
        ),
    ]
)
"""Mutations that are told even where the contract allows what they do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A changed value, and what breaks."""

    value: Any
    rule: str
    """Empty when nothing breaks."""
    place: str
    """Where the schemas tell it, as a spot's path."""
    is_only_error: bool
    """Whether the rule is the only one that breaks."""


class MutationAttempt:
    """A value on which mutations are tried at one place. `start` is the place that the value stands at.

    With `in_holder`, the object that holds the place is changed, else the value that is there.
    """

    def __init__(
        self,
        ground: CorruptionContext,
        spot: Location,
        value: Any,
        *,
        start: Location,
        in_holder: bool = False,
        seed: int = 0,
    ) -> None:
        line = spot.lineage
        walk = ValueWalk(ground, value, seed)
        walk.reach(line[line.index(start) :])
        tokens = walk.tokens
        self._ground, self._whole = ground, walk.root
        self._site = spot.parent if in_holder and spot.parent is not None else spot
        self._where = tokens[:-1] if in_holder else tokens
        self._anchor = self._site.anchor
        # What is above the start is not asked, and need not be: the start is the anchor, or above it.
        self._above = self._where[: max(0, self._anchor.depth - start.depth)]
        here = self._errors(self._whole)
        self._before = {(error.pointer, error.keyword) for error in here}
        holder = value_at(self._whole, tokens[:-1]) if tokens else None
        types = spot.types(ground.document)
        self._subject = Subject(
            ground,
            spot,
            types,
            value_at(self._whole, tokens),
            holder,
            tokens[-1] if tokens else None,
            seed,
        )

    def try_mutation(self, mutation: Mutation, rule: str | None = None) -> Outcome | None:
        """Tell what a mutation does; None where it says nothing.

        Of the wrong values that there are, one is taken that breaks nothing else; with `rule`, one that breaks this.
        """
        found = list(self._outcomes(mutation))
        if rule is not None:
            return next(
                (one for one in found if one.rule == rule and one.is_only_error),
                next(iter(found), None),
            )
        broken = [one for one in found if one.rule]
        harmless = [one for one in found if not one.rule and mutation in _HARMLESS]
        return next(
            (one for one in broken if one.is_only_error), next(iter([*broken, *harmless]), None)
        )

    def _outcomes(self, mutation: Mutation) -> Iterator[Outcome]:
        pointer = join_pointer(self._where[len(self._above) :])
        for made in {**VALUE_MUTATIONS, **CONTAINER_MUTATIONS}[mutation](self._subject):
            changed = replace_at(self._whole, self._where, made)
            errors = self._errors(changed)
            news = [error for error in errors if (error.pointer, error.keyword) not in self._before]
            if not news and any(error.pointer == pointer for error in errors):
                continue  # no sample is valid there, so that nothing can be said of it
            told = _told(news, mutation, self._site, pointer, self._anchor)
            if told is not None:
                yield Outcome(changed, *told)

    def _errors(self, whole: Any) -> list[SchemaError]:
        return self._ground.find_errors(self._anchor.schemas, value_at(whole, self._above))


def _told(
    errors: list[SchemaError], mutation: Mutation, site: Location, pointer: str, anchor: Location
) -> tuple[str, str, bool] | None:
    """Give rule, place, and whether it is the only one; None when something else breaks than the mutation is about."""
    path = site.outside_branches.path
    if not errors:
        return "", path, True
    alone = len(errors) == 1 and (len(errors[0].names) <= 1 or mutation is Mutation.EMPTY)
    extra = child_pointer(pointer, EXTRA_FIELD_NAME)
    if any(
        error.pointer != extra and not f"{pointer}/".startswith(f"{error.pointer}/")
        for error in errors
    ):
        return None
    here = [error.keyword for error in errors if error.pointer == pointer]
    rule = next((rule for rule in BREAKABLE_KEYWORDS[mutation] if rule in here), "")
    if rule:
        return rule, path, alone
    for error in errors:
        if error.pointer != pointer and error.pointer != extra:
            return error.keyword, _path(anchor, site, error.pointer), alone
        if error.keyword in _ALTERNATIVES:
            return error.keyword, path, alone
        if error.pointer == extra and mutation is Mutation.EXTRA_FIELD:
            return error.keyword, f"{path}/{EXTRA_FIELD_NAME}", alone
    return None


def _path(anchor: Location, site: Location, pointer: str) -> str:
    """Give the path of the place between anchor and site that a pointer below the anchor leads to."""
    depth = anchor.depth + pointer.count("/")
    return next(spot.path for spot in site.lineage if spot.depth == depth)

"""The mutations that are possible at the locations of one body, and what each of them breaks.

Each mutation is tried on a sample. What equal schemas have shown at another location is not tried
again: so a contract with thousands of locations has its catalogue within a second.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from understudy.contract.corruption.apply_mutation import MutationAttempt
from understudy.contract.corruption.corruption_context import CorruptionContext, ValueWalk
from understudy.contract.corruption.locations import Location, Step, iter_locations
from understudy.contract.corruption.mutation_subject import Mutation
from understudy.contract.corruption.mutations import CONTAINER_MUTATIONS, VALUE_MUTATIONS
from understudy.messages import Json

_BRANCH_MUTATIONS = (
    *(Mutation.UNKNOWN_ENUM, Mutation.NUMBER_AS_STRING),
    *(Mutation.OFF_BY_ONE_LOW, Mutation.OFF_BY_ONE_HIGH),
    *(Mutation.EMPTY, Mutation.OVERSIZE, Mutation.BAD_FORMAT),
    *(Mutation.DUPLICATE_ITEM, Mutation.EXTRA_FIELD),
)
"""The mutations of an alternative; the others are listed once, at the value itself."""


@dataclass(frozen=True, slots=True)
class PossibleMutation:
    """A mutation at a location of a body, whichever operations have the body."""

    location: Location
    mutation: Mutation
    rule: str
    """The keyword that it breaks; empty when it breaks none."""
    place: str
    """The location that reports the rule; empty when no rule is broken."""


@lru_cache(maxsize=256)
def list_possible_mutations(context: CorruptionContext) -> tuple[PossibleMutation, ...]:
    """Return every mutation of a body, in the order of its locations.

    Operations that answer by the same schema share the result.
    """
    finder = _MutationFinder(context)
    mutations: list[PossibleMutation] = []
    for location in finder.iter_possible_locations():
        mutations += finder.find(location, in_container=False)
        if location.step is Step.MEMBER:
            mutations += finder.find(location, in_container=True)
    return tuple(mutations)


@lru_cache(maxsize=256)
def list_mutation_kinds(context: CorruptionContext) -> frozenset[Mutation]:
    """Return the kinds of mutations that a body has at any location.

    A kind that was found once is not tried at further locations.
    """
    finder = _MutationFinder(context)
    kinds: set[Mutation] = set()
    for location in finder.iter_possible_locations():
        for possible in finder.find(location, in_container=False, known=frozenset(kinds)):
            kinds.add(possible.mutation)
        if location.step is Step.MEMBER:
            for possible in finder.find(location, in_container=True, known=frozenset(kinds)):
                kinds.add(possible.mutation)
    return frozenset(kinds)


@dataclass(frozen=True, slots=True)
class _Result:
    """What mutations did at one location; it holds for each location with the same schemas."""

    site: Location
    """The location that changed: the one that was tried, or its parent."""
    outcomes: tuple[tuple[Mutation, str, str], ...]
    """Mutation, rule and place."""


class _MutationFinder:
    """Tries mutations at the locations of one body, and remembers what equal schemas have shown."""

    def __init__(self, context: CorruptionContext) -> None:
        self._context = context
        self._results: dict[Hashable, _Result] = {}
        self._samples: dict[tuple[int, ...], Any] = {}
        self._steps: dict[Hashable, bool] = {}
        """Whether a step from some schemas leads to a location that a valid value can have."""
        self._impossible: set[Location] = set()

    def iter_possible_locations(self) -> Iterator[Location]:
        """Yield the locations that a valid value can have.

        Other keywords can forbid one: `propertyNames`, say, what `additionalProperties` describes.
        """
        for location in iter_locations(self._context.document, self._context.schema):
            if self._is_possible(location):
                yield location

    def _is_possible(self, location: Location) -> bool:
        parent = location.parent
        if parent is None:
            return True
        key = (*map(id, parent.schemas), location.step, location.key)
        if key not in self._steps:
            self._steps[key] = self._is_step_possible(location, parent)
        if parent in self._impossible or not self._steps[key]:
            self._impossible.add(location)
            return False
        return True

    def _is_step_possible(self, location: Location, parent: Location) -> bool:
        """Return whether a sample of the parent stays valid when the location is put into it."""
        sample = self._build_sample(parent)
        walk = ValueWalk(self._context, sample, 0)
        walk.reach([parent, location])
        return self._broken_keywords(parent, walk.root) <= self._broken_keywords(parent, sample)

    def _broken_keywords(self, location: Location, value: Json) -> set[str]:
        """Return the keywords that the value itself breaks, without those of its parts."""
        errors = self._context.find_errors(location.schemas, value)
        return {error.keyword for error in errors if not error.pointer}

    def find(
        self, location: Location, *, in_container: bool, known: frozenset[Mutation] = frozenset()
    ) -> Iterator[PossibleMutation]:
        """Yield the mutations of a location that have an outcome, without the `known` ones.

        They are tried on a sample of the anchor: the smallest part that shows what they break.
        """
        site = location
        if in_container and location.parent is not None:
            site = location.parent
        candidates = _list_candidates(location, in_container=in_container)
        untried = [mutation for mutation in candidates if mutation not in known]
        if not untried:
            return
        key = self._result_key(location, site, in_container=in_container)
        if key not in self._results:
            self._results[key] = self._try_mutations(
                location, site, untried, in_container=in_container
            )
        result = self._results[key]
        for mutation, rule, place in result.outcomes:
            if result.site is not site:
                below = place.removeprefix(result.site.outside_branches.path)
                place = site.outside_branches.path + below
            if not rule:
                place = ""
            elif not place:
                place = "body"
            yield PossibleMutation(location, mutation, rule, place)

    def _result_key(self, location: Location, site: Location, *, in_container: bool) -> Hashable:
        # Where the anchor is above the site, the outcome depends on more than the site's schemas.
        if site.anchor is not site:
            return location
        return (
            in_container,
            *map(id, site.schemas),
            *map(id, location.schemas),
            location.step,
            location.key,
            location.depth == 1,  # the status of an envelope is at depth 1
        )

    def _try_mutations(
        self, location: Location, site: Location, mutations: list[Mutation], *, in_container: bool
    ) -> _Result:
        """Try mutations at a location, in the sample of its anchor."""
        start = site.anchor
        attempt = MutationAttempt(
            self._context,
            location,
            self._build_sample(start),
            start=start,
            in_container=in_container,
        )
        outcomes = []
        for mutation in mutations:
            outcome = attempt.try_mutation(mutation)
            if outcome is not None:
                outcomes.append((mutation, outcome.rule, outcome.place))
        return _Result(site, tuple(outcomes))

    def _build_sample(self, location: Location) -> Any:
        """Return the sample of a location; equal schemas share it, and it is never changed."""
        key = tuple(map(id, location.schemas))
        if key not in self._samples:
            self._samples[key] = self._context.build_sample(location, 0)
        return self._samples[key]


def _list_candidates(location: Location, *, in_container: bool) -> tuple[Mutation, ...]:
    """Return the mutations to try at a location, in the order of the catalogue."""
    if in_container:
        return tuple(CONTAINER_MUTATIONS)
    if location.step is Step.BRANCH:
        return _BRANCH_MUTATIONS
    return tuple(VALUE_MUTATIONS)

"""The corruption catalogue: wrong answers with names, to test a client with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from understudy.contract.corruption.apply_mutation import MutationAttempt
from understudy.contract.corruption.corruption_context import (
    CorruptionContext,
    IdentityKey,
    ValueWalk,
)
from understudy.contract.corruption.locations import Location, Step, iter_locations, quote_name
from understudy.contract.corruption.mutations import CONTAINER_MUTATIONS, VALUE_MUTATIONS, Mutation
from understudy.contract.corruption.response_target import ResponseTarget, sample_response
from understudy.contract.loading.contract_loader import load_contract
from understudy.errors import InputError, Problem, nearest_name
from understudy.messages import Headers, JsonError, Response, dump_json, parse_json

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import Contract, Operation, ResponseSpec

_ABOUT = {
    Mutation.WRONG_TYPE: "a value of another type",
    Mutation.NULL: "null",
    Mutation.MISSING: "the field is missing",
    Mutation.UNKNOWN_ENUM: "a value that is not one of the documented ones",
    Mutation.NUMBER_AS_STRING: "the number as a text",
    Mutation.OFF_BY_ONE_LOW: "just below what is allowed",
    Mutation.OFF_BY_ONE_HIGH: "just above what is allowed",
    Mutation.EMPTY: "empty",
    Mutation.OVERSIZE: "far larger than usual",
    Mutation.BAD_FORMAT: "a text of another form",
    Mutation.DUPLICATE_ITEM: "an item stands twice",
    Mutation.EXTRA_FIELD: "a field that is not documented",
    Mutation.RENAMED: "the field has its name of the other dialect",
    Mutation.TRUNCATED_JSON: "the JSON ends half way",
    Mutation.WRONG_CONTENT_TYPE: "the Content-Type is another one",
    Mutation.WRONG_ENVELOPE_STATUS: "another status than that of HTTP",
}
_IN_BRANCH = (
    *(
        Mutation.UNKNOWN_ENUM,
        Mutation.NUMBER_AS_STRING,
        Mutation.OFF_BY_ONE_LOW,
        Mutation.OFF_BY_ONE_HIGH,
    ),
    *(
        Mutation.EMPTY,
        Mutation.OVERSIZE,
        Mutation.BAD_FORMAT,
        Mutation.DUPLICATE_ITEM,
        Mutation.EXTRA_FIELD,
    ),
)
"""What is told of an alternative; the rest is told once, of the value."""
_MEDIA_TYPES = (
    "text/html",
    "application/octet-stream",
    "image/png",
    "text/plain",
    "application/json",
)


@dataclass(frozen=True, slots=True)
class Corruption:
    """One way in which one response of an operation can be wrong. `str()` gives its id."""

    id: str
    """`listTaskInstances.200/data/contents[]/status:unknown-enum`: stable while the place and its schema are."""
    operation: str
    """The operationId."""
    status: str
    """As the contract has it: `200`, `4XX` or `default`."""
    pointer: str
    """The place in the schema: `/data/contents[]/status`; empty for the whole response."""
    mutation: Mutation
    breaks: bool
    """Whether the corrupted answer breaks the contract. A field that nobody documented, say, seldom does."""
    rule: str
    """The keyword that is broken, or `json` or `content-type`; empty when none is."""
    place: str
    """Where that is told: the object of a missing field, the value whose alternatives all fail; else the place itself.
    `body` for the body itself, `header.Content-Type`; empty when nothing is broken."""
    description: str
    target: ResponseTarget = field(repr=False, compare=False)
    location: Location | None = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.id


def corruptions(
    operation: "str | Operation", *, contract: "Contract | None" = None
) -> tuple[Corruption, ...]:
    """Give every corruption of an operation's documented responses, the outermost places of each first.

    `contract` is the shipped one unless told. Raises InputError when it has no such operation.
    """
    if not isinstance(operation, str):
        return _catalogue(IdentityKey(operation))
    operations = (contract or _shipped()).operations
    if operation not in operations:
        what = f'the contract has no operation "{operation}"'
        raise InputError(
            Problem("no-such-operation", what, nearest=nearest_name(operation, operations))
        )
    return _catalogue(IdentityKey(operations[operation]))


def corruption_kinds(operation: "Operation") -> tuple[tuple[str, Mutation], ...]:
    """Give status and mutation of every corruption of an operation, each pair once, without making the catalogue.

    In the order of the documented statuses, and of the mutations.
    """
    return tuple(
        (spec.status, one)
        for spec in operation.responses.values()
        for one in _kinds(operation, spec)
    )


def find_corruption(id: str, contract: "Contract | None" = None) -> Corruption:
    """Give the corruption with an id. Raises InputError with the nearest id when there is none."""
    operations = (contract or _shipped()).operations
    names = {quote_operation_id(name): name for name in operations}
    owner = max((name for name in names if id.startswith(f"{name}.")), key=len, default=None)
    if owner is None:
        near = nearest_name(id.partition(".")[0], names)
        expected = "the operationId, a point, a status, a place, a colon and a mutation"
        what = f'no corruption has the id "{id}": it starts with no operation of the contract'
        raise InputError(Problem("no-such-corruption", what, expected=expected, nearest=near))
    known = {corruption.id: corruption for corruption in corruptions(operations[names[owner]])}
    if id not in known:
        what = f'no corruption of {names[owner]} has the id "{id}"'
        raise InputError(Problem("no-such-corruption", what, nearest=_nearest(id, known)))
    return known[id]


def _nearest(id: str, known: dict[str, Corruption]) -> str:
    """Give the id that is most like one: of the same mutation or place if there is such a thing."""
    place, _, mutation = id.rpartition(":")
    near = nearest_name(
        mutation, [other.rpartition(":")[2] for other in known if other.startswith(f"{place}:")]
    )
    if near:
        return f"{place}:{near}"
    return nearest_name(
        id, [other for other in known if other.endswith(f":{mutation}")]
    ) or nearest_name(id, known)


def corrupt(corruption: Corruption, response: Response, *, seed: int = 0) -> Response:
    """Give a response with one thing wrong. The same response and seed give the same bytes.

    What the response lacks on the way to the place is put there, out of samples of the schema; a response with a status
    that the corruption is not about is replaced by a sample of one that it is about. `seed` chooses among the items of
    arrays (0: the first) and makes the samples. Raises ValueError when the response's body is not JSON.
    """
    target, spot = corruption.target, corruption.location
    if target.operation.response_spec(response.status) is not target.spec:
        sampled = sample_response(target.operation, target.spec.status, seed=seed)
        kept = [
            field
            for field in response.headers
            if field[0].casefold() not in ("content-type", "content-length")
        ]
        response = Response(
            sampled.status, Headers.of([*sampled.headers, *kept]), sampled.body, response.delivery
        )
    if corruption.mutation is Mutation.WRONG_CONTENT_TYPE:
        return _sent(response, response.body, _other_type(target))
    if spot is None or target.context is None:
        return _sent(response, _cut(response.body))
    try:
        value = parse_json(response.body)
    except JsonError as error:
        what = f"the body of the response is not JSON ({error.reason})"
        raise ValueError(f'{what}, so that "{corruption}" cannot be applied to it.') from error
    in_holder = corruption.mutation in CONTAINER_MUTATIONS
    trial = MutationAttempt(
        target.context, spot, value, start=spot.lineage[0], in_holder=in_holder, seed=seed
    )
    made = trial.try_mutation(corruption.mutation, corruption.rule)
    if made is None:
        raise ValueError(
            f'"{corruption}" cannot be applied to this response: nothing in it can be changed so.'
        )
    return _sent(response, dump_json(made.value))


def _sent(response: Response, body: bytes, media_type: str = "") -> Response:
    """Give a response with another body, and header fields that agree with it."""
    given = {
        "content-length": str(len(body)),
        **({"content-type": media_type} if media_type else {}),
    }
    fields = [(name, given.get(name.casefold(), value)) for name, value in response.headers]
    if media_type and "Content-Type" not in response.headers:
        fields.append(("Content-Type", media_type))
    return Response(response.status, Headers.of(fields), body, response.delivery)


def _cut(body: bytes) -> bytes:
    """Give the longest beginning, up to a half, that is not JSON."""
    for size in range(len(body) // 2, 0, -1):
        try:
            parse_json(body[:size])
        except JsonError:
            return body[:size]
    return b""


def _other_type(target: ResponseTarget) -> str:
    """Give a media type that is not documented; the usual wrong one (a proxy's error page) where all are."""
    media = target.spec.body.media if target.spec.body else {}
    ranges = {name.removesuffix("/*") for name in media if name.endswith("/*")}
    free = (
        name for name in _MEDIA_TYPES if name not in media and name.partition("/")[0] not in ranges
    )
    return _MEDIA_TYPES[0] if "*/*" in media else next(free, "x-unknown/x-unknown")


def quote_operation_id(id: str) -> str:
    """Give an operationId as ids of corruptions start with it."""
    return quote_name(id, safe=" /{}()[]-_.!$&'*+,;=@:")


@lru_cache(maxsize=1)
def _shipped() -> "Contract":
    return load_contract()


@lru_cache(maxsize=64)
def _catalogue(key: IdentityKey) -> tuple[Corruption, ...]:
    made: dict[str, Corruption] = {}
    for spec in key.value.responses.values():
        for one in _of_response(ResponseTarget.from_spec(key.value, spec)):
            made.setdefault(one.id, one)
    return tuple(made.values())


def _of_response(target: ResponseTarget) -> Iterator[Corruption]:
    if not target.media_type:
        return
    breaks = target.spec.body is not None and "*/*" not in target.spec.body.media
    told = ("content-type", "header.Content-Type") if breaks else ("", "")
    yield _corruption(target, None, Mutation.WRONG_CONTENT_TYPE, *told)
    if target.context is not None:
        yield _corruption(target, None, Mutation.TRUNCATED_JSON, "json", "body")
        for spot, mutation, rule, place in _findings(target.context):
            yield _corruption(target, spot, mutation, rule, place)


def _kinds(operation: "Operation", spec: "ResponseSpec") -> list[Mutation]:
    target = ResponseTarget.from_spec(operation, spec)
    if not target.media_type:
        return []
    bodily = (
        {Mutation.TRUNCATED_JSON, *_mutations(target.context)}
        if target.context is not None
        else set()
    )
    return [
        mutation
        for mutation in Mutation
        if mutation in bodily or mutation is Mutation.WRONG_CONTENT_TYPE
    ]


@lru_cache(maxsize=256)
def _mutations(ground: CorruptionContext) -> frozenset[Mutation]:
    """Tell which mutations a body can have anywhere: one that was found is not tried at other places."""
    finder = _Finder(ground)
    found: set[Mutation] = set()
    for spot in iter_locations(ground.document, ground.schema):
        if finder.can_be(spot):
            for in_holder in (False, True) if spot.step is Step.MEMBER else (False,):
                found |= {
                    told[1]
                    for told in finder.find(spot, in_holder=in_holder, known=frozenset(found))
                }
    return frozenset(found)


Finding = tuple[Location, Mutation, str, str]
"""What can go wrong in a body, whichever operation has it: place, mutation, rule, and where that is told."""


@lru_cache(maxsize=256)
def _findings(ground: CorruptionContext) -> tuple[Finding, ...]:
    """Tell what can go wrong in a body. Operations that answer by the same schema share it."""
    finder = _Finder(ground)
    found: list[Finding] = []
    for spot in iter_locations(ground.document, ground.schema):
        if finder.can_be(spot):
            for in_holder in (False, True) if spot.step is Step.MEMBER else (False,):
                found += finder.find(spot, in_holder=in_holder)
    return tuple(found)


class _Finder:
    """Tells what mutations do at places of one body. What the same schemas told elsewhere is not asked again."""

    def __init__(self, ground: CorruptionContext) -> None:
        self._ground = ground
        self._known: dict[Any, tuple[Location, list[tuple[Mutation, str, str]]]] = {}
        self._samples: dict[tuple[int, ...], Any] = {}
        self._possible: dict[Any, bool] = {}
        self._never: set[Location] = set()

    def can_be(self, spot: Location) -> bool:
        """Whether a place can be there: `propertyNames`, say, may forbid what `additionalProperties` describes."""
        above = spot.parent
        if above is None:
            return True
        key = (*map(id, above.schemas), spot.step, spot.key)
        if key not in self._possible:
            self._possible[key] = self._can_be(spot, above)
        if above in self._never or not self._possible[key]:
            self._never.add(spot)
        return spot not in self._never

    def _can_be(self, spot: Location, above: Location) -> bool:
        walk = ValueWalk(self._ground, self._sample(above), 0)
        walk.reach([above, spot])
        before = {
            error.keyword
            for error in self._ground.find_errors(above.schemas, self._sample(above))
            if not error.pointer
        }
        after = {
            error.keyword
            for error in self._ground.find_errors(above.schemas, walk.root)
            if not error.pointer
        }
        return after <= before

    def find(
        self, spot: Location, *, in_holder: bool, known: frozenset[Mutation] = frozenset()
    ) -> Iterator[Finding]:
        """Try the mutations, but those that are known, on a sample of the smallest part that tells what breaks."""
        site = spot.parent if in_holder and spot.parent else spot
        start = site.anchor
        alike = (
            in_holder,
            *map(id, site.schemas),
            *map(id, spot.schemas),
            spot.step,
            spot.key,
            spot.depth == 1,
        )
        key = alike if start is site else spot
        mutations = (
            CONTAINER_MUTATIONS
            if in_holder
            else _IN_BRANCH
            if spot.step is Step.BRANCH
            else VALUE_MUTATIONS
        )
        untried = [mutation for mutation in mutations if mutation not in known]
        if not untried:
            return
        if key not in self._known:
            trial = MutationAttempt(
                self._ground, spot, self._sample(start), start=start, in_holder=in_holder
            )
            tried = ((mutation, trial.try_mutation(mutation)) for mutation in untried)
            self._known[key] = (
                site,
                [(mutation, one.rule, one.place) for mutation, one in tried if one is not None],
            )
        first, told = self._known[key]
        for mutation, rule, place in told:
            here = (
                place
                if first is site
                else site.outside_branches.path + place.removeprefix(first.outside_branches.path)
            )
            yield spot, mutation, rule, (here or "body") if rule else ""

    def _sample(self, spot: Location) -> Any:
        key = tuple(map(id, spot.schemas))
        if key not in self._samples:
            self._samples[key] = self._ground.build_sample(spot, 0)
        return self._samples[key]


def _corruption(
    target: ResponseTarget, spot: Location | None, mutation: Mutation, rule: str, place: str
) -> Corruption:
    operation, status, pointer = target.operation.id, target.spec.status, spot.path if spot else ""
    return Corruption(
        f"{quote_operation_id(operation)}.{status}{pointer}:{mutation}",
        operation,
        status,
        pointer,
        mutation,
        bool(rule),
        rule,
        place,
        f"{pointer or ('body' if spot else 'response')}: {_ABOUT[mutation]}",
        target,
        spot,
    )

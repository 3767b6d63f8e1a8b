"""The corruption catalogue: named wrong responses, to test a client with.

The catalogue of an operation is built once for each contract: its locations come from the schemas
of the responses, and each entry was tried on a sample. `corrupt` then applies an entry to a real
response.
response.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from understudy.contract.corruption.apply_mutation import MutationAttempt
from understudy.contract.corruption.corruption_context import IdentityKey
from understudy.contract.corruption.locations import Location, quote_name
from understudy.contract.corruption.mutation_subject import Mutation
from understudy.contract.corruption.mutations import CONTAINER_MUTATIONS
from understudy.contract.corruption.possible_mutations import (
    list_mutation_kinds,
    list_possible_mutations,
)
from understudy.contract.corruption.response_target import ResponseTarget, sample_response
from understudy.contract.loading.contract_loader import load_contract
from understudy.contract.operation.compiled_contract import Contract, Operation, ResponseSpec
from understudy.errors import InputError, Problem, nearest_name
from understudy.messages import Headers, JsonError, Response, dump_json, parse_json

_DESCRIPTIONS = {
    Mutation.WRONG_TYPE: "a value of another type",
    Mutation.NULL: "null",
    Mutation.MISSING: "the field is missing",
    Mutation.UNKNOWN_ENUM: "a value that is not documented",
    Mutation.NUMBER_AS_STRING: "the number as a text",
    Mutation.OFF_BY_ONE_LOW: "just below what is allowed",
    Mutation.OFF_BY_ONE_HIGH: "just above what is allowed",
    Mutation.EMPTY: "empty",
    Mutation.OVERSIZE: "far larger than usual",
    Mutation.BAD_FORMAT: "a text of another format",
    Mutation.DUPLICATE_ITEM: "a duplicate item",
    Mutation.EXTRA_FIELD: "a field that is not documented",
    Mutation.RENAMED: "the field has its name of the other dialect",
    Mutation.TRUNCATED_JSON: "the JSON ends half way",
    Mutation.WRONG_CONTENT_TYPE: "another Content-Type",
    Mutation.WRONG_ENVELOPE_STATUS: "another status than that of HTTP",
}
_MEDIA_TYPES = (
    "text/html",
    "application/octet-stream",
    "image/png",
    "text/plain",
    "application/json",
)
"""The wrong media types to choose from; the first is that of a proxy's error page."""
_OPERATION_SAFE = " /{}()[]-_.!$&'*+,;=@:"
"""The signs of an operationId that stay as they are at the beginning of an id."""


@dataclass(frozen=True, slots=True)
class Corruption:
    """One way in which one response of an operation can be wrong. `str()` gives its id."""

    id: str
    """`listTaskInstances.200/data/contents[]/status:unknown-enum`.

    It is stable as long as the location and its schema are.
    """
    operation: str
    """The operationId."""
    status: str
    """As in the contract: `200`, `4XX` or `default`."""
    pointer: str
    """The location in the schema: `/data/contents[]/status`; empty for the whole response."""
    mutation: Mutation
    breaks: bool
    """Whether the response breaks the contract. An additional field, for example, seldom does."""
    rule: str
    """The broken keyword, or `json` or `content-type`; empty when no rule is broken."""
    place: str
    """The location that reports the rule; empty when no rule is broken.

    It is the object of a missing field, the value whose alternatives all fail, or the location
    itself; `body` for the whole body, `header.Content-Type`.
    """
    description: str
    target: ResponseTarget = field(repr=False, compare=False)
    location: Location | None = field(repr=False, compare=False)
    """None for a mutation of the whole response."""

    def __str__(self) -> str:
        return self.id


def corruptions(
    operation: str | Operation, *, contract: Contract | None = None
) -> tuple[Corruption, ...]:
    """Return every corruption of an operation's documented responses.

    For each response, those of the outermost locations come first. Raise InputError when the
    contract has no such operation.

    :param operation: the operation or its operationId.
    :param contract: where to look for an operationId; by default the contract that ships.
    """
    if isinstance(operation, Operation):
        return _build_catalogue(IdentityKey(operation))
    operations = (contract or _load_default_contract()).operations
    if operation not in operations:
        message = f'unknown operation "{operation}"'
        nearest = nearest_name(operation, operations)
        raise InputError(Problem("no-such-operation", message, nearest=nearest))
    return _build_catalogue(IdentityKey(operations[operation]))


def corruption_kinds(operation: Operation) -> tuple[tuple[str, Mutation], ...]:
    """Return status and mutation of every corruption of an operation, each pair once.

    The order is that of the documented statuses, then of the mutations. The catalogue is not built.
    """
    kinds = []
    for spec in operation.responses.values():
        for mutation in _list_kinds(operation, spec):
            kinds.append((spec.status, mutation))
    return tuple(kinds)


def find_corruption(id: str, contract: Contract | None = None) -> Corruption:
    """Return the corruption with an id. Raise InputError with the nearest id when there is none."""
    operations = (contract or _load_default_contract()).operations
    names = {quote_operation_id(name): name for name in operations}
    # The longest, since one operationId can begin with another one and a dot.
    owners = [name for name in names if id.startswith(f"{name}.")]
    if not owners:
        raise InputError(
            Problem(
                "no-such-corruption",
                f'unknown corruption "{id}": its id starts with no operation of the contract',
                expected="the operationId, a dot, a status, a location, a colon and a mutation",
                nearest=nearest_name(id.partition(".")[0], names),
            )
        )
    operation = names[max(owners, key=len)]
    catalogue = {corruption.id: corruption for corruption in corruptions(operations[operation])}
    if id not in catalogue:
        message = f'unknown corruption "{id}" of {operation}'
        nearest = _find_nearest_id(id, catalogue)
        raise InputError(Problem("no-such-corruption", message, nearest=nearest))
    return catalogue[id]


def _find_nearest_id(id: str, catalogue: dict[str, Corruption]) -> str:
    """Return the nearest id: of the same location, else of the same mutation, else of any."""
    location, _, mutation = id.rpartition(":")
    mutations = [
        known.rpartition(":")[2] for known in catalogue if known.startswith(f"{location}:")
    ]
    nearest_mutation = nearest_name(mutation, mutations)
    if nearest_mutation:
        return f"{location}:{nearest_mutation}"
    same_mutation = [known for known in catalogue if known.endswith(f":{mutation}")]
    return nearest_name(id, same_mutation) or nearest_name(id, catalogue)


def corrupt(corruption: Corruption, response: Response, *, seed: int = 0) -> Response:
    """Return a response with one thing wrong. The same response and seed give the same bytes.

    What the response lacks on the way to the location is put there, from samples of the schema. A
    response with a status that the corruption is not about is replaced by a sample of one that it
    is about. Raise ValueError when the response's body is not JSON, or cannot be changed in this
    way.

    :param seed: selects among the items of arrays (0: the first), and makes the samples.
    """
    target, location = corruption.target, corruption.location
    if target.operation.response_spec(response.status) is not target.spec:
        response = _sample_target(target, response, seed)
    if corruption.mutation is Mutation.WRONG_CONTENT_TYPE:
        return _with_body(response, response.body, _choose_wrong_media_type(target))
    if location is None or target.context is None:
        return _with_body(response, _truncate_json(response.body))
    try:
        value = parse_json(response.body)
    except JsonError as error:
        reason = f"the body of the response is not JSON ({error.reason})"
        raise ValueError(f'cannot apply "{corruption}": {reason}') from error
    attempt = MutationAttempt(
        target.context,
        location,
        value,
        start=location.lineage[0],
        in_container=corruption.mutation in CONTAINER_MUTATIONS,
        seed=seed,
    )
    outcome = attempt.try_mutation(corruption.mutation, corruption.rule)
    if outcome is None:
        raise ValueError(f'cannot apply "{corruption}": no value of the response can change so')
    return _with_body(response, dump_json(outcome.value))


def _sample_target(target: ResponseTarget, response: Response, seed: int) -> Response:
    """Build a sample of the target, with the header fields and the delivery of a response."""
    sampled = sample_response(target.operation, target.spec.status, seed=seed)
    fields = [*sampled.headers]
    for name, value in response.headers:
        if name.casefold() not in ("content-type", "content-length"):
            fields.append((name, value))
    return Response(sampled.status, Headers.of(fields), sampled.body, response.delivery)


def _with_body(response: Response, body: bytes, media_type: str = "") -> Response:
    """Return a response with another body, and header fields that agree with it."""
    replaced = {"content-length": str(len(body))}
    if media_type:
        replaced["content-type"] = media_type
    fields = []
    for name, value in response.headers:
        new_value = replaced.get(name.casefold(), value)
        fields.append((name, new_value))
    if media_type and "Content-Type" not in response.headers:
        fields.append(("Content-Type", media_type))
    return Response(response.status, Headers.of(fields), body, response.delivery)


def _truncate_json(body: bytes) -> bytes:
    """Return the longest beginning of a body, up to a half, that is not JSON."""
    for size in range(len(body) // 2, 0, -1):
        try:
            parse_json(body[:size])
        except JsonError:
            return body[:size]
    return b""


def _choose_wrong_media_type(target: ResponseTarget) -> str:
    """Return a media type that is not documented; the first one where all are."""
    media = target.spec.body.media if target.spec.body else {}
    if "*/*" in media:
        return _MEDIA_TYPES[0]
    ranges = {name.removesuffix("/*") for name in media if name.endswith("/*")}
    for name in _MEDIA_TYPES:
        if name not in media and name.partition("/")[0] not in ranges:
            return name
    return "x-unknown/x-unknown"


def quote_operation_id(id: str) -> str:
    """Return an operationId as ids of corruptions begin with it."""
    return quote_name(id, safe=_OPERATION_SAFE)


@lru_cache(maxsize=1)
def _load_default_contract() -> Contract:
    return load_contract()


# By identity: two contracts can have an operation of the same name.
@lru_cache(maxsize=64)
def _build_catalogue(key: IdentityKey) -> tuple[Corruption, ...]:
    operation: Operation = key.value
    catalogue: dict[str, Corruption] = {}
    for spec in operation.responses.values():
        for corruption in _iter_corruptions(ResponseTarget.from_spec(operation, spec)):
            # Where two locations share a path, the first one has the id.
            catalogue.setdefault(corruption.id, corruption)
    return tuple(catalogue.values())


def _iter_corruptions(target: ResponseTarget) -> Iterator[Corruption]:
    """Yield the corruptions of one response: of the whole response first, then of its body."""
    if not target.media_type:
        return
    rule, place = "content-type", "header.Content-Type"
    if target.spec.body is None or "*/*" in target.spec.body.media:
        rule, place = "", ""
    yield _build_corruption(target, None, Mutation.WRONG_CONTENT_TYPE, rule, place)
    if target.context is None:
        return
    yield _build_corruption(target, None, Mutation.TRUNCATED_JSON, "json", "body")
    for possible in list_possible_mutations(target.context):
        yield _build_corruption(
            target, possible.location, possible.mutation, possible.rule, possible.place
        )


def _list_kinds(operation: Operation, spec: ResponseSpec) -> list[Mutation]:
    """Return the mutations of one response, in their own order."""
    target = ResponseTarget.from_spec(operation, spec)
    if not target.media_type:
        return []
    kinds = {Mutation.WRONG_CONTENT_TYPE}
    if target.context is not None:
        kinds |= {Mutation.TRUNCATED_JSON, *list_mutation_kinds(target.context)}
    return [mutation for mutation in Mutation if mutation in kinds]


def _build_corruption(
    target: ResponseTarget, location: Location | None, mutation: Mutation, rule: str, place: str
) -> Corruption:
    operation, status = target.operation.id, target.spec.status
    pointer, subject = "", "response"
    if location is not None:
        pointer = location.path
        subject = pointer or "body"
    return Corruption(
        id=f"{quote_operation_id(operation)}.{status}{pointer}:{mutation}",
        operation=operation,
        status=status,
        pointer=pointer,
        mutation=mutation,
        breaks=bool(rule),
        rule=rule,
        place=place,
        description=f"{subject}: {_DESCRIPTIONS[mutation]}",
        target=target,
        location=location,
    )

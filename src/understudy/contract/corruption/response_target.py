"""A documented response of an operation, as what corruptions are about; samples of it.

Only JSON bodies have locations. A response with another media type can be sampled too, but its body
is empty.
"""

from dataclasses import dataclass
from functools import lru_cache

from understudy.contract.corruption.corruption_context import CorruptionContext, IdentityKey
from understudy.contract.document.pointers import child_pointer, resolve_pointer
from understudy.contract.header_samples import sample_fields
from understudy.contract.operation.compiled_contract import Operation, ResponseSpec
from understudy.contract.operation.negotiation import concrete_media_type
from understudy.contract.sampling import HIDDEN_IN_RESPONSES, sample_valid
from understudy.contract.schema.keywords import Schema
from understudy.errors import InputError, Problem
from understudy.messages import Headers, Json, Response, dump_json

ENVELOPE_STATUS = "status"
"""The member of a body that repeats the HTTP status: OCP's envelope and problem documents have it.

Source: RFC 9457, section 3.1.2.
"""


@dataclass(frozen=True, slots=True, eq=False)
class ResponseTarget:
    """One documented response, with one of its media types: the first JSON one, else the first."""

    operation: Operation
    spec: ResponseSpec
    media_type: str
    """Empty when the response has no body."""
    context: CorruptionContext | None
    """None when the body is not JSON."""

    @classmethod
    def from_spec(cls, operation: Operation, spec: ResponseSpec) -> "ResponseTarget":
        """Build the target of one documented response."""
        media = spec.body.media if spec.body else {}
        for name, body in media.items():
            if "json" in name:
                context = _find_context(operation.document, body.pointer)
                return cls(operation, spec, name, context)
        return cls(operation, spec, next(iter(media), ""), None)

    @property
    def status(self) -> int:
        """A status that this response is documented for."""
        return status_for_key(self.operation, self.spec.status)


def _find_context(document: Json, pointer: str) -> CorruptionContext:
    """Return the context of the media type at a pointer.

    Media types that only refer to the same schema share one context, and so one catalogue.
    """
    media_type = resolve_pointer(document, pointer)
    schema: Schema = media_type.get("schema", True)
    key = IdentityKey(document)
    if isinstance(schema, dict) and list(schema) == ["$ref"]:
        return _build_referenced_context(key, str(schema["$ref"]))
    if schema is True:
        return CorruptionContext(document, True)
    return _build_context(key, child_pointer(pointer, "schema"))


@lru_cache(maxsize=256)
def _build_referenced_context(document: IdentityKey, reference: str) -> CorruptionContext:
    return CorruptionContext(document.value, {"$ref": reference})


@lru_cache(maxsize=256)
def _build_context(document: IdentityKey, pointer: str) -> CorruptionContext:
    return CorruptionContext(document.value, resolve_pointer(document.value, pointer))


def status_for_key(operation: Operation, key: str) -> int:
    """Return a status that a key of `responses` is about.

    `404` for `404`; for `4XX` and `default`, the first that no other key documents.
    """
    if key.isdigit():
        return int(key)
    if key[0].isdigit():
        first = int(key[0]) * 100
        statuses = list(range(first, first + 100))
    else:
        first = 500  # `default` usually documents errors of the server
        statuses = [*range(500, 600), *range(100, 500)]
    spec = operation.responses.get(key)
    for status in statuses:
        if operation.response_spec(status) is spec:
            return status
    return first


def sample_response(
    operation: Operation, status: int | str | None = None, *, seed: int = 0
) -> Response:
    """Build a response of an operation, its body a sample of the schema.

    The same seed gives the same bytes. Raise InputError for a status that is not documented.

    :param status: a number, or a key of the contract's `responses` (`4XX`). None: the lowest
        documented success, otherwise the first documented response.
    """
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    target = ResponseTarget.from_spec(operation, _find_spec(operation, status))
    number = target.status
    if isinstance(status, int):
        number = status
    fields = [*sample_fields(operation, target.spec)]
    if not target.media_type:
        return Response(number, Headers.of(fields))
    fields.insert(0, ("Content-Type", concrete_media_type(target.media_type)))
    body = b""
    if target.context is not None:
        schema = target.context.schema
        validator = target.context.validator_of((schema,))
        value = sample_valid(operation, schema, validator, seed=seed, hidden=HIDDEN_IN_RESPONSES)
        body = dump_json(_with_status(target.context, value, number))
    return Response(number, Headers.of(fields), body)


def _find_spec(operation: Operation, status: int | str | None) -> ResponseSpec:
    """Return the documented response for a status, a key, or by default the lowest success.

    Raise InputError when there is none.
    """
    responses = operation.responses
    if status is None:
        successes = sorted(key for key in responses if key.startswith("2"))
        status = next(iter([*successes, *responses]), "")
    spec: ResponseSpec | None
    match status:
        case int():
            spec = operation.response_spec(status)
        case _:
            spec = responses.get(status)
    if spec is not None:
        return spec
    expected = "no status: it documents none"
    if responses:
        expected = f"one of {', '.join(responses)}"
    message = f'{operation.id} documents no response with the status "{status}"'
    raise InputError(Problem("no-such-status", message, expected=expected))


def _with_status(context: CorruptionContext, body: Json, status: int) -> Json:
    """Return a body whose own status, if it has one, is that of the response.

    It stays as it is where its schema does not allow that status.
    """
    if not isinstance(body, dict):
        return body
    own = body.get(ENVELOPE_STATUS)
    if not isinstance(own, int) or own is True:
        return body
    changed: dict[str, Json] = {**body, ENVELOPE_STATUS: status}
    schemas = (context.schema,)
    errors_before = context.find_errors(schemas, body)
    errors_after = context.find_errors(schemas, changed)
    if len(errors_after) > len(errors_before):
        return body
    return changed

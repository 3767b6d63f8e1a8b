"""A documented response of an operation, as what a corruption is about; samples of it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from understudy.contract.corruption.corruption_context import CorruptionContext, IdentityKey
from understudy.contract.document.pointers import child_pointer, resolve_pointer
from understudy.contract.sampling import sample, sample_fields
from understudy.errors import InputError, Problem
from understudy.messages import Headers, Response, dump_json

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import Operation, ResponseSpec

ENVELOPE_STATUS = "status"
"""The member of a body that tells the status of HTTP again: OCP's envelope has it, and problem documents (RFC 9457)."""


@dataclass(frozen=True, slots=True, eq=False)
class ResponseTarget:
    """One documented response, with the first of its media types that holds JSON, else the first."""

    operation: "Operation"
    spec: "ResponseSpec"
    media_type: str
    """Empty when the response has no body."""
    context: CorruptionContext | None
    """None when the body is no JSON."""

    @classmethod
    def from_spec(cls, operation: "Operation", spec: "ResponseSpec") -> "ResponseTarget":
        """Give the target of one documented response."""
        media = spec.body.media if spec.body else {}
        for name, judge in media.items():
            if "json" in name:
                return cls(operation, spec, name, _ground_of(operation.document, judge.pointer))
        return cls(operation, spec, next(iter(media), ""), None)

    @property
    def status(self) -> int:
        """A status that this response is documented for."""
        return status_for_key(self.operation, self.spec.status)


def _ground_of(document: Any, pointer: str) -> CorruptionContext:
    """Give the ground of the media type at a pointer; those that only refer to the same schema share one."""
    schema = resolve_pointer(document, pointer).get("schema", True)
    if isinstance(schema, dict) and list(schema) == ["$ref"]:
        return _ground(IdentityKey(document), schema["$ref"])
    return (
        _ground(IdentityKey(document), child_pointer(pointer, "schema"))
        if schema is not True
        else CorruptionContext(document, True)
    )


@lru_cache(maxsize=256)
def _ground(document: IdentityKey, key: str) -> CorruptionContext:
    schema = {"$ref": key} if key.startswith("#") else resolve_pointer(document.value, key)
    return CorruptionContext(document.value, schema)


def status_for_key(operation: "Operation", key: str) -> int:
    """Give a status that a key of `responses` is about: `404` for `404`; one for `4XX` that no other key tells."""
    if key.isdigit():
        return int(key)
    first = int(key[0]) * 100 if key[0].isdigit() else 500
    spec = operation.responses.get(key)
    numbers = (
        range(first, first + 100) if key[0].isdigit() else (*range(500, 600), *range(100, 500))
    )
    return next((number for number in numbers if operation.response_spec(number) is spec), first)


def sample_response(
    operation: "Operation", status: int | str | None = None, *, seed: int = 0
) -> Response:
    """Give a response of an operation, its body a sample of the schema. The same seed gives the same bytes.

    `status` is a number, or a key of the contract's `responses` (`4XX`); without it, the lowest documented success,
    else the first response. Raises InputError for a status that is not documented.
    """
    status = int(status) if isinstance(status, str) and status.isdecimal() else status
    target = ResponseTarget.from_spec(operation, _spec(operation, status))
    number = status if isinstance(status, int) else target.status
    fields = sample_fields(operation, target.spec)
    if not target.media_type:
        return Response(number, Headers.of(fields))
    body = b""
    if target.context is not None:
        made = sample(operation, target.context.schema, seed=seed)
        body = dump_json(_agreeing(target.context, made, number))
    return Response(
        number,
        Headers.of([("Content-Type", concrete_media_type(target.media_type)), *fields]),
        body,
    )


def _spec(operation: "Operation", status: int | str | None) -> "ResponseSpec":
    responses = operation.responses
    if status is None:
        success = sorted(key for key in responses if key.startswith("2"))
        status = next(iter([*success, *responses]), "")
    found = operation.response_spec(status) if isinstance(status, int) else responses.get(status)
    if found is None:
        expected = f"one of {', '.join(responses)}" if responses else "no status: it documents none"
        what = f'{operation.id} documents no response with the status "{status}"'
        raise InputError(Problem("no-such-status", what, expected=expected))
    return found


def _agreeing(ground: CorruptionContext, body: Any, status: int) -> Any:
    """Let a body that tells the status tell the one that is sent, where its schema allows that."""
    if (
        isinstance(body, dict)
        and isinstance(body.get(ENVELOPE_STATUS), int)
        and body[ENVELOPE_STATUS] is not True
    ):
        told = {**body, ENVELOPE_STATUS: status}
        if len(ground.find_errors((ground.schema,), told)) <= len(
            ground.find_errors((ground.schema,), body)
        ):
            return told
    return body


def concrete_media_type(media_type: str) -> str:
    """Give a media type that a range of them holds."""
    kind, _, form = media_type.partition("/")
    if form == "*" or not form:
        return {"text": "text/plain", "image": "image/png"}.get(kind, "application/octet-stream")
    return media_type

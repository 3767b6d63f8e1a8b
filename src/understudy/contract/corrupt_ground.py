"""What a corruption stands on: a documented response of an operation, valid samples of it, and the way to a place."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.contract.corrupt_spots import Spot, Step
from understudy.contract.merged import without
from understudy.contract.pointers import resolve
from understudy.contract.sample import sample
from understudy.contract.validator import SchemaError, Validator, compile_validator
from understudy.errors import InputError, Problem, nearest_name
from understudy.messages import Headers, Response, dump_json

if TYPE_CHECKING:
    from understudy.contract.model import Operation, ResponseSpec

ENVELOPE_STATUS = "status"
"""The member of a body that tells the status of HTTP again: OCP's envelope has it, and problem documents (RFC 9457)."""
_TAKEN = ("const", "default", "example", "examples")
_NAMES = ("entry", "id", "a", "A", "1", "abc", "ABC", "123", "a1", "a-1", "a_1", "x-a", "x", "en", "zh-CN", "/")


class UnreachableError(ValueError):
    """No value can be made in which a place is there."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One documented response: the first media type that holds JSON, else the first."""

    operation: "Operation"
    spec: "ResponseSpec"
    media_type: str
    """Empty when the response has no body."""
    schema: Any
    """None when the body is no JSON, or nothing is said of it."""
    is_json: bool
    _validators: dict[tuple[int, ...], tuple[Any, Validator]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, operation: "Operation", spec: "ResponseSpec") -> "Ground":
        """Give the ground of one documented response."""
        for name, judge in (spec.body.media if spec.body else {}).items():
            if "json" in name:
                media = resolve(operation.document, judge.pointer)
                return cls(operation, spec, name, media.get("schema"), True)
        return cls(operation, spec, next(iter(spec.body.media)) if spec.body else "", None, False)

    @property
    def status(self) -> int:
        """A status that this response is documented for."""
        return status_number(self.operation, self.spec.status)

    def errors(self, schemas: tuple[Any, ...], value: Any) -> list[SchemaError]:
        """Give everything that is wrong with a value that several schemas are held against."""
        key = tuple(map(id, schemas))
        if key not in self._validators:
            schema = schemas[0] if len(schemas) == 1 else {"allOf": list(schemas)}
            made = compile_validator(schema, document=self.operation.document, hidden="writeOnly")
            self._validators[key] = (schemas, made)  # the schemas too: an identity is theirs while they live
        return list(self._validators[key][1].iter_errors(value))

    def made(self, spot: Spot, seed: int, kind: str = "") -> Any:
        """Give a value for a place; with `kind`, one of this type."""
        value = deepcopy(sample(self.operation, _whole(spot.given), seed=seed))
        if not kind or is_of(value, kind):
            return value
        bare = [without(node, *_TAKEN) for node in spot.nodes]
        value = deepcopy(sample(self.operation, {"allOf": [{"type": kind}, *bare]}, seed=seed))
        return value if is_of(value, kind) else _PLAIN[kind]()

    def item(self, spot: Spot, seed: int) -> Any:
        """Give an item for an array, of the kind that may come in any number."""
        return deepcopy(sample(self.operation, {"allOf": spot.told("items")} if spot.told("items") else {}, seed=seed))


def status_number(operation: "Operation", key: str) -> int:
    """Give a status that a key of `responses` is about: `404` for `404`; one for `4XX` that no other key tells."""
    if key.isdigit():
        return int(key)
    first = int(key[0]) * 100 if key[0].isdigit() else 500
    spec = operation.responses.get(key)
    numbers = range(first, first + 100) if key[0].isdigit() else (*range(500, 600), *range(100, 500))
    return next((number for number in numbers if operation.response_spec(number) is spec), first)


def sample_response(operation: "Operation", status: int | str | None = None, *, seed: int = 0) -> Response:
    """Give a response of an operation, its body a sample of the schema. The same seed gives the same bytes.

    `status` is a number, or a key of the contract's `responses` (`4XX`); without it, the lowest documented success,
    else the first response. Raises InputError for a status that is not documented.
    """
    ground = Ground.of(operation, _spec(operation, status))
    number = status if isinstance(status, int) else ground.status
    fields = [
        (header.name, _text(sample(operation, header.schema))) for header in ground.spec.headers if header.required
    ]
    if not ground.media_type:
        return Response(number, Headers.of(fields))
    body = b""
    if ground.is_json:
        schema = True if ground.schema is None else ground.schema
        body = dump_json(_agreeing(ground, schema, deepcopy(sample(operation, schema, seed=seed)), number))
    return Response(number, Headers.of([("Content-Type", concrete(ground.media_type)), *fields]), body)


def _spec(operation: "Operation", status: int | str | None) -> "ResponseSpec":
    responses = operation.responses
    if status is None:
        success = sorted(key for key in responses if key.startswith("2"))
        status = next(iter([*success, *responses]), "")
    found = operation.response_spec(status) if isinstance(status, int) else responses.get(status)
    if found is None:
        expected = f"one of {', '.join(responses)}" if responses else "no status: it documents none"
        what = f'{operation.id} documents no response with the status "{status}"'
        raise InputError(
            Problem("no-such-status", what, expected=expected, nearest=nearest_name(str(status), responses))
        )
    return found


def _agreeing(ground: Ground, schema: Any, body: Any, status: int) -> Any:
    """Let a body that tells the status tell the one that is sent, where its schema allows that."""
    if isinstance(body, dict) and isinstance(body.get(ENVELOPE_STATUS), int) and body[ENVELOPE_STATUS] is not True:
        told = {**body, ENVELOPE_STATUS: status}
        if len(ground.errors((schema,), told)) <= len(ground.errors((schema,), body)):
            return told
    return body


def concrete(media_type: str) -> str:
    """Give a media type that a range of them holds."""
    kind, _, form = media_type.partition("/")
    if form == "*" or not form:
        return {"text": "text/plain", "image": "image/png"}.get(kind, "application/octet-stream")
    return media_type


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else dump_json(value).decode()


def is_of(value: Any, kind: str) -> bool:
    """Whether a JSON value is of a type."""
    match kind:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return isinstance(value, _TYPES[kind])


_TYPES: dict[str, type] = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
_PLAIN: dict[str, Any] = {"object": dict, "array": list, "string": str, "integer": int, "number": int, "boolean": bool}


def _whole(schemas: tuple[Any, ...]) -> Any:
    return schemas[0] if len(schemas) == 1 else {"allOf": list(schemas)}


class Walk:
    """A value on which one place after the other is reached; what is missing on the way is put there."""

    def __init__(self, ground: Ground, value: Any, seed: int) -> None:
        self._ground = ground
        self._seed = seed
        self._box: list[Any] = [value]
        self._holder: Any = self._box
        self._key: Any = 0
        self.tokens: list[str | int] = []
        """Where the place is by now."""

    @property
    def whole(self) -> Any:
        """The whole value as it is by now."""
        return self._box[0]

    def reach(self, line: list[Spot]) -> None:
        """Go down along the places, the first of which is where the value is. Raises UnreachableError."""
        for spot in line[1:]:
            self._step(spot)

    def _step(self, spot: Spot) -> None:
        value = self._holder[self._key]
        if spot.step is Step.BRANCH:
            if self._ground.errors(spot.given, value):
                self._put(self._ground.made(spot, self._seed))
            return
        assert spot.parent is not None  # noqa: S101 - only the body itself has none
        kind = "array" if spot.step in (Step.ITEM, Step.HEAD) else "object"
        if not is_of(value, kind):
            value = self._put(self._ground.made(spot.parent, self._seed, kind))
        token = self._item(spot, value) if kind == "array" else self._member(spot, value)
        self._holder, self._key = value, token
        self.tokens.append(token)

    def _put(self, value: Any) -> Any:
        self._holder[self._key] = value
        return value

    def _item(self, spot: Spot, value: list[Any]) -> int:
        heads = [node["prefixItems"] for node in spot.parent.nodes if "prefixItems" in node] if spot.parent else []
        first = max((len(parts) for parts in heads), default=0) if spot.step is Step.ITEM else int(spot.key)
        for index in range(len(value), first):
            parts = [given[index] for given in heads if index < len(given)]
            value.append(deepcopy(sample(self._ground.operation, {"allOf": parts}, seed=self._seed)))
        if len(value) <= first:
            value.append(self._ground.made(spot, self._seed))
        return first + (self._seed % (len(value) - first) if spot.step is Step.ITEM else 0)

    def _member(self, spot: Spot, value: dict[str, Any]) -> str:
        name = str(spot.key) if spot.step is Step.MEMBER else _entry(spot, value)
        if name not in value:
            value[name] = self._ground.made(spot, self._seed)
        return name


def _entry(spot: Spot, value: dict[str, Any]) -> str:
    """Give the name of a member that an entry is about: one that is there, or a new one."""
    for name in (*value, *_NAMES):
        if spot.covers(name):
            return name
    raise UnreachableError(f"no name is known that matches the pattern {spot.key}")


def at(value: Any, tokens: list[str | int]) -> Any:
    """Give the part of a value that tokens lead to."""
    for token in tokens:
        value = value[token]
    return value


def replaced(value: Any, tokens: list[str | int], part: Any) -> Any:
    """Give a copy of a value with another part; what is not on the way there is shared."""
    if not tokens:
        return part
    made: Any = dict(value) if isinstance(value, dict) else list(value)
    made[tokens[0]] = replaced(value[tokens[0]], tokens[1:], part)
    return made

"""Requests, responses and exchanges as frozen values: no web framework, no socket."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import parse_qsl

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in the order received. Names are found in any case."""

    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]]) -> Headers:
        """Make headers from any pairs of name and value."""
        return cls(tuple((name, value) for name, value in fields))

    def get(self, name: str, default: str = "") -> str:
        """Give the first value of a field, or the default."""
        wanted = name.casefold()
        return next((value for key, value in self.fields if key.casefold() == wanted), default)

    def __contains__(self, name: str) -> bool:
        wanted = name.casefold()
        return any(key.casefold() == wanted for key, _ in self.fields)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent.

    `target` is the request target as received (a signature is made over it); `path` and `query` are what is routed:
    still percent-encoded, without the prefix that chose the world.
    """

    method: str
    target: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @classmethod
    def of(cls, method: str, target: str, *, headers: Iterable[tuple[str, str]] = (), body: bytes = b"") -> Request:
        """Make a request from its target: `Request.of("GET", "/tasks?page=2")`."""
        path, _, query = target.partition("?")
        return cls(method.upper(), target, path, query, Headers.of(headers), body)

    def query_pairs(self) -> list[tuple[str, str]]:
        """Give the decoded query parameters in order, blank values kept."""
        return parse_qsl(self.query, keep_blank_values=True)


class Ending(Enum):
    """How the connection ends that a response is sent on."""

    WHOLE = "whole"
    """The response is sent whole, as servers do."""
    RESET = "reset"
    """Nothing is sent; the connection is reset (TCP RST)."""
    EMPTY = "empty"
    """Nothing is sent; the connection is closed in an orderly way."""
    TRUNCATE = "truncate"
    """Header fields and a part of the body are sent, less than Content-Length says; then the connection is closed."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a response is brought to the client, where a fault asks for more than sending it."""

    delay: timedelta = timedelta(0)
    """How long nothing is sent, on the wall clock."""
    pieces: int = 1
    """In how many pieces the body is sent."""
    over: timedelta = timedelta(0)
    """Over how long the pieces are spread."""
    ending: Ending = Ending.WHOLE
    keep: int = 0
    """With TRUNCATE: how many bytes of the body are sent."""

    @property
    def holds(self) -> bool:
        """Whether a thread of the server has to wait for it."""
        return bool(self.delay or (self.pieces > 1 and self.over))


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    delivery: Delivery | None = None
    """None: at once, and whole."""

    def json(self) -> Any:
        """Give the decoded JSON body. Raises JsonError when it is not JSON."""
        return parse_json(self.body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its answer, as the journal keeps it. Secrets are already taken out."""

    number: int
    world: str
    at: datetime
    request: Request
    response: Response
    operation: str = ""
    """The operationId, or empty when none matched."""
    account: str = ""
    violations: tuple[str, ...] = ()
    """Each violation of request or response as a line of text."""
    trace: Mapping[str, Any] = field(default_factory=dict)
    """How the answer came about, as JSON data: what matched, faults, clock, state before and after."""

    def to_record(self) -> dict[str, Any]:
        """Give the exchange as one JSON object: a line of the journal's NDJSON form."""
        return {
            "number": self.number,
            "world": self.world,
            "at": self.at.isoformat(),
            "operation": self.operation,
            "account": self.account,
            "violations": list(self.violations),
            "trace": dict(self.trace),
            "request": {
                "method": self.request.method,
                "target": self.request.target,
                "path": self.request.path,
                "headers": [list(pair) for pair in self.request.headers],
                **_body_record(self.request.body),
            },
            "response": {
                "status": self.response.status,
                "headers": [list(pair) for pair in self.response.headers],
                **_body_record(self.response.body),
            },
        }

    @classmethod
    def from_record(cls, record: Any) -> Exchange:
        """Give the exchange of a record, as `to_record` tells it; members that it does not know are passed over.

        The query is that of the target. How the answer was delivered is not told. Raises RecordError.
        """
        told = _Members(record)
        request, response = told.inner("request"), told.inner("response")
        target = request.get("target", str)
        return cls(
            number=told.count("number"),
            world=told.get("world", str),
            at=told.moment("at"),
            request=Request(
                request.get("method", str),
                target,
                request.get("path", str),
                target.partition("?")[2],
                request.headers(),
                request.body(),
            ),
            response=Response(response.count("status"), response.headers(), response.body()),
            operation=told.get("operation", str, ""),
            account=told.get("account", str, ""),
            violations=told.texts("violations"),
            trace=told.get("trace", dict, {}),
        )


def _body_record(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"bodyBase64": base64.b64encode(body).decode("ascii")}


class RecordError(ValueError):
    """A record is not what it should be. Tells where, and what was expected."""


class _Members:
    """The members of a record, each taken as what it has to be; RecordError where it is not."""

    def __init__(self, record: Any, where: str = "") -> None:
        if not isinstance(record, dict):
            raise RecordError(f"{where or 'the record'} is {_told(record)}; expected an object")
        self._record, self._where = record, where

    def get(self, name: str, kind: type[T], default: T | None = None) -> T:
        value = self._record.get(name, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self._wrong(name, value, _KINDS[kind])
        return value

    def count(self, name: str) -> int:
        number = self.get(name, int)
        if number < 0:
            raise self._wrong(name, number, _KINDS[int])
        return number

    def moment(self, name: str) -> datetime:
        text = self.get(name, str)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise self._wrong(name, text, "a date and time (ISO 8601)") from error
        if moment.tzinfo is None:
            raise self._wrong(name, text, "a date and time with an offset from UTC")
        return moment

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.get(name, list, [])
        if not all(isinstance(value, str) for value in values):
            raise self._wrong(name, values, "a list of texts")
        return tuple(values)

    def inner(self, name: str) -> _Members:
        return _Members(self.get(name, dict), name)

    def headers(self) -> Headers:
        pairs = self.get("headers", list)
        if not all(
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(x, str) for x in pair) for pair in pairs
        ):
            raise self._wrong("headers", pairs, "a list of pairs of texts")
        return Headers.of((name, value) for name, value in pairs)

    def body(self) -> bytes:
        name = "bodyBase64" if "bodyBase64" in self._record else "body"
        text = self.get(name, str, "")
        try:
            return base64.b64decode(text, validate=True) if name == "bodyBase64" else text.encode("utf-8")
        except ValueError as error:
            raise self._wrong(
                name, text, "Base64" if name == "bodyBase64" else "a text of Unicode characters"
            ) from error

    def _wrong(self, name: str, value: Any, expected: str) -> RecordError:
        place = f"{self._where}.{name}" if self._where else name
        return RecordError(f"{place} is {'missing' if name not in self._record else _told(value)}; expected {expected}")


_KINDS: dict[type, str] = {int: "a whole number, 0 or more", str: "a text", dict: "an object", list: "a list"}


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


class JsonError(ValueError):
    """A text is not the JSON that RFC 8259 means. Tells line and column."""

    def __init__(self, what: str, line: int = 1, column: int = 1) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.column = column


MAX_DEPTH = 100
"""How deep arrays and objects may be nested in a body; deeper is refused, not a crash of the decoder."""


def parse_json(body: bytes | str) -> Any:
    """Decode strictly: no NaN or Infinity, no duplicate names, no numbers beyond a double's range, depth at most 100.

    Integers keep all their digits. Raises JsonError.
    """
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
    except UnicodeDecodeError as error:
        raise JsonError(f"the text is not UTF-8 (byte {error.start})") from error
    if text.startswith("\ufeff"):
        raise JsonError("the text starts with a byte order mark, which JSON does not allow")
    _check_depth(text)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _json_error(error) from error
    except JsonError:
        raise
    except ValueError as error:  # an integer with more digits than the interpreter converts
        raise JsonError(str(error)) from error


def _json_error(error: json.JSONDecodeError) -> JsonError:
    """Tell an error alike in every version of Python: a comma too many has words and a place of its own since 3.13."""
    what, text, at = error.msg, error.doc, error.pos
    if what.startswith("Illegal trailing comma"):
        at += 1 + len(text[at + 1 :]) - len(text[at + 1 :].lstrip(" \t\n\r"))
    elif text[at : at + 1] in ("}", "]") and text[:at].rstrip(" \t\n\r").endswith(","):
        what = f"Illegal trailing comma before end of {'object' if text[at] == '}' else 'array'}"
    return JsonError(what, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in re.finditer(r"[\[\]{}]", _STRING.sub('""', text)):
        depth += 1 if match.group() in "[{" else -1
        if depth > MAX_DEPTH:
            raise JsonError(f"arrays and objects are nested deeper than {MAX_DEPTH}")


def _refuse_constant(name: str) -> Any:
    raise JsonError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise JsonError(f"the number {text[:30]} is too large")
    return number


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise JsonError(f'the name "{name[:60]}" stands twice in one object')
            seen.add(name)
    return result


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_no_duplicates)


def dump_json(value: Any) -> bytes:
    """Encode as compact ASCII JSON, keys in their order; NaN and Infinity raise ValueError.

    ASCII, so that a lone surrogate in a text cannot break the encoding.
    """
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


_SECRET_NAMES = re.compile(r"authorization|cookie|token|secret|password|passwd|api-?key|signature", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether the name of a header field or query parameter says that its value is a secret."""
    return _SECRET_NAMES.search(name) is not None


def redacted(value: str) -> str:
    """Replace a secret by a short digest, so that equal secrets can still be seen to be equal."""
    return f"<redacted:{hashlib.sha256(value.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}>"


def redact_headers(headers: Headers) -> Headers:
    """Take the secrets out of header fields, by their names."""
    return Headers(tuple((k, redacted(v) if is_secret(k) else v) for k, v in headers))


def redact_target(target: str) -> str:
    """Take the secrets out of a request target's query, by the parameters' names. The rest stays byte for byte."""
    path, mark, query = target.partition("?")
    if not mark:
        return target
    parts = []
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        parts.append(f"{name}={redacted(value)}" if equals and is_secret(name) else part)
    return f"{path}?{'&'.join(parts)}"

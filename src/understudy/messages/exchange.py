"""Exchanges as the journal saves them, and their records: lines of its NDJSON form."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from understudy.messages.json_text import Json
from understudy.messages.message import Headers, Request, Response
from understudy.messages.redaction import redact_body
from understudy.messages.secret_texts import Secrets

T = TypeVar("T")

MAX_RECORDED_BODY = 64 * 1024
"""The greatest length of a body in the journal, in bytes: the rest is cut."""


@dataclass(frozen=True, slots=True)
class RecordedViolation:
    """One way in which a message of an exchange broke the contract."""

    side: str
    """`request` or `response`."""
    place: str
    """Where in the message: `query.size`, `/data/subtasks/3/status`."""
    rule: str
    """The broken rule: a JSON Schema keyword, or `unknown`, `requires`, `status`, …"""
    text: str
    """The violation as one line of text."""
    source: str = ""
    """The line of the documents that requires it: `task-management.md:29`; empty if unknown."""

    def to_record(self) -> dict[str, str]:
        """Return the violation as a JSON object. Keys: of, place, rule, text, source."""
        return {
            "of": self.side,
            "place": self.place,
            "rule": self.rule,
            "text": self.text,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its response, as the journal saves it: without secrets but for bodies.

    Bodies are as they were sent, so that searches find them; `to_record` redacts them too.
    """

    number: int
    """The number in the world's journal, from 1."""
    world: str
    at: datetime
    """The world's moment of the call."""
    request: Request
    response: Response
    operation: str = ""
    """The operationId; empty when the request matched none."""
    account: str = ""
    """The name of the caller's account; empty when the caller is unknown."""
    recorded_violations: tuple[RecordedViolation, ...] = ()
    """How request and response broke the contract, in this order."""
    trace: Mapping[str, Any] = field(default_factory=dict)
    """How the answer came about: matched rule, faults, clock, state before and after."""
    contents: dict[object, Any] | None = field(default=None, compare=False, repr=False)
    """Where coverage remembers what the body exercises, shared by exchanges with equal bodies."""

    @property
    def violations(self) -> tuple[str, ...]:
        """Each violation of request or response as a line of text."""
        return tuple(violation.text for violation in self.recorded_violations)

    def to_record(self) -> dict[str, Json]:
        """Return the exchange as one JSON object: a line of the journal's NDJSON form.

        Keys: number, world, at, operation, account, violations, trace, request, response.
        A body is `body` when it is UTF-8, else `bodyBase64`. Secrets in bodies are redacted.
        """
        secrets = Secrets()
        violations: list[Json] = [
            dict(violation.to_record()) for violation in self.recorded_violations
        ]
        return {
            "number": self.number,
            "world": self.world,
            "at": self.at.isoformat(),
            "operation": self.operation,
            "account": self.account,
            "violations": violations,
            "trace": dict(self.trace),
            "request": {
                "method": self.request.method,
                "target": self.request.target,
                "path": self.request.path,
                "headers": _headers_record(self.request.headers),
                **_body_record(self.request, secrets),
            },
            "response": {
                "status": self.response.status,
                "headers": _headers_record(self.response.headers),
                **_body_record(self.response, secrets),
            },
        }

    @classmethod
    def from_record(cls, record: object) -> Exchange:
        """Parse a record that `to_record` wrote; unknown members are ignored.

        The query is the query of the target. A record holds no delivery. Raises RecordError.
        """
        members = _RecordReader(record)
        request, response = members.get_object("request"), members.get_object("response")
        return cls(
            number=members.get_count("number"),
            world=members.get("world", str),
            at=members.get_moment("at"),
            request=_parse_request(request),
            response=_parse_response(response),
            operation=members.get("operation", str, ""),
            account=members.get("account", str, ""),
            recorded_violations=members.get_violations("violations"),
            trace=members.get("trace", dict, {}),
        )


def _parse_request(members: _RecordReader) -> Request:
    method = members.get("method", str)
    target = members.get("target", str)
    path = members.get("path", str)
    query = target.partition("?")[2]
    return Request(method, target, path, query, members.get_headers(), members.get_body())


def _parse_response(members: _RecordReader) -> Response:
    status = members.get_count("status")
    return Response(status, members.get_headers(), members.get_body())


def _headers_record(headers: Headers) -> list[Json]:
    return [[name, value] for name, value in headers]


def _body_record(message: Request | Response, secrets: Secrets) -> dict[str, Json]:
    body = redact_body(message.body, message.headers.get("Content-Type"), secrets)
    body = secrets.replace_known_bytes(body)
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"bodyBase64": base64.b64encode(body).decode("ascii")}


class RecordError(ValueError):
    """A record of an exchange with a wrong member: where it is, and what was expected."""


class _RecordReader:
    """Reads the members of a record. Raises RecordError for a member of another type."""

    def __init__(self, record: object, place: str = "") -> None:
        if not isinstance(record, dict):
            value = _describe_value(record)
            raise RecordError(f"{place or 'the record'} is {value}; expected an object")
        self._record = record
        self._place = place

    def get(self, name: str, kind: type[T], default: T | None = None) -> T:
        value = self._record.get(name, default)
        # In Python, but not in JSON, true and false are integers.
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self._build_error(name, value, _KIND_NAMES[kind])
        return value

    def get_count(self, name: str) -> int:
        number = self.get(name, int)
        if number < 0:
            raise self._build_error(name, number, _KIND_NAMES[int])
        return number

    def get_moment(self, name: str) -> datetime:
        text = self.get(name, str)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise self._build_error(name, text, "a date and time (ISO 8601)") from error
        if moment.tzinfo is None:
            raise self._build_error(name, text, "a date and time with an offset from UTC")
        return moment

    def get_violations(self, name: str) -> tuple[RecordedViolation, ...]:
        values = self.get(name, list, [])
        readers = [_RecordReader(value, f"{name}[{i}]") for i, value in enumerate(values)]
        return tuple(reader.get_violation() for reader in readers)

    def get_violation(self) -> RecordedViolation:
        return RecordedViolation(
            self.get("of", str),
            self.get("place", str),
            self.get("rule", str),
            self.get("text", str),
            self.get("source", str, ""),
        )

    def get_object(self, name: str) -> _RecordReader:
        return _RecordReader(self.get(name, dict), name)

    def get_headers(self) -> Headers:
        pairs = self.get("headers", list)
        if not all(_is_pair(pair) for pair in pairs):
            raise self._build_error("headers", pairs, "a list of pairs of strings")
        return Headers.of((name, value) for name, value in pairs)

    def get_body(self) -> bytes:
        if "bodyBase64" not in self._record:
            return self._get_text_body()
        text = self.get("bodyBase64", str)
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:
            raise self._build_error("bodyBase64", text, "Base64") from error

    def _get_text_body(self) -> bytes:
        text = self.get("body", str, "")
        try:
            return text.encode("utf-8")
        except ValueError as error:  # a lone surrogate, written as \udXXX
            raise self._build_error("body", text, "a string of Unicode characters") from error

    def _build_error(self, name: str, value: object, expected: str) -> RecordError:
        place = ".".join(part for part in (self._place, name) if part)
        actual = "missing"
        if name in self._record:
            actual = _describe_value(value)
        return RecordError(f"{place} is {actual}; expected {expected}")


_KIND_NAMES: dict[type, str] = {
    int: "an integer, 0 or more",
    str: "a string",
    dict: "an object",
    list: "a list",
}


def _is_pair(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    return all(isinstance(part, str) for part in value)


def _describe_value(value: object) -> str:
    """Return the repr of a value, at most 60 characters long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

"""Exchanges as the journal keeps them, and their records: lines of its NDJSON form."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from understudy.messages.message import Headers, Request, Response

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecordedViolation:
    """One way in which a message broke the contract, as it is remembered."""

    side: str
    """`request` or `response`."""
    place: str
    """Where in the message: `query.size`, `/data/subtasks/3/status`."""
    rule: str
    """The rule that was broken: a keyword of JSON Schema, or `unknown`, `requires`, `status`, `content-type`, …"""
    text: str
    """All that is known of it, in one line."""
    source: str = ""
    """The documents' line that says so: `task-management.md:29`. Empty when none is known."""

    def to_record(self) -> dict[str, str]:
        """Give it as a JSON object."""
        return {
            "of": self.side,
            "place": self.place,
            "rule": self.rule,
            "text": self.text,
            "source": self.source,
        }


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
    recorded_violations: tuple[RecordedViolation, ...] = ()
    """How request and response broke the contract."""
    trace: Mapping[str, Any] = field(default_factory=dict)
    """How the answer came about, as JSON data: what matched, faults, clock, state before and after."""

    @property
    def violations(self) -> tuple[str, ...]:
        """Each violation of request or response as a line of text."""
        return tuple(breach.text for breach in self.recorded_violations)

    def to_record(self) -> dict[str, Any]:
        """Give the exchange as one JSON object: a line of the journal's NDJSON form."""
        return {
            "number": self.number,
            "world": self.world,
            "at": self.at.isoformat(),
            "operation": self.operation,
            "account": self.account,
            "violations": [breach.to_record() for breach in self.recorded_violations],
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
            recorded_violations=told.breaches("violations"),
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

    def breaches(self, name: str) -> tuple[RecordedViolation, ...]:
        values = self.get(name, list, [])
        return tuple(_Members(value, f"{name}[{i}]").breach() for i, value in enumerate(values))

    def breach(self) -> RecordedViolation:
        return RecordedViolation(
            self.get("of", str),
            self.get("place", str),
            self.get("rule", str),
            self.get("text", str),
            self.get("source", str, ""),
        )

    def inner(self, name: str) -> _Members:
        return _Members(self.get(name, dict), name)

    def headers(self) -> Headers:
        pairs = self.get("headers", list)
        if not all(
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(x, str) for x in pair)
            for pair in pairs
        ):
            raise self._wrong("headers", pairs, "a list of pairs of texts")
        return Headers.of((name, value) for name, value in pairs)

    def body(self) -> bytes:
        name = "bodyBase64" if "bodyBase64" in self._record else "body"
        text = self.get(name, str, "")
        try:
            return (
                base64.b64decode(text, validate=True)
                if name == "bodyBase64"
                else text.encode("utf-8")
            )
        except ValueError as error:
            raise self._wrong(
                name, text, "Base64" if name == "bodyBase64" else "a text of Unicode characters"
            ) from error

    def _wrong(self, name: str, value: Any, expected: str) -> RecordError:
        place = f"{self._where}.{name}" if self._where else name
        return RecordError(
            f"{place} is {'missing' if name not in self._record else _told(value)}; expected {expected}"
        )


_KINDS: dict[type, str] = {
    int: "a whole number, 0 or more",
    str: "a text",
    dict: "an object",
    list: "a list",
}


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

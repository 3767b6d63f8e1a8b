"""Reads the messages of a file, whatever it contains."""

from collections.abc import Iterator
from typing import IO

from understudy.contract import Operation
from understudy.messages import Headers, JsonError, Response, is_json, parse_json
from understudy.traffic.reading.har_reader import read_har
from understudy.traffic.reading.input_kinds import InputKind
from understudy.traffic.reading.journal_reader import read_journal_messages
from understudy.traffic.reading.read_failure import ReadFailure
from understudy.traffic.traffic_message import Message

MAX_BODY_BYTES = 256 * 1024 * 1024
"""A longer body is not read."""


def read_messages(stream: IO[bytes], file: str, kind: InputKind) -> Iterator[Message | ReadFailure]:
    """Yield the messages of a HAR file or a journal."""
    reader = read_har if kind is InputKind.HAR else read_journal_messages
    return reader(stream, file)


def read_body(
    stream: IO[bytes], file: str, operation: Operation, status: int
) -> Message | ReadFailure:
    """Return the message of a file with a single body.

    The content type is that of the contract: a file has none.
    """
    body = stream.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        text = f"the body is longer than {MAX_BODY_BYTES} bytes"
        return ReadFailure(file, text, "too-long")
    documented = operation.response_spec(status)
    media_type = documented.content_type if documented else "application/json"
    failure = _check_json(body, file) if is_json(media_type) else None
    if failure is not None:
        return failure
    headers = Headers.of([("Content-Type", media_type)])
    response = Response(status, headers, body)
    return Message(response, operation=operation.id, has_head=False, file=file)


def _check_json(body: bytes, file: str) -> ReadFailure | None:
    try:
        parse_json(body)
    except JsonError as error:
        return ReadFailure(file, f"this is not JSON: {error.reason}", "not-json", line=error.line)
    return None

"""Reads journals line by line: a file may be larger than the memory that it may take."""

from collections.abc import Iterator
from typing import IO

from understudy.messages import Exchange, Json, JsonError, RecordError, parse_json
from understudy.traffic.reading.read_failure import ReadFailure
from understudy.traffic.traffic_message import Message

MAX_LINE_BYTES = 64 * 1024 * 1024
"""A longer line is not read."""
_SKIP_BYTES = 1024 * 1024


def read_journal_messages(stream: IO[bytes], file: str) -> Iterator[Message | ReadFailure]:
    """Yield the exchanges of a journal; failures for lines that are not exchanges.

    A line is one exchange (NDJSON) or an answer of `GET /__admin/requests`, which may also be one
    text of several lines.
    """
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            _skip_line(stream, line)
            text = f"the line is longer than {MAX_LINE_BYTES} bytes"
            yield ReadFailure(file, text, "too-long", line=number)
        elif number == 1 and line.strip() in (b"{", b"["):
            rest = stream.read(MAX_LINE_BYTES)
            yield from _read_line(line + rest, file, number)
        elif line.strip():
            yield from _read_line(line, file, number)


def _skip_line(stream: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(_SKIP_BYTES)


def _read_line(line: bytes, file: str, number: int) -> Iterator[Message | ReadFailure]:
    try:
        record = parse_json(line)
        for part in _list_records(record):
            yield _build_message(Exchange.from_record(part), file, number)
    except JsonError as error:
        rule = "not-json"
        if not line.endswith(b"\n") and number > 1:
            rule = "truncated"
        text = f"the line is not JSON: {error.reason}"
        lines_before = min(error.line - 1, line.rstrip().count(b"\n"))
        yield ReadFailure(file, text, rule, line=number + lines_before)
    except RecordError as error:
        yield ReadFailure(file, f"not an exchange: {error}", "bad-exchange", line=number)


def _list_records(record: Json) -> list[Json]:
    """Return one exchange, or all those of an answer of the control API."""
    if isinstance(record, list):
        return record
    requests = record.get("requests") if isinstance(record, dict) else None
    return requests if isinstance(requests, list) else [record]


def _build_message(exchange: Exchange, file: str, line: int) -> Message:
    return Message(
        exchange.response,
        exchange.request,
        operation=exchange.operation,
        scope=exchange.world,
        file=file,
        line=line,
        entry=exchange.number,
    )

"""Reads journals exchange by exchange: a file may be larger than the memory that it may take."""

from collections.abc import Iterator
from io import SEEK_SET
from typing import IO

import ijson

from understudy.messages import (
    MAX_RECORDED_BODY,
    Exchange,
    Json,
    JsonError,
    RecordError,
    parse_json,
)
from understudy.traffic.reading.input_kinds import skip_byte_order_mark
from understudy.traffic.reading.json_items import read_items
from understudy.traffic.reading.read_failure import ReadFailure
from understudy.traffic.traffic_message import Message

MAX_LINE_BYTES = 64 * 1024 * 1024
"""A longer line is not read."""
_SKIP_BYTES = 1024 * 1024


def read_journal_messages(stream: IO[bytes], file: str) -> Iterator[Message | ReadFailure]:
    """Yield the exchanges of a journal; failures for lines that are not exchanges.

    A journal has one exchange a line (NDJSON), or is a JSON text: a list of exchanges, or the
    answer of `GET /__admin/requests`. Those have no lines to name.
    """
    prefix = _find_list(stream)
    if prefix:
        yield from _read_list(stream, file, prefix)
        return
    number = 0
    skip_byte_order_mark(stream)
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            _skip_line(stream, line)
            text = f"the line is longer than {MAX_LINE_BYTES} bytes"
            yield ReadFailure(file, text, "too-long", line=number)
        elif line.strip():
            yield from _read_line(line, file, number)


def _find_list(stream: IO[bytes]) -> str:
    """Return where a JSON text has its list of exchanges; empty for a text of several lines."""
    skip_byte_order_mark(stream)
    prefix = ""
    try:
        events = ijson.basic_parse(stream, multiple_values=True)
        first, second = next(events), next(events)
        if first[0] == "start_array" and second[0] == "start_map":
            prefix = "item"
        elif first[0] == "start_map" and second == ("map_key", "requests"):
            prefix = "requests.item"
    except (StopIteration, ijson.JSONError, ValueError):
        prefix = ""  # The lines are read, and what is wrong is reported.
    stream.seek(0, SEEK_SET)
    return prefix


def _read_list(stream: IO[bytes], file: str, prefix: str) -> Iterator[Message | ReadFailure]:
    for number, record in read_items(stream, file, prefix):
        if isinstance(record, ReadFailure):
            yield record
            continue
        try:
            yield _build_message(Exchange.from_record(record), file)
        except RecordError as error:
            yield ReadFailure(file, f"not an exchange: {error}", "bad-exchange", entry=number)


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
        yield ReadFailure(file, text, rule, line=number)
    except RecordError as error:
        yield ReadFailure(file, f"not an exchange: {error}", "bad-exchange", line=number)


def _list_records(record: Json) -> list[Json]:
    """Return one exchange, or all those of an answer of the control API."""
    if isinstance(record, list):
        return record
    requests = record.get("requests") if isinstance(record, dict) else None
    return requests if isinstance(requests, list) else [record]


def _build_message(exchange: Exchange, file: str, line: int = 0) -> Message:
    """Return the message of an exchange. A body of the greatest length was probably cut."""
    return Message(
        exchange.response,
        exchange.request,
        operation=exchange.operation,
        has_body=len(exchange.response.body) < MAX_RECORDED_BODY,
        has_request_body=len(exchange.request.body) < MAX_RECORDED_BODY,
        scope=exchange.world,
        file=file,
        line=line,
        entry=exchange.number,
    )

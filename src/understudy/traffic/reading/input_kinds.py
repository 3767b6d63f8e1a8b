"""Recognises what a file contains, by its first members rather than by its name."""

from codecs import BOM_UTF8
from enum import Enum
from io import SEEK_SET
from typing import IO

import ijson

_MAX_EVENTS = 200_000
"""How many parts of a JSON text are looked at: the members that decide come early."""
_PREFIX_BYTES = 4096


class InputKind(Enum):
    """What a file contains."""

    BODY = "body"
    """The body of one response."""
    HAR = "har"
    """The calls of a browser. Source: HTTP Archive (HAR) 1.2."""
    JOURNAL = "journal"
    """Exchanges of this tool, one a line, or the answer of `GET /__admin/requests`."""
    SCENARIO = "scenario"
    CONTRACT = "contract"


_DECISIVE = {
    "log": InputKind.HAR,
    "requests": InputKind.JOURNAL,
    "trace": InputKind.JOURNAL,
    "openapi": InputKind.CONTRACT,
    "swagger": InputKind.CONTRACT,
    "understudy": InputKind.SCENARIO,
}
"""What the name of a member at the top of a JSON text shows."""
_YAML_STARTS = {
    b"openapi:": InputKind.CONTRACT,
    b"swagger:": InputKind.CONTRACT,
    b"understudy:": InputKind.SCENARIO,
}


def recognize_input(stream: IO[bytes]) -> InputKind:
    """Return what a stream contains; a body, unless it is something else. The stream is rewound."""
    skip_byte_order_mark(stream)
    prefix = stream.read(_PREFIX_BYTES)
    stream.seek(0, SEEK_SET)
    text = prefix.lstrip()
    if not text.startswith((b"{", b"[")):
        for line in text.splitlines():
            for start, kind in _YAML_STARTS.items():
                if line.startswith(start):
                    return kind
        return InputKind.BODY
    skip_byte_order_mark(stream)
    kind = _recognize_json(stream)
    stream.seek(0, SEEK_SET)
    return kind


def skip_byte_order_mark(stream: IO[bytes]) -> None:
    """Go behind the byte order mark that some editors write at the start of a text."""
    if stream.read(len(BOM_UTF8)) != BOM_UTF8:
        stream.seek(0, SEEK_SET)


def _recognize_json(stream: IO[bytes]) -> InputKind:
    """Return what a JSON text contains, by the members of its first object."""
    names: set[str] = set()
    events = ijson.basic_parse(stream, multiple_values=True)
    depth = 0
    try:
        for _, (event, value) in zip(range(_MAX_EVENTS), events, strict=False):
            if event in ("start_map", "start_array"):
                depth += 1
            elif event in ("end_map", "end_array"):
                depth -= 1
                if depth == 0:
                    break
            elif event == "map_key" and depth == 1:
                names.add(value)
                if value in _DECISIVE:
                    return _DECISIVE[value]
    except (ijson.JSONError, ValueError):
        pass  # Its reader reports what is wrong with it.
    if {"request", "response"} <= names:
        return InputKind.JOURNAL
    return InputKind.BODY

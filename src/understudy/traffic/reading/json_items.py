"""Reads the items of a list in a JSON text, one by one, so that only one of them is in memory."""

import re
from collections.abc import Iterator
from io import SEEK_END
from typing import IO, Any

import ijson

from understudy.messages import MAX_DEPTH, Json
from understudy.traffic.reading.input_kinds import skip_byte_order_mark
from understudy.traffic.reading.read_failure import ReadFailure

_CUT_TEXTS = ("premature eof", "incomplete json")
"""What the back ends of ijson say of a text that ends too early."""
_CUT_CHARACTER = re.compile(
    rb"(\\(u[0-9a-fA-F]{0,3})?|[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z"
)
"""An escape, or a character of several bytes, that is cut: other errors for the back ends."""
_CHARACTER_BYTES = 6


def read_items(
    stream: IO[bytes], file: str, prefix: str
) -> Iterator[tuple[int, Json | ReadFailure]]:
    """Yield the items of a list with their numbers, from 1.

    `prefix` names the list in the syntax of ijson: `log.entries.item`. When the text cannot be read
    to its end, the last pair is a failure, with the number of the last item.
    """
    number = 0
    skip_byte_order_mark(stream)
    try:
        events = _bound_depth(ijson.basic_parse(stream, use_float=True))
        for item in ijson.items(ijson.parse(events), prefix):
            number += 1
            yield number, item
    except (ijson.JSONError, ValueError, RecursionError) as error:
        if _is_cut(error, stream):
            text = f"the file ends in the middle, behind entry {number}"
            yield number, ReadFailure(file, text, "truncated", entry=number)
        else:
            text = f"the file is not JSON behind entry {number}: {_first_line(error)}"
            yield number, ReadFailure(file, text, "not-json", entry=number)


def _bound_depth(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield the events of a parser; raise ValueError for arrays and objects that nest too deeply.

    The parser holds the path of each of them, so the memory would grow with the square.
    """
    depth = 0
    for event in events:
        if event[0] in ("start_map", "start_array"):
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError(f"arrays and objects are nested deeper than {MAX_DEPTH}")
        elif event[0] in ("end_map", "end_array"):
            depth -= 1
        yield event


def _is_cut(error: Exception, stream: IO[bytes]) -> bool:
    """Return whether a text ends too early. One back end raises the same error for other flaws."""
    if not isinstance(error, ijson.IncompleteJSONError):
        return False
    if any(phrase in str(error).lower() for phrase in _CUT_TEXTS):
        return True
    size = stream.seek(0, SEEK_END)
    stream.seek(max(0, size - _CHARACTER_BYTES))
    return _CUT_CHARACTER.search(stream.read()) is not None


def _first_line(error: Exception) -> str:
    """Return the first line of an error's text, without what is not printable."""
    line = str(error).strip().partition("\n")[0]
    return line or type(error).__name__

"""JSON as RFC 8259 defines it: parsed strictly, written as ASCII.

The decoder is that of the standard library, with checks around it: alone, it accepts NaN and
duplicate names. A faster library (orjson) accepts duplicate names too, and rounds large integers.

`Json` is the type of every decoded JSON value.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
"""A decoded JSON value. Objects keep the order of their members."""


class JsonError(ValueError):
    """A text that is not JSON (RFC 8259), with the line and column of the error, both from 1."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


MAX_DEPTH = 100
"""How deep arrays and objects may be nested in a body.

Deeper nesting is reported instead of letting the decoder run out of stack.
"""


def parse_json(body: bytes | str) -> Any:
    """Parse JSON strictly and return its value.

    Rejects NaN and Infinity, duplicate names, numbers beyond the range of a double and nesting
    deeper than `MAX_DEPTH`. Integers keep all their digits. Raises JsonError.

    Source: RFC 8259, sections 4 (names), 6 (numbers), 8.1 (encoding) and 9 (limits).
    """
    text = _decode_text(body)
    # RFC 8259, section 8.1: a text that is sent must not begin with a byte order mark.
    if text.startswith("\ufeff"):
        raise JsonError("the text starts with a byte order mark, which JSON does not allow")
    _check_depth(text)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _convert_error(error) from error
    except JsonError:
        raise
    except ValueError as error:
        # The interpreter converts integers up to a number of digits only.
        raise JsonError(str(error)) from error


def _decode_text(body: bytes | str) -> str:
    if isinstance(body, str):
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError(f"the text is not UTF-8 (byte {error.start})") from error


def _convert_error(error: json.JSONDecodeError) -> JsonError:
    """Convert a decoder's error so that every version of Python reports the same text and place.

    Since Python 3.13 a trailing comma has a message and a position of its own.
    """
    reason, text, position = error.msg, error.doc, error.pos
    if reason.startswith("Illegal trailing comma"):
        # Python 3.13 points at the comma; older versions point at the bracket after it.
        rest = text[position + 1 :]
        position += 1 + len(rest) - len(rest.lstrip(_WHITESPACE))
    elif _follows_trailing_comma(text, position):
        container = "object" if text[position] == "}" else "array"
        reason = f"Illegal trailing comma before end of {container}"
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return JsonError(reason, line, column)


_WHITESPACE = " \t\n\r"
"""Insignificant whitespace. Source: RFC 8259, section 2."""


def _follows_trailing_comma(text: str, position: int) -> bool:
    if text[position : position + 1] not in ("}", "]"):
        return False
    return text[:position].rstrip(_WHITESPACE).endswith(",")


_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def _check_depth(text: str) -> None:
    """Raise JsonError for a text that is nested deeper than `MAX_DEPTH`.

    Counting brackets first keeps the usual, shallow text cheap.
    """
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    # Brackets inside of strings do not nest.
    for match in re.finditer(r"[\[\]{}]", _STRING.sub('""', text)):
        depth += 1 if match.group() in "[{" else -1
        if depth > MAX_DEPTH:
            raise JsonError(f"arrays and objects are nested deeper than {MAX_DEPTH}")


def _reject_constant(name: str) -> NoReturn:
    # RFC 8259, section 6: "Infinity and NaN are not permitted."
    raise JsonError(f"{name} is not JSON")


def _parse_finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise JsonError(f"the number {text[:30]} is too large")
    return number


def _build_object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Build an object from its members. Raises JsonError for a duplicate name."""
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise JsonError(f'duplicate name "{name[:60]}" in an object')
            seen.add(name)
    return members


_DECODER = json.JSONDecoder(
    parse_constant=_reject_constant,
    parse_float=_parse_finite,
    object_pairs_hook=_build_object,
)


def dump_json(value: object) -> bytes:
    """Return a value as compact JSON, with the keys in their order.

    The text is ASCII, so that a lone surrogate in a string cannot break the encoding.
    Raises ValueError for NaN and Infinity.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.encode("ascii")

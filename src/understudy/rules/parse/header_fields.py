"""Header fields that a script tells."""

import re
from typing import Any, Final

from understudy.contract.document.pointers import child_pointer
from understudy.rules.parse.parse_context import ParseContext, format_scalar

_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
SERVER_HEADERS: Final = frozenset(
    (
        *(
            "connection",
            "content-length",
            "date",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "server",
        ),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    )
)
"""Fields that only the server itself can tell truly, in lower case."""


def parse_headers(
    data: Any, reading: ParseContext, pointer: str
) -> tuple[tuple[tuple[str, str], ...], str]:
    """Read a mapping of names and values.

    Give the fields without Content-Type, and the value of that one or an empty text.
    """
    if not isinstance(data, dict):
        reading.add_wrong_value(pointer, data, "a mapping of names and values")
        return (), ""
    fields: list[tuple[str, str]] = []
    content_type = ""
    for name, value in data.items():
        where, text = child_pointer(pointer, name), format_scalar(value)
        if not _NAME.fullmatch(str(name)):
            reading.add_problem(
                "bad-header", f': "{name}" is no name of a header field', where, key=True
            )
        elif str(name).lower() in SERVER_HEADERS:
            hint = "To damage an answer, use a fault."
            reading.add_problem(
                "bad-header", f": the server itself writes {name}", where, key=True, hint=hint
            )
        elif text is None or not _VALUE.fullmatch(text):
            reading.add_wrong_value(where, value, "one line of text (ISO 8859-1)")
        elif str(name).lower() == "content-type":
            content_type = text
        else:
            fields.append((str(name), text))
    return tuple(fields), content_type

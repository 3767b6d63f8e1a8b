"""Patterns of header fields and media types, for rules and preferences that write them."""

import re
from typing import Final

_NAME = r"[\w!#$%&'*+.^`|~-]+"
"""Source: RFC 9110, section 5.6.2 (`token`)."""

FIELD_NAME: Final = re.compile(_NAME, re.ASCII)
"""The name of a header field. Source: RFC 9110, section 5.1."""
FIELD_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""The value of a header field: one line of ISO 8859-1. Source: RFC 9110, section 5.5."""
MEDIA_TYPE: Final = re.compile(rf"{_NAME}/{_NAME}(\s*;[\x20-\x7e]*)?", re.ASCII)
"""A media type with its parameters. Source: RFC 9110, section 8.3.1."""
SERVER_HEADERS: Final = frozenset(
    [
        "connection",
        "content-length",
        "date",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
"""Header fields that only the server may write, since they describe the connection; lower case."""

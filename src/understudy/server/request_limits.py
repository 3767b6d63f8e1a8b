"""The bounds and the content codings of a request, and the problems of requests beyond them.

A socket and a client in this process meet the same bounds.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from understudy.messages import (
    DecodedTooLargeError,
    MalformedCodingError,
    Request,
    UnknownCodingError,
    decode_content,
    known_codings,
)
from understudy.replay import StubProblem

MAX_BODY = 10 * 1024 * 1024
"""The largest request body, in bytes."""
MAX_TARGET = 8 * 1024
"""The longest request target, in characters."""
MAX_HEAD = 64 * 1024
"""The largest head, in bytes: request line and header fields, with all line ends."""
MAX_FIELDS = 100
"""The largest number of header fields."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What no field value has; a tab is allowed. Source: RFC 9110, section 5.5."""
_MAX_SHOWN_NAME = 60
"""How many characters of the name of a field a problem shows."""

Fields = Iterable[tuple[str, str]]


def check_limits(request: Request) -> None:
    """Check the sizes of target, head and body, and the header fields. Raises StubProblem."""
    check_target(request.target)
    if _measure_head(request) > MAX_HEAD:
        raise head_too_large()
    check_fields(request.headers)
    check_expectation(request.headers)
    if len(request.body) > MAX_BODY:
        raise body_too_large()


def check_fields(fields: Fields) -> None:
    """Check the number of header fields, and the characters of each. Raises StubProblem."""
    hosts = 0
    for number, (name, value) in enumerate(fields):
        if number >= MAX_FIELDS:
            raise head_too_large(f"At most {MAX_FIELDS} header fields are allowed.")
        if not _TOKEN.fullmatch(name):
            raise bad_request(f"Header field {_show(name)}: the name is not a token.")
        if _CONTROL_CHARACTER.search(value):
            raise bad_request(f"Header field {_show(name)}: the value has a control character.")
        hosts += name.lower() == "host"
    if hosts > 1:
        raise bad_request(f"Expected one Host header field, found {hosts}.")


def check_expectation(fields: Fields) -> None:
    """Check that no field expects something unknown. Raises StubProblem.

    Source: RFC 9110, section 10.1.1.
    """
    for value in find_values(fields, "expect"):
        if value.lower() != "100-continue":
            detail = f"Unknown expectation {_show(value)}; expected 100-continue."
            raise StubProblem(417, "expectation-failed", "Expectation Failed", detail)


def find_values(fields: Fields, name: str) -> list[str]:
    """Return the elements of all fields of this lower-case name, without blanks around them."""
    values = [value for key, value in fields if key.lower() == name]
    return [element.strip(" \t") for value in values for element in value.split(",")]


def decode_body(request: Request) -> Request:
    """Return the request with its body decoded; its header fields stay as they were sent.

    Raises StubProblem.
    """
    try:
        body = decode_content(request.headers, request.body, MAX_BODY)
    except UnknownCodingError as error:
        accepted = ", ".join(known_codings())
        detail = f"{error}; expected one of {accepted}".capitalize()
        # RFC 9110, 12.5.3: the field in a 415 shows that the coding was the reason.
        fields = (("Accept-Encoding", accepted),)
        title = "Unknown content coding"
        raise StubProblem(415, "unsupported-media-type", title, detail, fields) from error
    except MalformedCodingError as error:
        detail = str(error).capitalize()
        raise StubProblem(400, "bad-request", "Malformed body", detail) from error
    except DecodedTooLargeError as error:
        detail = f"{body_detail()} A large one is at most 100 times as long as its compressed form."
        raise body_too_large(detail) from error
    return request if body is request.body else replace(request, body=body)


def check_target(target: str) -> None:
    """Check the length of a request target. Raises StubProblem."""
    if len(target) > MAX_TARGET:
        detail = f"At most {MAX_TARGET} characters are allowed."
        raise StubProblem(414, "target-too-long", "The request target is too long", detail)


def body_detail() -> str:
    """Return the sentence about a body that is too large."""
    return f"A body has at most {MAX_BODY} bytes."


def bad_request(detail: str) -> StubProblem:
    """Return the problem of a malformed request."""
    return StubProblem(400, "bad-request", "Bad Request", detail)


def head_too_large(detail: str = "") -> StubProblem:
    """Return the problem of a head that is too large, or has too many fields."""
    detail = detail or f"Request line and header fields have at most {MAX_HEAD} bytes."
    title = "Request Header Fields Too Large"
    return StubProblem(431, "request-header-fields-too-large", title, detail)


def body_too_large(detail: str = "") -> StubProblem:
    """Return the problem of a body that is too large."""
    title = "Request Entity Too Large"
    return StubProblem(413, "request-entity-too-large", title, detail or body_detail())


def _show(text: str) -> str:
    """Return the beginning of a text that a client has sent, in quotes and without controls."""
    shown = text if len(text) <= _MAX_SHOWN_NAME else f"{text[:_MAX_SHOWN_NAME]}…"
    return ascii(shown)


def _measure_head(request: Request) -> int:
    """Return the bytes of a head on the wire, with all its line ends."""
    line = f"{request.method} {request.target} HTTP/1.1\r\n"
    return len(line) + sum(len(name) + len(value) + 4 for name, value in request.headers) + 2

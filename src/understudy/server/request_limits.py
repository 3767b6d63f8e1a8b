"""The bounds and the content codings of a request, and the problems of requests beyond them.

A socket and a client in this process meet the same bounds.
"""

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
MAX_HEAD = 256 * 1024
"""The size from which a head is too large, in bytes: request line and header fields."""


def check_limits(request: Request) -> None:
    """Check the sizes of head, target and body. Raises StubProblem."""
    if _measure_head(request) >= MAX_HEAD:
        title = "Request Header Fields Too Large"
        raise StubProblem(431, "request-header-fields-too-large", title, head_detail())
    check_target(request.target)
    if len(request.body) > MAX_BODY:
        raise _body_too_large(body_detail())


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
        raise _body_too_large(detail) from error
    return request if body is request.body else replace(request, body=body)


def check_target(target: str) -> None:
    """Check the length of a request target. Raises StubProblem."""
    if len(target) > MAX_TARGET:
        detail = f"At most {MAX_TARGET} characters are allowed."
        raise StubProblem(414, "target-too-long", "The request target is too long", detail)


def body_detail() -> str:
    """Return the sentence about a body that is too large."""
    return f"A body has at most {MAX_BODY} bytes."


def head_detail() -> str:
    """Return the sentence about header fields that are too large."""
    return f"Request line and header fields have less than {MAX_HEAD} bytes."


def _body_too_large(detail: str) -> StubProblem:
    title = "Request Entity Too Large"
    return StubProblem(413, "request-entity-too-large", title, detail)


def _measure_head(request: Request) -> int:
    """Return the bytes of a head on the wire, with all its line ends."""
    line = f"{request.method} {request.target} HTTP/1.1\r\n"
    return len(line) + sum(len(name) + len(value) + 4 for name, value in request.headers) + 2

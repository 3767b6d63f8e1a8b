"""The bounds of a request, and the problems of requests beyond them.

A socket and a client in this process meet the same bounds.
"""

from understudy.messages import Request
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
        title = "Request Entity Too Large"
        raise StubProblem(413, "request-entity-too-large", title, body_detail())


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


def _measure_head(request: Request) -> int:
    """Return the bytes of a head on the wire, with all its line ends."""
    line = f"{request.method} {request.target} HTTP/1.1\r\n"
    return len(line) + sum(len(name) + len(value) + 4 for name, value in request.headers) + 2

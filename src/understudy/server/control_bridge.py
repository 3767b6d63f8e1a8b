"""The bridge from Flask to the control API, and the check of who may call it."""

import hmac

from flask import Response as FlaskResponse
from flask import request

from understudy.control import Control
from understudy.messages import Request
from understudy.replay import StubProblem
from understudy.server.adapter import to_response
from understudy.server.operation_calls import Learned

_CLIENT_GONE = "waitress.client_disconnected"
"""The key of the WSGI environment with the function that checks the client (waitress)."""


def answer_control_call(
    control: Control, message: Request, world: str, learned: Learned | None = None
) -> FlaskResponse:
    """Answer a call of the control API.

    `message` has a path below the prefix; `world` is the name from `Stub.select_world`. `learned`
    gets the answer, for the log of calls.
    """
    # Imported late: a server starts faster without the modules of the control API.
    from understudy.control import Stream

    answer = control.handle(message, world, request.environ.get(_CLIENT_GONE))
    if not isinstance(answer, Stream):
        if learned is not None:
            learned.response = answer
        return to_response(answer)
    response = FlaskResponse(answer.chunks, status=answer.status, headers=list(answer.headers))
    response.call_on_close(answer.close)
    return response


def check_control_access(token: str) -> None:
    """Check that the caller may use the control API: it has the token, and is no foreign page.

    Raises StubProblem: `foreign-origin` (403) or `token-needed` (401).
    """
    origin = request.headers.get("Origin")
    own_origins = (f"http://{request.host}", f"https://{request.host}")
    site = request.headers.get("Sec-Fetch-Site", "none")
    # Browsers name the site of a call; a page that the user opens must not change a world.
    # Source: Fetch Metadata Request Headers (W3C), 2.3.
    if (origin is not None and origin not in own_origins) or site not in ("none", "same-origin"):
        raise StubProblem(
            403,
            "foreign-origin",
            "Calls from other sites are not allowed",
            "The control API is for tools and for its own pages.",
        )
    if token and not _has_token(request.headers.get("Authorization", ""), token):
        raise StubProblem(
            401,
            "token-needed",
            "The control API requires its token",
            "Send it as Authorization: Bearer <token>. It was set with --control-token.",
            (("WWW-Authenticate", 'Bearer realm="understudy"'),),  # RFC 6750, 3
        )


def _has_token(authorization: str, token: str) -> bool:
    """Return whether a header field `Authorization` has the token (RFC 6750, 2.1)."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "bearer":
        credentials = ""
    # Compared in constant time, so that response times do not reveal the token.
    actual = credentials.encode("utf-8", "surrogateescape")
    return hmac.compare_digest(actual, token.encode())

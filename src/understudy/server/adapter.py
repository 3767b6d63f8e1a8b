"""Conversion between Flask's requests and responses and our messages, and the check of `Host`."""

import ipaddress
import re
from dataclasses import replace
from functools import lru_cache
from http.client import responses
from urllib.parse import quote, urlsplit

from flask import Request as FlaskRequest
from flask import Response as FlaskResponse

from understudy.messages import Headers, Request, Response
from understudy.server.request_limits import decode_body

FIELDS = "understudy.fields"
"""Where the WSGI environment holds the header fields as they were sent: pairs in their order."""
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?]*")
"""Scheme and authority of a target in the absolute form (RFC 9112, section 3.2.2)."""
_NOT_IN_HOST = re.compile(r"[^A-Za-z0-9._:\[\]~%-]")
"""Characters that a host cannot have, such as those of a user (`@`) or a path (`/`)."""


def to_message(request: FlaskRequest) -> Request:
    """Return the request as a message, with its decoded body.

    Raises StubProblem for content codings that are unknown or broken.
    """
    return decode_body(replace(to_head(request), body=request.get_data(cache=False)))


def to_head(request: FlaskRequest) -> Request:
    """Return the request as a message, without its body.

    The target stays percent-encoded as received, because signatures are computed from it. The path
    is relative to the mount point of the application (`SCRIPT_NAME`). The header fields are those
    that were sent, if the server knows them: WSGI joins repeated ones, and has none with `_`.
    """
    target = request_target(request)
    path, _, query = target.partition("?")
    root = quote(request.root_path.rstrip("/"))
    if root and path.startswith(root):
        path = path[len(root) :] or "/"
    headers = Headers.of(request.environ.get(FIELDS) or request.headers.items())
    return Request(request.method, target, path, query, headers)


def request_target(request: FlaskRequest) -> str:
    """Return the target as received, or else rebuild it from the decoded path."""
    raw = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI")
    if not raw:  # WSGI (PEP 3333) requires the decoded path only
        path = quote(request.root_path.rstrip("/") + request.path)
        return _join(path, request.query_string.decode("latin-1"))
    return strip_authority(str(raw))


def strip_authority(target: str) -> str:
    """Return a target without scheme and authority, which the absolute form has."""
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        return target
    rest = target[absolute.end() :]
    return rest if rest.startswith("/") else f"/{rest}"


def _join(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def to_response(response: Response) -> FlaskResponse:
    """Return a message as a response of Flask, with exactly the header fields of the message."""
    converted = FlaskResponse(response.body, status=status_line(response.status))
    converted.headers.clear()
    for name, value in response.headers:
        converted.headers.add(name, value)
    if has_length(response.status):
        converted.headers["Content-Length"] = str(len(response.body))
    return converted


def has_length(status: int) -> bool:
    """Return whether a response has a Content-Length: it may have content (RFC 9110, 8.6)."""
    return status >= 200 and status not in (204, 304)


def status_line(status: int) -> str:
    """Return a status with its phrase from RFC 9110; Flask writes phrases in capitals."""
    return f"{status} {responses.get(status, 'Unknown')}"


def parse_hostname(host: str) -> str:
    """Return the name in a Host header: lower case, without port and brackets of IPv6.

    Empty for text that is not a host, such as one with a user or a path.
    """
    if _NOT_IN_HOST.search(host):
        return ""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return ""
    return (name or "").rstrip(".")


@lru_cache(maxsize=256)
def is_host_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    """Return whether a Host header names this server: localhost, an IP address, an allowed name.

    Every address is allowed, because DNS rebinding needs a name. A request without a Host is
    HTTP/1.0, which no browser sends.
    """
    if not host:
        return True
    name = parse_hostname(host)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    if name in {parse_hostname(entry) for entry in allowed}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

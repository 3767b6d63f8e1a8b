"""From Flask's request to a message, and back."""

import ipaddress
import re
from functools import lru_cache
from http.client import responses
from urllib.parse import quote, urlsplit

from flask import Request as FlaskRequest
from flask import Response as FlaskResponse

from understudy.messages import Headers, Request, Response

_NO_HOST = re.compile(r"[^A-Za-z0-9._:\[\]~%-]")


def to_message(request: FlaskRequest) -> Request:
    """Give the request as a value. The target stays percent-encoded, as it was received."""
    target = _target(request)
    path, _, query = target.partition("?")
    root = quote(request.root_path.rstrip("/"))
    if root and path.startswith(root):
        path = path[len(root) :] or "/"
    headers = Headers.of(request.headers.items())
    return Request(request.method, target, path, query, headers, request.get_data(cache=False))


def _target(request: FlaskRequest) -> str:
    raw = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI")
    if not raw:  # a server that tells only the decoded path
        query = request.query_string.decode("latin-1")
        return quote(request.root_path.rstrip("/") + request.path) + (f"?{query}" if query else "")
    if raw.startswith("/"):
        return str(raw)
    split = urlsplit(raw)  # the absolute form, RFC 9112 3.2.2
    return (split.path or "/") + (f"?{split.query}" if split.query else "")


def to_response(response: Response) -> FlaskResponse:
    """Give a message as Flask's response."""
    made = FlaskResponse(response.body, status=status_line(response.status))
    made.headers.clear()
    for name, value in response.headers:
        made.headers.add(name, value)
    if response.status != 204:
        made.headers["Content-Length"] = str(len(response.body))
    return made


def status_line(status: int) -> str:
    """Give a status with the words that RFC 9110 has for it: Flask's own are in capitals."""
    return f"{status} {responses.get(status, 'Unknown')}"


def parse_hostname(host: str) -> str:
    """Give the name in a Host header: without its port, lower case, an IPv6 address without brackets.

    Empty for what is no host at all: a user before it, or a path behind it, say.
    """
    if _NO_HOST.search(host):
        return ""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def is_host_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    """Tell whether a Host header names this server: localhost, an IP address, or a name that was allowed.

    An address cannot be rebound by DNS, so every address is fine. A request without a Host is HTTP/1.0, no browser.
    """
    if not host:
        return True
    name = parse_hostname(host)
    if (
        name == "localhost"
        or name.endswith(".localhost")
        or name in {parse_hostname(entry) for entry in allowed}
    ):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

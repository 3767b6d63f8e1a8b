"""Calls of pages of other origins (CORS): their preflights, and the header fields of answers.

All of it works on messages: the front of Flask, the errors of the HTTP server and the clients in
this process send the same fields. The control API never has one of them.
Source: Fetch Standard, "HTTP CORS protocol" and "Private Network Access".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from understudy.calllog.call_record import printable
from understudy.config import Settings, is_web_origin, normalise_origin
from understudy.messages import Headers, Request, Response
from understudy.replay.path_prefixes import split_world_prefix

Fields = tuple[tuple[str, str], ...]
"""Header fields: pairs of name and value."""

_LOCAL_ORIGIN = re.compile(
    r"https?://(localhost|127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)+localhost)(:[0-9]+)?"
)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""A method, or the name of a header field. Source: RFC 9110, section 5.6.2."""
_MAX_AGE_S = 600
"""How long a browser remembers the answer to a preflight."""
_EXPOSED = (
    "Allow",
    "Date",
    "Preference-Applied",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "WWW-Authenticate",
)
"""Fields that pages may read, beside those of each answer."""
_READABLE = frozenset(
    {
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    }
)
"""Fields that every page may read. Source: Fetch, "CORS-safelisted response-header name"."""
_FORBIDDEN = frozenset({"set-cookie", "set-cookie2"})
"""Fields that no page may read. Source: Fetch, "forbidden response-header name"."""
_MAX_ORIGIN = 200
"""How many characters of an origin a line of the log shows."""


@dataclass(frozen=True, slots=True)
class PageCall:
    """A call with an Origin, to another path than those of the control API."""

    request: Request
    origin: str
    is_allowed: bool
    """Whether pages of the origin may read the answer."""

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks, before the call of a page, if it may send that."""
        fields = self.request.headers
        return self.request.method == "OPTIONS" and "Access-Control-Request-Method" in fields

    def answer_preflight(self) -> Response:
        """Build the answer to a preflight: 204, also for an origin that is not allowed.

        It does not depend on the call: the answer to that has the reason if the call fails, and
        a page sees it only when the preflight succeeds.
        """
        if not self.is_allowed:
            return Response(204, Headers((("Vary", "Origin"),)))
        request_fields = self.request.headers
        methods = dict.fromkeys(
            (*_METHODS, *_tokens(request_fields, "Access-Control-Request-Method"))
        )
        fields = [
            ("Access-Control-Allow-Origin", self.origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Allow-Methods", ", ".join(methods)),
            ("Access-Control-Max-Age", str(_MAX_AGE_S)),
        ]
        names = _tokens(request_fields, "Access-Control-Request-Headers")
        if names:
            fields.append(("Access-Control-Allow-Headers", ", ".join(names)))
        if request_fields.get("Access-Control-Request-Private-Network").lower() == "true":
            fields.append(("Access-Control-Allow-Private-Network", "true"))
        return Response(204, Headers((*fields, ("Vary", "Origin"))))

    def fields_beside(self, sent: Iterable[tuple[str, str]]) -> Fields:
        """Return the fields to add to an answer that has others; the scenario's own are final."""
        names = {name.lower(): name for name, _ in sent}
        if not self.is_allowed or "access-control-allow-origin" in names:
            return (("Vary", "Origin"),)
        fields = [
            ("Access-Control-Allow-Origin", self.origin),
            ("Access-Control-Allow-Credentials", "true"),
        ]
        if "access-control-expose-headers" not in names:
            fields.append(("Access-Control-Expose-Headers", ", ".join(_list_exposed(names))))
        return (*fields, ("Vary", "Origin"))

    @property
    def hint(self) -> str:
        """What the developer of a page needs to know that may not read the answer; else empty."""
        host = self.request.headers.get("Host")
        if self.is_allowed or self.origin in (f"http://{host}", f"https://{host}"):
            return ""
        shown = printable(self.origin, _MAX_ORIGIN)
        if shown == "null":
            return (
                "a page without an origin, such as a file, may not read the answer. "
                "Serve it over HTTP"
            )
        hint = f"pages of {shown} may not read the answer"
        if is_web_origin(self.origin):
            return f"{hint}. Allow them with --cors-origin {shown}"
        return hint


class CrossOrigin:
    """The pages that may call a stub: those of this machine, and of allowed origins."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._allowed = frozenset(normalise_origin(origin) for origin in settings.cors_origins)

    def find_page(self, request: Request) -> PageCall | None:
        """Return the call of a page; None for another call, and for one of the control API.

        The path of the request has the prefix of a world, if the call has one.
        """
        # Two origins in a request are not an origin that is allowed.
        origin = request.headers.get_list("Origin")
        if not origin or not self._settings.cors or self._is_control(request):
            return None
        return PageCall(request, origin, self.allows(origin))

    def allows(self, origin: str) -> bool:
        """Return whether pages of an origin may call the stub."""
        is_local = _LOCAL_ORIGIN.fullmatch(origin) is not None
        return is_local or normalise_origin(origin) in self._allowed

    def _is_control(self, request: Request) -> bool:
        _, inner = split_world_prefix(request, self._settings.world_prefix)
        prefix = self._settings.admin_prefix
        return inner.path == prefix or inner.path.startswith(f"{prefix}/")


def _tokens(headers: Headers, name: str) -> list[str]:
    """Return the tokens in the list of a field, without anything else."""
    items = (item.strip() for item in headers.get_list(name).split(","))
    return [item for item in items if _TOKEN.fullmatch(item)]


def _list_exposed(names: dict[str, str]) -> list[str]:
    """Return the names that a page may read, of an answer's fields by their names in lower case."""
    exposed = {name.lower(): name for name in _EXPOSED}
    for lowered, name in names.items():
        is_protocol = lowered.startswith("access-control-")
        if not (is_protocol or lowered in _READABLE or lowered in _FORBIDDEN):
            exposed.setdefault(lowered, name)
    return sorted(exposed.values())

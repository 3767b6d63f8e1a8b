"""What a page of another site may do with the API of the stub: look, but change nothing.

A browser sends some calls of any page without a preflight: forms, images, texts. It also adds the
credentials that its user has typed in before. Where the stub needs no credentials, or has these,
such a call must not act. The control API refuses all calls of other sites: see `control_bridge`.
Source: Fetch Metadata Request Headers (W3C), 2; Fetch Standard, "simple requests".
"""

from urllib.parse import urlsplit

from understudy.calllog.call_record import printable
from understudy.clock import WallClock
from understudy.contract import Match
from understudy.messages import Request
from understudy.replay import Stub, StubProblem
from understudy.replay.checks.known_callers import is_known_caller
from understudy.rules import parse_preferences
from understudy.server.cross_origin import CrossOrigin

_SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that ask for nothing to change. Source: RFC 9110, section 9.2.1."""
_MAX_ORIGIN = 200
"""How many characters of an origin a problem shows."""


def check_foreign_page(stub: Stub, world: str, request: Request) -> None:
    """Check that a call of another site's page changes nothing. Raises StubProblem (403).

    It must not use an operation with an unsafe method, build a world, or have preferences, which
    could let it wait. Where the stub rejects the call anyway, the page gets that answer.
    """
    origin = find_foreign_page(stub, request)
    if origin is None or request.method == "OPTIONS":
        return
    is_unsafe = request.method not in _SAFE
    if "Authorization" in request.headers:
        # Only a call that needs no preflight can have the credentials of a browser's user.
        mode = request.headers.get("Sec-Fetch-Mode").lower()
        if not is_unsafe or mode not in ("no-cors", "navigate"):
            return
    if not is_known_caller(stub.service, stub.contract, request, WallClock().now()):
        return
    inner, preferences = parse_preferences(request)
    if preferences.invalid:
        return
    path = stub.contract.strip_base_path(inner.path)
    acts = is_unsafe and isinstance(stub.contract.route(request.method, path), Match)
    if acts or preferences.values or _builds_world(stub, world):
        raise _foreign_origin(origin)


def _builds_world(stub: Stub, name: str) -> bool:
    """Return whether a call would build a world of this name."""
    try:
        return stub.registry.find_usable(name) is None and stub.registry.has_room()
    except StubProblem:  # invalid or gone
        return False


def find_foreign_page(stub: Stub, request: Request) -> str | None:
    """Return the origin of another site's page that calls; None for other callers.

    Pages of this machine and of the allowed origins, also with `--cors off`, are no such pages,
    and neither is a link that a user follows.
    """
    fields = request.headers
    site, origin = fields.get("Sec-Fetch-Site").lower(), fields.get_list("Origin")
    if site in ("same-origin", "same-site", "none") or not (origin or site):
        return None
    if not origin:
        is_link = fields.get("Sec-Fetch-Mode") == "navigate" and request.method == "GET"
        if is_link and fields.get("Sec-Fetch-Dest") == "document":
            return None
        origin = _origin_of(fields.get("Referer"))
    host = fields.get("Host")
    if origin in (f"http://{host}", f"https://{host}"):
        return None
    return None if CrossOrigin(stub.settings).allows(origin) else origin


def _origin_of(url: str) -> str:
    """Return the origin of a URL; `null` for a text that is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "null"
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "null"


def _foreign_origin(origin: str) -> StubProblem:
    shown = printable(origin, _MAX_ORIGIN)
    detail = (
        "A page of another site may neither change anything nor create a world, and may send no "
        "preferences. Serve the page on localhost, or allow its origin with --cors-origin."
    )
    if shown != "null":
        detail = detail.replace("its origin with --cors-origin", f"it with --cors-origin {shown}")
    title = "Calls from other sites must not change anything"
    return StubProblem(403, "foreign-origin", title, detail)

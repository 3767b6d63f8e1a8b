"""Answers the requests of a browser for the pages of the console and their files."""

from functools import lru_cache, partial
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from understudy.control import Control
from understudy.messages import Headers, Request, Response
from understudy.server.console.console_paths import CONSOLE
from understudy.server.console.control_calls import ControlCalls
from understudy.server.console.pages import NAVIGATION, PageNotFoundError, build_page
from understudy.server.console.texts import LANGUAGES, choose_language, translate

_STATIC = {"console.js": "text/javascript", "console.css": "text/css"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' "
    "data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("understudy.server.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def answer_console(
    control: Control, request: Request, world: str, base: str, origin: str
) -> Response:
    """Return a page of the console, or one of its files.

    `request` has a path below the prefix of the control API; `base` is that prefix as the browser
    sees it, with the world in front; `origin` is scheme and host.
    """
    path = request.path[len(CONSOLE) :]
    if path.startswith("/static/"):
        return _answer_file(path.rpartition("/")[2])
    if request.method not in ("GET", "HEAD"):
        return _answer(405, "text/plain", b"GET only\n", [("Allow", "GET, HEAD")])
    language = choose_language(_wanted_language(request), request.headers.get("Accept-Language"))
    calls = ControlCalls(control, world)
    translation = partial(translate, language=language)
    settings = control.stub.settings
    common = {
        "t": translation,
        "language": language,
        "languages": LANGUAGES,
        "navigation": NAVIGATION,
        "base": base,
        "origin": origin,
        "prefix": settings.admin_prefix,
        "world_prefix": settings.world_prefix,
        "root": base.removesuffix(settings.admin_prefix),
        "world": world,
        "path": path.strip("/") or "calls",
        "clock": calls.get("/clock"),
        "has_tasks": control.stub.contract.service == "ocp",
        "rules_count": _count_rules(calls),
    }
    try:
        name, values = build_page(path, request, calls, control.stub.contract)
        status = 200
    except PageNotFoundError:
        name, values, status = "missing", {}, 404
    text = _environment().get_template(f"{name}.html").render({**common, **values})
    return _answer(status, "text/html; charset=utf-8", text.encode("utf-8", "replace"))


def _wanted_language(request: Request) -> str:
    _, _, value = request.query.partition("lang=")
    return value.partition("&")[0] or request.cookie("understudy-lang")


def _count_rules(calls: ControlCalls) -> int:
    replies, faults = calls.list("/replies", "replies"), calls.list("/faults", "faults")
    return sum(rule.get("origin") != "scenario" for rule in (*replies, *faults))


def _answer_file(name: str) -> Response:
    media_type = _STATIC.get(name)
    if media_type is None:
        return _answer(404, "text/plain", b"no such file\n")
    body = files("understudy.server.console").joinpath("static", name).read_bytes()
    return _answer(200, f"{media_type}; charset=utf-8", body)


def _answer(
    status: int, content_type: str, body: bytes, more: list[tuple[str, str]] | None = None
) -> Response:
    fields = [
        ("Content-Type", content_type),
        ("Content-Security-Policy", _POLICY),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        *(more or []),
    ]
    return Response(status, Headers.of(fields), body)

"""The Flask application: what lies below the control prefix is the control API's; all else goes to the stub."""

import hmac
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask, request
from flask import Request as FlaskRequest
from flask import Response as FlaskResponse
from flask_cors import CORS
from werkzeug.exceptions import HTTPException

from understudy.config import Settings
from understudy.control import Control
from understudy.messages import Request, Response
from understudy.replay import Stub, StubProblem
from understudy.server.adapter import is_host_allowed, parse_hostname, to_message, to_response
from understudy.server.control_bridge import answer_control_call
from understudy.server.delivery import deliver

log = logging.getLogger("understudy")

MAX_BODY = 10 * 1024 * 1024
MAX_TARGET = 8 * 1024
_LOCAL_ORIGIN = r"^https?://(localhost|127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)+localhost)(:[0-9]+)?$"
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
"""The fields of a response that a page may read, beside those that the contract documents."""


class _App(Flask):
    """A Flask that does not route: paths and methods are the contract's business."""

    def create_url_adapter(self, request: FlaskRequest | None) -> None:
        """Give none: so Flask looks for no rule, and `before_request` answers."""


def create_app(
    settings: Settings | None = None,
    *,
    stub: Stub | None = None,
    control: Control | None = None,
    **overrides: Any,
) -> Flask:
    """Make the WSGI application. `overrides` replace single settings: `create_app(scenario="empty")`.

    Raises InputError when contract, overlay or scenario cannot be used. Several applications can live in one process;
    each has its own worlds. The stub stands in `app.extensions["understudy"]`. A `control` brings its own stub.
    """
    stub = control.stub if control else stub or Stub(replace(settings or Settings(), **overrides))
    app = _App("understudy", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["understudy"] = stub
    control = control or Control(stub)
    app.before_request(lambda: _serve(stub, control))
    app.register_error_handler(StubProblem, lambda problem: to_response(problem.response()))
    app.register_error_handler(HTTPException, lambda error: _own_error(error))
    _allow_pages(app, stub)
    return app


def _serve(stub: Stub, control: Control) -> FlaskResponse:
    try:
        _check(stub)
        message = to_message(request)
        name, inner = stub.select_world(message)
        prefix = stub.settings.admin_prefix
        if inner.path == prefix or inner.path.startswith(f"{prefix}/"):
            _check_control(stub)
            return answer_control_call(
                control, replace(inner, path=inner.path[len(prefix) :] or "/"), name
            )
        return _answer(stub, name, inner)
    except StubProblem as problem:
        return to_response(problem.to_response())
    except HTTPException:
        raise
    except Exception:
        log.exception("the stub failed at %s %s", request.method, request.path)
        detail = "This is a defect of the tool. The log has the traceback."
        return to_response(StubProblem(500, "internal", "The stub failed", detail).to_response())


def _answer(stub: Stub, world: str, message: Request) -> FlaskResponse:
    """Let the stub answer; a thread that has to wait for that is reserved before anything has happened."""
    hold = _Hold(stub.thread_limit.acquire)
    response: Response | None = None
    try:
        response = stub.handle_in_world(world, message, hold)
    finally:
        waits = (
            response is not None
            and response.delivery is not None
            and response.delivery.needs_thread
        )
        if hold.taken and not waits:
            stub.thread_limit.release()
    return deliver(response, request.environ, stub.thread_limit)


class _Hold:
    """Takes a place among the waiting when it is first called, and says the same whenever it is called again."""

    def __init__(self, enter: Callable[[], bool]) -> None:
        self._enter = enter
        self._said: bool | None = None

    @property
    def taken(self) -> bool:
        """Whether a place was taken."""
        return bool(self._said)

    def __call__(self) -> bool:
        if self._said is None:
            self._said = self._enter()
        return self._said


def _check(stub: Stub) -> None:
    # A page that was opened under another name for this machine must not reach it (DNS rebinding).
    if not is_host_allowed(request.environ.get("HTTP_HOST", ""), stub.settings.allow_hosts):
        told = request.environ.get("HTTP_HOST", "")[:120]
        name = parse_hostname(told)
        more = f', or allow the name with --allow-host "{name}"' if name else ""
        detail = f"Use localhost or an IP address{more}."
        raise StubProblem(421, "host-not-allowed", f'The host "{told}" is not served here', detail)
    if len(request.environ.get("REQUEST_URI") or request.full_path) > MAX_TARGET:
        raise StubProblem(
            414,
            "target-too-long",
            "The request target is too long",
            f"At most {MAX_TARGET} characters.",
        )


def _check_control(stub: Stub) -> None:
    """Let in who may drive the stub: nobody without the token, and no page of another site."""
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin not in (
        f"http://{request.host}",
        f"https://{request.host}",
    )
    # Browsers say where a call comes from; a page that somebody opens must not change a world.
    if foreign or request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        detail = "The control API is for tools and for its own pages."
        raise StubProblem(403, "foreign-origin", "This call comes from another site", detail)
    token = stub.settings.token
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    shown = shown if scheme.lower() == "bearer" else ""
    if token and not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), token.encode()):
        detail = "Send it as Authorization: Bearer <token>. It was set with --control-token."
        challenge = (("WWW-Authenticate", 'Bearer realm="understudy"'),)
        raise StubProblem(
            401, "token-needed", "The control API asks for its token", detail, challenge
        )


def _allow_pages(app: Flask, stub: Stub) -> None:
    """Let pages of this machine, and of the origins that were named, call the stub with credentials (CORS).

    Not the control API: no page but its own drives it.
    """
    settings = stub.settings
    # A world's name cannot hold a slash, but a path that is no world's name can hold one that is encoded.
    control = rf"({re.escape(settings.world_prefix)}/.*)?{re.escape(settings.admin_prefix)}(/|$)"
    operations = stub.contract.operations.values()
    documented = {
        header.name for o in operations for spec in o.responses.values() for header in spec.headers
    }
    CORS(
        app,
        resources=rf"^(?!{control}).*",
        origins=[_LOCAL_ORIGIN, *settings.cors_origins],
        supports_credentials=True,
        methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        expose_headers=sorted({*_EXPOSED, *documented}),
        max_age=600,
        vary_header=True,
    )


def _own_error(error: HTTPException) -> FlaskResponse:
    """Answer what Flask itself refuses: never with a page of HTML."""
    status = error.code or 500
    slug = error.name.lower().replace(" ", "-")
    detail = f"A body has at most {MAX_BODY} bytes." if status == 413 else error.description or ""
    return to_response(StubProblem(status, slug, error.name, detail).to_response())

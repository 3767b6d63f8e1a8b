"""The Flask application: the control API below its prefix, the stub everywhere else."""

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
from understudy.server.control_bridge import answer_control_call, check_control_access
from understudy.server.delivery import deliver

log = logging.getLogger("understudy")

MAX_BODY = 10 * 1024 * 1024
"""The largest request body, in bytes."""
MAX_TARGET = 8 * 1024
"""The longest request target, in characters."""
_MAX_SHOWN_HOST = 120
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
"""Response fields that pages may read, beside those that the contract documents."""


class _App(Flask):
    """A Flask application that does not route: the contract has the paths and methods."""

    def create_url_adapter(self, request: FlaskRequest | None) -> None:
        """Return None: Flask then looks for no rule, and `before_request` answers."""


def create_app(
    settings: Settings | None = None,
    *,
    stub: Stub | None = None,
    control: Control | None = None,
    **overrides: Any,
) -> Flask:
    """Create the WSGI application.

    `overrides` replace single settings: `create_app(scenario="empty")`. A given `stub` or `control`
    is served instead of a new one. Each application has its own worlds; its stub is in
    `app.extensions["understudy"]`.

    Raises InputError when contract, overlay or scenario have problems.
    """
    if control is None:
        control = Control(stub or Stub(replace(settings or Settings(), **overrides)))
    stub = control.stub
    app = _App("understudy", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["understudy"] = stub
    app.before_request(lambda: _serve(stub, control))
    app.register_error_handler(StubProblem, lambda problem: to_response(problem.to_response()))
    app.register_error_handler(HTTPException, _answer_flask_error)
    _enable_cors(app, stub)
    return app


def _serve(stub: Stub, control: Control) -> FlaskResponse:
    """Answer the current request; an unexpected error is logged and becomes a problem (500)."""
    try:
        return _route(stub, control)
    except StubProblem as problem:
        return to_response(problem.to_response())
    except HTTPException:
        raise
    except Exception:
        log.exception("the stub failed at %s %s", request.method, request.path)
        detail = "This is a defect of the tool. The log has the traceback."
        internal = StubProblem(500, "internal", "Internal error", detail)
        return to_response(internal.to_response())


def _route(stub: Stub, control: Control) -> FlaskResponse:
    """Answer with the control API for a path below its prefix, else with the stub."""
    _check_request(stub)
    name, message = stub.select_world(to_message(request))
    prefix = stub.settings.admin_prefix
    if message.path == prefix or message.path.startswith(f"{prefix}/"):
        check_control_access(stub.settings.token)
        call = replace(message, path=message.path[len(prefix) :] or "/")
        return answer_control_call(control, call, name)
    return _answer(stub, name, message)


def _answer(stub: Stub, world: str, message: Request) -> FlaskResponse:
    """Answer with the stub.

    The thread of a late response is reserved before the call changes the world, so that a call
    that gets no thread has no effect.
    """
    reservation = _ThreadReservation(stub.thread_limit.acquire)
    response: Response | None = None
    try:
        response = stub.handle_in_world(world, message, reservation)
    finally:
        delivery = response.delivery if response is not None else None
        needs_thread = delivery is not None and delivery.needs_thread
        if reservation.is_held and not needs_thread:
            stub.thread_limit.release()
    return deliver(response, request.environ, stub.thread_limit)


class _ThreadReservation:
    """Reserves a thread at the first call; later calls return the same result."""

    def __init__(self, acquire: Callable[[], bool]) -> None:
        self._acquire = acquire
        self._result: bool | None = None

    @property
    def is_held(self) -> bool:
        """Whether a thread was reserved."""
        return bool(self._result)

    def __call__(self) -> bool:
        if self._result is None:
            self._result = self._acquire()
        return self._result


def _check_request(stub: Stub) -> None:
    """Check the Host and the length of the target. Raises StubProblem."""
    host = request.environ.get("HTTP_HOST", "")
    # DNS rebinding: a page under another name of this machine must not reach the stub.
    if not is_host_allowed(host, stub.settings.allow_hosts):
        raise _host_not_allowed(host)
    target = request.environ.get("REQUEST_URI") or request.full_path
    if len(target) > MAX_TARGET:
        detail = f"At most {MAX_TARGET} characters are allowed."
        raise StubProblem(414, "target-too-long", "The request target is too long", detail)


def _host_not_allowed(host: str) -> StubProblem:
    """Return the problem of a foreign host, with the option that allows it."""
    shown = host[:_MAX_SHOWN_HOST]
    name = parse_hostname(shown)
    hint = f', or allow the name with --allow-host "{name}"' if name else ""
    detail = f"Use localhost or an IP address{hint}."
    return StubProblem(421, "host-not-allowed", f'The host "{shown}" is not allowed', detail)


def _enable_cors(app: Flask, stub: Stub) -> None:
    """Let pages of this machine and of the allowed origins call the stub with credentials (CORS).

    The control API is excluded: only its own pages may call it.
    """
    settings = stub.settings
    # The prefix of a world may have an encoded slash, although no world's name has one.
    world = rf"({re.escape(settings.world_prefix)}/.*)?"
    control_paths = rf"{world}{re.escape(settings.admin_prefix)}(/|$)"
    CORS(
        app,
        resources=rf"^(?!{control_paths}).*",
        origins=[_LOCAL_ORIGIN, *settings.cors_origins],
        supports_credentials=True,
        methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        expose_headers=sorted({*_EXPOSED, *_documented_headers(stub)}),
        max_age=600,
        vary_header=True,
    )


def _documented_headers(stub: Stub) -> set[str]:
    """Return the header fields of all documented responses."""
    names: set[str] = set()
    for operation in stub.contract.operations.values():
        for response in operation.responses.values():
            names.update(header.name for header in response.headers)
    return names


def _answer_flask_error(error: HTTPException) -> FlaskResponse:
    """Return an error of Flask, such as 413, as a problem document instead of HTML."""
    status = error.code or 500
    slug = error.name.lower().replace(" ", "-")
    detail = error.description or ""
    if status == 413:
        detail = f"A body has at most {MAX_BODY} bytes."
    return to_response(StubProblem(status, slug, error.name, detail).to_response())

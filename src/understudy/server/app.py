"""The Flask application: the control API below its prefix, the stub everywhere else."""

from dataclasses import replace
from typing import Any

from flask import Flask, request
from flask import Request as FlaskRequest
from flask import Response as FlaskResponse
from werkzeug.exceptions import HTTPException

from understudy.calllog import CallLog
from understudy.config import Settings
from understudy.control import Control
from understudy.messages import Request, Response
from understudy.replay import Stub, StubProblem
from understudy.server.adapter import to_message, to_response
from understudy.server.console.console_paths import CONSOLE, is_console_path
from understudy.server.control_bridge import answer_control_call, check_control_access
from understudy.server.delivery import CONNECTION, deliver
from understudy.server.operation_calls import (
    LEARNED,
    Learned,
    check_request,
    handle_operation,
    http_problem,
    log_internal_error,
)
from understudy.server.operation_front import OperationFront
from understudy.server.request_limits import MAX_BODY


class _App(Flask):
    """A Flask application that does not route: the contract has the paths and methods."""

    def create_url_adapter(self, request: FlaskRequest | None) -> None:
        """Return None: Flask then looks for no rule, and `before_request` answers."""


def create_app(
    settings: Settings | None = None,
    *,
    stub: Stub | None = None,
    control: Control | None = None,
    call_log: CallLog | None = None,
    **overrides: Any,
) -> Flask:
    """Create the WSGI application.

    `overrides` replace single settings: `create_app(scenario="empty")`. A given `stub` or `control`
    is served instead of a new one. `call_log` logs each call; without it, hints for developers go
    to the logger `understudy`. Each application has its own worlds; its stub is in
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
    app.register_error_handler(StubProblem, _answer_problem)
    app.register_error_handler(HTTPException, lambda error: _answer_problem(http_problem(error)))
    front = OperationFront(app, stub, call_log)
    app.wsgi_app = front  # type: ignore[method-assign]
    app.extensions["understudy.front"] = front
    return app


def _serve(stub: Stub, control: Control) -> FlaskResponse:
    """Answer the current request; an unexpected error is logged and becomes a problem (500)."""
    try:
        return _route(stub, control)
    except StubProblem as problem:
        return _answer_problem(problem)
    except HTTPException:
        raise
    except Exception:
        return _answer_problem(log_internal_error(request.method, request.path))


def _answer_problem(problem: StubProblem) -> FlaskResponse:
    """Return a problem as the answer to the current request; the log of calls shows it."""
    response = problem.to_response()
    learned: Learned | None = request.environ.get(LEARNED)
    if learned is not None:
        learned.response = response
    return to_response(response)


def _route(stub: Stub, control: Control) -> FlaskResponse:
    """Answer with the control API for a path below its prefix, else with the stub."""
    check_request(request, stub)
    selector = stub.service
    name, message = stub.select_world(to_message(request))
    prefix = stub.settings.admin_prefix
    learned: Learned | None = request.environ.get(LEARNED)
    if message.path == prefix or message.path.startswith(f"{prefix}/"):
        if learned is not None:
            learned.is_control = True
        check_control_access(stub.settings.token)
        call = replace(message, path=message.path[len(prefix) :] or "/")
        if is_console_path(call.path):
            return to_response(_answer_console(control, call, name))
        return answer_control_call(control, call, name, learned)
    if learned is not None:
        learned.selector = selector
    holds_answers = CONNECTION in request.environ
    response = handle_operation(stub, name, message, learned, holds_answers=holds_answers)
    return deliver(response, request.environ, stub.thread_limit)


def _answer_console(control: Control, call: Request, world: str) -> Response:
    """Answer with a page of the console; `call` has a path below the prefix of the control API."""
    # Imported late: a server starts faster without templates.
    from understudy.server.console.console_site import answer_console

    if not call.path.startswith(CONSOLE):
        call = replace(call, path=f"{CONSOLE}/calls")
    prefix = control.stub.settings.admin_prefix
    before = request.path.partition(prefix)[0]
    return answer_console(control, call, world, f"{before}{prefix}", request.host_url.rstrip("/"))

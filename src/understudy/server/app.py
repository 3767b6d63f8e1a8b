"""The Flask application: what lies below the control prefix is Flask's; all else goes to the stub as it came."""

import logging
from dataclasses import replace
from typing import Any

from flask import Flask, request
from flask import Response as FlaskResponse
from werkzeug.exceptions import HTTPException

from understudy.config import Settings
from understudy.messages import Response
from understudy.replay import Stub, StubProblem
from understudy.server.adapter import hostname, is_allowed_host, to_message, to_response
from understudy.server.admin import admin_blueprint

log = logging.getLogger("understudy")

MAX_BODY = 10 * 1024 * 1024
MAX_TARGET = 8 * 1024


def create_app(settings: Settings | None = None, *, stub: Stub | None = None, **overrides: Any) -> Flask:
    """Make the WSGI application. `overrides` replace single settings: `create_app(scenario="empty")`.

    Raises InputError when contract, overlay or scenario cannot be used. Several applications can live in one process;
    each has its own worlds. The stub stands in `app.extensions["understudy"]`.
    """
    stub = stub or Stub(replace(settings or Settings(), **overrides))
    app = Flask("understudy", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["understudy"] = stub
    prefix = stub.settings.admin_prefix
    app.register_blueprint(admin_blueprint(stub), url_prefix=prefix)
    # Before routing's verdict is raised: paths and methods of the stub are the contract's business, not Flask's.
    app.before_request(lambda: _serve(stub, prefix))
    app.register_error_handler(StubProblem, lambda problem: to_response(problem.response()))
    app.register_error_handler(HTTPException, lambda error: _own_error(error))
    return app


def _serve(stub: Stub, admin_prefix: str) -> FlaskResponse | None:
    try:
        _check(stub)
        if request.path == admin_prefix or request.path.startswith(f"{admin_prefix}/"):
            return None
        return to_response(stub.handle(to_message(request)))
    except StubProblem as problem:
        return to_response(problem.response())
    except HTTPException:
        raise
    except Exception:
        log.exception("the stub failed at %s %s", request.method, request.path)
        detail = "This is a defect of the tool. The log has the traceback."
        return to_response(StubProblem(500, "internal", "The stub failed", detail).response())


def _check(stub: Stub) -> None:
    # A page that was opened under another name for this machine must not reach it (DNS rebinding).
    if not is_allowed_host(request.environ.get("HTTP_HOST", ""), stub.settings.allow_hosts):
        host = hostname(request.environ.get("HTTP_HOST", ""))
        detail = f'Use localhost or an IP address, or allow the name with --allow-host "{host}".'
        raise StubProblem(421, "host-not-allowed", f'The host "{host}" is not served here', detail)
    if len(request.environ.get("REQUEST_URI") or request.full_path) > MAX_TARGET:
        raise StubProblem(414, "target-too-long", "The request target is too long", f"At most {MAX_TARGET} characters.")


def _own_error(error: HTTPException) -> FlaskResponse:
    """Answer what Flask itself refuses: never with a page of HTML."""
    status = error.code or 500
    slug = error.name.lower().replace(" ", "-")
    response = StubProblem(status, slug, error.name, error.description or "").response()
    return to_response(_with_headers(response, error))


def _with_headers(response: Response, error: HTTPException) -> Response:
    allow = getattr(error, "valid_methods", None)
    if not allow:
        return response
    headers = replace(response.headers, fields=(*response.headers.fields, ("Allow", ", ".join(sorted(allow)))))
    return replace(response, headers=headers)

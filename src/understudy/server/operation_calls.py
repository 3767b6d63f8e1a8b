"""A call of the contract's operations, from the check of the request to the stub's response."""

import logging
from collections.abc import Callable
from functools import partial

from flask import Request as FlaskRequest
from werkzeug.exceptions import HTTPException

from understudy.messages import Exchange, Request, Response
from understudy.replay import Stub, StubProblem
from understudy.replay.known.short_way import KnownCall
from understudy.replay.pipeline import always_reserve
from understudy.replay.world_registry import DEFAULT_WORLD
from understudy.server.adapter import is_host_allowed, parse_hostname
from understudy.server.first_page import build_first_page, is_first_page
from understudy.server.foreign_pages import check_foreign_page
from understudy.server.request_limits import body_detail, check_target

log = logging.getLogger("understudy")

LEARNED = "understudy.learned"
"""Where the WSGI environment holds what the application learns of a call."""
_MAX_SHOWN_HOST = 120
"""How many characters of a foreign Host a problem shows."""


class Learned:
    """What the stub finds out about a call while it answers it on the whole way."""

    __slots__ = ("call", "exchange", "hints", "is_control", "is_logged", "response", "selector")

    def __init__(self, *, is_logged: bool = False) -> None:
        self.is_logged = is_logged
        """Whether a log of calls shows the call, so that the hints are not logged elsewhere."""
        self.exchange: Exchange | None = None
        """The call as the journal has it; None for a call that reached no world."""
        self.hints: tuple[str, ...] = ()
        self.response: Response | None = None
        """The answer of a call without an exchange, before it is delivered."""
        self.is_control = False
        """Whether the call is for the control API."""
        self.call: KnownCall | None = None
        """The call, if it can be repeated on the short way."""
        self.selector: object = None
        """The service that selected the call's world."""

    def report(self, exchange: Exchange, hints: tuple[str, ...]) -> None:
        """Remember the exchange of the call."""
        self.exchange, self.hints = exchange, hints


def http_problem(error: HTTPException) -> StubProblem:
    """Return an error of Flask, such as 413, as a problem document instead of HTML."""
    status = error.code or 500
    slug = error.name.lower().replace(" ", "-")
    detail = error.description or ""
    if status == 413:
        detail = body_detail()
    return StubProblem(status, slug, error.name, detail)


def log_internal_error(method: str, path: str) -> StubProblem:
    """Log the exception that is being handled, a defect of the tool; return its problem (500)."""
    log.exception("the stub failed at %s %s", method, path)
    detail = "This is a defect of the tool. The log has the traceback."
    return StubProblem(500, "internal", "Internal error", detail)


def handle_operation(
    stub: Stub,
    world: str,
    message: Request,
    learned: Learned | None = None,
    *,
    holds_answers: bool = False,
) -> Response:
    """Let the stub answer; `learned` gets the call if it can be repeated on the short way.

    Unless the server holds late answers without a thread, a thread is reserved before the call
    changes the world, so that a call that gets no thread has no effect.
    """
    if world == DEFAULT_WORLD and is_first_page(stub, message):
        return build_first_page(stub, message)
    try:
        check_foreign_page(stub, world, message)
    except StubProblem as problem:
        response = stub.record_problem(world, message, problem)
        if learned is not None:
            learned.response = response
        return response
    return _answer(stub, world, message, learned, holds_answers=holds_answers)


def _answer(
    stub: Stub, world: str, message: Request, learned: Learned | None, *, holds_answers: bool
) -> Response:
    acquire = always_reserve if holds_answers else stub.thread_limit.acquire
    reservation = _ThreadReservation(acquire)
    response: Response | None = None
    try:
        learn, report = None, None
        if learned is not None:
            learn = partial(setattr, learned, "call")
            report = learned.report if learned.is_logged else None
        response = stub.handle_in_world(world, message, reservation, learn, report)
        if learned is not None:
            learned.response = response
    finally:
        delivery = response.delivery if response is not None else None
        needs_thread = delivery is not None and delivery.needs_thread
        if reservation.is_held and not needs_thread and not holds_answers:
            stub.thread_limit.release()
    return response


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


def check_request(request: FlaskRequest, stub: Stub) -> None:
    """Check the Host and the length of the target. Raises StubProblem."""
    host = request.environ.get("HTTP_HOST", "")
    # DNS rebinding: a page under another name of this machine must not reach the stub.
    if not is_host_allowed(host, stub.settings.allow_hosts):
        raise _host_not_allowed(host)
    check_target(request.environ.get("REQUEST_URI") or request.full_path)


def _host_not_allowed(host: str) -> StubProblem:
    """Return the problem of a foreign host, with the option that allows it."""
    shown = host[:_MAX_SHOWN_HOST]
    name = parse_hostname(shown)
    hint = f', or allow the name with --allow-host "{name}"' if name else ""
    detail = f"Use localhost or an IP address{hint}."
    return StubProblem(421, "host-not-allowed", f'The host "{shown}" is not allowed', detail)

"""Answers the contract's operations in front of Flask's dispatch.

Flask keeps the control API. All other calls are answered here: preflights before anything is
checked, known calls on the short way, the rest by the stub. A known call is recognised by
everything that its client sent. Its answer is the head that the whole way has sent for it, with
another date and length, and the body of the short way.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from flask import Flask, Request
from werkzeug.exceptions import HTTPException

from understudy.calllog import CallLog
from understudy.calllog.call_record import printable_path
from understudy.messages import Response
from understudy.replay import Stub, StubProblem
from understudy.replay.known.response_meta import http_date
from understudy.replay.known.short_way import KnownAnswer, Recognised
from understudy.server.adapter import (
    FIELDS,
    has_length,
    request_target,
    status_line,
    to_head,
    to_message,
)
from understudy.server.call_report import log_call
from understudy.server.cross_origin import CrossOrigin
from understudy.server.delivery import CONNECTION, Connection, deliver, is_bodyless
from understudy.server.operation_calls import (
    LEARNED,
    Learned,
    check_request,
    handle_operation,
    http_problem,
    log_internal_error,
)

log = logging.getLogger("understudy")

RAW = "understudy.raw"
"""Where the WSGI environment holds the bytes of a request that came in one piece, without body."""
RECOGNISED = "understudy.recognised"
"""Where the WSGI environment holds the call that was learned, for the server."""

_MAX_BODY = 1024 * 1024
"""Larger request bodies are left to Flask, which bounds them."""
_KEY_NAMES = frozenset(
    {"REQUEST_URI", "RAW_URI", "PATH_INFO", "QUERY_STRING", "SCRIPT_NAME", "CONTENT_TYPE"}
)
_MAX_KEY = 16 * 1024
"""Longer requests are not remembered: a table of them would hold few."""

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


@dataclass(slots=True)
class Head:
    """The head of an answer: status and header fields, and the bytes that a socket has sent."""

    status: str
    fields: tuple[tuple[str, str], ...]
    """Without Date and Content-Length."""
    pieces: tuple[bytes, bytes, bytes] | None = None
    """The sent bytes around the length and the date; None: not sent over a socket of ours yet."""
    is_length_first: bool = True


_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n")
_DATE = re.compile(rb"\r\nDate: ([^\r]+)\r\n")


def split_head(sent: bytes) -> tuple[tuple[bytes, bytes, bytes], bool] | None:
    """Return the bytes of a head around its length and date, and whether the length is first.

    None for a head that has not exactly one of each.
    """
    lengths, dates = list(_LENGTH.finditer(sent)), list(_DATE.finditer(sent))
    if len(lengths) != 1 or len(dates) != 1:
        return None
    first, second = sorted((lengths[0].span(1), dates[0].span(1)))
    pieces = sent[: first[0]], sent[first[1] : second[0]], sent[second[1] :]
    return pieces, first == lengths[0].span(1)


class OperationFront:
    """A WSGI application in front of a Flask application, which it replaces for operations.

    Hooks that a user adds to the Flask application see every call: then nothing is answered here.
    """

    def __init__(self, app: Flask, stub: Stub, call_log: CallLog | None = None) -> None:
        self._app = app
        self.flask: WsgiApp = app.wsgi_app
        """The Flask application itself, without this front."""
        self._stub = stub
        self._hooks = _count_hooks(app)
        self._call_log = call_log
        self.cross_origin = CrossOrigin(stub.settings)
        """The pages that may read answers."""

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a call: on the short way if it is known, else by the stub or by Flask."""
        begin = perf_counter()
        key = None if self._has_new_hooks() else _key_of(environ)
        recognised = None if key is None else self._stub.short_way.find(key)
        repeated = None if recognised is None else self._stub.repeat(recognised)
        if recognised is not None and repeated is not None:
            if self._call_log is not None:
                self._call_log.add_known(repeated[0], perf_counter() - begin)
            return _send_known(recognised, *repeated, start_response)
        page = None
        if "HTTP_ORIGIN" in environ:
            page = self.cross_origin.find_page(to_head(Request(environ)))
        learned = Learned(is_logged=self._call_log is not None)
        sent: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, fields: list[tuple[str, str]], *rest: Any) -> Any:
            if page is not None and not page.is_preflight:
                fields = [*fields, *page.fields_beside(fields)]
            sent.append((status, fields))
            return start_response(status, fields, *rest)

        if page is not None and page.is_preflight:
            chunks = _send(page.answer_preflight(), environ, start)
        else:
            chunks = self._answer(environ, start, learned)
        hint = "" if page is None else page.hint
        # A call with a hint is not remembered, so that each one has its line in the log.
        if key is not None and learned.call is not None and len(sent) == 1 and not hint:
            head = _build_head(*sent[0])
            recognised = Recognised(learned.call, learned.selector, head)
            self._stub.short_way.put(key, recognised)
            environ[RECOGNISED] = recognised
        if sent:
            self._log(environ, sent[0][0], learned, hint, begin)
        return chunks

    def _log(
        self, environ: dict[str, Any], status: str, learned: Learned, hint: str, begin: float
    ) -> None:
        """Log a call, when its answer is sent; without a log, only the hint about its page."""
        call_log = self._call_log
        if call_log is not None:

            def log_end() -> None:
                log_call(call_log, environ, status, learned, hint, perf_counter() - begin)

            connection: Connection | None = environ.get(CONNECTION)
            if connection is not None and connection.is_holding:
                connection.on_end = log_end
            else:
                log_end()
        elif hint:
            log.warning("%s: %s", printable_path(request_target(Request(environ))), hint)

    def _has_new_hooks(self) -> bool:
        return _count_hooks(self._app) != self._hooks

    def _answer(
        self, environ: dict[str, Any], start_response: StartResponse, learned: Learned
    ) -> Iterable[bytes]:
        """Answer by the stub, or by Flask where the stub alone is not enough."""
        if self._needs_flask(environ):
            environ[LEARNED] = learned
            return self.flask(environ, start_response)
        request = Request(environ)
        try:
            check_request(request, self._stub)
            learned.selector = self._stub.service
            name, message = self._stub.select_world(to_message(request))
            holds_answers = CONNECTION in environ
            response = handle_operation(
                self._stub, name, message, learned, holds_answers=holds_answers
            )
        except StubProblem as problem:
            response = learned.response = problem.to_response()
        except HTTPException as error:  # a client that hung up in the body, say
            response = learned.response = http_problem(error).to_response()
        except Exception:
            defect = log_internal_error(request.method, request.path)
            response = learned.response = defect.to_response()
        if response.delivery is not None:
            delivered = deliver(response, environ, self._stub.thread_limit)
            return delivered(environ, start_response)
        return _send(response, environ, start_response)

    def _needs_flask(self, environ: dict[str, Any]) -> bool:
        """Return whether a call is for the control API, or has a large body, or hooks see it."""
        target = environ.get("REQUEST_URI") or environ.get("RAW_URI") or environ["PATH_INFO"]
        length = environ.get("CONTENT_LENGTH") or "0"
        return (
            self._has_new_hooks()
            or self._stub.settings.admin_prefix in target
            or "HTTP_TRANSFER_ENCODING" in environ
            or not length.isdecimal()
            or int(length) > _MAX_BODY
        )

    def answer_bytes(self, request: bytes) -> bytes | None:
        """Return the whole answer to the bytes of a request; None: the request is not known.

        Never blocks: a server may call it on the thread of its loop.
        """
        recognised = self._stub.short_way.find(request)
        if recognised is None or self._has_new_hooks():
            return None
        begin = perf_counter()
        head: Head = recognised.head
        pieces = head.pieces
        if pieces is None:
            return None
        repeated = self._stub.repeat(recognised, is_quick=True)
        if repeated is None:
            return None
        answer, body = repeated
        if self._call_log is not None:
            self._call_log.add_known(answer, perf_counter() - begin)
        first, second = str(len(body)).encode(), http_date(answer.now).encode()
        if not head.is_length_first:
            first, second = second, first
        return b"".join((pieces[0], first, pieces[1], second, pieces[2], body))


def _count_hooks(app: Flask) -> tuple[int, ...]:
    """Return how many functions Flask calls before, after and around requests."""
    tables = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    return tuple(len(functions) for table in tables for functions in table.values())


def _build_head(status: str, fields: Iterable[tuple[str, str]]) -> Head:
    """Return the head of an answer, for the calls that repeat it."""
    return Head(status, tuple(p for p in fields if p[0] not in ("Date", "Content-Length")))


def _send(
    response: Response, environ: Mapping[str, Any], start_response: StartResponse
) -> Iterable[bytes]:
    """Send a whole response."""
    fields = list(response.headers)
    if has_length(response.status):
        fields.append(("Content-Length", str(len(response.body))))
    start_response(status_line(response.status), fields)
    return [] if is_bodyless(response, environ) else [response.body]


def _send_known(
    recognised: Recognised, answer: KnownAnswer, body: bytes, start_response: StartResponse
) -> Iterable[bytes]:
    """Send the answer to a known call."""
    head: Head = recognised.head
    varying = [("Date", http_date(answer.now)), ("Content-Length", str(len(body)))]
    start_response(head.status, [*head.fields, *varying])
    return [body]


def _key_of(environ: Mapping[str, Any]) -> bytes | None:
    """Return what identifies a call: its bytes, or all that a WSGI server shows of them.

    None for a call that cannot be known: it is not a GET, or it has a body.
    """
    if environ["REQUEST_METHOD"] != "GET" or environ.get("CONTENT_LENGTH") not in (None, "", "0"):
        return None
    raw: bytes | None = environ.get(RAW)
    if raw is not None:
        return raw
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    parts = [f"{name}={environ[name]}" for name in _KEY_NAMES if name in environ]
    sent_fields = environ.get(FIELDS)
    if sent_fields is None:
        parts += [f"{name}={value}" for name, value in environ.items() if name[:5] == "HTTP_"]
    else:  # WSGI has joined the repeated ones, and dropped those with `_`
        parts += [f"{name}: {value}" for name, value in sent_fields]
    key = "\n".join(parts).encode("utf-8", "surrogateescape")
    return key if len(key) <= _MAX_KEY else None

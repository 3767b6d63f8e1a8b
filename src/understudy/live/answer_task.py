"""The tasks of waitress that answer one request, and what a response can request of them.

The classes override internals of waitress: `write`, `finish`, `build_response_header` and others.
"""

from collections.abc import Callable
from typing import Any

from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from understudy.calllog import CallLog
from understudy.live.request_head import RejectedRequestError
from understudy.live.request_parser import FieldParser
from understudy.messages import Delivery, Ending
from understudy.replay import StubProblem
from understudy.server.adapter import FIELDS
from understudy.server.call_report import log_server_problem
from understudy.server.cross_origin import CrossOrigin, PageCall
from understudy.server.delivery import CONNECTION
from understudy.server.operation_front import RAW, RECOGNISED, split_head

_TOO_LARGE = (413, 414, 431)
"""The statuses of requests that are larger than the server reads."""


class BreakableConnection:
    """What a response can request of its connection; the loop of the server carries it out.

    It does not know the task, so that a request leaves no reference cycle behind.
    """

    __slots__ = ("delivery", "ending", "on_end")

    def __init__(self) -> None:
        self.ending = Ending.WHOLE
        """How the connection ends after this response."""
        self.delivery: Delivery | None = None
        """When the response is sent; None: at once."""
        self.on_end: Callable[[], None] | None = None
        """What happens when a response that is held is sent, or its client has gone."""

    @property
    def is_holding(self) -> bool:
        """Whether the response is sent later."""
        return self.delivery is not None

    def hold(self, delivery: Delivery) -> None:
        """Send the response after its delay and in its chunks, without a thread."""
        self.delivery = delivery

    def reset(self) -> None:
        """Send nothing and reset the connection (TCP RST)."""
        self.ending = Ending.RESET

    def close_empty(self) -> None:
        """Send nothing and close the connection in an orderly way (TCP FIN)."""
        self.ending = Ending.EMPTY

    def truncate(self) -> None:
        """Send the body of the application, though shorter than Content-Length; then close."""
        self.ending = Ending.TRUNCATE


class AnswerHeld(BaseException):
    """Raised by a task whose answer is sent later: its request is not finished.

    It is not an Exception, which waitress would catch and log.
    """

    def __init__(self, task: "BreakableTask", delivery: Delivery) -> None:
        super().__init__()
        self.task = task
        self.delivery = delivery


class BreakableTask(WSGITask):  # type: ignore[misc]  # waitress has no types
    """One request, answered in a thread of the server; its WSGI environment has the connection."""

    def __init__(self, channel: Any, request: FieldParser) -> None:
        self._length: int | None = None
        self._environ: dict[str, Any] = {}
        self.connection = BreakableConnection()
        self.held_body: list[bytes] = []
        """The body of an answer that is sent later."""
        self._is_held = False
        super().__init__(channel, request)

    @property
    def content_length(self) -> int | None:
        """The length that waitress enforces; None for a body that is shorter on purpose."""
        return self._length if self.connection.ending is Ending.WHOLE else None

    @content_length.setter
    def content_length(self, length: int | None) -> None:
        self._length = length

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment, with the connection under CONNECTION."""
        environ: dict[str, Any] = super().get_environment()
        environ[CONNECTION] = self.connection
        environ[FIELDS] = self.request.fields
        if self.request.raw is not None:
            environ[RAW] = self.request.raw
        self._environ = environ
        return environ

    def set_close_on_finish(self) -> None:
        """Close the connection after this response, unless waitress only misses its length.

        Waitress closes after each response without Content-Length. One without content ends with
        its header fields (RFC 9112, section 6.3), so that the connection persists (section 9.3).
        """
        option = self.request.headers.get("CONNECTION", "").lower()
        wants_close = option == "close" or (self.version == "1.0" and option != "keep-alive")
        if self.has_body or wants_close:
            super().set_close_on_finish()
        elif self.version == "1.0":
            self.response_headers.append(("Connection", "Keep-Alive"))

    def build_response_header(self) -> bytes:
        """Return the bytes of the head; remember them for a call that the application knows.

        When the server stops, the last response of a connection says that the connection closes.
        Source: RFC 9112, section 9.6.
        """
        if self.channel.is_at_last_request:
            super().set_close_on_finish()
        head = bytes(super().build_response_header())
        recognised = self._environ.get(RECOGNISED)
        if recognised is not None and self.request.raw is not None and not self.close_on_finish:
            split = split_head(head)
            if split is not None:
                recognised.head.is_length_first = split[1]
                recognised.head.pieces = split[0]
        return head

    def service(self) -> None:
        """Answer the request, or finish an answer that was held. Raises AnswerHeld."""
        if self._is_held:
            self.finish()
            return
        super().service()
        delivery = self.connection.delivery
        if self._is_held and delivery is not None:
            self.environ, self._environ = None, {}  # thousands of answers may be held
            raise AnswerHeld(self, delivery)

    def write(self, data: bytes) -> None:
        """Send a piece of the body; the first one follows the header fields."""
        if self.connection.ending in (Ending.RESET, Ending.EMPTY):
            return
        if self.connection.is_holding and not self._is_held:
            self.held_body.append(data)
            self.content_bytes_written += len(data)  # waitress compares it with the length
            return
        with self.channel.write_in_one_piece():
            super().write(data)

    def send_held(self, data: bytes) -> None:
        """Send a piece of the body that was held; the loop calls this."""
        if not self.wrote_header:
            self.content_bytes_written = 0
        self.write(data)

    def finish(self) -> None:
        """End the response; a connection that is to be broken accepts no further request."""
        if self.connection.is_holding and not self._is_held:
            self._is_held = True
            return
        super().finish()
        if self.connection.ending is not Ending.WHOLE:
            self.channel.ending = self.connection.ending
            self.close_on_finish = True  # the loop closes the connection, after all is sent


class ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """An error of the server itself, such as a body that is too large: a problem document."""

    def execute(self) -> None:
        """Send the problem, and close the connection after it."""
        error = self.request.error
        problem = _to_problem(error)
        response = problem.to_response()
        self.status = f"{error.code} {error.reason}"
        page = self._find_page()
        if page is not None and page.is_preflight and error.code in _TOO_LARGE:
            response = page.answer_preflight()
            self.status = "204 No Content"
        elif page is not None:
            self.response_headers.extend(page.fields_beside(response.headers))
        self.response_headers.extend(response.headers)
        self.set_close_on_finish()
        if response.status != 204:
            self.content_length = len(response.body)
        self.write(b"" if self.request.is_head_request else response.body)
        self._log(problem, "" if page is None else page.hint)
        # TRUNCATE drains what the client still sends: unread data turns a close into a reset.
        self.channel.ending = Ending.TRUNCATE

    def _find_page(self) -> PageCall | None:
        """Return the call of a page, as far as the request can be read."""
        cross_origin: CrossOrigin | None = self.channel.server.cross_origin
        if cross_origin is None:
            return None
        return cross_origin.find_page(self.request.read_head())

    def _log(self, problem: StubProblem, page_hint: str) -> None:
        call_log: CallLog | None = self.channel.server.call_log
        if call_log is not None:
            # A request that cannot be parsed may have neither method nor target.
            method = getattr(self.request, "command", "") or "-"
            target = getattr(self.request, "request_uri", "") or "-"
            log_server_problem(call_log, method, target, problem, page_hint)


def _to_problem(error: Error) -> StubProblem:
    """Return the problem of a request that cannot be answered, or of a defect (500)."""
    if isinstance(error, RejectedRequestError):
        return error.problem
    slug = error.reason.lower().replace(" ", "-")
    return StubProblem(error.code, slug, error.reason, str(error.body))

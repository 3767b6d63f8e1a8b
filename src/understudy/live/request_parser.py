"""A parser of requests on top of that of waitress: it keeps the header fields as they were sent.

The parser of waitress joins repeated fields and drops fields with `_` in their names, because a
WSGI environment cannot hold them. It also accepts heads that RFC 9112 rejects, and needs time that
grows faster than the request. So it gets a head that `request_head` has checked.
"""

import re
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.utilities import Error, RequestEntityTooLarge

from understudy.live.chunked_body import ChunkedBody
from understudy.live.request_head import HeadBuffer, RejectedRequestError
from understudy.messages import Request
from understudy.replay import StubProblem
from understudy.server.adapter import strip_authority
from understudy.server.request_limits import (
    MAX_BODY,
    bad_request,
    body_too_large,
    check_expectation,
    find_values,
)

MAX_RAW = 8192
"""The longest request that is looked up by its bytes: what one read of waitress returns."""
_MAX_DIGITS = 19
_LENGTH = re.compile(rf"[0-9]{{1,{_MAX_DIGITS}}}")
"""A Content-Length; a body with more digits than that is longer than any disk."""
_MAX_SHOWN = 120
"""How many characters of the reason why a target is invalid a problem shows."""


class FieldParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """A parser whose `fields` are the header fields as they were sent.

    It ignores `Expect: 100-continue` on a request without a body: waitress would wait for the body
    for ever. A request that cannot be answered gets no `100 Continue` either.
    """

    completed: bool
    headers_finished: bool
    expect_continue: bool
    command: str
    request_uri: str
    body_rcv: Any
    version = "1.1"
    """Also that of the errors in heads that cannot be parsed (RFC 9110, section 6.2)."""
    raw: bytes | None = None
    """The bytes of the request, when it came in one piece and has no body."""
    fields: tuple[tuple[str, str], ...] = ()
    """Names and values as Latin-1, in the order of the wire."""
    is_head_request = False
    """Whether the answer has no body, also that to a request with errors."""
    head: HeadBuffer | None = None
    """What has arrived of the head."""

    def received(self, data: bytes) -> int:
        """Parse a piece of the request; return how many bytes of it belong to the request."""
        if self.completed:
            return 0
        is_first = self.head is None
        try:
            consumed = self._receive(data)
        except StubProblem as problem:
            if self.head is not None and self.head.has_begun:
                self.command, self.request_uri = self.head.request_line
            self.reject(problem)
            return len(data)
        except OSError as error:  # a large body is in a file
            self.reject(_no_room(error))
            return len(data)
        self._convert_error()
        has_body = self.chunked or self.content_length
        if is_first and self.completed and consumed == len(data) <= MAX_RAW and not has_body:
            self.raw = data
        return consumed

    def _receive(self, data: bytes) -> int:
        """Parse a piece of the head or of the body. Raises StubProblem."""
        if self.headers_finished:
            return int(super().received(data))
        if self.head is None:
            self.head = HeadBuffer()
        try:
            head_size = self.head.add(data)
        finally:  # also the answer to a head with errors depends on the method
            self.is_head_request = self.head.is_head_request
        if head_size is None:
            return len(data)
        self.headers_finished = True
        self._parse_head(self.head)
        return head_size

    def _parse_head(self, head: HeadBuffer) -> None:
        """Parse a whole head. Raises StubProblem."""
        line, lines, fields = head.parse()
        _check_lengths(fields)
        try:
            self.parse_header(b"\r\n".join([line, *map(_strip_blanks, lines)]) + b"\r\n")
        except (ParsingError, ValueError) as error:  # a malformed IPv6 address, say
            raise bad_request(f"Invalid target: {str(error)[:_MAX_SHOWN]}") from None
        except TransferEncodingNotImplemented as error:
            raise StubProblem(501, "not-implemented", "Not Implemented", str(error)) from None
        self._check_host(fields)
        self._check_framing(fields)
        self._select_persistence(fields)
        if self.version == "1.1":
            check_expectation(fields)
        if self.expect_continue and self.content_length > MAX_BODY:
            raise body_too_large()
        if self.content_length >= self.adj.max_request_body_size:
            raise body_too_large()
        self.fields = fields
        if self.chunked:
            max_bytes = self.adj.max_request_body_size
            self.body_rcv = ChunkedBody(self.body_rcv.getbuf(), max_bytes)
        has_body = self.chunked or self.content_length
        # RFC 9110, 10.1.1: a server may omit the 100 if there is no content.
        self.expect_continue = bool(self.expect_continue and has_body)
        self.completed = not has_body

    @property
    def has_begun(self) -> bool:
        """Whether a byte of the request has arrived, beside empty lines."""
        return self.head is not None and self.head.has_begun

    def read_head(self) -> Request:
        """Return what can be read of a request with an error, without its body."""
        head = self.head or HeadBuffer()
        method, target = head.request_line
        return Request.of(method, strip_authority(target), headers=head.read_fields())

    def _check_host(self, fields: tuple[tuple[str, str], ...]) -> None:
        """Check that HTTP/1.1 has a Host. Raises StubProblem.

        Source: RFC 9112, section 3.2.
        """
        if self.version == "1.1" and not any(name.lower() == "host" for name, _ in fields):
            raise bad_request("Expected one Host header field, found 0.")

    def _check_framing(self, fields: tuple[tuple[str, str], ...]) -> None:
        """Check the transfer codings; close if another server may see another end of the body.

        Raises StubProblem. Source: RFC 9112, section 6.1.
        """
        lengths = find_values(fields, "content-length")
        codings = [coding.lower() for coding in find_values(fields, "transfer-encoding")]
        if not codings:
            return
        if codings.count("chunked") > 1:
            raise bad_request("The body is chunked more than once.")
        if not all(codings):
            raise bad_request("A transfer coding is empty; expected chunked.")
        if self.version == "1.0" or lengths:
            self.headers["CONNECTION"] = "close"

    def _select_persistence(self, fields: tuple[tuple[str, str], ...]) -> None:
        """Set the one option of Connection that waitress compares with.

        Source: RFC 9112, section 9.3; the field is a list, such as `close, TE`.
        """
        options = [option.lower() for option in find_values(fields, "connection")]
        is_closed = self.headers.get("CONNECTION") == "close"
        for option in ("close", "keep-alive"):
            if option in options and not is_closed:
                self.headers["CONNECTION"] = option
                return

    def _convert_error(self) -> None:
        """Replace an error of waitress in the body by a problem."""
        error: Error | None = self.error
        match error:
            case None | RejectedRequestError():
                return
            case RequestEntityTooLarge():
                self.reject(body_too_large())
            case _:
                self.reject(bad_request(str(error.body)))

    def reject(self, problem: StubProblem) -> None:
        """Complete the request with a problem: it is answered, and nothing after it is read."""
        self.error = RejectedRequestError(problem)
        self.completed = self.headers_finished = True
        self.expect_continue = False
        self.version = "1.1"


def _check_lengths(fields: tuple[tuple[str, str], ...]) -> None:
    """Check that the length of the body is one decimal number. Raises StubProblem.

    Source: RFC 9112, section 6.3. Python reads at most 4300 digits, and other ones than ASCII.
    """
    lengths = find_values(fields, "content-length")
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise bad_request(f"Expected one Content-Length, of 1 to {_MAX_DIGITS} decimal digits.")


def _no_room(error: OSError) -> StubProblem:
    """Return the problem of a body that cannot be saved."""
    detail = f"The body cannot be saved: {error.strerror}."
    retry = (("Retry-After", "1"),)
    return StubProblem(503, "no-room-for-body", "Service Unavailable", detail, retry)


def _strip_blanks(line: bytes) -> bytes:
    """Return a field without blanks around its value: waitress is slow to find its end."""
    name, _, value = line.partition(b":")
    return name + b":" + value.strip(b" \t")

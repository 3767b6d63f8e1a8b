"""A parser of requests on top of that of waitress: it keeps the header fields as they were sent.

The parser of waitress joins repeated fields and drops fields with `_` in their names, because a
WSGI environment cannot hold them. It also accepts heads that RFC 9112 rejects.
"""

import re

from waitress.parser import HTTPRequestParser, ParsingError, get_header_lines
from waitress.utilities import (
    BadRequest,
    Error,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
    ServerNotImplemented,
)

from understudy.messages import Request
from understudy.server.adapter import strip_authority
from understudy.server.request_limits import MAX_BODY, body_detail, head_detail

MAX_RAW = 8192
"""The longest request that is looked up by its bytes: what one read of waitress returns."""

_VERSION = re.compile(rb" HTTP/([0-9]+)(?:\.([0-9]+))?$")
_NEWER_MINOR = re.compile(rb" HTTP/1\.[2-9]$")
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x1f\x7f]")


class VersionNotSupportedError(Error):  # type: ignore[misc]  # waitress has no types
    """The error of a request of HTTP/2 or later; waitress has no class for it."""

    code = 505
    reason = "HTTP Version Not Supported"


class FieldParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """A parser whose `fields` are the header fields as they were sent.

    It ignores `Expect: 100-continue` on a request without a body: waitress would wait for the body
    for ever. A request that cannot be answered gets no `100 Continue` either.
    """

    version = "1.1"
    """Also that of the errors in heads that cannot be parsed (RFC 9110, section 6.2)."""
    raw: bytes | None = None
    """The bytes of the request, when it came in one piece and has no body."""
    fields: tuple[tuple[str, str], ...] = ()
    """Names and values as Latin-1, in the order of the wire."""
    is_head_request = False
    """Whether the answer has no body, also that to a request with errors."""
    _is_first_piece = True
    _head = b""
    """The bytes of the head: request line and header fields, as far as they were received."""

    def received(self, data: bytes) -> int:
        """Parse a piece of the request; return how many bytes of it belong to the request."""
        is_whole = self._is_first_piece
        if is_whole:  # if the head is too large, it is never parsed
            self.is_head_request = data.startswith(b"HEAD ")
        self._is_first_piece = False
        before = self.header_plus
        consumed = int(super().received(data))
        if isinstance(self.error, RequestHeaderFieldsTooLarge):
            self._head = before + data[:consumed]
        self._check_bounds()
        is_whole = is_whole and self.completed and consumed == len(data) <= MAX_RAW
        has_body = self.chunked or self.content_length
        if is_whole and self.error is None and not has_body:
            self.raw = data
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the request line and the header fields.

        Raises ParsingError for a malformed head; other errors are set as `error`.
        """
        self._head = header_plus
        first_line, separator, lines = header_plus.partition(b"\r\n")
        first_line = first_line.rstrip()
        self.is_head_request = self.is_head_request or first_line.startswith(b"HEAD ")
        error = _find_line_error(first_line)
        if error is not None:
            self._fail(error)
            return
        # RFC 9110, 2.5: a later minor version is handled as the latest that the server knows.
        first_line = _NEWER_MINOR.sub(b" HTTP/1.1", first_line)
        try:
            super().parse_header(first_line + separator + lines)
        except ValueError as number_error:  # a malformed IPv6 address, or thousands of digits
            raise ParsingError(f"Invalid target or Content-Length: {number_error}") from None
        self.fields = tuple(_split_field(line) for line in get_header_lines(lines))
        self._check_host()
        self._check_transfer_codings()
        if not self.chunked and not self.content_length:
            # RFC 9110, 10.1.1: a server may omit the 100 if there is no content.
            self.expect_continue = False

    def read_head(self) -> Request:
        """Return what can be read of a request with an error, without its body."""
        first_line, *lines = self._head.decode("latin-1").lstrip().split("\r\n")
        method, _, rest = first_line.partition(" ")
        target = strip_authority(rest.rpartition(" ")[0])
        fields = (line.partition(":") for line in lines)
        headers = [(name.strip(), value.strip()) for name, colon, value in fields if colon]
        return Request.of(method, target, headers=headers)

    def _check_host(self) -> None:
        """Report a missing Host, or more than one. Source: RFC 9112, section 3.2."""
        hosts = self._count("host")
        if hosts > 1 or (hosts == 0 and self.version == "1.1"):
            self._fail(BadRequest(f"Expected one Host header field, found {hosts}"))

    def _check_transfer_codings(self) -> None:
        """Report `chunked` twice; close if another server may see another end of the body.

        Source: RFC 9112, section 6.1.
        """
        values = [value.lower() for key, value in self.fields if key.lower() == "transfer-encoding"]
        if not values:
            return
        if self.version == "1.0" or self._count("content-length"):
            self.headers["CONNECTION"] = "close"
        if sum(value.count("chunked") for value in values) > 1:
            self._fail(BadRequest("The body is chunked more than once"))

    def _check_bounds(self) -> None:
        """Report a body that is announced with Expect and too large, before a 100 is sent."""
        if self.expect_continue and self.content_length > MAX_BODY:
            self._fail(RequestEntityTooLarge(""))
        match self.error:
            case None:
                return
            case RequestEntityTooLarge():
                self.error.body = body_detail()
            case RequestHeaderFieldsTooLarge():
                self.error.body = head_detail()
        self.expect_continue = False
        self.version = "1.1"

    def _fail(self, error: Error) -> None:
        self.error = error
        self.completed = True

    def _count(self, name: str) -> int:
        return sum(key.lower() == name for key, _ in self.fields)


def _find_line_error(line: bytes) -> Error | None:
    """Return what is wrong with a request line, if waitress does not report it or not so."""
    version = _VERSION.search(line)
    if version is not None and int(version[1][:3]) != 1:
        return VersionNotSupportedError("The server supports HTTP/1.1 and HTTP/1.0")
    if _CONTROL_CHARACTER.search(line):
        return BadRequest("The request line has a control character")
    method = line.partition(b" ")[0]
    is_request = version is not None and re.fullmatch(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", method)
    if is_request and method != method.upper():
        # RFC 9110, 9.1: methods are case-sensitive, so this one is unknown.
        name = method.decode("latin-1")
        return ServerNotImplemented(f'Unknown method "{name}". Did you mean "{name.upper()}"?')
    return None


def _split_field(line: bytes) -> tuple[str, str]:
    """Return name and value of a field that waitress has checked."""
    name, _, value = line.decode("latin-1").partition(":")
    return name, value.strip(" \t")

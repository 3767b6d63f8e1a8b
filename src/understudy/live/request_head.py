"""The head of a request, from its bytes: request line and header fields, or what is wrong.

Each check takes time in proportion to the bytes. The expressions of waitress do not: one field of
60 000 blanks would keep the loop of the server busy for minutes.
"""

import re
from http.client import responses

from waitress.utilities import Error

from understudy.replay import StubProblem
from understudy.server.request_limits import (
    MAX_FIELDS,
    MAX_HEAD,
    bad_request,
    check_fields,
    check_target,
    head_too_large,
)

_TOKEN_CHARACTERS = rb"!#$%&'*+\-.^_`|~0-9A-Za-z"
_FIRST_BYTE = re.compile(rb"[%b]" % _TOKEN_CHARACTERS)
_METHOD = re.compile(rb"[%b]+" % _TOKEN_CHARACTERS)
_VERSION = re.compile(rb" HTTP/([0-9]+)(?:\.([0-9]+))?$")
_NEWER_MINOR = re.compile(rb" HTTP/1\.[2-9]$")
_LINE = re.compile(rb"[^ ]+ [^ ]+ HTTP/[0-9]\.[0-9]")
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x1f\x7f]")
_TLS_BEGIN = 22
"""The first byte of a TLS handshake. Source: RFC 8446, section 5.1."""
_TLS_REQUEST = "This port speaks HTTP, and the client began with TLS. Use an http:// URL, or --tls."
_BARE_LINE_END = re.compile(rb"\r[^\n]|(?<!\r)\n")
"""A CR at the end of what has arrived may be half a line end."""

Fields = tuple[tuple[str, str], ...]


class RejectedRequestError(Error):  # type: ignore[misc]  # waitress has no types
    """An error of waitress with the problem document that answers the request."""

    def __init__(self, problem: StubProblem) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.code = problem.status
        self.reason = responses[problem.status]


class HeadBuffer:
    """Collects the head of one request; empty lines before it are skipped.

    What is wrong is reported as early as it is known: a client of another protocol gets an answer
    to its first byte.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._skipped = 0
        self._has_checked_line = False

    @property
    def has_begun(self) -> bool:
        """Whether a byte of the request has arrived, beside empty lines."""
        return bool(self._data) and self._data != b"\r"

    @property
    def is_head_request(self) -> bool:
        """Whether the method is HEAD, so that the answer has no body."""
        return self._data.startswith(b"HEAD ")

    @property
    def request_line(self) -> tuple[str, str]:
        """Method and target as far as they have arrived, for an error."""
        line = self._data.partition(b"\r\n")[0].decode("latin-1")
        method, _, rest = line.partition(" ")
        return method, rest.partition(" ")[0]

    def read_fields(self) -> list[tuple[str, str]]:
        """Return the fields that have arrived and have a colon, for an error."""
        lines = self._data.decode("latin-1").split("\r\n")[1 : MAX_FIELDS + 1]
        parts = (line.partition(":") for line in lines)
        return [(name.strip(), value.strip()) for name, colon, value in parts if colon]

    def add(self, piece: bytes) -> int | None:
        """Add a piece; return how many bytes of it belong to the head, or None for all.

        None means that the head goes on. Raises StubProblem.
        """
        data = self._data
        before = len(data)
        data += piece
        skipped = self._skip_empty_lines()
        if not data or data == b"\r":
            return None
        start = max(0, before - 3)
        end = data.find(b"\r\n\r\n", start)
        if end >= 0:
            del data[end + 4 :]
        self._check(start, is_whole=end >= 0)
        return None if end < 0 else skipped + end + 4 - before

    def parse(self) -> tuple[bytes, list[bytes], Fields]:
        """Return the request line, the lines of the fields, and the fields. Raises StubProblem."""
        line, *lines = bytes(self._data[:-4]).split(b"\r\n")
        fields = tuple(split_field(field) for field in lines)
        check_fields(fields)
        # RFC 9110, 2.5: a later minor version is handled as the latest that the server knows.
        return _NEWER_MINOR.sub(b" HTTP/1.1", line), lines, fields

    def _skip_empty_lines(self) -> int:
        """Delete the empty lines at the beginning; return their bytes. Raises StubProblem.

        Source: RFC 9112, section 2.2.
        """
        data = self._data
        count = 0
        while data.startswith(b"\r\n", count):
            count += 2
        del data[:count]
        self._skipped += count
        if self._skipped > MAX_HEAD:
            raise head_too_large()
        return count

    def _check(self, start: int, *, is_whole: bool) -> None:
        """Check what has arrived from `start` on. Raises StubProblem."""
        data = self._data
        if not _FIRST_BYTE.match(data):
            if data[0] == _TLS_BEGIN:
                raise bad_request(_TLS_REQUEST)
            raise bad_request("Expected a request of HTTP/1.1; it begins with a method.")
        line_end = data.find(b"\r\n")
        if line_end >= 0 and not self._has_checked_line:
            self._has_checked_line = True
            _check_line(bytes(data[:line_end]))
        if _BARE_LINE_END.search(data, start):
            raise bad_request("Expected lines that end with CR LF; one has a bare CR or LF.")
        if len(data) > MAX_HEAD or (len(data) == MAX_HEAD and not is_whole):
            check_target(_find_target(data, line_end))
            raise head_too_large()


def _find_target(data: bytearray, line_end: int) -> str:
    """Return the target of a request line, which may go on."""
    line = data[:line_end] if line_end >= 0 else data
    return bytes(line).partition(b" ")[2].partition(b" ")[0].decode("latin-1")


def _check_line(line: bytes) -> None:
    """Check a request line. Raises StubProblem."""
    if _CONTROL_CHARACTER.search(line):
        raise bad_request("The request line has a control character.")
    version = _VERSION.search(line)
    if version is not None and int(version[1][:3]) != 1:
        title = responses[505]
        detail = "The server supports HTTP/1.1 and HTTP/1.0."
        raise StubProblem(505, "http-version-not-supported", title, detail)
    if not line.isascii():
        # RFC 3986, 2.1: other characters are percent-encoded, as UTF-8.
        raise bad_request("The request line has a byte beyond ASCII; percent-encode it, as UTF-8.")
    method = line.partition(b" ")[0]
    if not _LINE.fullmatch(line) or not _METHOD.fullmatch(method):
        raise bad_request("Malformed request line; expected method, target and HTTP/1.1.")
    if method != method.upper():
        # RFC 9110, 9.1: methods are case-sensitive, so this one is unknown.
        name = method[:20].decode()
        detail = f'Unknown method "{name}". Did you mean "{name.upper()}"?'
        raise StubProblem(501, "not-implemented", "Not Implemented", detail)


def split_field(line: bytes) -> tuple[str, str]:
    """Return name and value of a field. Raises StubProblem."""
    if line.startswith((b" ", b"\t")):
        # RFC 9112, 5.2: a server rejects it, or replaces the line end by blanks.
        raise bad_request("A header field is folded over two lines.")
    name, colon, value = line.decode("latin-1").partition(":")
    if not colon:
        raise bad_request("A header field has no colon.")
    return name, value.strip(" \t")

"""Raw requests over a socket, valid ones and broken ones: each gets an answer or a clean end.

The server survives all of them: a client in good health is answered after each, and the log has no
traceback.
"""

import logging
import socket
from collections.abc import Iterator

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live_builders import read_to_end
from understudy.live import LiveServer

METHODS = (b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"get", b"FOO", b"PRI", b"")
TARGETS = (
    b"/api/v2/tasks/instances", b"/__admin/health", b"/", b"*", b"", b"//", b"/%", b"/%00", b"/a b",
    b"http://localhost/x", b"http://[::1", b"/?" + b"x" * 9000, b"/\xff", b"/\x00", b"/../..", b"/#a",
)  # fmt: skip
VERSIONS = (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.9", b"HTTP/2.0", b"HTTP/11", b"http/1.1", b"")
FIELDS = (
    b"Host: localhost", b"Host: evil.example", b"host:", b"Connection: close", b"Connection: keep-alive, TE",
    b"Content-Length: 3", b"Content-Length: 30", b"Content-Length: 0", b"Content-Length: -1",
    b"Content-Length: " + b"9" * 5000, b"Content-Length: 99999999", b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip", b"transfer-encoding:", b"Transfer_Encoding: chunked", b"Expect: 100-continue",
    b"Expect: more", b"X: " + b" " * 30_000 + b"x", b"X: \x00", b" folded", b"no colon", b": no name", b"X-\xff: 1",
    b"Content-Type: application/json", b"Content-Encoding: gzip", b"Origin: http://localhost:3000",
    b"Authorization: Basic YWRtaW46YWRtaW4=", b"Access-Control-Request-Method: PUT", b"X: " + b"y" * 70_000,
)  # fmt: skip
BODIES = (
    b"", b"abc", b"{}", b"3\r\nabc\r\n0\r\n\r\n", b"1;a=b\r\nZ\r\n0\r\nA: b\r\n\r\n", b"ffffffff\r\n",
    b"xyz\r\n", b"1\r\nZZ", b"0\r\n" + b"A: b\r\n" * 2000, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
)  # fmt: skip
LINE_ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r")
NOISE = (b"\r\n", b"\n", b"\r", b"\x00", b" ", b":", b"\xff", b"\x16\x03\x01", b"0", b";", b"%")
ALLOWED_ERRORS = {501, 503, 505}
"""Statuses from 500 on that a request may get: the server is not at fault."""


class Message(bytes):
    """Bytes whose description is short."""

    def __repr__(self) -> str:
        return f"{bytes(self[:600])!r} of {len(self)} bytes"


@st.composite
def raw_requests(draw: st.DrawFn) -> bytes:
    """A request from parts that fit or do not fit."""
    end = draw(st.sampled_from(LINE_ENDS))
    parts = (METHODS, TARGETS, VERSIONS)
    line = b" ".join(draw(st.sampled_from(choices)) for choices in parts)
    fields = draw(st.lists(st.sampled_from(FIELDS), max_size=5))
    if draw(st.integers(0, 3)):
        fields.insert(0, FIELDS[0])
    return end.join([line, *fields, b"", draw(st.sampled_from(BODIES))])


@st.composite
def broken_requests(draw: st.DrawFn) -> Message:
    """One request or more, in which some bytes are replaced, added or missing."""
    message = b"".join(draw(st.lists(raw_requests(), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(0, 3))):
        position = draw(st.integers(0, min(len(message), 300)))
        removed = draw(st.integers(0, 3))
        noise = draw(st.sampled_from((*NOISE, b"")))
        message = message[:position] + noise + message[position + removed :]
    return Message(message)


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with LiveServer(scenario="demo") as running:
        yield running


def send_in_pieces(server: LiveServer, message: bytes, cuts: list[int]) -> bytes:
    """Send a message, end the sending, and return all that the server sends until it ends too."""
    with socket.create_connection((server.host, server.port), timeout=60) as connection:
        try:
            for begin, end in zip([0, *cuts], [*cuts, len(message)], strict=True):
                connection.sendall(message[begin:end])
            connection.shutdown(socket.SHUT_WR)
        except OSError:  # the server has answered, and read enough of the rest
            pass
        return read_to_end(connection)


def read_statuses(answers: bytes) -> list[int]:
    """Return the statuses of all answers; each is whole, and each error has a media type."""
    statuses = []
    while answers:
        head, separator, rest = answers.partition(b"\r\n\r\n")
        assert separator
        status_line, *lines = head.decode("latin-1").split("\r\n")
        assert status_line.startswith(("HTTP/1.1 ", "HTTP/1.0 "))
        fields = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        status = int(status_line.split()[1])
        length = int(fields.get("content-length", 0))
        assert len(rest) >= length
        if status >= 400 and status != 404:
            assert fields["content-type"].startswith("application/")
        answers = rest[length:]
        statuses.append(status)
    return statuses


def check_message(server: LiveServer, message: bytes, cuts: list[int]) -> None:
    answers = send_in_pieces(server, message, cuts)
    assert {status for status in read_statuses(answers) if status >= 500} <= ALLOWED_ERRORS
    assert requests.get(f"{server.url}/__admin/health", timeout=60).status_code == 200


def check_log(caplog: pytest.LogCaptureFixture) -> None:
    records = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in records] == []


QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CUTS = st.lists(st.integers(0, 300), max_size=3).map(sorted)


def cut_within(message: bytes, cuts: list[int]) -> list[int]:
    return [min(cut, len(message)) for cut in cuts]


@QUICK
@given(message=broken_requests(), cuts=CUTS)
def test_raw_requests_are_answered(
    server: LiveServer, caplog: pytest.LogCaptureFixture, message: bytes, cuts: list[int]
) -> None:
    """The quick size."""
    check_message(server, message, cut_within(message, cuts))
    check_log(caplog)


@pytest.mark.slow
@settings(QUICK, max_examples=5000)
@given(message=broken_requests(), cuts=CUTS)
def test_many_raw_requests_are_answered(
    server: LiveServer, caplog: pytest.LogCaptureFixture, message: bytes, cuts: list[int]
) -> None:
    """The long size."""
    check_message(server, message, cut_within(message, cuts))
    check_log(caplog)


@pytest.mark.slow
@settings(QUICK, max_examples=2000)
@given(message=st.binary(max_size=400), cuts=CUTS)
def test_random_bytes_are_answered(
    server: LiveServer, caplog: pytest.LogCaptureFixture, message: bytes, cuts: list[int]
) -> None:
    """Bytes that look like nothing."""
    check_message(server, message, cut_within(message, cuts))
    check_log(caplog)

"""Heads of requests: the fields as they were sent, and malformed heads."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waitress.adjustments import Adjustments

from live_builders import ServedApp, is_silent, read_head, read_to_end, serve_replies
from understudy.live.request_parser import FieldParser
from understudy.server.request_limits import MAX_BODY, MAX_FIELDS, MAX_HEAD

HOST = b"Host: localhost\r\n"


@pytest.fixture
def served() -> Iterator[ServedApp]:
    """The application on the server."""
    with serve_replies() as running:
        yield running


def parse(head: bytes) -> FieldParser:
    parser = FieldParser(Adjustments())
    parser.received(head + b"\r\n")
    return parser


def test_fields_are_those_that_were_sent() -> None:
    """Names with `_`, repeated, empty and non-ASCII fields: in their order and case."""
    head = (
        b"GET /plain HTTP/1.1\r\n" + HOST + b"api_key: secret\r\nX-Mode: slow\r\nx-mode:fast \r\n"
        b"X-Empty:\r\nX-Name: \xe9\r\nX-Blanks: \t a \t b \t\r\nX-Forwarded-For: a\r\n"
    )
    assert parse(head).fields == (
        ("Host", "localhost"),
        ("api_key", "secret"),
        ("X-Mode", "slow"),
        ("x-mode", "fast"),
        ("X-Empty", ""),
        ("X-Name", "é"),
        ("X-Blanks", "a \t b"),
        ("X-Forwarded-For", "a"),
    )


HEAD_PARTS = (
    b"GET|get| |/|//|http://[|*|%|?|#|HTTP/1.1|HTTP/1.0|HTTP/2.0|\r\n|\n|\r|\x00|\xff|Host: a|"
    b"Content-Length: 1|_: |Transfer-Encoding: chunked|Expect: 100-continue|:|\t|0|" + b"9" * 5000
).split(b"|")


@given(st.lists(st.sampled_from(HEAD_PARTS), max_size=14), st.integers(0, 60))
def test_every_head_is_parsed_or_an_error(parts: list[bytes], first_length: int) -> None:
    """No bytes raise an exception, in one piece or in two; an error is known with the head."""
    head = b"".join(parts)
    outcomes = []
    for pieces in ([head + b"\r\n\r\n"], [head[:first_length], head[first_length:] + b"\r\n\r\n"]):
        parser = FieldParser(Adjustments())
        for piece in pieces:
            if piece and not parser.completed:
                parser.received(piece)
        error = parser.error
        outcomes.append((error and error.code, parser.fields, parser.expect_continue))
        assert error is None or (parser.completed and not parser.expect_continue)
    assert outcomes[0] == outcomes[1]


MALFORMED = {
    "no host": (b"GET /plain HTTP/1.1\r\n", 400),
    "two hosts": (b"GET /plain HTTP/1.1\r\n" + HOST + HOST, 400),
    "http 2": (b"GET /plain HTTP/2.0\r\n" + HOST, 505),
    "http 9.9": (b"GET /plain HTTP/9.9\r\n" + HOST, 505),
    "http 2 preface": (b"PRI * HTTP/2.0\r\n", 505),
    "http 12": (b"GET /plain HTTP/12.0\r\n" + HOST, 505),
    "http of letters": (b"GET /plain HTTP/x\r\n" + HOST, 400),
    "half an IPv6 address": (b"GET http://[::1 HTTP/1.1\r\n" + HOST, 400),
    "long length": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 5000, 400),
    "long zeros": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"0" * 5000 + b"7", 400),
    "length that is ignored": (
        b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: x",
        400,
    ),
    "no version": (b"GET /plain\r\n" + HOST, 400),
    "blank at the end": (b"GET /plain HTTP/1.1 \r\n" + HOST, 400),
    "blank in the target": (b"GET /plain x HTTP/1.1\r\n" + HOST, 400),
    "NUL in a value": (b"GET /plain HTTP/1.1\r\n" + HOST + b"X-A: a\x00b", 400),
    "escape in a value": (b"GET /plain HTTP/1.1\r\n" + HOST + b"X-A: \x1b[31m", 400),
    "delete in a value": (b"GET /plain HTTP/1.1\r\n" + HOST + b"X-A: \x7f", 400),
    "no name": (b"GET /plain HTTP/1.1\r\n" + HOST + b": b", 400),
    "no colon": (b"GET /plain HTTP/1.1\r\n" + HOST + b"X-A b", 400),
    "folded": (b"GET /plain HTTP/1.1\r\n" + HOST + b"X-A: a\r\n b", 400),
    "folded at once": (b"GET /plain HTTP/1.1\r\n X-A: a\r\n" + HOST, 400),
    "bare LF": (b"GET /plain HTTP/1.1\nHost: a\n\n", 400),
    "bare CR": (b"GET /plain HTTP/1.1\r\n" + HOST + b"X-A: a\rb", 400),
    "another protocol": (b"\x16\x03\x01\x02\x00", 400),
    "blanks and a control": (b"GET / HTTP/1.1\r\n" + HOST + b"X: a" + b" " * 60_000 + b"\x01", 400),
    "long target": (b"GET /" + b"x" * MAX_HEAD + b" HTTP/1.1\r\n" + HOST, 414),
    "long method": (b"G" * MAX_HEAD + b" / HTTP/1.1\r\n" + HOST, 431),
    "long field": (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * MAX_HEAD, 431),
    "empty lines": (b"\r\n" * MAX_HEAD + b"GET / HTTP/1.1\r\n" + HOST, 431),
    "unknown expectation": (b"GET /plain HTTP/1.1\r\n" + HOST + b"Expect: 200-ok", 417),
    "second expectation": (
        b"POST /x HTTP/1.1\r\n" + HOST + b"Expect: 100-continue, b\r\nContent-Length: 1",
        417,
    ),
    "empty coding": (b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding:", 400),
    "two lengths": (
        b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\ncontent-length: 2",
        400,
    ),
    "nul": (b"GET /plain?a=\x00 HTTP/1.1\r\n" + HOST, 400),
    "tab": (b"GET\t/plain HTTP/1.1\r\n" + HOST, 400),
    "space in a name": (b"GET /plain HTTP/1.1\r\n" + HOST + b"X-A : b", 400),
    "lower-case method": (b"get /plain HTTP/1.1\r\n" + HOST, 501),
    "unknown coding": (b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip", 501),
    "chunked twice": (
        b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, Chunked",
        400,
    ),
    "expected body": (
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 99999999999",
        413,
    ),
    "expected body of one byte too many": (
        b"POST /echo HTTP/1.1\r\n"
        + HOST
        + f"Expect: 100-continue\r\nContent-Length: {MAX_BODY + 1}".encode(),
        413,
    ),
}


REASONS = {
    "target": (b"GET /\xe4\xbb\xbb HTTP/1.1\r\n" + HOST, "a byte beyond ASCII; percent-encode it"),
    "method": (b"G\xe4 / HTTP/1.1\r\n" + HOST, "a byte beyond ASCII; percent-encode it"),
    "address": (b"GET http://[::1 HTTP/1.1\r\n" + HOST, "Invalid target: Invalid IPv6 URL"),
    **{
        f"length {value[:3]!r}": (
            b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: " + value,
            "Expected one Content-Length, of 1 to 19 decimal digits.",
        )
        for value in (b"", b"+7", b"-1", b"1_0", b"3, 3", b"0x1", b"\xb2", b"9" * 20, b"0" * 5000)
    },
}


@pytest.mark.parametrize("kind", REASONS)
def test_problem_names_what_is_wrong(served: ServedApp, kind: str) -> None:
    """The detail is about the field or the target, not about how Python reads it."""
    message, reason = REASONS[kind]
    with served.connect() as connection:
        connection.sendall(message.removesuffix(b"\r\n") + b"\r\n\r\n")
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert reason in json.loads(body)["detail"]


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_head_is_a_problem_document(served: ServedApp, kind: str) -> None:
    """The answer has the version 1.1 and closes the connection; no 100 precedes it."""
    message, status = MALFORMED[kind]
    with served.connect() as connection:
        connection.sendall(message.removesuffix(b"\r\n") + b"\r\n\r\n")
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/problem+json" in head
    assert b"Connection: close" in head
    problem = json.loads(body)
    assert problem["status"] == status
    assert problem["detail"]


@pytest.mark.parametrize("fields", [b"", b"X: " + b"y" * MAX_HEAD + b"\r\n"], ids=["host", "long"])
def test_head_with_errors_has_no_body(served: ServedApp, fields: bytes) -> None:
    """The answer to HEAD ends with its header fields."""
    with served.connect() as connection:
        connection.sendall(b"HEAD /plain HTTP/1.1\r\n" + fields + b"\r\n")
        assert read_to_end(connection).partition(b"\r\n\r\n")[2] == b""


@pytest.mark.parametrize("version", ["1.1", "1.7"])
def test_later_minor_version_keeps_the_connection(served: ServedApp, version: str) -> None:
    """It is answered as HTTP/1.1 (RFC 9110, 2.5)."""
    with served.connect() as connection:
        connection.sendall(f"HEAD /plain HTTP/{version}\r\nHost: localhost\r\n\r\n".encode())
        head = read_head(connection)
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"Connection: close" not in head
        assert is_silent(connection)


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("1.1", b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n"),
        ("1.1", b"Content-Length: 44\r\ntransfer-encoding: Chunked\r\n"),
        ("1.0", b"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n"),
    ],
)
def test_doubtful_framing_closes_the_connection(
    served: ServedApp, version: str, fields: bytes
) -> None:
    """The request is answered; one that hides in its body, or follows it, is not."""
    hidden = b"GET /plain HTTP/1.1\r\n" + HOST + b"\r\n"
    line = f"POST /echo HTTP/{version}\r\n".encode()
    with served.connect() as connection:
        connection.sendall(line + HOST + fields + b"\r\n0\r\n\r\n" + hidden)
        answer = read_to_end(connection)
    assert answer.count(b"HTTP/1.") == 1
    assert answer.startswith(f"HTTP/{version} 200 ".encode())
    assert b"Connection: close" in answer


def test_body_within_the_bound_is_expected(served: ServedApp) -> None:
    """The server sends 100 for the largest body that it accepts."""
    with served.connect() as connection:
        fields = f"Expect: 100-continue\r\nContent-Length: {MAX_BODY}\r\n\r\n".encode()
        connection.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + fields)
        assert read_head(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"


def head_of(size: int) -> bytes:
    """Return a head of this size."""
    head = b"GET /plain HTTP/1.1\r\n" + HOST + b"Connection: close\r\nX: "
    return head + b"x" * (size - len(head) - 4) + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (head_of(MAX_HEAD - 1), 200),
        (head_of(MAX_HEAD), 200),
        (head_of(MAX_HEAD + 1), 431),
        (b"GET /plain HTTP/1.0\r\n" + b"a:\r\n" * (MAX_FIELDS - 1) + b"\r\n", 200),
        (b"GET /plain HTTP/1.0\r\n" + b"a:\r\n" * MAX_FIELDS + b"\r\n", 200),
        (b"GET /plain HTTP/1.0\r\n" + b"a:\r\n" * (MAX_FIELDS + 1) + b"\r\n", 431),
        (b"GET /plain HTTP/1.0\r\nExpect: x\r\n\r\n", 200),
        (b"\r\n\r\nGET /plain HTTP/1.0\r\n\r\n", 200),
        (b"GET /plain HTTP/1.1\r\n" + HOST + b"Connection: TE, Close\r\n\r\n", 200),
        (
            b"GET /plain HTTP/1.0\r\nX:" + b" " * 60_000 + b"x\r\n\r\n",
            200,
        ),
    ],
    ids=[
        "head-1", "head", "head+1", "fields-1", "fields", "fields+1", "expect in 1.0", "empty lines", "close",
        "blanks",
    ],
)  # fmt: skip
def test_bounds_of_a_head(served: ServedApp, message: bytes, status: int) -> None:
    """The largest head is answered, one byte or field more is not; the connection closes."""
    with served.connect() as connection:
        connection.sendall(message)
        assert int(read_to_end(connection).split()[1]) == status


@pytest.mark.parametrize("step", [1, 1000])
def test_head_in_pieces_is_scanned_once(step: int) -> None:
    """The bytes that are looked at grow like the head, not like its square."""
    head = b"GET /plain HTTP/1.1\r\n" + HOST + b"X:" + b" " * 60_000 + b"x\r\n\r\n"
    parser = FieldParser(Adjustments())
    for start in range(0, len(head), step):
        assert not parser.completed
        parser.received(head[start : start + step])
    assert parser.completed
    assert parser.fields == (("Host", "localhost"), ("X", "x"))


def test_two_requests_in_one_piece_are_split() -> None:
    """The parser takes the bytes of the first request, and of the empty lines before it."""
    first = b"\r\nGET /a HTTP/1.1\r\n" + HOST + b"\r\n"
    parser = FieldParser(Adjustments())
    assert parser.received(first[:1]) == 1
    assert parser.received(first[1:] + b"GET /b") == len(first) - 1
    assert parser.request_uri == "/a"
    assert parser.received(b"more") == 0

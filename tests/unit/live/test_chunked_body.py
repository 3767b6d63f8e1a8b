"""Bodies in chunks: decoded in any pieces, within bounds."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waitress.buffers import OverflowableBuffer

from live_builders import ServedApp, read_response, read_to_end, serve_replies
from understudy.live.chunked_body import MAX_LINE, MAX_TRAILER, ChunkedBody

MAX = 1000


@pytest.fixture
def served() -> Iterator[ServedApp]:
    """The application on the server."""
    with serve_replies() as running:
        yield running


def decode(*pieces: bytes) -> tuple[bytes | int | None, int]:
    """Return the data or the status of the problem, None for a body that goes on; and its bytes."""
    body = ChunkedBody(OverflowableBuffer(10 * MAX), MAX)
    consumed = 0
    for piece in pieces:
        if not (body.completed or body.error):
            consumed += body.received(piece)
    if body.error is not None:
        return body.error.code, consumed
    if not body.completed:
        return None, consumed
    data = body.getfile().read()
    assert len(body) == len(data)
    return data, consumed


BODIES: dict[str, tuple[bytes, bytes | int | None]] = {
    "empty": (b"0\r\n\r\n", b""),
    "two chunks": (b"3\r\nabc\r\n0A\r\n0123456789\r\n000\r\n\r\n", b"abc0123456789"),
    "line ends in the data": (b"4\r\n\r\n\r\n\r\n0\r\n\r\n", b"\r\n\r\n"),
    "extensions": (b'1;a;b=c ; d = "x;\\"y"\r\nZ\r\n0;last\r\n\r\n', b"Z"),
    "trailer": (b"1\r\nZ\r\n0\r\nX-A: b\r\nX-C:\r\n\r\n", b"Z"),
    "largest": (b"3e8\r\n" + b"x" * MAX + b"\r\n0\r\n\r\n", b"x" * MAX),
    "too large": (b"3e9\r\n", 413),
    "too large together": (b"3e8\r\n" + b"x" * MAX + b"\r\n1\r\n", 413),
    "huge": (b"ffffffffffffffff\r\n", 413),
    "digits": (b"0" * 17 + b"\r\n\r\n", 400),
    "no size": (b"\r\n0\r\n\r\n", 400),
    "sign": (b"+1\r\nZ\r\n0\r\n\r\n", 400),
    "prefix": (b"0x1\r\nZ\r\n0\r\n\r\n", 400),
    "underscore": (b"1_0\r\nZ\r\n0\r\n\r\n", 400),
    "blank": (b"1 \r\nZ\r\n0\r\n\r\n", 400),
    "blank before": (b" 1\r\nZ\r\n0\r\n\r\n", 400),
    "letters": (b"xyz\r\n", 400),
    "bare LF": (b"1\nZ\r\n0\r\n\r\n", 400),
    "bare LF in the trailer": (b"0\r\nA: b\n\r\n", 400),
    "longer than its size": (b"1\r\nZZ\r\n0\r\n\r\n", 400),
    "LF behind the data": (b"1\r\nZ\n0\r\n\r\n", 400),
    "extension without a name": (b"1;\r\nZ\r\n0\r\n\r\n", 400),
    "extension with a control": (b'1;a="\x00"\r\nZ\r\n0\r\n\r\n', 400),
    "open quotes": (b'1;a="b\r\nZ\r\n0\r\n\r\n', 400),
    "trailer without a colon": (b"0\r\nabc\r\n\r\n", 400),
    "folded trailer": (b"0\r\nA: b\r\n c\r\n\r\n", 400),
    "long line": (b"1;a=" + b"x" * (MAX_LINE - 6) + b"\r\nZ\r\n0\r\n\r\n", b"Z"),
    "longer line": (b"1;a=" + b"x" * (MAX_LINE - 5) + b"\r\nZ\r\n0\r\n\r\n", 400),
    "endless line": (b"1;a=" + b"x" * MAX_LINE, 400),
    "long trailer": (b"0\r\nA:" + b"x" * (MAX_TRAILER - 6) + b"\r\n\r\n", b""),
    "longer trailer": (b"0\r\nA:" + b"x" * (MAX_TRAILER - 5) + b"\r\n\r\n", 431),
    "endless trailer": (b"0\r\n" + b"A: b\r\n" * MAX_TRAILER, 431),
    "many trailer fields": (b"0\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
    "unfinished": (b"3\r\nab", None),
}


@pytest.mark.parametrize("kind", BODIES)
def test_body_is_the_same_in_any_pieces(kind: str) -> None:
    """In one piece, and byte by byte; what follows the body is left."""
    body, expected = BODIES[kind]
    rest = b"" if expected is None else b"GET /"
    whole, consumed = decode(body + rest)
    assert whole == expected
    single, single_consumed = decode(*(bytes([byte]) for byte in body))
    assert single == expected
    if isinstance(expected, bytes):
        assert consumed == single_consumed == len(body)


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6), st.data())
def test_any_chunks_are_decoded(chunks: list[bytes], data: st.DataObject) -> None:
    """The data is that of the chunks, wherever the pieces are cut."""
    body = b"".join(b"%x;n=1\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=5)))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert decode(*pieces) == (b"".join(chunks), len(body))


@given(st.binary(max_size=80))
def test_any_bytes_are_data_or_a_problem(body: bytes) -> None:
    """No bytes raise an exception, and the outcome does not depend on the pieces."""
    whole, _ = decode(body)
    assert decode(*(bytes([byte]) for byte in body))[0] == whole


@pytest.mark.parametrize(
    ("piece", "status"),
    [
        (b"1;" + b"a" * 100_000, 400),
        (b"0\r\n" + b"X: y\r\n" * 100_000, 431),
        (b"0" * 100_000, 400),
        (b"xyz\r\n", 400),
        (b"7fffffff\r\n", 413),
    ],
    ids=["extension", "trailer", "size", "letters", "large"],
)
def test_wrong_chunks_are_a_problem_document(served: ServedApp, piece: bytes, status: int) -> None:
    """The answer closes the connection; the server goes on."""
    with served.connect() as connection:
        connection.sendall(
            b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + piece
        )
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["status"] == status
    with served.connect() as connection:
        for _ in range(2):
            connection.sendall(
                b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"3;x\r\nabc\r\n0\r\nA: b\r\n\r\n"
            )
            assert read_response(connection) == (200, b"abc")

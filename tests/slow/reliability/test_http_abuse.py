"""Raw requests that no honest client sends: an answer or a clean end, and the server lives on."""

import random
import re
import threading
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from reliability import scale, serve_process, show_figure, show_times, wait_for_open_files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LINES = [
    b"GET / HTTP/1.1", b"get / HTTP/1.1", b"GET  / HTTP/1.1", b"GET / HTTP/1.1 ", b"GET /", b"GET",
    b"", b" ", b"\x00", b"GET / HTTP/1.", b"GET / HTTP/11", b"GET / HTTP/2.0", b"GET / http/1.1",
    b"GET / HTTP/1.1\x00", b"G\xc3\x89T / HTTP/1.1", b"GET\x0b/ HTTP/1.1", b"GET /\xff\xfe HTTP/1.1",
    b"GET /%ff%fe HTTP/1.1", b"GET /%zz HTTP/1.1", b"GET /%00 HTTP/1.1", b"GET /%c0%ae HTTP/1.1",
    b"GET //// HTTP/1.1", b"GET /../../etc/passwd HTTP/1.1", b"GET * HTTP/1.1", b"OPTIONS * HTTP/1.1",
    b"GET http://localhost/ HTTP/1.1", b"GET http://evil.example/ HTTP/1.1", b"GET http://[ HTTP/1.1",
    b"GET //evil.example/ HTTP/1.1", b"CONNECT localhost:1 HTTP/1.1", b"TRACE / HTTP/1.1",
    b"PRI * HTTP/2.0", b"GET /#a HTTP/1.1", b"GET /?a=%0d%0ab HTTP/1.1", b"GET /\r HTTP/1.1",
    b"GET /" + b"a" * 8187 + b" HTTP/1.1", b"GET /" + b"a" * 100_000 + b" HTTP/1.1",
    b"GET /?" + b"a&" * 4000 + b" HTTP/1.1", b"A" * 1_000_000, b"M" * 300 + b" / HTTP/1.1",
    b"GET /?__delay=1e999s HTTP/1.1", b"GET /?__code=99999999999999999999 HTTP/1.1",
    b"GET /w/%2e%2e/x HTTP/1.1", b"GET /w//x HTTP/1.1", b"GET /__admin/%2e%2e HTTP/1.1",
]  # fmt: skip
FIELDS = [
    b"Host: a\r\nHost: b", b"Host:", b"Host: a b", b"Host: [::1", b"Host: a:99999999", b"Host : a",
    b" Host: a", b": a", b"A", b"A\x00: b", b"A: \x00", b"A: b\rC: d", b"A: b\n C: d", b"\xff: a",
    b"A: \xff\xfe", b"A:" + b" " * 60_000 + b"b", b"A: " + b"b" * 1_000_000, b"A: b\r\n" * 2000,
    b"Content-Length: -1", b"Content-Length: +1", b"Content-Length: 1, 1", b"Content-Length: 0x1",
    b"Content-Length: 1\r\nContent-Length: 2", b"Content-Length: " + b"9" * 5000,
    b"Content-Length: 1_0", b"Content-Length: \xb2", b"Content-Length:", b"Content-Length: 5",
    b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: \x0bchunked",
    b"Transfer-Encoding: xchunked", b"Transfer-Encoding:", b"Transfer-Encoding : chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 4", b"Content-Length: 4\r\nTransfer-Encoding: identity",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Expect: 200-ok", b"Expect: 100-continue",
    b"Connection: close, keep-alive", b"Connection: \x01", b"Upgrade: h2c\r\nConnection: Upgrade",
    b"Range: bytes=0-0,-1,9999999999999-", b"Accept: " + b"a/b;q=0.1," * 900, b"Cookie: " + b"a=b;" * 2000,
    b"Authorization: Basic \xff", b"Authorization: Basic " + b"=" * 5000, b"Authorization: Digest",
    b"Authorization: OCP-ACCESS-KEY-HMACSHA1 a:b", b"Prefer: " + b"code=200," * 800, b"Prefer: delay=-1s",
    b"Content-Encoding: gzip", b"Content-Encoding: " + b"gzip," * 500, b"X-Understudy-World: ../../etc",
    b"Origin: http://[", b"Origin: null", b"Sec-Fetch-Site: cross-site", b"Referer: http://[",
    b"Date: \xff", b"Content-Type: a/b; charset=rot13", b"Content-Type: multipart/form-data",
    b"Content-Type: " + b";" * 5000, b"Accept-Language: " + b"a" * 9000, b"X-Forwarded-For: " + b"1," * 900,
]  # fmt: skip
CHUNKS = [
    b"0\r\n\r\n", b"1\r\na\r\n0\r\n\r\n", b"1\r\na", b"5\r\na\r\n", b"g\r\na\r\n0\r\n\r\n", b"-1\r\n\r\n",
    b"0x1\r\na\r\n0\r\n\r\n", b"1 \r\na\r\n0\r\n\r\n", b"1_0\r\na\r\n0\r\n\r\n", b"1;" + b"x" * 100_000,
    b"1;a=b\r\na\r\n0\r\n\r\n", b"1\na\n0\n\n", b"1\r\nab\r\n0\r\n\r\n", b"f" * 16 + b"\r\n", b"f" * 5000,
    b"ffffffffff\r\na", b"0\r\nA: b\r\n\r\n", b"0\r\n" + b"A: b\r\n" * 5000 + b"\r\n", b"0\r\nA\r\n\r\n",
    b"0\r\n\r\nGET /__admin/worlds HTTP/1.1\r\nHost: localhost\r\n\r\n", b"", b"\r\n", b"\x00\r\n",
    b"1\r\na\r\n" * 3000 + b"0\r\n\r\n", b"00000000000000000001\r\na\r\n0\r\n\r\n",
]  # fmt: skip
OTHERS = [
    b"", b"\r\n" * 50, b"\r\n" * 50_000, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00" * 70_000, b"\xff" * 300, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(64),
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50, b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/0.9\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n", b"*1\r\n$4\r\nPING\r\n", b"<policy-file-request/>\x00", b"HELP\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD /w/a/b HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\nHost: a\n\n",
]  # fmt: skip


def build_corpus() -> list[bytes]:
    """Return every message: strange lines, fields, chunks, and other protocols."""
    chunked = b"POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    lines = [line + b"\r\nHost: localhost\r\n\r\n" for line in LINES]
    heads = (b"GET /api/v2/tasks/instances HTTP/1.1\r\n", b"POST /x HTTP/1.1\r\n")
    fields = [
        head + b"Host: localhost\r\n" * (not field.startswith(b"Host")) + field + b"\r\n\r\nabcd"
        for head, field in product(heads, FIELDS)
    ]
    return [*lines, *fields, *(chunked + chunk for chunk in CHUNKS), *OTHERS]


def find_statuses(answer: bytes) -> list[int]:
    """Return the statuses of the answers to one message; bodies of the stub have no such line."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def test_corpus_of_raw_requests(tmp_path: Path) -> None:
    """No status 5xx but 501 and 505, no traceback, and a good call is answered after each."""
    corpus = build_corpus()
    assert len(corpus) >= 150
    statuses: Counter[int] = Counter()
    times = []
    with serve_process(tmp_path / "log", "--auth", "off") as server:
        for message in corpus:
            statuses.update(find_statuses(server.send(message)) or [0])
            times.append(server.measure_health())
    assert {status for status in statuses if status >= 500} <= {501, 505}, statuses
    show_figure(
        9, f"{len(corpus)} requests, statuses {dict(statuses)}, good call {show_times(times)}"
    )


def test_corpus_in_parallel(tmp_path: Path) -> None:
    """Eight clients send the corpus in random orders; the server has as many files open as before."""
    corpus = build_corpus()
    rounds = scale(1, 100)
    bad: list[tuple[bytes, list[int]]] = []
    with serve_process(tmp_path / "log", "--auth", "off") as server:
        server.measure_health()
        before = server.count_open_files()

        def run(number: int) -> None:
            rng = random.Random(number)  # noqa: S311 - a test needs no secure numbers
            for message in rng.sample(corpus * rounds, len(corpus) * rounds // 8):
                statuses = find_statuses(server.send(message))
                if not set(statuses) <= set(range(100, 500)) | {501, 505}:
                    bad.append((message[:200], statuses))

        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        health = server.measure_health()
        wait_for_open_files(server, before)
    assert bad == []
    total = len(corpus) * rounds // 8 * 8
    show_figure(9, f"{total} requests in 8 threads, then a good call {health * 1000:.0f} ms")

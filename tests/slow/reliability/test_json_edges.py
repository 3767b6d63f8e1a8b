"""JSON at its edges: what a body may be, what it may not be, and integers that a browser rounds."""

import http.client
import json
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reliability import ServerProcess, serve_process, show_figure
from understudy.server.request_limits import MAX_BODY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CONTRACT = """
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /any:
    post:
      operationId: any
      requestBody: {required: true, content: {application/json: {schema: {}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
  /form:
    post:
      operationId: form
      requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {type: object}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
"""
INTEGERS = [2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**40]
VALID = [
    b"[]", b"{}", b"null", b"true", b" [ ] ", b"0", b"-0", b"-0.0", b"1e5", b"1E+5", b"1e-400", b"0.1e1",
    b'""', b'"a"', b'"\\u0000"', b'"\\uD834\\uDD1E"', b'"\\/\\b\\f\\n\\r\\t\\"\\\\"', b'"\xe4\xb8\xad"',
    b'"\xf4\x8f\xbf\xbf"', b'"\x7f"', b'"\xe2\x80\xa8"', b'{"":0}', b'{"a":{"a":[{}]}}', b"[1,[2,[3]]]",
    b"\t\n\r [1]", b"[" * 99 + b"]" * 99, b'{"__proto__":1}', b"9" * 4300, b"0." + b"1" * 5000,
    b"[" + b"0," * 100_000 + b"0]", b'"' + b"a" * 1_000_000 + b'"',
    *(str(number).encode() for number in INTEGERS),
]  # fmt: skip
INVALID = [
    b"", b" ", b"[", b"]", b"{", b"}", b"[1", b"[1,]", b"[,1]", b"[1,,2]", b"[1 2]", b"[1]x", b"[1][2]", b'{"a"}',
    b'{"a":}', b'{"a":1,}', b"{a:1}", b"{'a':1}", b'{"a" 1}', b'{"a":1 "b":2}', b'{"a":1,,"b":2}', b"{1:1}",
    b'{"a":1,"a":2}', b'{"a":1,"\\u0061":2}', b"nul", b"NULL", b"True", b"undefined", b"NaN", b"Infinity",
    b"-Infinity", b"[NaN]", b"+1", b"-", b"--1", b"01", b"-01", b"1.", b".5", b"1e", b"1e+", b"1.e1", b"0x1",
    b"1_000", b"1e400", b"-1e400", b"\xef\xbc\x91", b'"', b'"a', b'"\n"', b'"\t"', b'"\x00"', b'"\x1f"',
    b'"\\x"', b'"\\u12"', b'"\\u123g"', b'"\\', b"'a'", b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"',
    b'"\xf5\x80\x80\x80"', b'"\xe4\xb8"', b"// a\n1", b"/* a */1", b"# a\n1", b"1;", b"\x00", b"[1]\x00", b"\x0c1",
    b"\xc2\xa01", b"\xe2\x80\x8b1", b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000,
    b"9" * 1_000_000, b"-" + b"9" * 5000, b"[1}", b'{"a":1]', b"(1)", b"<a/>", b"a: 1", b"---\n1", b"*",
    "[1]".encode("utf-16"), "[1]".encode("utf-32"),
]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The server of a contract whose operation takes any JSON."""
    folder = tmp_path_factory.mktemp("json")
    (folder / "contract.yaml").write_text(CONTRACT, "utf-8")
    with serve_process(folder / "log", "--contract", str(folder / "contract.yaml")) as running:
        yield running


def post(server: ServerProcess, body: bytes, path: str = "/any", **fields: str) -> int:
    """Send a body and return the status."""
    kind = "application/json" if path == "/any" else "application/x-www-form-urlencoded"
    headers = {
        "Content-Type": kind,
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            assert json.loads(text)["status"] == answer.status
        return answer.status


def test_bodies_of_json(server: ServerProcess) -> None:
    """Every valid text is accepted, every other one is refused as the client's error."""
    valid = {body[:60]: post(server, body) for body in VALID}
    invalid = {body[:60]: post(server, body) for body in INVALID}
    assert {body: status for body, status in valid.items() if status != 200} == {}
    assert {body: status for body, status in invalid.items() if status != 422} == {}
    show_figure(13, f"{len(VALID)} valid bodies accepted, {len(INVALID)} others refused")


def test_integers_keep_their_digits(tmp_path: Path) -> None:
    """Those of an example are on the wire as they were written."""
    text = ", ".join(str(number) for number in INTEGERS)
    contract = tmp_path / "contract.yaml"
    example = f"content: {{application/json: {{schema: {{type: array}}, example: [{text}]}}}}"
    operation = f"{{operationId: a, responses: {{'200': {{description: ok, {example}}}}}}}"
    contract.write_text(
        f"openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{/a: {{get: {operation}}}}}\n",
        "utf-8",
    )
    with serve_process(tmp_path / "log", "--contract", str(contract)) as running:
        message = b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        body = running.send(message).partition(b"\r\n\r\n")[2]
    assert body.replace(b" ", b"") == f"[{text}]".replace(" ", "").encode()


def test_oversize_and_nested_bodies(server: ServerProcess) -> None:
    """Each limit at its two sides; the server's memory rises by a few times the largest body."""
    before = server.read_status("VmRSS")
    quoted = {
        size: b'"' + b"a" * (size - 2) + b'"' for size in (MAX_BODY - 1, MAX_BODY, MAX_BODY + 1)
    }
    assert [post(server, body) for body in quoted.values()] == [200, 200, 413]
    assert post(server, bytes(2 * MAX_BODY)) == 413
    head = b"POST /any HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n"
    answer = server.send(head + bytes(10 * MAX_BODY))  # it is not read to its end
    assert answer.startswith(b"HTTP/1.1 413 ") or not answer
    assert [post(server, b"[" * depth + b"]" * depth) for depth in (99, 100, 101, 10_000)] == [
        200,
        200,
        422,
        422,
    ]
    assert [post(server, b"9" * digits) for digits in (4299, 4300, 4301)] == [200, 200, 422]
    bomb = zlib.compress(bytes(50 * 1024 * 1024), 9)
    assert post(server, bomb, Content_Encoding="deflate") == 413
    assert post(server, b"&".join(b"a%d=b" % number for number in range(10_000)), "/form") == 422
    assert post(server, b'{"a":' * 100_000 + b"1" + b"}" * 100_000) == 422
    rise = server.read_status("VmRSS") - before
    peak = server.read_status("VmHWM") - before
    assert rise < 6 * MAX_BODY // 1024
    assert peak < 12 * MAX_BODY // 1024
    show_figure(
        12, f"all limits answered 422 or 413; memory rose by {rise} KiB, {peak} KiB at its peak"
    )

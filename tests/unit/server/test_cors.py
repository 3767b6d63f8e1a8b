"""Pages of this machine and of allowed origins may call the stub, but not the control API."""

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest
import requests

from understudy.config import Settings
from understudy.harness.in_process import StubConnection
from understudy.harness.repeated_calls import RepeatingHandler
from understudy.live import LiveServer
from understudy.messages import Headers
from understudy.server import create_app
from understudy.server.cross_origin import CrossOrigin

LIST = "/api/v2/tasks/instances"
AUTH = ("admin", "admin")


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with LiveServer(cors_origins=("https://app.example.com",)) as server:
        yield server


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://localhost",
        "http://127.0.0.1:8080",
        "http://[::1]:5173",
        "http://app.localhost",
        "https://app.example.com",
    ],
)
def test_allowed_page_reads_the_response(server: LiveServer, origin: str) -> None:
    """Credentials are allowed, so the origin is named, and caches distinguish origins."""
    answer = requests.get(server.url + LIST, auth=AUTH, headers={"Origin": origin}, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in answer.headers["Vary"]
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert exposed >= {
        "Preference-Applied",
        "RateLimit-Remaining",
        "RateLimit-Reset",
        "Retry-After",
    }


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "http://localhost.evil.com",
        "https://app.example.com.evil.org",
        "null",
        "http://127.0.0.1.evil.com:80",
        "https://app.example.com:8443",
    ],
)
def test_other_page_reads_nothing(server: LiveServer, origin: str) -> None:
    """The browser withholds the response."""
    answer = requests.get(server.url + LIST, auth=AUTH, headers={"Origin": origin}, timeout=10)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_error_response_can_be_read(server: LiveServer) -> None:
    """Otherwise a page would see a network error."""
    for answer in (
        requests.get(server.url + LIST, headers={"Origin": "http://localhost:3000"}, timeout=10),
        requests.get(
            f"{server.url}/nothing",
            auth=AUTH,
            headers={"Origin": "http://localhost:3000"},
            timeout=10,
        ),
    ):
        assert answer.status_code in (401, 404)
        assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


def test_preflight_needs_no_credentials(server: LiveServer) -> None:
    """It lists methods and fields, and creates neither a world nor an exchange."""
    fields = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, x-understudy-world, prefer",
    }
    answer = requests.options(
        f"{server.url}{LIST}/1/retry", headers={**fields, "X-Understudy-World": "pre"}, timeout=10
    )
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "x-understudy-world", "prefer"))
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert server.stub.find_world("pre") is None


@pytest.mark.parametrize(
    "path", ["/__admin/health", "/w/mine/__admin/health", "/w/a%2Fb/__admin/health"]
)
def test_control_api_has_no_cors(server: LiveServer, path: str) -> None:
    """Calls and preflights of another origin get 403."""
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    for answer in (
        requests.get(server.url + path, headers=headers, timeout=10),
        requests.options(server.url + path, headers=headers, timeout=10),
    ):
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


PAGE = "http://localhost:3000"
FOREIGN = "http://app.example:5181"
CONTRACT = """
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /x:
    get:
      operationId: readX
      responses:
        '200':
          description: ok
          headers: {X-Total-Count: {required: true, schema: {type: integer, const: 7}}}
          content: {application/json: {example: {a: 1}}}
    options: {operationId: askX, responses: {'418': {description: own}}}
  /own: {get: {operationId: readOwn, responses: {'200': {description: ok}}}}
  /in: {post: {operationId: addIn, responses: {'200': {description: ok}}}}
"""
SCENARIO = """
understudy: 1
name: cors
replies:
  - when: {operation: readOwn, query: {own: "yes"}}
    reply: {status: 200, headers: {Access-Control-Allow-Origin: "*", X-Scripted: a}, text: t}
  - when: {operation: readOwn}
    reply:
      status: 200
      headers: {Content-Disposition: attachment, ETag: '"1"', Set-Cookie: a=b, Vary: Accept}
      text: t
"""
BROKEN_TARGETS = [
    "/x",
    "/nothing/here",
    "/w/an%20na/x",
    "/w/gone/x",
    "/w/third/x",
    f"/x?long={'x' * 9000}",
    "/x?__code=abc",
    "/%zz",
    "*",
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Serve a small contract with at most two worlds; the world `gone` is closed."""
    folder = tmp_path_factory.mktemp("cors")
    contract, scenario = folder / "contract.yaml", folder / "scenario.yaml"
    contract.write_text(CONTRACT, "utf-8")
    scenario.write_text(SCENARIO, "utf-8")
    settings = Settings(contract=contract, scenario=str(scenario), max_worlds=2)
    with LiveServer(settings) as running:
        running.world("default")
        running.world("second")
        running.stub.drop("gone", closed=True)
        yield running


def send(
    server: LiveServer, method: str, target: str, *fields: tuple[str, str], body: bytes = b""
) -> tuple[int, Headers, bytes]:
    """Send a request with its target and fields as they are; return status, fields and body."""
    connection = HTTPConnection(server.host, server.port, timeout=20)
    with closing(connection):
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        if "Host" not in dict(fields):
            connection.putheader("Host", "localhost")
        for name, value in fields:
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        return answer.status, Headers.of(answer.getheaders()), answer.read()


def preflight_fields(origin: str, method: str = "GET") -> list[tuple[str, str]]:
    return [
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", "authorization,x-own"),
    ]


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
@pytest.mark.parametrize("target", BROKEN_TARGETS, ids=lambda target: target[:12])
def test_preflight_comes_before_each_check(small: LiveServer, target: str, host: str) -> None:
    """Otherwise the browser hides why the call itself fails."""
    fields = [("Host", host), *preflight_fields(PAGE, "patch")]
    status, sent, body = send(small, "OPTIONS", target, *fields)
    assert (status, body) == (204, b"")
    assert sent.get("Access-Control-Allow-Origin") == PAGE
    assert sent.get("Access-Control-Allow-Headers") == "authorization, x-own"
    assert "patch" in sent.get("Access-Control-Allow-Methods").split(", ")
    assert "Content-Length" not in sent


@pytest.mark.parametrize("target", BROKEN_TARGETS, ids=lambda target: target[:12])
def test_preflight_of_another_page_has_no_fields(small: LiveServer, target: str) -> None:
    """It is 204 all the same, and creates no world."""
    status, sent, _ = send(small, "OPTIONS", target, *preflight_fields(FOREIGN))
    assert status == 204
    assert list_cors_fields(sent) == []


def list_cors_fields(headers: Headers) -> list[str]:
    return [name for name, _ in headers if name.lower().startswith("access-control-")]


def test_preflight_with_a_large_head_succeeds(small: LiveServer) -> None:
    """Also when the HTTP server itself does not read the whole head."""
    fields = [*preflight_fields(PAGE), ("X-Long", "x" * 262_200)]
    status, sent, _ = send(small, "OPTIONS", "/x", *fields)
    assert (status, sent.get("Access-Control-Allow-Origin")) == (204, PAGE)


def test_preflights_keep_the_connection(small: LiveServer) -> None:
    """The browser sends the call itself over the same connection."""
    connection = HTTPConnection(small.host, small.port, timeout=20)
    with closing(connection):
        sockets = set()
        for origin in (PAGE, FOREIGN, PAGE):
            connection.request("OPTIONS", "/x", headers=dict(preflight_fields(origin)))
            assert connection.getresponse().read() == b""
            sockets.add(connection.sock)
    assert len(sockets) == 1
    assert sockets != {None}


@pytest.mark.parametrize(
    ("method", "target", "fields", "body", "status"),
    [
        ("GET", "/nothing", [], b"", 404),
        ("DELETE", "/x", [], b"", 405),
        ("GET", "/w/an%20na/x", [], b"", 400),
        ("GET", "/w/gone/x", [], b"", 410),
        ("GET", "/w/third/x", [], b"", 503),
        ("GET", "/x", [("Host", "evil.example")], b"", 421),
        ("GET", f"/x?long={'x' * 9000}", [], b"", 414),
        ("GET", "/x?__code=abc", [], b"", 400),
        ("POST", "/in", [("Content-Encoding", "rot13")], b"x", 415),
        ("POST", "/in", [], b"x" * 10_485_761, 413),
        ("PUT", "/in", [("Content-Length", "40000000")], b"", 413),
        ("GET", "/x", [("X-Long", "x" * 262_200)], b"", 431),
        ("patch", "/x", [], b"", 501),
        ("GET", "/x", [("Bad name", "x")], b"", 400),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_page_reads_errors_of_the_tool(
    small: LiveServer, method: str, target: str, fields: Any, body: bytes, status: int
) -> None:
    """Also those of the HTTP server. A page of another origin gets the error without the fields."""
    for origin, allowed in ((PAGE, PAGE), (FOREIGN, ""), (f"{PAGE}, {PAGE}", "")):
        got, sent, text = send(small, method, target, ("Origin", origin), *fields, body=body)
        assert got == status
        assert sent.get("Access-Control-Allow-Origin") == allowed
        assert sent.get("Access-Control-Allow-Credentials") == ("true" if allowed else "")
        assert "Origin" in sent.get_list("Vary")
        assert json.loads(text)["status"] == status


def test_fields_of_answers_are_exposed(small: LiveServer) -> None:
    """Those of a scripted reply and of the contract, but not those that no page may read."""
    _, scripted, _ = send(small, "GET", "/own", ("Origin", PAGE))
    exposed = scripted.get("Access-Control-Expose-Headers").split(", ")
    assert {"Content-Disposition", "ETag", "Date"} <= set(exposed)
    assert not {"Set-Cookie", "Content-Type", "Access-Control-Allow-Origin"} & set(exposed)
    assert scripted.get_list("Vary") == "Accept, Origin"
    _, documented, _ = send(small, "GET", "/x", ("Origin", PAGE))
    assert "X-Total-Count" in documented.get("Access-Control-Expose-Headers").split(", ")


def test_own_fields_of_a_reply_are_final(small: LiveServer) -> None:
    """A scenario can show a page what a misconfigured server sends."""
    _, sent, _ = send(small, "GET", "/own?own=yes", ("Origin", PAGE))
    assert list_cors_fields(sent) == ["Access-Control-Allow-Origin"]
    assert sent.get("Access-Control-Allow-Origin") == "*"


def test_contract_answers_options_that_are_no_preflight(small: LiveServer) -> None:
    """Its operation OPTIONS answers, with the fields for pages."""
    status, sent, _ = send(small, "OPTIONS", "/x", ("Origin", PAGE))
    assert (status, sent.get("Access-Control-Allow-Origin")) == (418, PAGE)


@pytest.mark.parametrize(("origin", "expected"), [(PAGE, "true"), (FOREIGN, "")])
def test_private_network_access_is_allowed(small: LiveServer, origin: str, expected: str) -> None:
    """A page of a public site that is allowed may call this machine."""
    fields = [*preflight_fields(origin), ("Access-Control-Request-Private-Network", "true")]
    _, sent, _ = send(small, "OPTIONS", "/x", *fields)
    assert sent.get("Access-Control-Allow-Private-Network") == expected


def test_known_calls_of_pages_have_the_same_fields(server: LiveServer) -> None:
    """Each page gets its own origin, the first time and repeated."""
    origins = [PAGE, "http://localhost:8080", "https://evil.example.com"]
    for origin in origins * 3:
        answer = requests.get(server.url + LIST, auth=AUTH, headers={"Origin": origin}, timeout=10)
        expected = None if "evil" in origin else origin
        assert answer.headers.get("Access-Control-Allow-Origin") == expected
    known = [call.call.request.headers.get("Origin") for call in server.stub.short_way.calls()]
    assert set(origins[:2]) <= set(known)
    assert origins[2] not in known


def test_origin_is_compared_as_browsers_write_it() -> None:
    """In lower case, without the scheme's own port."""
    with LiveServer(cors_origins=("HTTPS://App.Example.com:443", "http://[::2]:80")) as running:
        for origin in ("https://app.example.com", "http://[::2]"):
            _, sent, _ = send(running, "GET", "/nothing", ("Origin", origin))
            assert sent.get("Access-Control-Allow-Origin") == origin


def test_clients_in_this_process_see_the_same(server: LiveServer) -> None:
    """Preflights, answers and errors have the fields of the socket."""
    connection = StubConnection(RepeatingHandler(server.stub), CrossOrigin(server.stub.settings))
    password = "Basic " + base64.b64encode(b"admin:admin").decode()
    for origin in (PAGE, "https://app.example.com", FOREIGN, f"{PAGE}, {PAGE}", ""):
        for method, target in (
            ("OPTIONS", LIST),
            ("OPTIONS", "/w/an%20na/x"),
            ("OPTIONS", f"/x?long={'x' * 9000}"),
            ("GET", LIST),
            ("GET", LIST),
            ("GET", "/nothing"),
            ("GET", "/w/an%20na/x"),
            ("GET", f"/x?long={'x' * 9000}"),
        ):
            fields = [("Host", "localhost"), ("Authorization", password)]
            fields += preflight_fields(origin) if method == "OPTIONS" else [("Origin", origin)]
            status, sent, _ = send(server, method, target, *fields[1:])
            inside = connection.wait(method, target, fields, b"", None)
            names = ("access-control-", "vary")
            over_socket = [pair for pair in sent if pair[0].lower().startswith(names)]
            received = [pair for pair in inside.headers if pair[0].lower().startswith(names)]
            assert inside.status == status
            assert sorted(received) == sorted(over_socket)


def test_without_a_log_of_calls_the_hint_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Its text has the option, or how a page gets an origin that can be allowed."""
    client = create_app().test_client()
    for origin in (FOREIGN, "null", "chrome-extension://abc", "http://localhost", PAGE):
        client.options(f"{LIST}?a=b", headers=dict(preflight_fields(origin)))
    assert caplog.messages == [
        f"{LIST}?…: pages of {FOREIGN} may not read the answer. "
        f"Allow them with --cors-origin {FOREIGN}",
        f"{LIST}?…: a page without an origin, such as a file, may not read the answer. "
        "Serve it over HTTP",
        f"{LIST}?…: pages of chrome-extension://abc may not read the answer",
    ]

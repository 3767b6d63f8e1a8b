"""Clients without a socket see what clients on the real socket see."""

import asyncio
import copy
import gzip
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests

from harness_builders import FAILED, LIST
from understudy.harness import Ocp

FAULTS = [
    None,
    {"delay": "5ms"},
    {"dribble": {"pieces": 3, "over": "10ms"}},
    "reset",
    "empty",
    {"truncate": "50%"},
    "garbage",
    {"timeout": "20ms"},
    {"delay": "10s"},
    {"dribble": {"pieces": 2, "over": "10s"}},
    {"status": {"code": 503, "headers": {"Retry-After": "1"}, "text": "later"}},
]
CALLS = [
    ("GET", f"{LIST}?status=FAILED,RUNNING&name=%E5%88%9B"),
    ("POST", f"{LIST}/{FAILED}/retry"),
    ("HEAD", LIST),
    ("OPTIONS", LIST),
    ("GET", f"{LIST}/4"),
]
_OF_THE_CONNECTION = ("connection", "via", "trailer", "date")
"""Fields that are the socket's own business; the date is the world's, and the worlds differ."""


Ask = Callable[[str, str, float], Any]
"""Sends a request: method, target, and how many seconds its client waits for what it reads."""


def outcome(ask: Ask, method: str, target: str, patience_s: float) -> Any:
    """Give what a client sees: status, fields, body; or the class of the error."""
    try:
        answer = ask(method, target, patience_s)
    except Exception as error:
        return type(error)
    fields = {name.lower(): value for name, value in answer.headers.items()}
    return (
        answer.status_code,
        {n: v for n, v in fields.items() if n not in _OF_THE_CONNECTION},
        answer.content,
    )


def over_requests(make: Callable[[], requests.Session], base: str) -> Ask:
    def ask(method: str, target: str, patience_s: float) -> Any:
        with make() as session:
            return session.request(method, base + target, timeout=(10, patience_s))

    return ask


def over_httpx(make: Callable[[], httpx.Client]) -> Ask:
    def ask(method: str, target: str, patience_s: float) -> Any:
        with make() as client:
            return client.request(method, target, timeout=httpx.Timeout(10, read=patience_s))

    return ask


def over_async(make: Callable[[], httpx.AsyncClient]) -> Ask:
    async def ask(method: str, target: str, patience_s: float) -> Any:
        async with make() as client:
            return await client.request(method, target, timeout=httpx.Timeout(10, read=patience_s))

    return lambda *options: asyncio.run(ask(*options))


def plain_session(ocp: Ocp) -> requests.Session:
    session = requests.Session()
    session.auth = ocp.auth
    return session


def twins(ocp: Ocp, library: str) -> tuple[Ask, Ask]:
    """Give a client on the socket, and one inside."""
    options: dict[str, Any] = {"base_url": ocp.url, "auth": ocp.auth}
    if library == "requests":
        return over_requests(lambda: plain_session(ocp), ocp.url), over_requests(ocp.requests, "")
    if library == "httpx":
        return over_httpx(lambda: httpx.Client(**options)), over_httpx(ocp.httpx)
    return over_async(lambda: httpx.AsyncClient(**options)), over_async(ocp.httpx_async)


@pytest.mark.parametrize("library", ["requests", "httpx", "httpx-async"])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_in_process_clients_see_what_socket_clients_see(ocp: Ocp, library: str, fault: Any) -> None:
    """Status, fields and bodies are equal; a broken connection raises an error of the same class."""
    control = ocp._session.control
    if fault is not None:
        ocp.fault(fault=fault)
    control.save_snapshot("before")
    patience_s = (
        0.5 if "10s" in str(fault) else 10
    )  # no longer than it takes, but where nothing comes
    for method, target in CALLS:
        seen = []
        for ask in twins(ocp, library):
            control.restore_snapshot("before")
            seen.append(outcome(ask, method, target, patience_s))
        assert seen[1] == seen[0], (method, target)


def test_non_ascii_fields_are_those_of_the_socket(ocp: Ocp) -> None:
    """Values of fields and reason phrases are equal for both libraries."""
    base = ocp.url
    ocp.reply("listTaskInstances", headers={"X-Name": "é ü"}, body={}, off_contract=True)
    for target in (LIST, "/nothing"):
        with requests.Session() as plain:
            plain.trust_env = False
            near, far = ocp.requests().get(target), plain.get(base + target, auth=ocp.auth)
        assert (near.headers.get("X-Name"), near.reason) == (far.headers.get("X-Name"), far.reason)
        with httpx.Client(base_url=base, auth=ocp.auth, trust_env=False) as client:
            there, here = client.get(target), ocp.httpx().get(target)
        assert (here.headers.get("X-Name"), here.reason_phrase) == (
            there.headers.get("X-Name"),
            there.reason_phrase,
        )


def test_session_accepts_paths_and_urls(ocp: Ocp) -> None:
    """Cookies, streams and lines work, and so do URLs without the world's prefix."""
    session = ocp.requests()
    assert session.get(LIST).status_code == 200
    assert session.get(LIST.lstrip("/")).status_code == 200
    assert session.get(f"{ocp.url}{LIST}").status_code == 200
    assert session.get(f"http://{ocp.address}{LIST}").status_code == 200
    ocp.reply(
        "getTaskInstance",
        status=200,
        text="a\nb\n",
        headers={"Set-Cookie": "k=v; Path=/"},
        off_contract=True,
    )
    with session.get(f"{LIST}/{FAILED}", stream=True) as answer:
        assert list(answer.iter_lines()) == [b"a", b"b"]
        assert answer.elapsed.total_seconds() >= 0
    assert session.cookies["k"] == "v"
    assert len(ocp.calls) == 5


def test_copied_session_uses_the_same_world(ocp: Ocp) -> None:
    """Pickling raises an error that says what to use in another process."""
    copied = copy.deepcopy(ocp.requests())
    assert copied.get(LIST).status_code == 200
    assert len(ocp.calls) == 1
    with pytest.raises(TypeError, match="in another process"):
        pickle.dumps(copied)


def test_requests_are_sent_as_on_a_socket(ocp: Ocp) -> None:
    """The target is as the client encoded it, Host is set, and bodies of any kind arrive."""
    session = ocp.requests()
    session.get(f"{LIST}?name=a%2Fb&name=%E5%88%9B")
    ocp.httpx().get(f"{LIST}?name=a%2Fb&name=%E5%88%9B")
    for call in ocp.calls:
        assert call.request.target.endswith(f"{LIST}?name=a%2Fb&name=%E5%88%9B")
        assert call.request.headers.get("Host") == ocp.address
    for body in ("text", b"bytes", iter([b"in ", b"pieces"])):
        session.post(f"{LIST}/{FAILED}/retry", data=body)
    assert [call.request.body for call in ocp.calls[2:]] == [b"text", b"bytes", b"in pieces"]


def test_clients_use_the_account_of_the_view(ocp: Ocp) -> None:
    """Clients of `as_` send that account's credentials."""
    assert ocp.as_("viewer").requests().post(f"{LIST}/{FAILED}/retry").status_code == 403
    assert ocp.as_("viewer").httpx().post(f"{LIST}/{FAILED}/retry").status_code == 403


def test_missing_library_is_reported(ocp: Ocp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to install the library."""
    import sys

    for name in ("httpx", "httpx2", "requests", "understudy.harness.requests_client"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        ImportError, match=r"ocp.requests\(\) needs the package requests: pip install requests"
    ):
        ocp.requests()
    with pytest.raises(ImportError, match=r"ocp.httpx\(\) needs the package httpx2 or httpx"):
        ocp.httpx()


SENT_FIELDS: dict[str, list[tuple[bytes, bytes]]] = {
    "repeated": [(b"X-Mode", b"slow"), (b"X-Mode", b"fast"), (b"x-mode", b"slow, fast")],
    "underscored": [(b"api_key", b"secret"), (b"_", b"1"), (b"x_mode", b"a"), (b"X-Mode", b"b")],
    "empty": [(b"X-Empty", b""), (b"X-Other", b"1")],
    "non-ASCII": [(b"X-Name", b"\xe9 \xff"), (b"X-Text", "\u521b".encode())],
    "long": [(b"X-Long", b"x" * 9_000), (b"X-Longer", b"y" * 50_000)],
    "too long": [(b"X-Long", b"x" * 65_536)],
    "blanks": [(b"X-Blank", b"a \t b \t"), (b"X-Blanks", b"x" + b" " * 50_000)],
    "control": [(b"X-Mode", b"a\x00b")],
    "many": [(b"X-%d" % number, b"1") for number in range(90)],
    "too many": [(b"X-%d" % number, b"1") for number in range(101)],
    "expectation": [(b"Expect", b"something")],
    "forwarded": [(b"X-Forwarded-For", b"1.2.3.4"), (b"Forwarded", b"for=a")],
}


NOT_OF_HTTPX = ("blanks", "control")
"""Fields that httpx does not send over a socket."""


@pytest.mark.parametrize(
    ("library", "kind"),
    [
        *(("requests", kind) for kind in SENT_FIELDS),
        *(("httpx", kind) for kind in SENT_FIELDS if kind not in NOT_OF_HTTPX),
    ],
)
def test_fields_of_requests_are_those_of_the_socket(ocp: Ocp, library: str, kind: str) -> None:
    """The journal shows the same fields in the same order, and the answers are equal."""
    fields = SENT_FIELDS[kind]
    seen: list[Any] = []
    for is_inside in (False, True):
        before = len(ocp.calls)
        for _ in range(3):  # the later ones may be answered from known bytes
            seen.append(send_fields(ocp, library, fields, is_inside=is_inside))
        seen.append([call.request.headers.fields for call in ocp.calls[before:]])
    socket_view, inside_view = seen[:4], seen[4:]
    assert inside_view == socket_view
    is_rejected = kind in ("too long", "control", "too many", "expectation")
    assert len(seen[3]) == (0 if is_rejected else 3)


def send_fields(
    ocp: Ocp, library: str, fields: list[tuple[bytes, bytes]], *, is_inside: bool
) -> tuple[int, str]:
    """Send a request with header fields; return status and content type."""
    answer: requests.Response | httpx.Response
    if library == "requests":  # its fields are a dictionary
        with ocp.requests() if is_inside else plain_session(ocp) as session:
            named = {name.decode(): value for name, value in fields}
            answer = session.get(LIST if is_inside else ocp.url + LIST, headers=named)
    else:
        options: dict[str, Any] = {"base_url": ocp.url, "auth": ocp.auth}
        with ocp.httpx() if is_inside else httpx.Client(**options) as client:
            answer = client.get(LIST, headers=fields)
    return answer.status_code, answer.headers["Content-Type"]


@pytest.mark.parametrize("coding", ["gzip", "nothing"])
def test_compressed_bodies_are_decoded_as_on_the_socket(ocp: Ocp, coding: str) -> None:
    """Status and journal are equal; an unknown coding is answered with the known ones."""
    seen = []
    for is_inside in (False, True):
        with ocp.requests() if is_inside else plain_session(ocp) as session:
            answer = session.post(
                f"{'' if is_inside else ocp.url}{LIST}/{FAILED}/retry",
                data=gzip.compress(b'{"a": 1}', mtime=0),
                headers={"Content-Encoding": coding, "Content-Type": "application/json"},
            )
        body = ocp.calls[-1].request.body if coding == "gzip" else b""
        accepted = answer.headers.get("Accept-Encoding", "")
        seen.append((answer.status_code < 415, body, accepted.startswith("gzip, deflate")))
    assert seen[1] == seen[0]
    expected = (True, b'{"a": 1}', False) if coding == "gzip" else (False, b"", True)
    assert seen[0] == expected


@pytest.mark.parametrize(
    ("target", "length", "status"),
    [(f"{LIST}?name={'x' * 9000}", 0, 414), (f"{LIST}/1/retry", 10 * 1024 * 1024 + 1, 413)],
)
def test_limits_of_requests_are_those_of_the_socket(
    ocp: Ocp, target: str, length: int, status: int
) -> None:
    """The problem documents are equal."""
    answers = []
    for is_inside in (False, True):
        with ocp.requests() if is_inside else plain_session(ocp) as session:
            url = target if is_inside else ocp.url + target
            answers.append(session.post(url, data=b"x" * length))
    assert [answer.status_code for answer in answers] == [status, status]
    assert answers[0].json() == answers[1].json()

"""Each outcome of a call is one line of the log."""

import contextlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from understudy.calllog import CallLog, LogMode
from understudy.config import Settings
from understudy.live import LiveServer

LIST = "/api/v2/tasks/instances"
ADMIN = ("admin", "admin")


class Served:
    """A server with a log of calls, whose lines can be read when it has stopped."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.lines: list[str] = []

    def call(self, target: str, method: str = "GET", **fields: str) -> int:
        """Send a call as `admin`; return its status."""
        url = f"{self.server.url}{target}"
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        return requests.request(method, url, auth=ADMIN, headers=headers, timeout=20).status_code


@contextmanager
def serve(mode: LogMode = LogMode.ALL, settings: Settings | None = None) -> Iterator[Served]:
    """Serve with a log of calls; after the block, `lines` has its lines without the times."""
    reader, descriptor = os.pipe()
    with open(reader, encoding="utf-8") as pipe:
        try:
            call_log = CallLog(descriptor, mode)
            with call_log, LiveServer(settings, call_log=call_log) as server:
                served = Served(server)
                yield served
        finally:
            os.close(descriptor)
        served.lines += [line.partition(" ")[2].rstrip("\n") for line in pipe]


def only_line(served: Served) -> str:
    """Return the only line, without its milliseconds."""
    assert len(served.lines) == 1, served.lines
    head, _, reasons = served.lines[0].partition(" ms")
    return head.rpartition(" ")[0] + reasons


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (
            f"{LIST}?status=DONE",
            f"GET {LIST}?status=DONE 400  contract: query.status/0:"
            ' "DONE"; expected one of "RUNNING", "FAILED", "SUCCESSFUL" [enum]  (request 1)',
        ),
        (
            f"{LIST}?stauts=FAILED",
            f'GET {LIST}?stauts=FAILED 200  unknown query parameter "stauts". '
            'Did you mean "status"?  (request 1)',
        ),
        (
            f"{LIST}/x/retri",
            f'GET {LIST}/x/retri 404  no operation has the path "{LIST}/x/retri"; '
            f'did you mean "{LIST}/{{taskInstanceId}}/retry"?  (request 1)',
        ),
        (
            f"{LIST}/x/subtask",
            f'GET {LIST}/x/subtask 404  no operation has the path "{LIST}/x/subtask"  (request 1)',
        ),
        (
            f"{LIST}/x/retry",
            f'GET {LIST}/x/retry 405  the path "{LIST}/x/retry" has no operation GET; '
            "expected POST  (request 1)",
        ),
        (
            f"{LIST}?__code=abc",
            f'GET {LIST}?__code=abc 400  Unknown preference: preference "code" is "abc". Expected',
        ),
        (
            f"/w/an%20na{LIST}",
            f'GET /w/an%20na{LIST} 400  Invalid name of a world: "an%20na"',
        ),
        (f"{LIST}?__fault=reset", f"GET {LIST}?__fault=reset 200  fault reset (ending reset)"),
        (
            f"/w/mine{LIST}?token=abc",
            f"GET /w/mine{LIST}?token=<redacted:ba7816bf> 200  world mine",
        ),
        ("/w/gone" + LIST, f"GET /w/gone{LIST} 410  "),
    ],
)
def test_outcome_is_one_line(target: str, expected: str) -> None:
    """One line for one call: what was called, the status, and why."""
    with serve() as served:
        served.server.stub.drop("gone", closed=True)
        try:
            served.call(target)
        except requests.ConnectionError:
            assert "reset" in target
    assert only_line(served).startswith(expected)


def test_calls_without_problem_are_logged_on_both_ways() -> None:
    """Calls on the short way are logged like those on the whole way."""
    with serve() as served:
        for _ in range(5):
            assert served.call(LIST) == 200
    assert len(served.lines) == 5
    assert all(line.startswith(f"GET {LIST} 200 ") for line in served.lines)
    assert len(served.server.stub.short_way) == 1


def test_problems_only() -> None:
    """With `problems`, calls that work as expected are not logged."""
    with serve(LogMode.PROBLEMS) as served:
        for target in (LIST, LIST, f"{LIST}?size=abc", f"{LIST}?__fault=slow"):
            served.call(target)
    assert only_line(served).startswith(f"GET {LIST}?size=abc 400  contract: query.size")


def test_log_can_be_off() -> None:
    """With `off`, no call is logged."""
    with serve(LogMode.OFF) as served:
        served.call(f"{LIST}?size=abc")
    assert served.lines == []


def test_preflight_of_a_foreign_page_names_the_option() -> None:
    """A page that the browser will not let read the answer is named, with the option."""
    with serve() as served:
        served.call(
            LIST, "OPTIONS", Origin="http://app.example:3", Access_Control_Request_Method="GET"
        )
    assert only_line(served).endswith("Allow them with --cors-origin http://app.example:3")


def test_allowed_page_is_no_problem() -> None:
    """A page of this machine gets no hint."""
    with serve(LogMode.PROBLEMS) as served:
        served.call(LIST, Origin="http://localhost:3000")
    assert served.lines == []


def test_foreign_host_is_logged() -> None:
    """A call that is rejected before its world is selected has a line too."""
    with serve() as served:
        assert served.call(f"{LIST}?key=s3cr3t", Host="evil.example") == 421
    assert 'GET /api/v2/tasks/instances?… 421  The host "evil.example"' in only_line(served)


def test_request_that_cannot_be_parsed_is_logged() -> None:
    """A request that the HTTP server itself rejects is logged."""
    with serve() as served, socket.create_connection(("127.0.0.1", served.server.port)) as client:
        client.sendall(b"GET /x HTTP/1.1\r\nHost : a\r\nb\r\n\r\n")
        assert b" 400 " in client.recv(4096)
    assert " 400  Bad Request: " in only_line(served)


def test_password_in_an_absolute_target_is_not_logged() -> None:
    """Not even for a request that cannot be parsed. Source: RFC 9112, section 3.2.2."""
    with serve() as served, socket.create_connection(("127.0.0.1", served.server.port)) as client:
        client.sendall(b"GET http://a:s3cr3t@b/x?k=s3cr3t HTTP/1.1\r\nHost : a\r\nb\r\n\r\n")
        assert b" 400 " in client.recv(4096)
    assert "s3cr3t" not in only_line(served)


def test_errors_of_the_control_api_are_logged() -> None:
    """With the message of the problem; calls that succeed are not, also not waits and streams."""
    with serve() as served:
        assert served.call("/__admin/health") == 200
        assert served.call("/__admin/nope?world=mine") == 404
        assert served.call("/__admin/clock/advance", "POST") == 400
    assert served.lines[0].startswith("GET /__admin/nope?… 404 ")
    assert [line.partition("  ")[2] for line in served.lines] == [
        'The control API has no such route: There is no route "/nope".',
        "The call is not as documented: body: missing value. Expected a body.",
    ]


def test_response_that_breaks_the_contract_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With a log of calls, it has no further line; without one, there is an error."""
    overlay = tmp_path / "more.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
        "  - target: $.components.schemas.GetSubtaskLogData\n"
        "    update: {required: [colour], properties: {colour: {type: string}}}\n"
    )
    settings, target = Settings(overlays=(overlay,)), f"{LIST}/1000/subtasks/10001/log"
    with serve(settings=settings) as served:
        assert served.call(target) == 500
    assert "contract of the response: /data: missing field colour [required]" in only_line(served)
    assert caplog.messages == []
    with LiveServer(settings) as server:
        Served(server).call(target)
    [message] = caplog.messages
    assert message.startswith("world default: the response to getSubtaskLog breaks the contract:")


def test_control_api_is_not_logged_except_without_access() -> None:
    """Calls of the control API are no calls of the client under test; only closed doors count."""
    with serve(settings=Settings(token="s3cr3t")) as served:
        headers = {"Authorization": "Bearer s3cr3t"}
        url = f"{served.server.url}/__admin/requests"
        assert requests.get(url, headers=headers, timeout=20).status_code == 200
        assert requests.get(f"{url}?token=x", timeout=20).status_code == 401
    assert only_line(served).startswith("GET /__admin/requests?… 401")


def test_other_account_is_named() -> None:
    """The account is shown when it is not the first of the scenario."""
    with serve() as served:
        requests.get(f"{served.server.url}{LIST}", auth=("viewer", "viewer"), timeout=20)
    assert only_line(served) == f"GET {LIST} 200  account viewer"


def test_closed_terminal_delays_no_answer() -> None:
    """Calls are answered after the reader of the log has gone."""
    reader, descriptor = os.pipe()
    os.close(reader)
    call_log = CallLog(descriptor)
    with call_log, LiveServer(call_log=call_log) as server:
        for _ in range(5):
            response = requests.get(f"{server.url}{LIST}", auth=ADMIN, timeout=20)
            assert response.status_code == 200
    os.close(descriptor)


def test_stopped_terminal_delays_no_answer() -> None:
    """Calls are answered while the terminal takes no byte, as after Ctrl-S."""
    reader, descriptor = os.pipe()
    os.set_blocking(descriptor, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(descriptor, b"x" * 4096)
    os.set_blocking(descriptor, True)
    call_log = CallLog(descriptor).start()
    with LiveServer(call_log=call_log) as server:
        for target in (LIST, LIST, f"{LIST}?size=abc", LIST):
            response = requests.get(f"{server.url}{target}", auth=ADMIN, timeout=20)
            assert response.status_code in (200, 400)
    os.close(reader)  # the write that hangs ends with an error
    call_log.stop()
    os.close(descriptor)

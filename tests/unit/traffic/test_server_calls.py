"""Calls of servers end at a deadline, within bounds; credentials are never part of a finding."""

import base64
import gzip
import itertools
import json
import socket
from pathlib import Path

import pytest

from raw_server import Answer, raw_server
from traffic_builders import pets_contract
from understudy import LiveServer
from understudy.config import Settings
from understudy.errors import InputError
from understudy.messages import Request
from understudy.traffic.calls.http_caller import CallError, CallLimits, HttpCaller
from understudy.traffic.calls.planned_calls import CallPlan
from understudy.traffic.calls.server_check import ServerCheck
from understudy.traffic.findings_report import Report
from understudy.traffic.message_validator import MessageValidator
from understudy.traffic.reports.report_forms import FORMS, render_report

GET = Request.of("GET", "/pets")
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def endless(start: bytes, part: bytes) -> Answer:
    """Send a start, and then the same part until the caller leaves."""

    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(part)

    return answer


def once(data: bytes) -> Answer:
    return lambda connection, request: connection.sendall(data)


def call(answer: Answer, **limits: float) -> str:
    """Call a server; return the rule and the text of the error, or the body."""
    ticks = itertools.count()
    with raw_server(answer) as url:
        options = CallLimits(timeout_s=limits.get("timeout_s", 1000), calls_per_s=0, max_bytes=1000)
        caller = HttpCaller(url, limits=options, monotonic=lambda: float(next(ticks)))
        try:
            return caller.call(GET).body.decode()
        except CallError as error:
            return f"{error.rule}: {error}"


@pytest.mark.parametrize(
    "answer",
    [
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        endless(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        endless(CHUNKED, b"0"),
        endless(CHUNKED + b"1;", b"x"),
    ],
)
def test_server_that_always_sends_something_meets_the_deadline(answer: Answer) -> None:
    """The time-out is for the whole call; each look at this clock takes a second."""
    assert call(answer, timeout_s=4) == "timeout: no answer within 4 s"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (endless(CHUNKED, b"64\r\n" + b"x" * 100 + b"\r\n"), "too-long: the body is longer than"),
        (endless(OK + b"\r\n", b"x"), "too-long: the body is longer than 1000 bytes"),
        (once(CHUNKED + b"5\r\n[1"), "incomplete: the body ends in the middle of a chunk"),
        (once(OK + b"Content-Length: 2\r\n\r\n[]more"), "[]"),
        (once(b"HTTP/1.0 200 OK\r\n\r\n[]"), "[]"),
        (once(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 101 + b"\r\n"), "not-http: the answer is not"),
        (
            once(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70000),
            "not-http: the answer is not HTTP: a line",
        ),
        (
            once(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"[1]")),
            "[1]",
        ),
        (
            once(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 5000)),
            "too-long: the decoded body is too long",
        ),
        (
            once(OK + b"Content-Encoding: gzip\r\n\r\n[]"),
            "content-coding: the body is not in the content coding gzip",
        ),
        (
            once(OK + b"Content-Encoding: odd\r\n\r\n[]"),
            'content-coding: unknown content coding "odd"',
        ),
    ],
)
def test_bodies_and_heads_are_bounded(answer: Answer, expected: str) -> None:
    """What is wrong has a rule of its own; what is only old-fashioned is read."""
    assert call(answer)[: len(expected)] == expected


def test_certificate_that_is_not_trusted_is_named() -> None:
    """With the reason of the TLS library."""
    with (
        LiveServer(Settings(tls=True)) as server,
        pytest.raises(CallError, match=r"no TLS connection: .*certificate") as raised,
    ):
        HttpCaller(server.url).call(GET)
    assert raised.value.rule == "tls"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://[", "this is not a URL"),
        ("http://h:99999", "this is not a URL"),
        ("http://h:x", "this is not a URL"),
        ("http:///x", "is not a URL of a server"),
        ("http://h/?token=secret", "has no query"),
        ("http://h/#secret", "has no query"),
    ],
)
def test_wrong_url_is_reported_without_secrets(url: str, message: str) -> None:
    """It may contain credentials."""
    with pytest.raises(InputError, match=message) as raised:
        HttpCaller(url)
    assert "secret" not in str(raised.value)


def test_wrong_authority_is_reported(tmp_path: Path) -> None:
    """Before the first call, with the name of the file."""
    missing, wrong = tmp_path / "missing.pem", tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    with pytest.raises(InputError, match=r"missing.pem: the file of the authority is missing"):
        HttpCaller("https://h", ca_file=str(missing))
    with pytest.raises(InputError, match=r"wrong.pem: the authority is not a file"):
        HttpCaller("https://h", ca_file=str(wrong))


def echo(connection: socket.socket, request: bytes) -> None:
    """Send the header fields of the request back, as a wrong pet."""
    head = request.decode("latin-1").split("\r\n")
    fields = dict(line.split(": ", 1) for line in head if ": " in line)
    basic = fields["Authorization"].removeprefix("Basic ")
    password = base64.b64decode(basic).decode().partition(":")[2]
    pet = {"id": fields, "name": fields["Authorization"], "status": password, fields["X-Key"]: 1}
    body = json.dumps([pet, {"id": basic, "status": fields["Cookie"]}]).encode()
    key = fields["X-Key"].encode()
    connection.sendall(OK + b"X-Echo: " + key + b"\r\nConnection: close\r\n\r\n" + body)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("password", ["pass", "a longer one", 'quo"te\\d/€'])
def test_credentials_that_a_server_sends_back_are_hidden(
    tmp_path: Path, form: str, password: str
) -> None:
    """In each form of a report, abbreviated or not."""
    pair = base64.b64encode(f"user:{password}".encode()).decode()
    headers = [
        ("Authorization", f"Basic {pair}"),
        ("X-Key", "0123456789-abcdef-the-key"),
        ("Cookie", "sid=the-session-id"),
    ]
    validator = MessageValidator(pets_contract(tmp_path))
    report = Report()
    with raw_server(echo) as url:
        caller = HttpCaller(url, headers, CallLimits(calls_per_s=0))
        for message in ServerCheck(validator, caller, url, CallPlan(samples=0)).run(report):
            assert b"the-key" not in message.response.body
    text = render_report(report, form)
    assert "/id" in text
    for secret in (pair[:12], password, json.dumps(password)[1:-1], "0123456789", "the-session"):
        assert secret not in text

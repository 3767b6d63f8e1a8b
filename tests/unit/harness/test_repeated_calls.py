"""Repeated calls without a socket give the same answers, journal and state as on the whole way."""

import base64
import random
from pathlib import Path
from typing import Any

import pytest

from replay_builders import LIST, Wall, build_stub
from understudy.control import Control
from understudy.control.client import ControlClient
from understudy.harness.repeated_calls import RepeatingHandler
from understudy.messages import Request, Response
from understudy.replay import Stub

SCENARIO = """name: repeated
seed: 7
crowd: {count: 30, running: 20%, failed: 30%, firstId: 1000}
tasks:
  - {id: 1, name: Restart, subtasks: [{name: Stop, runs: [{takes: 3s}]}, {name: Start, runs: [{takes: 5s, ends: FAILED}, {takes: 4s}]}]}
"""
TARGETS = [f"{LIST}/1", f"{LIST}/1000", f"{LIST}/9999", f"{LIST}?size=5", f"{LIST}?size=5&page=2"]


def request(method: str, target: str, user: str = "admin:admin", **fields: str) -> Request:
    """Build a request of a user."""
    credentials = base64.b64encode(user.encode()).decode()
    headers = [("Authorization", f"Basic {credentials}"), *fields.items()]
    return Request.of(method, target, headers=headers)


def records(stub: Stub) -> list[object]:
    """Return the journal as data."""
    return [exchange.to_record() for exchange in stub.world().journal.exchanges()]


def test_random_calls_get_the_answers_of_the_whole_way(tmp_path: Path) -> None:
    """Answers, journal and coverage are equal, whatever happens between the calls."""
    wall, draws = Wall(), random.Random(3)  # noqa: S311 - the order of a test
    known = build_stub(tmp_path, SCENARIO, wall)
    whole = Stub(known.settings, wall=wall, remember=False)
    repeating = RepeatingHandler(known)
    for number in range(600):
        method, target = "GET", draws.choice(TARGETS)
        if draws.random() < 0.05:
            method, target = "POST", f"{LIST}/1/retry"
        if draws.random() < 0.1:
            wall.advance(draws.choice([0.1, 1, 5]))
        if number == 400:
            known.reset("default")
            whole.reset("default")
        user = draws.choice(["admin:admin", "admin+w2:admin", "admin:wrong"])
        message = request(method, target, user)
        assert repeating(message) == whole.handle(message), number
    assert len(known.short_way)
    assert records(known) == records(whole)
    known_coverage, whole_coverage = known.world().coverage(), whole.world().coverage()
    assert known_coverage == whole_coverage


def test_repeated_call_takes_the_short_way(tmp_path: Path) -> None:
    """An equal call is recognised; a call that differs in a field is another one."""
    stub = build_stub(tmp_path, SCENARIO)
    repeating = RepeatingHandler(stub)
    for _ in range(3):
        repeating(request("GET", TARGETS[0]))
    assert len(stub.short_way) == 1
    chinese = repeating(request("GET", f"{LIST}/9999", **{"Accept-Language": "zh-CN"}))
    english = repeating(request("GET", f"{LIST}/9999", **{"Accept-Language": "en-US"}))
    assert chinese.body != english.body


def test_fault_touches_a_known_call(tmp_path: Path) -> None:
    """A rule that is added between two equal calls applies to the second."""
    stub = build_stub(tmp_path, SCENARIO)
    repeating = RepeatingHandler(stub)
    message = request("GET", TARGETS[0])
    assert repeating(message).status == 200
    ControlClient.inside(Control(stub)).add_fault({"fault": {"status": 503}})
    response: Response = repeating(message)
    assert response.status == 503


def test_call_with_a_body_is_not_known(tmp_path: Path) -> None:
    """A GET with a body takes the whole way each time."""
    stub = build_stub(tmp_path, SCENARIO)
    repeating = RepeatingHandler(stub)
    fields = request("GET", TARGETS[0]).headers.fields
    for _ in range(2):
        answer = repeating(Request.of("GET", TARGETS[0], headers=fields, body=b"{}"))
        assert answer.status == 200
    assert not len(stub.short_way)


@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {"operation": "getTaskInstance"},
        {"operation": "listTaskInstances", "query": {"page": "2"}},
        {"status": 404},
        {"path": {"taskInstanceId": "1"}},
    ],
)
def test_count_is_that_of_the_whole_way(criteria: dict[str, Any], tmp_path: Path) -> None:
    """A search sees the same of exchanges that are not built yet."""
    known = build_stub(tmp_path, SCENARIO)
    whole = Stub(known.settings, wall=Wall(), remember=False)
    repeating = RepeatingHandler(known)
    for number in range(40):
        message = request("GET", TARGETS[number % len(TARGETS)])
        repeating(message)
        whole.handle(message)
    counts = [
        ControlClient.inside(Control(stub)).count_requests(**criteria) for stub in (known, whole)
    ]
    assert counts[0] == counts[1]
    matching = ControlClient.inside(Control(known)).find_requests(**criteria)
    assert len(matching["requests"]) == counts[0]["count"]

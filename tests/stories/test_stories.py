"""Runs the stories: each `*.story.yaml` is a sequence of calls to a fresh world.

A step is a request with its expected response, or `advance`: how far the world's virtual clock
moves before the next step.
"""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from replay_builders import Wall
from understudy.config import Settings
from understudy.durations import parse_duration
from understudy.messages import Delivery, Ending, Request, Response, dump_json
from understudy.replay import Stub
from understudy.server import create_app
from understudy.source import read_yaml

HERE = Path(__file__).parent
STORIES = sorted(HERE.glob("*.story.yaml"))
_KEYS = {"request", "as", "headers", "body", "expect", "why"}
_EXPECT = {"status", "headers", "json", "absent", "count", "each", "contains", "text", "delivery"}


@pytest.fixture(scope="session")
def stubs() -> dict[tuple[str, str], Stub]:
    return {}


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.name.removesuffix(".story.yaml"))
def test_story(path: Path, stubs: dict[tuple[str, str], Stub]) -> None:
    """Each step gets the expected response; a story has a world of its own."""
    story = read_yaml(path).data
    assert set(story) <= {"story", "scenario", "dialect", "steps"}, set(story)
    scenario, dialect = story.get("scenario", "demo"), story.get("dialect", "documented")
    name = scenario if "/" not in scenario else str(HERE / scenario)
    stub = stubs.get((name, dialect)) or Stub(
        Settings(scenario=name, dialect=dialect, clock="virtual")
    )
    stubs[name, dialect] = stub
    world = path.name.removesuffix(".story.yaml")
    for number, step in enumerate(story["steps"], 1):
        if "advance" in step:
            assert set(step) <= {"advance", "why"}, f"{path.name}, step {number}: unknown keys"
            stub.world(world).advance(_duration(step["advance"]))
            continue
        assert set(step) <= _KEYS, f"{path.name}, step {number}: unknown keys {set(step) - _KEYS}"
        response = stub.handle(_request(step, world))
        _compare(
            response,
            step["expect"],
            f"{path.name}, step {number}: {step['request']}\n{response.body!r}",
        )


@pytest.fixture(scope="session")
def pairs() -> dict[tuple[str, str], list[Stub]]:
    return {}


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.name.removesuffix(".story.yaml"))
def test_both_ways_answer_alike(path: Path, pairs: dict[tuple[str, str], list[Stub]]) -> None:
    """Each request is sent twice: the second time, one of two stubs may know the answer."""
    story = read_yaml(path).data
    scenario, dialect = story.get("scenario", "demo"), story.get("dialect", "documented")
    name = scenario if "/" not in scenario else str(HERE / scenario)
    settings = Settings(scenario=name, dialect=dialect, clock="virtual")
    if (name, dialect) not in pairs:
        wall = Wall()
        pairs[name, dialect] = [
            Stub(settings, wall=wall, remember=remember) for remember in (True, False)
        ]
    stubs = pairs[name, dialect]
    clients = [create_app(stub=stub).test_client() for stub in stubs]
    world = path.name.removesuffix(".story.yaml")
    for step in story["steps"]:
        if "advance" in step:
            for stub in stubs:
                stub.world(world).advance(_duration(step["advance"]))
        elif "delivery" not in step["expect"]:  # a server would wait
            request = _request(step, world)
            for _ in range(2):
                answers = [_send(client, request) for client in clients]
                assert answers[0] == answers[1], step


def _send(client: FlaskClient, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
    response = client.open(
        request.target, method=request.method, headers=list(request.headers), data=request.body
    )
    return response.status_code, sorted(response.headers), response.data


def _duration(text: str) -> timedelta:
    return parse_duration(text)


def _request(step: dict[str, Any], world: str) -> Request:
    method, _, target = step["request"].partition(" ")
    headers = [("X-Understudy-World", world), *step.get("headers", {}).items()]
    user = step.get("as", "admin:admin")
    if user:
        headers.append(("Authorization", "Basic " + base64.b64encode(user.encode()).decode()))
    body = step.get("body", "")
    if not isinstance(body, str):
        headers.append(("Content-Type", "application/json"))
        body = dump_json(body).decode()
    return Request.of(method, target, headers=headers, body=body.encode())


def _compare(response: Response, expect: dict[str, Any], context: str) -> None:
    assert set(expect) <= _EXPECT, f"unknown expectations {set(expect) - _EXPECT}"
    assert response.status == expect.get("status", 200), context
    for name, value in expect.get("headers", {}).items():
        assert response.headers.get(name) == value, context
    if "text" in expect:
        assert response.body.decode() == expect["text"], context
    if "delivery" in expect:
        assert _delivery(response) == expect["delivery"], context
    for pointer, value in expect.get("json", {}).items():
        assert _look_up(response.json(), pointer) == value, f"{context}\nat {pointer}"
    for pointer in expect.get("absent", []):
        with pytest.raises((KeyError, IndexError)):
            _look_up(response.json(), pointer)
    for pointer, text in expect.get("contains", {}).items():
        assert text in _look_up(response.json(), pointer), f"{context}\nat {pointer}"
    for pointer, count in expect.get("count", {}).items():
        assert len(_look_up(response.json(), pointer)) == count, f"{context}\nat {pointer}"
    for pointer, expected in expect.get("each", {}).items():
        items, _, field = pointer.partition("/*/")
        values = [_look_up(item, f"/{field}") for item in _look_up(response.json(), items)]
        assert values, f"{context}\n{items} is empty"
        allowed = expected if isinstance(expected, list) else [expected]
        assert [value for value in values if value not in allowed] == [], f"{context}\nat {pointer}"


def _delivery(response: Response) -> dict[str, Any]:
    """Return how a response is sent, as stories write it: only what differs from the default."""
    delivery = response.delivery or Delivery()
    fields = {
        "delay": f"{delivery.delay.total_seconds():g}s" if delivery.delay else None,
        "pieces": delivery.chunks if delivery.chunks > 1 else None,
        "over": f"{delivery.spread_over.total_seconds():g}s" if delivery.spread_over else None,
        "ending": delivery.ending.value if delivery.ending is not Ending.WHOLE else None,
        "keep": delivery.sent_bytes if delivery.ending is Ending.TRUNCATE else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _look_up(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value

"""The short way gives the same bytes as the whole way, whatever happens between the calls.

Two applications of the same scenario and wall clock get the same calls: one remembers answers, the
other takes the whole way each time. Responses, journals and coverage are compared.
"""

import base64
import gc
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from replay_builders import LIST, Wall
from understudy.config import Settings
from understudy.replay import Stub
from understudy.replay.world_setup import WorldOptions
from understudy.server import create_app

SCENARIO = """understudy: 1
name: both
seed: 7
clock: {mode: MODE}
accounts:
  admin: {password: admin, permissions: [TASK_MANAGER]}
  viewer: {password: viewer, permissions: [TASK_VIEWER]}
clusters: {meta: {id: 1}}
crowd: {count: 60, running: 10%, failed: 30%, firstId: 1000}
tasks:
  - {id: 1, name: Restart, cluster: meta, subtasks: [{name: Stop, runs: [{takes: 3s}]}, {name: Start, runs: [{takes: 5s, ends: FAILED, log: no route}, {takes: 4s}]}]}
  - {id: 2, name: Backup, at: 20s, subtasks: [{name: Copy, runs: [{takes: 40s}]}]}
  - {id: 3, name: Check, at: -1h, state: FAILED, subtasks: [{name: Look}]}
"""
SAMPLES = """openapi: 3.1.0
info: {title: Numbers, version: "1"}
paths:
  /numbers:
    get:
      operationId: getNumbers
      responses:
        "200":
          description: A number.
          content: {application/json: {schema: {type: object, required: [a], properties: {a: {type: integer, minimum: 0, maximum: 100000}}}}}
"""
TARGETS = [
    *(f"{LIST}/{number}" for number in (1, 2, 3, 1000, 1001, 9999)),
    *(f"{LIST}?page={page}&size={size}" for page in (1, 2, 9) for size in (1, 5, 20)),
    f"{LIST}?status=FAILED&sort=id,asc",
    f"{LIST}?status=RUNNING,FAILED&sort=startTime,desc&size=3",
    f"{LIST}?name=rest",
    f"{LIST}?size=0",
    f"{LIST}?unknown=1",
    f"{LIST}?__code=404",
    f"{LIST}/1/subtasks/1001/log",
    "/api/v2/tasks/nothing",
    "/w/other" + LIST,
    "/w/other" + LIST + "/1",
]
FIELDS: list[dict[str, str]] = [
    {},
    {},
    {"Accept-Language": "zh-CN"},
    {"Origin": "http://localhost:5173"},
    {"Origin": "https://elsewhere.example"},
    {"Prefer": "code=500"},
    {"Cookie": "understudy-world=third"},
    {"X-Understudy-World": "fourth"},
    {"Authorization": "Basic bm9ib2R5Og=="},
    {"Cookie": "session=secret-1234"},
]
USERS = ["admin:admin", "viewer:viewer", "admin+fifth:admin", "admin:wrong"]


class Pair:
    """The two applications."""

    def __init__(self, folder: Path, mode: str, *, crowd: int = 60) -> None:
        self.path = folder / "both.yaml"
        text = SCENARIO.replace("MODE", mode).replace("count: 60", f"count: {crowd}")
        self.path.write_text(text, "utf-8")
        self.wall = Wall()
        settings = Settings(scenario=str(self.path))
        self.stubs = [
            Stub(settings, wall=self.wall, remember=remember) for remember in (True, False)
        ]
        self.clients = [create_app(stub=stub).test_client() for stub in self.stubs]

    def call(self, method: str, target: str, **options: Any) -> tuple[int, list[Any], bytes]:
        """Send a call to both; return the answer, which has to be the same."""
        answers = []
        for client in self.clients:
            with client.open(target, method=method, **options) as response:
                answers.append((response.status_code, sorted(response.headers), response.data))
        assert answers[0] == answers[1], (method, target, options)
        return answers[0]

    def compare_records(self) -> None:
        """Compare journals and coverage of every world."""
        for world in self.stubs[1].worlds():
            twin = self.stubs[0].world(world.name)
            journals = [
                [exchange.to_record() for exchange in candidate.journal.exchanges()]
                for candidate in (twin, world)
            ]
            assert journals[0] == journals[1]
            assert twin.journal.dropped == world.journal.dropped
            assert twin.coverage() == world.coverage()
            assert twin.snapshot() == world.snapshot()


def authorization(user: str) -> str:
    return "Basic " + base64.b64encode(user.encode()).decode()


def control(pair: Pair, chance: random.Random) -> None:
    """Change something: a rule, the clock, a setting, accounts, a task, the dialect, a world."""
    world = chance.choice(["default", "other"])
    prefix = "/__admin" if world == "default" else f"/w/{world}/__admin"
    task = chance.choice([1, 2, 3, 1000, 1003])
    change = chance.randrange(13)
    if change == 0:
        pair.call("POST", f"{prefix}/clock/advance", json={"by": f"{chance.randint(1, 9)}s"})
    elif change == 1:
        rule = {"when": {"operation": "getTaskInstance"}, "reply": {"error": 4001}, "times": 2}
        pair.call("POST", f"{prefix}/replies", json=rule)
    elif change == 2:
        rule = {"when": {"operation": "listTaskInstances"}, "fault": {"status": 503}, "times": 1}
        pair.call("POST", f"{prefix}/faults", json=rule)
    elif change == 3:
        pair.call("DELETE", f"{prefix}/{chance.choice(['replies', 'faults'])}")
    elif change == 4 and chance.random() < 0.3:
        pair.call("POST", f"{prefix}/reset")
    elif change == 5:
        mode = chance.choice(["enforce", "report", "off"])
        pair.call("PATCH", f"{prefix}/settings", json={"validateRequest": mode})
    elif change == 6:
        pair.call("POST", f"{prefix}/clock/{chance.choice(['freeze', 'step'])}")
    elif change == 7:
        pair.call("POST", f"{prefix}/clock/scale", json={"speed": chance.choice([1, 20])})
    elif change == 8:
        headers = {"Authorization": authorization("admin:admin")}
        pair.call("POST", f"{LIST}/{task}/retry", headers=headers)
    elif change == 9:
        name = chance.choice(["SUCCESSFUL", "FAILED", "RUNNING"])
        pair.call("POST", f"{prefix}/tasks/{task}/state", json={"status": name})
    elif change == 10:
        rule = {"fault": {"content-type": "text/html"}, "times": 2}
        pair.call("POST", f"{prefix}/faults", json=rule)
    elif change == 11 and chance.random() < 0.5:
        options = WorldOptions(dialect=chance.choice(["", "observed"]))
        for stub in pair.stubs:
            stub.start_world(world, options)
    elif chance.random() < 0.3:
        text = pair.path.read_text("utf-8").replace("name: Restart", "name: Restarted")
        may = chance.choice(["TASK_VIEWER", "TASK_MANAGER"])
        viewer = f"viewer: {{password: viewer, permissions: [{may}]}}"
        text = re.sub(r"viewer: \{.*\}", viewer, text)
        pair.path.write_text(text, "utf-8")
        for stub in pair.stubs:
            stub.reload()


def run(pair: Pair, calls: int, seed: int) -> None:
    """Send random calls, many of them repeated, and change the world now and then."""
    chance = random.Random(seed)  # noqa: S311 - equal runs, not secrets
    recent: list[tuple[str, dict[str, str]]] = []
    for number in range(calls):
        if chance.random() < 0.06:
            control(pair, chance)
        if chance.random() < 0.3:
            pair.wall.advance(chance.choice([0.1, 1, 1, 3]))
        if recent and chance.random() < 0.75:
            target, headers = chance.choice(recent)
        else:
            target = chance.choice(TARGETS)
            headers = {"Authorization": authorization(chance.choice(USERS))}
            headers |= chance.choice(FIELDS)
            recent = [*recent[-12:], (target, headers)]
        method = chance.choice(["GET"] * 12 + ["HEAD", "OPTIONS"])
        pair.call(method, target, headers=headers)
        if number % 500 == 499:
            pair.compare_records()
    pair.compare_records()


@pytest.mark.parametrize("mode", ["real", "virtual", "per-call"])
def test_both_ways_give_the_same_bytes(tmp_path: Path, mode: str) -> None:
    """Bodies, header fields, journals, coverage and states are equal, call by call."""
    run(Pair(tmp_path, mode), 700, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_both_ways_give_the_same_bytes_for_20_000_calls(tmp_path: Path, seed: int) -> None:
    """The same for 2 000 calls with each of ten seeds."""
    mode = ["real", "virtual", "real", "per-call", "real"][seed % 5]
    run(Pair(tmp_path, mode), 2000, seed=seed + 10)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path, "virtual")


def test_repeated_calls_take_the_short_way(pair: Pair) -> None:
    """The test above would prove nothing if no call took it: polls do, errors and commands not."""
    headers = {"Authorization": authorization("admin:admin")}
    pair.call("GET", f"{LIST}/1", headers=headers)
    assert len(pair.stubs[0].short_way) == 1
    pair.call("GET", f"{LIST}/9999", headers=headers)
    pair.call("POST", f"{LIST}/3/retry", headers=headers)
    pair.call("GET", f"{LIST}/1", headers=headers | {"Prefer": "code=500"})
    assert len(pair.stubs[0].short_way) == 1
    known = next(iter(pair.stubs[0].short_way.calls()))
    assert pair.stubs[0].repeat(known) is not None
    other = pair.stubs[1].world()
    other.call_numbers.take(other.setup)  # `repeat` was a call of the first world alone
    pair.call("POST", "/__admin/faults", json={"fault": {"status": 503}})
    assert pair.stubs[0].repeat(known) is None


def test_another_service_selects_anew(pair: Pair) -> None:
    """A call is not repeated for a service that did not select its world."""
    pair.call("GET", f"{LIST}/1", headers={"Authorization": authorization("admin:admin")})
    known = next(iter(pair.stubs[0].short_way.calls()))
    assert pair.stubs[0].repeat(replace(known, selector=object())) is None


def test_tables_are_bounded(pair: Pair) -> None:
    """Neither many different calls nor large ones make the tables grow without end."""
    stub = pair.stubs[0]
    headers = {"Authorization": authorization("admin:admin")}
    for number in range(5000):
        pair.clients[0].get(f"{LIST}/1?x={number}", headers=headers)
    assert len(stub.short_way) <= 4096


def test_dropped_world_is_freed(pair: Pair) -> None:
    """The table of known calls keeps no world alive, and so no journal."""
    stub = pair.stubs[0]
    headers = {"Authorization": authorization("admin:admin")}
    pair.clients[0].get(f"/w/gone{LIST}/1", headers=headers)
    world = ref(stub.world("gone"))
    stub.drop("gone")
    gc.collect()
    assert world() is None


@pytest.mark.slow
def test_large_bodies_and_secrets_count_alike(tmp_path: Path) -> None:
    """Both ways drop the same exchanges: a body counts as far as the journal saves it."""
    pair = Pair(tmp_path, "virtual", crowd=900)
    headers = {"Authorization": authorization("admin:admin"), "Cookie": f"token={'x' * 4000}"}
    for _ in range(160):
        pair.call("GET", f"{LIST}?size=300", headers=headers)
    pair.compare_records()
    assert pair.stubs[0].world().journal.dropped > 0


def test_restart_with_another_seed_gives_other_samples(tmp_path: Path) -> None:
    """The samples of a contract without a service depend on the seed of the world."""
    path = tmp_path / "dice.yaml"
    path.write_text(SAMPLES, "utf-8")
    bodies = []
    for remember in (True, False):
        stub = Stub(Settings(contract=path), wall=Wall(), remember=remember)
        client = create_app(stub=stub).test_client()
        for seed in (1, 2, 3):
            stub.start_world("default", WorldOptions(seed=seed))
            bodies += [client.get("/numbers").data for _ in range(2)]
    assert bodies[:6] == bodies[6:]
    assert len(set(bodies)) == 3


def test_response_without_body_is_not_repeated(tmp_path: Path) -> None:
    """A 204 has neither a body nor a length, the second time as well."""
    path = tmp_path / "empty.yaml"
    path.write_text(SAMPLES.replace('"200"', '"204"'), "utf-8")
    client = create_app(stub=Stub(Settings(contract=path), wall=Wall())).test_client()
    for _ in range(2):
        response = client.get("/numbers")
        assert (response.status_code, response.data) == (204, b"")
        assert "Content-Length" not in response.headers


def test_restart_replaces_the_setup(pair: Pair) -> None:
    """A call that began before a restart begins again, also when the options are the same."""
    stub = pair.stubs[0]
    setup = stub.start_world("default", WorldOptions()).setup
    assert stub.start_world("default", WorldOptions()).setup is not setup

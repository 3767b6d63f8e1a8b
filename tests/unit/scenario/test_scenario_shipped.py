"""What every scenario that ships must have, and what some of them promise."""

import base64
import json
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from scenario_builders import SHIPPED, contract
from understudy.config import Settings
from understudy.messages import Request, Response
from understudy.ocp import Task, find_contradictions
from understudy.replay import Stub, World
from understudy.scenario import find_scenario, load_scenario
from understudy.source import read_yaml

ROOT = Path(__file__).resolve().parents[3]
MUST_SHIP = {
    "demo",
    "reinstall-agent-fails-once",
    "upgrade",
    "rollback-succeeds",
    "rollback-fails",
    "rollback-prohibited",
    "cancel-hanging",
    "timeout",
    "long-log",
    "empty",
    "crowd",
    "big-ids",
    "names",
    "throttled",
}
LIST = "/api/v2/tasks/instances"
each_shipped = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)


@cache
def stub(name: str) -> Stub:
    """A stub on a virtual clock that plays a shipped scenario; each test takes a world of its own."""
    return Stub(Settings(scenario=name, clock="virtual"))


def get(name: str, target: str, world: str) -> Response:
    """What the admin is answered."""
    user = base64.b64encode(b"admin:admin").decode()
    headers = [("X-Understudy-World", world), ("Authorization", f"Basic {user}")]
    return stub(name).handle(Request.of("GET", target, headers=headers))


@cache
def told_scenarios() -> set[str]:
    """The scenarios that the stories play."""
    stories = sorted((ROOT / "tests/stories").glob("*.story.yaml"))
    return {read_yaml(path).data.get("scenario", "demo") for path in stories}


def test_what_must_ship_does() -> None:
    """Each scenario that was promised; more are welcome."""
    assert {path.stem for path in SHIPPED} >= MUST_SHIP


@each_shipped
def test_it_has_no_problems(path: Path) -> None:
    """The contract is judged too. It is found by its name, which is that of its file."""
    scenario = load_scenario(path, contract=contract())
    assert scenario.name == path.stem
    assert find_scenario(scenario.name) == path
    assert path.stat().st_size < 400_000


@each_shipped
def test_it_says_what_it_shows(path: Path) -> None:
    """In a sentence or two; the editor knows its schema; a manager and a viewer may log on."""
    scenario = load_scenario(path)
    assert len(scenario.description) >= 40
    head = "# yaml-language-server: $schema=../src/understudy/scenario/scenario.schema.json\n"
    assert path.read_text("utf-8").startswith(head)
    assert {"admin", "viewer"} <= set(scenario.accounts)


@each_shipped
def test_a_story_tells_it(path: Path) -> None:
    """At least one."""
    assert path.stem in told_scenarios()


@each_shipped
def test_no_contradiction_in_ten_minutes(path: Path) -> None:
    """At the start and after each minute, in no task. A task that did not change was looked at already."""
    world = stub(path.stem).world("minutes")
    seen: dict[int, Task] = {}
    for minute in range(11):
        found = [
            f"minute {minute}, task {task.id}: {contradiction.detail}"
            for task in looked_at(world, seen)
            for contradiction in find_contradictions(task)
        ]
        assert found == []
        world.advance(timedelta(minutes=1))


def looked_at(world: World, seen: dict[int, Task]) -> list[Task]:
    """The tasks that are different from when they were seen."""
    model = world.model()
    tasks = [
        model.tasks[i]
        for i in model.tasks
        if i not in seen or model.tasks.changed.get(i) not in (None, seen[i])
    ]
    seen.update((task.id, task) for task in tasks)
    return tasks


@each_shipped
def test_its_tour_leads_somewhere(path: Path) -> None:
    """Each address that the banner shows answers 200: list, task and log; an empty platform has the list only."""
    targets = [target for _, target in stub(path.stem).example_calls()]
    assert targets[0] == LIST
    assert len(targets) == (1 if path.stem == "empty" else 3)
    assert {target: get(path.stem, target, "tour").status for target in targets} == dict.fromkeys(
        targets, 200
    )


@pytest.mark.parametrize(
    ("second", "lines"),
    [(0, 0), (3, 0), (4, 0), (5, 5), (6, 10), (64, 300), (303.9, 1499), (604, 2999), (3600, 2999)],
)
def test_the_long_log_grows(second: float, lines: int) -> None:
    """Five lines a second from the fourth on: a look at any moment gives as many, in order, and nothing ahead."""
    name = f"log-{second}"
    stub("long-log").world(name).advance(timedelta(seconds=second))
    log = get("long-log", f"{LIST}/35000317/subtasks/13000531/log", name).json()["data"]["log"]
    blocks = [
        line.partition("  : block ")[2].partition("/")[0]
        for line in log.splitlines()
        if "  : block " in line
    ]
    assert blocks == [str(number) for number in range(1, lines + 1)]


def test_big_ids_are_written_digit_by_digit() -> None:
    """As the bytes of the body have them: JSON numbers without a point, an exponent or quotes."""
    body = get("big-ids", f"{LIST}?sort=id,asc", "bytes").body
    told = json.loads(
        body, parse_int=str, parse_float=lambda text: pytest.fail(f"{text} is no integer")
    )
    assert [task["id"] for task in told["data"]["contents"]] == [
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740995",
        "9223372036854775807",
    ]
    for number in (
        b"9007199254740993",
        b"9223372036854775807",
        b"9223372036854775806",
        b"9223372036854775805",
    ):
        assert b":" + number + b"," in body
        assert b'"' + number not in body


def test_the_crowd_is_sorted_by_name() -> None:
    """Over all pages; equal names by id."""
    pages = [
        get("crowd", f"{LIST}?sort=name,asc&size=150&page={page}", "sorted").json()["data"]
        for page in range(1, 15)
    ]
    keys = [(task["name"], task["id"]) for page in pages for task in page["contents"]]
    assert (len(keys), len(pages[-1]["contents"])) == (2000, 50)
    assert keys == sorted(keys)

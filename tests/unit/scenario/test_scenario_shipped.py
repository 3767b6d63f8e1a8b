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
def scenarios_of_stories() -> set[str]:
    """The scenarios that the stories play."""
    stories = sorted((ROOT / "tests/stories").glob("*.story.yaml"))
    return {read_yaml(path).data.get("scenario", "demo") for path in stories}


def test_promised_scenarios_are_shipped() -> None:
    """More scenarios may be shipped."""
    assert {path.stem for path in SHIPPED} >= MUST_SHIP


@each_shipped
def test_shipped_scenario_has_no_problems(path: Path) -> None:
    """It also obeys the contract; its name is the stem of its file."""
    scenario = load_scenario(path, contract=contract())
    assert scenario.name == path.stem
    assert find_scenario(scenario.name) == path
    assert path.stat().st_size < 400_000


@each_shipped
def test_shipped_scenario_has_a_description_and_accounts(path: Path) -> None:
    """It names its schema for editors, and has a manager and a viewer."""
    scenario = load_scenario(path)
    assert len(scenario.description) >= 40
    head = "# yaml-language-server: $schema=../src/understudy/scenario/scenario.schema.json\n"
    assert path.read_text("utf-8").startswith(head)
    assert {"admin", "viewer"} <= set(scenario.accounts)


@each_shipped
def test_shipped_scenario_has_a_story(path: Path) -> None:
    """At least one story uses it."""
    assert path.stem in scenarios_of_stories()


@each_shipped
def test_shipped_tasks_stay_possible_for_ten_minutes(path: Path) -> None:
    """Changed tasks are checked at the start and after each minute."""
    world = stub(path.stem).world("minutes")
    seen: dict[int, Task] = {}
    for minute in range(11):
        contradictions_ = [
            f"minute {minute}, task {task.id}: {contradiction.detail}"
            for task in looked_at(world, seen)
            for contradiction in find_contradictions(task)
        ]
        assert contradictions_ == []
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
def test_addresses_of_the_banner_respond(path: Path) -> None:
    """List, task and log return 200; an empty scenario has the list only."""
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
def test_long_log_grows_by_five_lines_a_second(second: float, lines: int) -> None:
    """At any moment the lines are complete, in order, and not ahead of time."""
    name = f"log-{second}"
    stub("long-log").world(name).advance(timedelta(seconds=second))
    log = get("long-log", f"{LIST}/35000317/subtasks/13000531/log", name).json()["data"]["log"]
    blocks = [
        line.partition("  : block ")[2].partition("/")[0]
        for line in log.splitlines()
        if "  : block " in line
    ]
    assert blocks == [str(number) for number in range(1, lines + 1)]


def test_big_ids_are_exact_in_the_body() -> None:
    """They are JSON numbers without a point, an exponent or quotes."""
    body = get("big-ids", f"{LIST}?sort=id,asc", "bytes").body
    envelope = json.loads(
        body, parse_int=str, parse_float=lambda text: pytest.fail(f"{text} is no integer")
    )
    assert [task["id"] for task in envelope["data"]["contents"]] == [
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


def test_crowd_is_sorted_by_name_over_all_pages() -> None:
    """Equal names are sorted by id."""
    pages = [
        get("crowd", f"{LIST}?sort=name,asc&size=150&page={page}", "sorted").json()["data"]
        for page in range(1, 15)
    ]
    keys = [(task["name"], task["id"]) for page in pages for task in page["contents"]]
    assert (len(keys), len(pages[-1]["contents"])) == (2000, 50)
    assert keys == sorted(keys)

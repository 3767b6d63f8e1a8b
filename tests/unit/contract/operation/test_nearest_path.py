"""The nearest template of a path that matches none, and the steps to find it."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from understudy.contract import NoPath, load_contract
from understudy.contract.operation.nearest_path import MAX_SEGMENTS, NearestPaths
from understudy.contract.operation.path_routing import Router

LIST = "/api/v2/tasks/instances"
TASK = f"{LIST}/{{taskInstanceId}}"
SUBTASK = f"{TASK}/subtasks/{{subtaskInstanceId}}"


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        (f"{LIST}/", LIST),
        (f"{LIST}/1000/", TASK),
        (f"/{LIST}", LIST),
        (f"{LIST}//1000///retry//", f"{TASK}/retry"),
        ("/API/V2/Tasks/instances", LIST),
        (f"{LIST}/1/subTasks/2/Log", f"{SUBTASK}/log"),
        (f"{LIST}/1/sub-tasks/2/log", f"{SUBTASK}/log"),
        (f"{LIST}/1/subtask/2/log", f"{SUBTASK}/log"),
        (f"{LIST}/1/subtasks/2/logs", f"{SUBTASK}/log"),
        (f"{LIST}/1/retri", f"{TASK}/retry"),
        (f"{LIST}.json", LIST),
        ("/api/v1/tasks/instances", LIST),
        ("/api/v1.1/tasks/instances/5/retry", f"{TASK}/retry"),
        ("/api/tasks/instances", LIST),
        ("/api/v2/instances/7", TASK),
        ("/api/v2/x/tasks/instances", LIST),
        (f"{LIST}/1/subtasks/log", f"{SUBTASK}/log"),
        ("/api/v2/tasks", LIST),
        ("/tasks/instances", LIST),
        ("/instances/5/retry", f"{TASK}/retry"),
        ("/ocp/stub/api/v2/tasks/instances/5", TASK),
    ],
)
def test_slip_of_a_path_is_found(path: str, nearest: str) -> None:
    """Slashes, case, a misspelled segment, another version, a segment too few, another prefix."""
    assert load_contract().route("GET", path) == NoPath(path, nearest)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/x",
        "/login",
        "/api",
        "/api/v1/login",
        "/api/v2/compute/hosts",
        f"{LIST}/1000/subtask",
        f"{LIST}/1000/subtasks",
        f"{LIST}/1001/downloadDiagnosis",
        f"{LIST}/1/subtasks/2",
        f"{LIST}/1/nope",
        f"{LIST}/1/retry/nope",
        "/1000",
        "/1/2",
        f"/a/b/c/d/e{LIST}",
        f"{LIST}/1/{'retry' * 100}",
    ],
)
def test_poor_match_is_none(path: str) -> None:
    """Another resource, several templates that are equally near, and variables alone."""
    assert load_contract().route("GET", path) == NoPath(path, "")


def test_variables_alone_are_not_near() -> None:
    """A template that has no literal in common with the path is no suggestion."""
    nearest = NearestPaths(["/{a}/{b}/{c}", "/{tenant}/pets"])
    assert nearest.find("/x/y") == ""
    assert nearest.find("/x/pet") == "/{tenant}/pets"
    assert nearest.find("/x") == ""


def test_root_is_near_to_nothing() -> None:
    """A template without segments is compared with none."""
    nearest = NearestPaths(["/", "/pets"])
    assert [nearest.find(path) for path in ("/", "/a", "/a/b", "/pet")] == ["", "", "", "/pets"]


def test_template_with_a_slash_at_its_end_is_found() -> None:
    """The path without it is another path, but nearly the same."""
    assert Router(["/pets/"]).find_nearest("/pets") == "/pets/"


def test_long_paths_are_near_to_nothing() -> None:
    """A path has at most 256 segments."""
    template = "/a" * MAX_SEGMENTS
    assert NearestPaths([template]).find(template + "/") == template
    assert NearestPaths([f"{template}/a"]).find(f"{template}/a") == ""


def count_calls(call: Callable[[], object]) -> int:
    """Return how many functions of Python and C a call calls."""
    events = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal events
        events += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(None)
    return events


@pytest.mark.parametrize(
    "make_path",
    [
        lambda size: "/a" * size,
        lambda size: "/" + "a" * size,
        lambda size: "/" * size,
        lambda size: "/api/v2/" + "thing" * size + "/5",
        lambda size: "/api/v2/thinx/" + "x/" * size,
    ],
    ids=["segments", "letters", "slashes", "segment", "tail"],
)
def test_steps_are_linear_in_the_path(make_path: Callable[[int], str]) -> None:
    """A path that is twice as long takes at most twice as many steps."""
    router = Router([f"/api/v2/thing{number}/{{id}}" for number in range(100)])
    shorter = count_calls(lambda: router.find_nearest(make_path(2000)))
    assert count_calls(lambda: router.find_nearest(make_path(4000))) <= 2 * shorter


def test_steps_are_linear_in_the_contract() -> None:
    """Eight times as many templates take about eight times as many steps."""
    small, large = (
        Router([f"/api/v2/thing{number}/{{id}}/part{number % 7}" for number in range(count)])
        for count in (100, 800)
    )
    path = "/api/v2/thinx77/5/part3"
    assert (
        0
        < count_calls(lambda: large.find_nearest(path))
        < 10 * count_calls(lambda: small.find_nearest(path))
    )

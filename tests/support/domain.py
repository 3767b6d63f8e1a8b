"""Checks of what is true of every task on the wire.

The rules are those of the guide, written a second time, independently of the engine.
"""

import re
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from typing import Any

from understudy.ocp import (
    CATALOGUE,
    Operation,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
    find_contradictions,
)

NEVER = datetime(2000, 1, 1, tzinfo=UTC)
WAITING = {"PENDING", "READY"}
ACTIVE = {"READY", "RUNNING", "CANCELING"}


def moment(text: str) -> tuple[datetime, str]:
    """Return a moment, and the digits after its seconds: a datetime cannot hold all of them."""
    digits = (
        re.sub(r".*\.|[^0-9].*", "", text.replace("Z", "+00:00").rsplit("+", 1)[0])
        if "." in text
        else ""
    )
    whole = re.sub(r"\.\d+", "", text).replace("Z", "+00:00")
    return datetime.fromisoformat(whole), digits.ljust(9, "0")


def check_task(task: dict[str, Any]) -> None:
    """Assert everything that a task on the wire obeys, in either dialect."""
    subtasks = task["subtasks"]
    by_id = {subtask["id"]: subtask for subtask in subtasks}
    assert len(by_id) == len(subtasks) >= 1
    upstreams = {subtask["id"]: set(subtask["upstreams"]) for subtask in subtasks}
    assert len(list(TopologicalSorter(upstreams).static_order())) == len(upstreams)
    inverse = {i: {j for j, ups in upstreams.items() if i in ups} for i in upstreams}
    assert {subtask["id"]: set(downstreams(subtask)) for subtask in subtasks} == inverse
    assert list(find_contradictions(model(task))) == []
    statuses = {subtask["status"] for subtask in subtasks}
    assert ("finishTime" in task) == (task["status"] != "RUNNING")
    if task["status"] == "FAILED":
        assert "FAILED" in statuses
        assert not statuses & ACTIVE
    for subtask in subtasks:
        check_subtask(subtask)
        check_order(subtask, by_id, task)
    if "finishTime" in task:
        ends = [moment(subtask["finishTime"]) for subtask in subtasks if "finishTime" in subtask]
        assert moment(task["finishTime"]) >= max(ends, default=moment(task["startTime"]))
        assert set(moment(task["finishTime"])[1]) <= set("0123456789")


def check_subtask(subtask: dict[str, Any]) -> None:
    """Assert what holds for one subtask."""
    times = [
        moment(subtask[name])
        for name in ("createTime", "startTime", "finishTime")
        if name in subtask
    ]
    assert times == sorted(times)
    status, operation = subtask["status"], subtask["operation"]
    ran = "startTime" in subtask
    assert ran == ("executor" in subtask)
    assert subtask["runTime"] >= 1
    if status in ("FAILED", "SUCCESSFUL"):
        assert "finishTime" in subtask
    if status in ACTIVE:
        assert "finishTime" not in subtask
    if not ran:
        assert (operation, subtask["runTime"], status in WAITING) == ("EXECUTE", 1, True)
    if subtask["runTime"] > 1:  # tried again: it is not waiting for its first execution
        assert operation != "EXECUTE"


def check_order(
    subtask: dict[str, Any], by_id: dict[int, dict[str, Any]], task: dict[str, Any]
) -> None:
    """Assert that a subtask began after what it waits for, unless that was undone or tried again since."""
    if "startTime" not in subtask or task["operation"] == "ROLLBACK":
        return
    for upstream in subtask["upstreams"]:
        assert moment(by_id[upstream]["finishTime"]) <= moment(subtask["startTime"])


def check_page(page: dict[str, Any]) -> None:
    """Assert that the numbers of a page agree with its contents."""
    numbers, contents = page["page"], page["contents"]
    assert numbers["totalPages"] == -(-numbers["totalElements"] // numbers["size"])
    before = numbers["size"] * (numbers["number"] - 1)
    full = len(contents) == numbers["size"]
    assert not contents or full or before + len(contents) == numbers["totalElements"]


def check_log(log: dict[str, Any]) -> None:
    """Assert that a log is empty, or begins with a banner."""
    assert log["log"] == "" or log["log"].startswith("############{")


def check_error(error: dict[str, Any]) -> None:
    """Assert that an error is one of the catalogue."""
    texts = {(text.status, text.code) for text in CATALOGUE.values()}
    assert (error["status"], error["error"]["code"]) in texts
    assert error["successful"] is False


def downstreams(subtask: dict[str, Any]) -> list[int]:
    """Return the ids of the subtasks after one, by the name of either dialect."""
    ids: list[int] = subtask.get("downstream", subtask.get("downstreams", []))
    return ids


def model(task: dict[str, Any]) -> Task:
    """Return the engine's value for a task on the wire, as far as contradictions need it."""
    subtasks = tuple(
        Subtask(
            id=subtask["id"],
            name=subtask["name"],
            series_id=subtask["seriesId"],
            create_time=NEVER,
            upstreams=tuple(subtask["upstreams"]),
            status=SubtaskStatus(subtask["status"]),
            operation=Operation(subtask["operation"]),
        )
        for subtask in task["subtasks"]
    )
    status, operation = TaskStatus(task["status"]), Operation(task["operation"])
    return Task(task["id"], task["name"], NEVER, subtasks, status=status, operation=operation)

"""The error of every command in every state, in both languages and dialects."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from replay_builders import LIST, build_stub, send
from understudy.replay import Stub

ONE_OF_EACH = """
clock: {mode: virtual, start: 2021-08-25T15:09:31+08:00}
accounts: {admin: {permissions: [TASK_MANAGER]}}
tasks:
  - id: 1
    state: RUNNING
    subtasks:
      - {id: 11, state: RUNNING}
      - {id: 12, state: READY}
      - {id: 13, state: CANCELING}
      - {id: 14, state: FAILED}
      - {id: 15, after: [14], state: PENDING}
      - {id: 16, state: SUCCESSFUL}
  - id: 2
    state: FAILED
    subtasks: [{id: 21, state: SUCCESSFUL}, {id: 22, after: [21], state: FAILED}]
  - {id: 3, state: SUCCESSFUL, subtasks: [{id: 31}]}
  - id: 4
    state: FAILED
    operation: ROLLBACK
    subtasks: [{id: 41}, {id: 42, after: [41], state: FAILED}]
  - {id: 5, state: FAILED, prohibitRollback: true, subtasks: [{id: 51, state: FAILED}]}
"""
SUBTASKS = {
    11: "RUNNING",
    12: "READY",
    13: "CANCELING",
    14: "FAILED",
    15: "PENDING",
    16: "SUCCESSFUL",
}
IN_STATE = {
    "en-US": "The operation is not allowed because the task {0} is in {1} state.",
    "zh-CN": "任务 {0} 处于 {1} 状态，不允许执行该操作。",
}
MISSING = {"en-US": "The task {0} does not exist.", "zh-CN": "任务 {0} 不存在。"}
NO_ROLLBACK = {"en-US": "The task {0} cannot be rolled back.", "zh-CN": "任务 {0} 不允许回滚。"}
ILLEGAL = {
    "en-US": "You must specify a valid value for {0}. Check the parameter and try again.",
    "zh-CN": "参数 {0} 的取值不合法，请检查后重试。",
}

Row = tuple[str, int, int, dict[str, str], tuple[object, ...]]
"""Target of a POST, status, code, the sentence in both languages, what fills it."""


def forbidden_commands() -> list[Row]:
    rows: list[Row] = [
        ("1/retry", 400, 4007, IN_STATE, (1, "RUNNING")),
        ("1/rollback", 400, 4007, IN_STATE, (1, "RUNNING")),
        ("3/retry", 400, 4007, IN_STATE, (3, "SUCCESSFUL")),
        ("3/rollback", 400, 4007, IN_STATE, (3, "SUCCESSFUL")),
        ("4/retry", 400, 4007, IN_STATE, (4, "ROLLBACK")),
        ("4/subtasks/42/retry", 400, 4007, IN_STATE, (42, "ROLLBACK")),
        ("5/rollback", 400, 4009, NO_ROLLBACK, (5,)),
    ]
    for subtask, status in SUBTASKS.items():
        for command, needed in (("retry", "FAILED"), ("skip", "FAILED"), ("cancel", "RUNNING")):
            if status != needed:
                rows.append(
                    (f"1/subtasks/{subtask}/{command}", 400, 4007, IN_STATE, (subtask, status))
                )
    return rows


def invalid_ids() -> list[Row]:
    rows: list[Row] = []
    beyond_64_bits = ("9223372036854775808", "-9223372036854775809")
    for text in ("abc", "1.5", *beyond_64_bits, "1e3", "%31%20", "٣"):
        rows += [
            (f"{text}/retry", 400, 1001, ILLEGAL, ("taskInstanceId",)),
            (f"2/subtasks/{text}/skip", 400, 1001, ILLEGAL, ("subtaskInstanceId",)),
        ]
    for number in (9, 0, -1, 9223372036854775807, -9223372036854775808):
        rows += [
            (f"{number}/rollback", 404, 4001, MISSING, (number,)),
            (f"{number}/subtasks/22/skip", 404, 4001, MISSING, (number,)),
            (f"2/subtasks/{number}/skip", 404, 4001, MISSING, (number,)),
        ]
    # A subtask of another task is missing. A missing id comes before a forbidden state.
    rows += [
        ("2/subtasks/11/cancel", 404, 4001, MISSING, (11,)),
        ("3/subtasks/22/retry", 404, 4001, MISSING, (22,)),
    ]
    return rows


@pytest.fixture(scope="module", params=["documented", "observed"])
def stub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stub:
    """A stub in each dialect; no test here changes its world."""
    return build_stub(tmp_path_factory.mktemp("refusals"), ONE_OF_EACH, dialect=request.param)


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("row", [*forbidden_commands(), *invalid_ids()], ids=lambda row: row[0])
def test_rejected_command_has_the_whole_error_envelope(stub: Stub, row: Row, language: str) -> None:
    """The whole body is checked, except duration and trace."""
    path, status, code, sentence, params = row
    response = send(stub, f"{LIST}/{path}", "POST", Accept_Language=language)
    body: dict[str, Any] = response.json()
    assert (0 < body.pop("duration") < 60, len(body.pop("traceId"))) == (True, 16)
    assert (response.status, body) == (
        status,
        {
            "successful": False,
            "timestamp": "2021-08-25T15:09:31+08:00",
            "status": status,
            "server": "10.0.0.1:8080",
            "error": {"code": code, "message": sentence[language].format(*params)},
        },
    )


def test_rejected_commands_are_not_remembered(stub: Stub) -> None:
    """Rejected commands leave the revision at 0."""
    for row in forbidden_commands():
        send(stub, f"{LIST}/{row[0]}", "POST")
    assert stub.world().state().revision == 0


ALLOWED = [
    ("2/retry", 2, "RUNNING"),
    ("2/rollback", 2, "RUNNING"),
    ("4/rollback", 4, "RUNNING"),
    ("2/subtasks/22/retry", 2, "RUNNING"),
    ("2/subtasks/22/skip", 2, "RUNNING"),
    ("4/subtasks/42/skip", 4, "RUNNING"),
    ("1/subtasks/11/cancel", 1, "RUNNING"),
    ("1/subtasks/14/retry", 1, "RUNNING"),
    ("1/subtasks/14/skip", 1, "RUNNING"),
    ("5/retry", 5, "RUNNING"),
]


@pytest.mark.parametrize(("path", "task", "status"), ALLOWED)
def test_allowed_command_succeeds(stub: Stub, path: str, task: int, status: str) -> None:
    """Together with the forbidden ones, these are every command in every state."""
    world = f"/w/allowed-{path.replace('/', '-')}"
    assert send(stub, f"{world}{LIST}/{path}", "POST").status == 200
    assert send(stub, f"{world}{LIST}/{task}").json()["data"]["status"] == status


def test_every_command_is_in_the_tables() -> None:
    """The tables hold each command in each state: six of subtasks, three of tasks."""
    listed = {row[0] for row in forbidden_commands()} | {path for path, *_ in ALLOWED}
    states = itertools.product(SUBTASKS, ("retry", "skip", "cancel"))
    assert {f"1/subtasks/{subtask}/{command}" for subtask, command in states} <= listed
    assert {
        f"{task}/{command}" for task in (1, 2, 3) for command in ("retry", "rollback")
    } <= listed


@pytest.mark.parametrize("header", ["zh", "zh-TW", "fr, zh;q=0.5", "en;q=0.1, zh-CN;q=0.2"])
def test_every_variant_of_chinese_is_zh_cn(tmp_path: Path, header: str) -> None:
    """Quality values count."""
    stub = build_stub(tmp_path, ONE_OF_EACH)
    message = send(stub, f"{LIST}/9", Accept_Language=header).json()["error"]["message"]
    assert message == "任务 9 不存在。"

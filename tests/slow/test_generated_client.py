"""A client that openapi-python-client generates from the contract calls every operation."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from understudy.live import LiveServer

pytestmark = pytest.mark.slow

FAILED = (
    "{{id: {0}, name: Task {0}, state: FAILED, "
    "subtasks: [{{id: {0}1, name: Step, state: FAILED}}]}}"
)
SCENARIO = f"""\
understudy: 1
name: for-a-generated-client
tasks:
  - {FAILED.format(1)}
  - {FAILED.format(2)}
  - {FAILED.format(3)}
  - {FAILED.format(4)}
  - {{id: 5, name: Task 5, state: RUNNING, subtasks: [{{id: 51, name: Step, state: RUNNING}}]}}
"""
CALLS = {
    "list_task_instances": (),
    "get_task_instance": (1,),
    "get_subtask_log": (1, 11),
    "retry_task": (1,),
    "rollback_task": (2,),
    "retry_subtask": (3, 31),
    "skip_subtask": (4, 41),
    "cancel_subtask": (5, 51),
}
"""The arguments of each of the client's functions."""


@pytest.fixture(scope="module")
def generated_client(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the generated package `ocp_client`."""
    folder = tmp_path_factory.mktemp("generated")
    tools = Path(sys.executable).parent
    command = [
        str(tools / "openapi-python-client"),
        "generate",
        "--meta",
        "none",
        "--path",
        str(root / "openapi.yaml"),
    ]
    command += ["--output-path", str(folder / "ocp_client")]
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"  # the generator calls ruff
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
    )
    assert (done.returncode, "Warning" in done.stdout + done.stderr) == (0, False), (
        done.stdout + done.stderr
    )
    return folder


def test_generated_client_calls_all_operations(
    generated_client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its models parse each response, and commands have the documented effects."""
    monkeypatch.syspath_prepend(str(generated_client))
    functions = {
        path.stem: importlib.import_module(f"ocp_client.api.{path.parent.name}.{path.stem}").sync
        for path in (generated_client / "ocp_client" / "api").rglob("*.py")
        if path.stem != "__init__"
    }
    assert set(functions) == set(CALLS)
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(SCENARIO, "utf-8")
    answers: dict[str, Any] = {}
    with (
        LiveServer(scenario=str(scenario)) as server,
        importlib.import_module("ocp_client").AuthenticatedClient(
            base_url=server.url,
            token="YWRtaW46YWRtaW4=",
            prefix="Basic",
            raise_on_unexpected_status=True,
        ) as client,
    ):
        for name, arguments in CALLS.items():
            answers[name] = functions[name](*arguments, client=client)
        assert {name for name, answer in answers.items() if answer.successful is not True} == set()
        assert [call.operation for call in server.world("default").journal.exchanges()] == [
            "listTaskInstances",
            "getTaskInstance",
            "getSubtaskLog",
            "retryTask",
            "rollbackTask",
            "retrySubtask",
            "skipSubtask",
            "cancelSubtask",
        ]
        # An error is parsed too: into the error envelope.
        assert functions["retry_task"](1, client=client).error.code == 4007
    assert answers["list_task_instances"].data.page.total_elements == 5
    assert [answers[name].data.status.value for name in ("get_task_instance", "retry_task")] == [
        "FAILED",
        "RUNNING",
    ]
    assert answers["rollback_task"].data.operation.value == "ROLLBACK"
    assert answers["retry_subtask"].data.run_time == 1
    assert "{EXECUTE}" in answers["get_subtask_log"].data.log

"""A client generated from the contract by openapi-python-client calls every operation."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from understudy.live import LiveServer

pytestmark = pytest.mark.slow


def test_a_generated_client_calls_all_operations(
    root: Path, tmp_path: Path, live: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer is parsed into the generated models."""
    subprocess.run(
        [
            str(Path(sys.executable).parent / "openapi-python-client"), "generate", "--path", str(root / "openapi.yaml"),
            "--meta", "none", "--output-path", str(tmp_path / "ocp_client"),
        ],
        check=True, cwd=tmp_path, capture_output=True,
    )  # fmt: skip
    monkeypatch.syspath_prepend(str(tmp_path))
    client = importlib.import_module("ocp_client").AuthenticatedClient(
        base_url=f"{live.url}/w/generated", token="YWRtaW46YWRtaW4=", prefix="Basic", raise_on_unexpected_status=True
    )
    modules = {path.stem: path for path in (tmp_path / "ocp_client" / "api").rglob("*.py") if path.stem != "__init__"}
    folder = next(iter({path.parent.name for path in modules.values()})) if modules else ""

    def call(name: str, *arguments: int) -> object:
        package = modules[name].parent.name
        module = importlib.import_module(f"ocp_client.api.{package}.{name}")
        answer = module.sync(*arguments, client=client)
        assert answer is not None, name
        assert answer.successful is True, (name, answer)
        return answer

    assert folder
    assert len(modules) == 8, sorted(modules)
    page = call("list_task_instances")
    assert page.data.page.total_elements >= 30  # type: ignore[attr-defined]
    task = call("get_task_instance", 35000312)
    failed = next(s for s in task.data.subtasks if s.status == "FAILED")  # type: ignore[attr-defined]
    assert "{" in call("get_subtask_log", 35000312, failed.id).data.log  # type: ignore[attr-defined]
    call("retry_subtask", 35000312, failed.id)
    remaining = {"retry_task": False, "rollback_task": False, "skip_subtask": False, "cancel_subtask": False}
    contents = [
        item
        for number in (1, 2, 3, 4, 5)
        for item in _page(modules, client, number)
    ]  # fmt: skip
    for item in contents:
        subtask = next((s for s in item.subtasks if s.status in ("FAILED", "RUNNING")), None)
        if item.status == "FAILED" and subtask is not None:
            name = next((n for n in ("retry_task", "skip_subtask", "rollback_task") if not remaining[n]), "")
            if name and (name != "rollback_task" or not call("get_task_instance", item.id).data.prohibit_rollback):  # type: ignore[attr-defined]
                call(name, item.id, *([subtask.id] if name.endswith("subtask") else []))
                remaining[name] = True
        elif subtask is not None and subtask.status == "RUNNING" and not remaining["cancel_subtask"]:
            call("cancel_subtask", item.id, subtask.id)
            remaining["cancel_subtask"] = True
    assert all(remaining.values()), remaining


def _page(modules: dict[str, Path], client: object, number: int) -> list[object]:
    name = "list_task_instances"
    module = importlib.import_module(f"ocp_client.api.{modules[name].parent.name}.{name}")
    return list(module.sync(client=client, page=number).data.contents)

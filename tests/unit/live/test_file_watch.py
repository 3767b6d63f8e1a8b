"""Files that are saved while the server runs are reloaded."""

import logging
import os
from pathlib import Path

import pytest
import requests

from understudy.config import Settings
from understudy.live import LiveServer
from understudy.live.file_watch import FileWatcher
from understudy.replay import Stub

LIST = "/api/v2/tasks/instances"
AUTH = ("admin", "admin")


def save_scenario(path: Path, name: str) -> None:
    """Write to a new file and move it, as editors do."""
    beside = path.with_suffix(".new")
    beside.write_text(f"understudy: 1\ntasks: [{{id: 1, name: {name}}}]\n", "utf-8")
    os.replace(beside, path)


def build_stub(path: Path) -> Stub:
    save_scenario(path, "Old")
    return Stub(Settings(scenario=str(path)))


def task_name(stub: Stub) -> str:
    return str(stub.world().model().tasks[1].name)


def test_saved_file_is_reloaded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The reload is logged. A check without changes does nothing."""
    stub = build_stub(path := tmp_path / "s.yaml")
    watcher = FileWatcher(stub)
    assert not watcher.check_files()
    save_scenario(path, "New")
    with caplog.at_level(logging.WARNING, "understudy"):
        assert watcher.check_files()
    assert (task_name(stub), stub.reload_status.count) == ("New", 1)
    assert f"{path} was saved and reloaded" in caplog.text
    assert not watcher.check_files()


def test_problems_of_a_saved_file_are_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """They have their lines. The old scenario stays until the file is good again."""
    stub = build_stub(path := tmp_path / "s.yaml")
    watcher = FileWatcher(stub)
    path.write_text("understudy: 1\ntaks: []\n", "utf-8")
    with caplog.at_level(logging.ERROR, "understudy"):
        assert watcher.check_files()
    assert f'{path}:2:1: unknown key "taks". Did you mean "tasks"?' in caplog.text
    assert task_name(stub) == "Old"
    save_scenario(path, "Better")
    assert watcher.check_files()
    assert task_name(stub) == "Better"


def test_missing_file_is_awaited(tmp_path: Path) -> None:
    """An editor may delete a file before it writes the new one."""
    stub = build_stub(path := tmp_path / "s.yaml")
    watcher = FileWatcher(stub)
    path.unlink()
    assert not watcher.check_files()
    save_scenario(path, "New")
    assert watcher.check_files()
    assert task_name(stub) == "New"


def test_deleted_file_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Once, in the second check that does not find it; and once when it is there again."""
    stub = build_stub(path := tmp_path / "s.yaml")
    watcher = FileWatcher(stub)
    moved = path.rename(tmp_path / "moved.yaml")
    lines: list[list[str]] = []
    for _ in range(3):
        assert not watcher.check_files()
        lines.append([*caplog.messages])
    assert lines[0] == []
    expected = f"{path} is missing; nothing changes until it is there again"
    assert lines[1] == lines[2] == [expected]
    moved.rename(path)
    for _ in range(2):
        assert not watcher.check_files()
    assert caplog.messages == [expected, f"{path} is there again"]


def test_file_saved_before_the_first_check_is_reloaded(tmp_path: Path) -> None:
    """So is a file that a world started to use between two checks."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    stub = Stub(Settings(scenario="empty", scenarios=folder))
    watcher = FileWatcher(stub)
    save_scenario(folder / "mine.yaml", "Old")
    stub.activate("w", "mine")
    save_scenario(folder / "mine.yaml", "New")
    assert watcher.check_files()
    assert stub.world("w").model().tasks[1].name == "New"


def test_rejected_commands_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each has a line with its world."""
    path = tmp_path / "s.yaml"
    path.write_text("understudy: 1\ntasks: [{id: 1, state: FAILED}]\n", "utf-8")
    stub = Stub(Settings(scenario=str(path)))
    stub.world("w").command({"operation": "retryTask", "task": 1, "subtask": None})
    watcher = FileWatcher(stub)
    path.write_text("understudy: 1\ntasks: [{id: 1, state: SUCCESSFUL}]\n", "utf-8")
    with caplog.at_level(logging.WARNING, "understudy"):
        assert watcher.check_files()
    assert "world w: retryTask is rejected now" in caplog.text


@pytest.mark.timeout(60)
def test_live_server_watches_its_files(tmp_path: Path) -> None:
    """A client that polls sees the saved file."""
    path = tmp_path / "s.yaml"
    save_scenario(path, "Old")
    with LiveServer(scenario=str(path), watch=True) as server:
        url = f"{server.url}{LIST}/1"
        assert requests.get(url, auth=AUTH, timeout=10).json()["data"]["name"] == "Old"
        save_scenario(path, "New")
        while requests.get(url, auth=AUTH, timeout=10).json()["data"]["name"] != "New":
            pass  # the test's own time limit ends this
        assert (
            requests.get(f"{server.url}/__admin/health", timeout=10).json()["reload"]["count"] == 1
        )

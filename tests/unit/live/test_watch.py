"""Files that are saved while the server runs."""

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


def write(path: Path, name: str) -> None:
    """Write as editors do: beside, then moved into place."""
    beside = path.with_suffix(".new")
    beside.write_text(f"understudy: 1\ntasks: [{{id: 1, name: {name}}}]\n", "utf-8")
    os.replace(beside, path)


def stub_of(path: Path) -> Stub:
    write(path, "Old")
    return Stub(Settings(scenario=str(path)))


def name_of(stub: Stub) -> str:
    return str(stub.world().model().tasks[1].name)


def test_a_saved_file_is_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And said on the console; a look that finds nothing does nothing."""
    stub = stub_of(path := tmp_path / "s.yaml")
    watcher = FileWatcher(stub)
    assert not watcher.check_files()
    write(path, "New")
    with caplog.at_level(logging.WARNING, "understudy"):
        assert watcher.check_files()
    assert (name_of(stub), stub.reload_status.count) == ("New", 1)
    assert f"{path} was saved, and is served now" in caplog.text
    assert not watcher.check_files()


def test_a_broken_file_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With its line; what was served goes on, and the next good one is taken."""
    stub = stub_of(path := tmp_path / "s.yaml")
    watcher = FileWatcher(stub)
    path.write_text("understudy: 1\ntaks: []\n", "utf-8")
    with caplog.at_level(logging.ERROR, "understudy"):
        assert watcher.check_files()
    assert f'{path}:2:1: unknown key "taks". Did you mean "tasks"?' in caplog.text
    assert name_of(stub) == "Old"
    write(path, "Better")
    assert watcher.check_files()
    assert name_of(stub) == "Better"


def test_a_file_that_is_away_is_waited_for(tmp_path: Path) -> None:
    """An editor may take it away before it puts the new one there."""
    stub = stub_of(path := tmp_path / "s.yaml")
    watcher = FileWatcher(stub)
    path.unlink()
    assert not watcher.check_files()
    write(path, "New")
    assert watcher.check_files()
    assert name_of(stub) == "New"


def test_a_file_is_taken_that_was_saved_before_anybody_looked(tmp_path: Path) -> None:
    """Also one that a world began to play between two looks."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    stub = Stub(Settings(scenario="empty", scenarios=folder))
    watcher = FileWatcher(stub)
    write(folder / "mine.yaml", "Old")
    stub.activate("w", "mine")
    write(folder / "mine.yaml", "New")
    assert watcher.check_files()
    assert stub.world("w").model().tasks[1].name == "New"


def test_refused_commands_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One line for each, with its world."""
    path = tmp_path / "s.yaml"
    path.write_text("understudy: 1\ntasks: [{id: 1, state: FAILED}]\n", "utf-8")
    stub = Stub(Settings(scenario=str(path)))
    stub.world("w").command({"operation": "retryTask", "task": 1, "subtask": None})
    watcher = FileWatcher(stub)
    path.write_text("understudy: 1\ntasks: [{id: 1, state: SUCCESSFUL}]\n", "utf-8")
    with caplog.at_level(logging.WARNING, "understudy"):
        assert watcher.check_files()
    assert "world w: retryTask is refused now" in caplog.text


@pytest.mark.timeout(60)
def test_a_server_watches(tmp_path: Path) -> None:
    """A page that asks again sees what was saved."""
    path = tmp_path / "s.yaml"
    write(path, "Old")
    with LiveServer(scenario=str(path), watch=True) as server:
        url = f"{server.url}{LIST}/1"
        assert requests.get(url, auth=AUTH, timeout=10).json()["data"]["name"] == "Old"
        write(path, "New")
        while requests.get(url, auth=AUTH, timeout=10).json()["data"]["name"] != "New":
            pass  # the test's own time limit ends this
        assert (
            requests.get(f"{server.url}/__admin/health", timeout=10).json()["reload"]["count"] == 1
        )

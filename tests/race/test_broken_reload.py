"""Reloads of a file that is broken most of the time: every call sees one whole good version."""

import os
import random
import threading
from pathlib import Path

import pytest

from reliability import scale, show_figure
from replay_builders import LIST, send
from understudy.config import Settings
from understudy.live.file_watch import FileWatcher
from understudy.replay import Stub

READERS = 3
SCENARIO = """understudy: 1
tasks:
  - {{id: 1, name: "v{n}", state: FAILED, subtasks: [{{id: 11, state: FAILED}}]}}
  - {{id: 2, name: "v{n}", state: FAILED, subtasks: [{{id: 21, state: FAILED}}]}}
"""
BOMB = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10))


def write_broken(path: Path, text: str, rng: random.Random) -> str:
    """Break the file in one of many ways, and return which."""
    kind = rng.choice(
        ["syntax", "key", "half", "empty", "deleted", "renamed", "link", "bomb", "bytes", "folder"]
    )
    match kind:
        case "syntax":
            path.write_text(text + "  - {", "utf-8")
        case "key":
            path.write_text(text + "unknown: 1\n", "utf-8")
        case "half":  # within the braces of a task
            path.write_text(text[: text.index("FAILED") + rng.randint(0, 3)], "utf-8")
        case "empty":
            path.write_text("", "utf-8")
        case "deleted":
            path.unlink()
        case "renamed":
            path.rename(path.with_suffix(".old"))
        case "link":
            path.unlink()
            path.symlink_to(path.parent / "nothing.yaml")
        case "bomb":
            path.write_text(f"{text}a0: &a0 [x]\n{BOMB}\n", "utf-8")
        case "bytes":
            path.write_bytes(b"\xff\xfe" + text.encode())
        case _:
            path.unlink()
            path.mkdir()
    return kind


def remove(path: Path) -> None:
    """Remove whatever is there."""
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def write_good(path: Path, text: str, rng: random.Random) -> None:
    """Write a good version in place, or by a rename as editors do."""
    if path.is_file() and rng.random() < 0.5:
        path.write_text(text, "utf-8")
        return
    new = path.with_suffix(".new")
    new.write_text(text, "utf-8")
    if path.is_dir():
        path.rmdir()
    os.replace(new, path)


class Readers:
    """Threads that call all the time, and check what they see."""

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.calls = 0
        self.errors: list[str] = []
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(READERS)]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        last, calls = 0, 0
        while not self._done.is_set() or calls < 10:
            answer = send(self.stub, LIST)
            calls += 1
            names = {task["name"] for task in answer.json()["data"]["contents"]}
            version = int(min(names, default="v0")[1:])
            if answer.status != 200 or len(names) != 1 or version < last:
                self.errors.append(f"{answer.status}: {names} after v{last}")
            last = version
        self.calls += calls


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "writes", [pytest.param(15, id="short"), pytest.param(150, id="long", marks=pytest.mark.slow)]
)
def test_broken_file_is_never_served(tmp_path: Path, writes: int) -> None:
    """Six of ten writes break the file; each good version is served at once, each other one is reported."""
    path, rng = tmp_path / "scenario.yaml", random.Random(1)  # noqa: S311 - no secure numbers are needed
    path.write_text(SCENARIO.format(n=1), "utf-8")
    stub = Stub(Settings(scenario=str(path), clock="virtual", cache=False))
    watcher, good, broken = FileWatcher(stub), 1, 0
    with Readers(stub) as readers:
        for _ in range(scale(writes, 2000)):
            if rng.random() < 0.6:
                remove(path.with_suffix(".old"))
                if not path.is_file():
                    remove(path)
                    path.write_text(SCENARIO.format(n=good), "utf-8")
                write_broken(path, SCENARIO.format(n=good + 1), rng)
                broken += 1
                watcher.check_files()
            else:
                good += 1
                write_good(path, SCENARIO.format(n=good), rng)
                watcher.check_files()
                assert stub.reload_status.problems == ()
                assert f'"v{good}"' in send(stub, LIST).body.decode()
    assert readers.errors == []
    show_figure(
        4, f"{good} good and {broken} broken versions, {readers.calls} calls: none saw another one"
    )

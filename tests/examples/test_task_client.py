"""The sample downstream project: its own tests pass, as a team would run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import understudy

PROJECT = Path(__file__).parents[2] / "examples" / "task-client"


def test_the_sample_project_passes(tmp_path: Path) -> None:
    """On two workers, every warning an error, in a process that sees nothing of our own configuration."""
    command = [sys.executable, "-m", "pytest", "-n", "2", "-W", "error", "--strict-markers", "-q"]
    command += ["-p", "no:cacheprovider", "-p", "no:schemathesis", "-o", f"ocp_failures={tmp_path}"]
    here = {"PYTHONPATH": str(Path(understudy.__file__).parents[1])}
    ours = (
        "PYTEST_",
        "PYTHONDONTWRITEBYTECODE",
    )  # workers that compile and rewrite everything anew take ten seconds
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(ours)
    } | here
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_sample_project_is_typed() -> None:
    """mypy finds nothing in it, strictly: what the fixtures give has types that its users can lean on."""
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file=",
        "--strict",
        "--ignore-missing-imports",
    ]
    command += ["--follow-imports=silent", "src", "tests"]
    source = str(Path(understudy.__file__).parents[1])
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(["src", source])}
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sample_project_shows_each_thing_once() -> None:
    """About twenty tests, which together use all that the fixtures are good for."""
    text = "\n".join(path.read_text("utf-8") for path in sorted((PROJECT / "tests").glob("*.py")))
    shown = (
        *(
            "as_(",
            "access_key",
            "address",
            "advance_until",
            "assert_called",
            "assert_not_called",
            "background(",
        ),
        *(
            "calls",
            "clock.advance",
            "expect_violation",
            "fault(",
            "httpx()",
            "mark.ocp(scenario",
            "mark.ocp(strict",
        ),
        *(
            "must=True",
            "ocp_server.world",
            "reply(",
            "requests()",
            "serving(",
            "subtask(",
            "task(",
            "wait_for(",
        ),
    )
    assert [name for name in shown if name not in text] == []
    assert 20 <= text.count("def test_") <= 25

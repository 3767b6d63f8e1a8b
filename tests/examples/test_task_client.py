"""The sample project: its tests pass as a team would run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import understudy

PROJECT = Path(__file__).parents[2] / "examples" / "task-client"


@pytest.mark.slow
def test_sample_project_passes(tmp_path: Path) -> None:
    """It runs on two workers with every warning an error, without the configuration of this repository."""
    command = [sys.executable, "-m", "pytest", "-n", "2", "-W", "error", "--strict-markers", "-q"]
    command += ["-p", "no:cacheprovider", "-p", "no:schemathesis", "-o", f"ocp_failures={tmp_path}"]
    here = {"PYTHONPATH": str(Path(understudy.__file__).parents[1])}
    ours = (
        "PYTEST_",
        "PYTHONDONTWRITEBYTECODE",
    )  # without caches, the workers take ten seconds to start
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(ours)
    } | here
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_sample_project_has_no_type_errors() -> None:
    """mypy in strict mode accepts it, so users can rely on the types of the fixtures."""
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


def test_sample_project_shows_every_feature() -> None:
    """Its twenty tests use every feature of the fixtures."""
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
    assert [feature for feature in shown if feature not in text] == []
    assert 20 <= text.count("def test_") <= 25

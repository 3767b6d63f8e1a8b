"""The plugin with the oldest supported pytest, and with the newest one before the current."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PLUGIN_TESTS = (
    "tests/unit/plugin/test_plugin_strict.py",
    "tests/unit/plugin/test_plugin_failures.py",
)


@pytest.mark.parametrize("version", ["==8.0.2", "<9"])
def test_plugin_works_with_another_pytest(root: Path, tmp_path: Path, version: str) -> None:
    """Its own tests pass, including the whole texts of failures."""
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
    ]
    subprocess.run([*install, str(tmp_path / "site"), f"pytest{version}"], check=True, timeout=300)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",
        *PLUGIN_TESTS,
    ]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "--version"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.stdout.startswith("pytest 8."), process.stdout

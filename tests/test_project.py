"""The files around the code agree with each other: versions, changelog, CI, hooks, make targets."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import understudy

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))


def load_yaml(name: str) -> Any:
    """Return the data of a YAML file of the repository."""
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_version_is_the_newest_of_the_changelog() -> None:
    """Package, pyproject.toml and changelog name one version; what comes next stands above it."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## (.+)$", text, re.M)
    assert headings[0] == "Unreleased"
    version = PROJECT["project"]["version"]
    assert re.fullmatch(rf"{re.escape(version)} - \d{{4}}-\d\d-\d\d", headings[1])
    assert understudy.__version__ == version


def test_changelog_has_known_sections() -> None:
    """The sections are those of Keep a Changelog."""
    sections = re.findall(r"^### (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert set(sections) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_ci_runs_each_supported_python() -> None:
    """The matrix has the versions of the classifiers; one more is allowed to fail."""
    matrix = load_yaml(".github/workflows/ci.yml")["jobs"]["tests"]["strategy"]["matrix"]
    classifiers = "\n".join(PROJECT["project"]["classifiers"])
    supported = re.findall(r"Python :: (3\.\d+)$", classifiers, re.M)
    assert matrix["python"] == supported
    assert [entry["experimental"] for entry in matrix["include"]] == [True]


def test_ci_runs_targets_of_make() -> None:
    """Each step that runs `make` names a target of the Makefile."""
    jobs = load_yaml(".github/workflows/ci.yml")["jobs"].values()
    runs = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    assert runs
    assert {run.split()[1] for run in runs} <= TARGETS


def test_contributing_names_targets_of_make() -> None:
    """Each `make TARGET` of the page exists."""
    named = {
        a or b for a, b in re.findall(r"^ *make ([a-z-]+)|`make ([a-z-]+)", CONTRIBUTING, re.M)
    }
    assert {"check", "coverage", "docs", "release"} <= named <= TARGETS


def test_contributing_names_paths_that_exist() -> None:
    """Each path in code of the page is a file or folder of the repository."""
    paths = re.findall(r"`((?:src|tests|docs|benchmarks|examples)/[\w./-]+)`", CONTRIBUTING)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("hook", load_yaml(".pre-commit-config.yaml")["repos"][0]["hooks"], ids=str)
def test_hooks_use_installed_tools(hook: dict[str, Any]) -> None:
    """A hook runs a tool of the group dev, so that nothing is fetched."""
    tool = hook["entry"].split()[0]
    assert tool.startswith(".venv/bin/")
    names = [name for name in PROJECT["dependency-groups"]["dev"] if isinstance(name, str)]
    assert any(name.startswith(Path(tool).name) for name in names)


@pytest.mark.parametrize("name", ["bug.yml", "feature.yml"])
def test_issue_forms_have_fields(name: str) -> None:
    """A form has a name, a description, and fields with unique ids."""
    form = load_yaml(f".github/ISSUE_TEMPLATE/{name}")
    ids = [field["id"] for field in form["body"]]
    assert form["name"]
    assert form["description"]
    assert ids
    assert len(ids) == len(set(ids))


def run_pytest(*setup: str) -> subprocess.CompletedProcess[str]:
    """List the tests of a small module without any plugin, after some statements."""
    arguments = ["--collect-only", "-q", "tests/unit/test_durations.py"]
    code = "\n".join(["import sys, pytest", *setup, f"sys.exit(pytest.main({arguments}))"])
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pytest_alone_runs_the_tests() -> None:
    """No option or setting needs a plugin: pytest-timeout, pytest-xdist, pytest-cov may be missing."""
    done = run_pytest()
    assert done.returncode == 0, done.stdout + done.stderr


def test_missing_package_is_named() -> None:
    """The message has the package and the command that installs it."""
    done = run_pytest("sys.modules['requests'] = None")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "the tests need requests; run: python -m pip install" in done.stderr

"""The GitHub Action and the hooks of pre-commit: their steps run, their commands exist."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from traffic_builders import PETS, har, har_entry


@pytest.fixture(scope="module")
def action(root: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((root / "action.yml").read_text("utf-8"))
    return data


def run_step(
    action: dict[str, Any], name: str, folder: Path, **inputs: str
) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as GitHub does: in bash, with its variables filled in."""
    defaults = {key: value.get("default", "") for key, value in action["inputs"].items()}
    [step] = [step for step in action["runs"]["steps"] if step.get("name") == name]
    values = {**defaults, **inputs}
    variables = {}
    for key, text in step["env"].items():
        for name_of_input, value in values.items():
            text = text.replace(f"${{{{ inputs.{name_of_input} }}}}", value)
        variables[key] = text
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**os.environ, **variables, "PATH": path, "PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_package_is_installed(action: dict[str, Any], tmp_path: Path) -> None:
    """pip finds that this package is there already."""
    done = run_step(action, "Install", tmp_path, package="understudy")
    assert (done.returncode, done.stderr) == (0, "")


def test_findings_are_annotations(action: dict[str, Any], tmp_path: Path) -> None:
    """The exit code is that of the command."""
    (tmp_path / "pets.yaml").write_text(PETS)
    (tmp_path / "a b.har").write_bytes(har(har_entry("/v1/pets/1", {"id": "1", "name": "Rex"})))
    arguments = "'a b.har' --contract pets.yaml"
    done = run_step(action, "Run", tmp_path, command="validate", arguments=arguments)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=a b.har,title=type::GET /v1/pets/1 -> 200: /id")


@pytest.mark.parametrize(
    ("command", "arguments", "code", "start"),
    [
        ("lint", "pets.yaml", 0, ""),
        ("diff", "pets.yaml pets.yaml", 0, ""),
        ("diff", "pets.yaml pets.yaml --format=text", 0, "no changes"),
        ("serve", "", 2, '::error title=arguments::unknown command "serve"; expected one of'),
        ("lint", "'open", 2, "::error title=arguments::No closing quotation"),
        ("lint", "$(touch hacked)", 2, ""),
    ],
)
def test_commands_of_the_action(
    action: dict[str, Any], tmp_path: Path, command: str, arguments: str, code: int, start: str
) -> None:
    """No text of an input becomes a command of the shell."""
    (tmp_path / "pets.yaml").write_text(PETS)
    done = run_step(action, "Run", tmp_path, command=command, arguments=arguments)
    assert (done.returncode, done.stdout.startswith(start)) == (code, True), done.stderr
    assert not (tmp_path / "hacked").exists()


def test_hooks_run(root: Path, tmp_path: Path) -> None:
    """Each entry is a command that takes files."""
    hooks = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (tmp_path / "pets.yaml").write_text(PETS)
    (tmp_path / "calls.har").write_bytes(har(har_entry("/v1/pets", [])))
    files = {"understudy-lint": ["pets.yaml"], "understudy-validate": ["calls.har"]}
    assert {hook["id"] for hook in hooks} == set(files)
    for hook in hooks:
        program, *rest = hook["entry"].split()
        assert (program, hook["language"]) == ("understudy", "python")
        command = [sys.executable, "-m", program, *rest, *files[hook["id"]]]
        if hook["id"] == "understudy-validate":
            command += ["--contract", "pets.yaml"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

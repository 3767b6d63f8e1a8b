"""`understudy lint`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from understudy.cli.main import cli
from understudy.errors import InputError

BROKEN = """understudy: 1
tasks:
  - id: 1
    nmae: x
    subtasks:
      - {id: 11, after: [12]}
      - {id: 12, after: [11]}
"""


def lint(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["lint", *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two scenarios, one of them in a folder below and broken; and a file that is none."""
    (tmp_path / "good.yaml").write_text("understudy: 1\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "broken.yml").write_text(BROKEN)
    (tmp_path / "notes.txt").write_text("not a scenario")
    return tmp_path


def test_what_is_in_order(folder: Path) -> None:
    """Files, and shipped ones by name: exit 0."""
    result = lint(str(folder / "good.yaml"), "demo")
    assert (result.exit_code, result.output) == (0, "2 scenarios: no problems\n")


def test_every_problem_of_every_file_is_told(folder: Path) -> None:
    """With its place and the nearest name; exit 1."""
    result = lint(str(folder))
    file = folder / "below" / "broken.yml"
    assert (result.exit_code, result.output.splitlines()) == (
        1,
        [
            f'{file}:4:5: unknown key "nmae". Did you mean "name"?',
            f"{file}:6:18: the subtasks wait for each other in a cycle: 11 → 12 → 11.",
        ],
    )


def test_a_task_that_contradicts_the_contract(tmp_path: Path) -> None:
    """It is held against it as it would be served."""
    path = tmp_path / "x.yaml"
    path.write_text("understudy: 1\ntasks: [{id: 1, type: YEARLY}]\n")
    result = lint(str(path))
    assert (result.exit_code, result.output.startswith(f"{path}:2:")) == (1, True)
    assert 'task 1 contradicts the contract: "type" is "YEARLY"' in result.output


def test_for_tools(folder: Path) -> None:
    """JSON, and annotations in which what GitHub takes for its own is escaped."""
    found = json.loads(lint(str(folder), "--format", "json").output)
    assert [(one["line"], one["column"], one["rule"], one["nearest"]) for one in found] == [
        (4, 5, "unknown-key", "name"),
        (6, 18, "cycle", ""),
    ]
    first = lint(str(folder), "--format", "github").output.splitlines()[0]
    assert first.startswith(
        f"::error file={folder}/below/broken.yml,line=4,col=5,title=unknown-key::"
    )


def test_the_schema_for_editors() -> None:
    """The same that judges."""
    schema = json.loads(lint("--print-schema").output)
    assert (schema["title"], "crowd" in schema["properties"]) == ("Understudy scenario", True)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-such.yaml", "there is no such file"),
        ("dmeo", 'Did you mean "demo"?'),
        ("empty-folder", "holds no scenario"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, message: str) -> None:
    """Exit 2: main tells an InputError so."""
    (tmp_path / "empty-folder").mkdir()
    result = lint(str(tmp_path / name) if name != "dmeo" else name)
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


def test_nothing_to_check() -> None:
    """Exit 2."""
    assert lint().exit_code == 2

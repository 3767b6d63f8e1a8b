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


def run_lint(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["lint", *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two scenarios, one of them broken and in a subfolder, and another file."""
    (tmp_path / "good.yaml").write_text("understudy: 1\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "broken.yml").write_text(BROKEN)
    (tmp_path / "notes.txt").write_text("not a scenario")
    return tmp_path


def test_valid_scenarios_have_no_problems(folder: Path) -> None:
    """Files, and shipped ones by name: exit 0."""
    result = run_lint(str(folder / "good.yaml"), "demo")
    assert (result.exit_code, result.output) == (0, "2 scenarios: no problems\n")


CONTRACT = "openapi: 3.0.3\npaths:\n  /a: {get: {responses: {200: {description: ok}}}}\n"


def test_contract_is_checked(folder: Path) -> None:
    """Among scenarios, and by its option alone; flaws are findings."""
    path = folder / "api.yaml"
    path.write_text(CONTRACT)
    line = f'{path}:1:1: missing "info". Expected a mapping.\n'
    for arguments in ([str(folder / "good.yaml"), str(path)], ["--contract", str(path)]):
        result = run_lint(*arguments)
        assert (result.exit_code, result.output) == (1, line)
    path.write_text(CONTRACT + "info: {title: T, version: '1'}\n")
    result = run_lint(str(folder / "good.yaml"), str(path))
    assert (result.exit_code, result.output) == (0, "1 scenario, 1 contract: no problems\n")
    assert run_lint("--contract", str(path)).output == "1 contract: no problems\n"


def test_unservable_contract_is_a_finding(tmp_path: Path) -> None:
    """A missing one cannot be checked: exit 2, as for scenarios."""
    path = tmp_path / "api.yaml"
    path.write_text("openapi: 9.0.0\n")
    assert run_lint(str(path)).exit_code == 1
    assert isinstance(run_lint("--contract", "no-such.yaml").exception, InputError)


def test_all_problems_of_all_files_are_printed(folder: Path) -> None:
    """Each with its place and the nearest name; exit 1."""
    result = run_lint(str(folder))
    file = folder / "below" / "broken.yml"
    assert (result.exit_code, result.output.splitlines()) == (
        1,
        [
            f'{file}:4:5: unknown key "nmae". Did you mean "name"?',
            f"{file}:6:18: the subtasks wait for each other in a cycle: 11 → 12 → 11.",
        ],
    )


def test_task_is_validated_against_the_contract(tmp_path: Path) -> None:
    """As it would be served."""
    path = tmp_path / "x.yaml"
    path.write_text("understudy: 1\ntasks: [{id: 1, type: YEARLY}]\n")
    result = run_lint(str(path))
    assert (result.exit_code, result.output.startswith(f"{path}:2:")) == (1, True)
    assert 'task 1 contradicts the contract: "type" is "YEARLY"' in result.output


def test_formats_for_tools(folder: Path) -> None:
    """JSON, and escaped annotations for GitHub."""
    records = json.loads(run_lint(str(folder), "--format", "json").output)
    assert [
        (record["line"], record["column"], record["rule"], record["nearest"]) for record in records
    ] == [
        (4, 5, "unknown-key", "name"),
        (6, 18, "cycle", ""),
    ]
    first = run_lint(str(folder), "--format", "github").output.splitlines()[0]
    assert first.startswith(
        f"::error file={folder}/below/broken.yml,line=4,col=5,title=unknown-key::"
    )


def test_schema_is_printed_for_editors() -> None:
    """It is the schema that lint uses."""
    schema = json.loads(run_lint("--print-schema").output)
    assert (schema["title"], "crowd" in schema["properties"]) == ("Understudy scenario", True)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-such.yaml", "there is no such file"),
        ("dmeo", 'Did you mean "demo"?'),
        ("empty-folder", "holds no scenario"),
    ],
)
def test_unreadable_path_is_reported(tmp_path: Path, name: str, message: str) -> None:
    """It is an InputError, for which `understudy` exits with 2."""
    (tmp_path / "empty-folder").mkdir()
    result = run_lint(str(tmp_path / name) if name != "dmeo" else name)
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


def test_path_is_required() -> None:
    """Exit 2."""
    assert run_lint().exit_code == 2


def test_overlay_is_applied_to_the_contract(tmp_path: Path) -> None:
    """A target that selects nothing has its line; the flaws of the contract are not its own."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    start = "overlay: 1.0.0\ninfo: {title: Mine, version: '1'}\nactions:\n"
    good.write_text(f"{start}  - {{target: $.info, update: {{title: Mine}}}}\n")
    bad.write_text(f"{start}  - {{target: $.inof, update: {{title: Mine}}}}\n")
    result = run_lint(str(good))
    assert (result.exit_code, result.output) == (0, "1 overlay: no problems\n")
    result = run_lint(str(tmp_path))
    assert result.exit_code == 1
    assert result.output.startswith(f"{bad}:4:14: the target $.inof selects nothing.")

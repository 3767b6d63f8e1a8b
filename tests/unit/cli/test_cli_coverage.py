"""`understudy coverage`."""

import base64
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from understudy.cli.main import cli
from understudy.config import Settings
from understudy.coverage import Report
from understudy.errors import InputError
from understudy.messages import Request, dump_json
from understudy.replay import Stub

LIST = "/api/v2/tasks/instances"
PETS = """openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get: {operationId: pets, responses: {'200': {description: fine}}}
"""


def run_coverage(*arguments: str, stdin: str = "", **environment: str) -> Result:
    return CliRunner().invoke(cli, ["coverage", *arguments], input=stdin, env=environment)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two calls of the demo."""
    stub = Stub(Settings(scenario="demo", clock="virtual"))
    login = [("Authorization", f"Basic {base64.b64encode(b'admin:admin').decode()}")]
    for target in (f"{LIST}?status=FAILED", f"{LIST}/35000312"):
        stub.handle(Request.of("GET", target, headers=login))
    path = tmp_path_factory.mktemp("journal") / "calls.ndjson"
    lines = [
        dump_json(exchange.to_record()).decode()
        for exchange in stub.world("default").journal.exchanges()
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_default_report_is_a_table(journal: Path) -> None:
    """Exit 0, also for a low coverage."""
    result = run_coverage(str(journal))
    assert result.exit_code == 0
    assert result.output.splitlines()[2] == "operations       8       6    25%"
    assert result.output.splitlines()[-1].startswith("TOTAL")


def test_counts_of_several_journals_are_added(journal: Path) -> None:
    """Standard input is one of them."""
    result = run_coverage("-", str(journal), "--report", "json", stdin=journal.read_text("utf-8"))
    report = Report.from_json(result.stdout)
    assert report.exchanges == 4
    operations = report.section("operations")
    assert operations is not None
    assert {item.name: item.count for item in operations.items if item.count} == {
        "listTaskInstances": 2,
        "getTaskInstance": 2,
    }


def test_reports_go_to_files_and_to_standard_output(journal: Path, tmp_path: Path) -> None:
    """Each requested report is written, and folders are created."""
    wanted = {name: tmp_path / "out" / name for name in ("c.json", "c.md", "c.html")}
    result = run_coverage(
        str(journal),
        "--report",
        f"json:{wanted['c.json']}",
        "--report",
        f"markdown:{wanted['c.md']}",
        "--report",
        f"html:{wanted['c.html']}",
        "--report",
        "term-missing",
    )
    assert result.exit_code == 0
    assert "    rollbackTask, retryTask," in result.output
    assert Report.from_json(wanted["c.json"].read_bytes()).covered > 0
    assert wanted["c.md"].read_text("utf-8").startswith("**Contract coverage: ")
    assert wanted["c.html"].read_text("utf-8").startswith("<!DOCTYPE html>")


def test_fail_under_reports_each_missed_bar(journal: Path) -> None:
    """Exit 1 when a bar is missed."""
    fine = run_coverage(str(journal), "--fail-under", "1", "--fail-under", "operations=25")
    assert (fine.exit_code, fine.stderr) == (0, "")
    missed = run_coverage(
        str(journal),
        "--fail-under",
        "operations=25.5",
        "--fail-under",
        "100",
        "--fail-under",
        "faults=0",
    )
    assert missed.exit_code == 1
    assert (
        missed.stderr.splitlines()[0]
        == "the coverage of operations is 25.00% (2 of 8), below 25.5%."
    )
    assert missed.stderr.splitlines()[1].startswith("the total coverage is ")


def test_options_can_come_from_the_environment(journal: Path) -> None:
    """Values are separated by spaces."""
    environment = {
        "UNDERSTUDY_COVERAGE_REPORT": "term json",
        "UNDERSTUDY_COVERAGE_FAIL_UNDER": "100",
    }
    result = run_coverage(str(journal), **environment)
    assert result.exit_code == 1
    assert '"understudyCoverage": 1' in result.stdout
    assert result.stdout.startswith("section")


def test_coverage_of_another_contract(journal: Path, tmp_path: Path) -> None:
    """Exchanges of unknown operations are counted. The dialect selects the names."""
    path = tmp_path / "pets.yaml"
    path.write_text(PETS, "utf-8")
    result = run_coverage(str(journal), "--contract", str(path))
    assert result.output.splitlines()[-1] == "not counted: exchanges of unknown operations (2)"
    observed = run_coverage(str(journal), "--dialect", "observed", "--report", "json")
    assert "/data/subtasks[]/paralleIdx" in observed.output


def test_missing_exchanges_are_reported(journal: Path, tmp_path: Path) -> None:
    """Missing numbers show that the journal is incomplete."""
    path = tmp_path / "rest.ndjson"
    path.write_text(journal.read_text("utf-8").splitlines()[1] + "\n", "utf-8")
    assert (
        run_coverage(str(path)).output.splitlines()[-1]
        == "not counted: exchanges missing from the journal (1)"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["{folder}/call.ndjson"],
            'the journal cannot be read (No such file or directory). Did you mean "calls.ndjson"?',
        ),
        (["{folder}"], "the journal cannot be read (Is a directory)."),
        (["{journal}", "--report", "trem"], 'unknown report "trem". Expected term, '),
        (["{journal}", "--report", "html:{folder}"], "the report cannot be written ("),
        (
            ["{journal}", "--fail-under", "many"],
            '"many" is not a percentage. Expected a number from 0 to 100',
        ),
    ],
)
def test_unusable_input_is_reported(journal: Path, arguments: list[str], message: str) -> None:
    """It is an InputError, for which `understudy` exits with 2."""
    paths = {"folder": journal.parent, "journal": journal}
    result = run_coverage(*(argument.format(**paths) for argument in arguments))
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


def test_problems_of_all_journals_are_reported(tmp_path: Path) -> None:
    """Each with file and line."""
    for name in ("a", "b"):
        (tmp_path / name).write_text("\n{}\n", "utf-8")
    result = run_coverage(str(tmp_path / "a"), str(tmp_path / "b"))
    assert isinstance(result.exception, InputError)
    expected = "not an exchange: request is missing; expected an object."
    assert str(result.exception).splitlines() == [
        f"{tmp_path / name}:2: {expected}" for name in ("a", "b")
    ]


def test_journal_is_required() -> None:
    """Exit 2."""
    result = run_coverage()
    assert (result.exit_code, "Missing argument 'JOURNALS...'" in result.output) == (2, True)

"""Contract coverage of a run: measured, reported and compared with minimums."""

import json
import re

import pytest

from plugin_builders import WORKERS, assert_equals_file, run

TESTS = """

@pytest.mark.parametrize("n", range(4))
def test_list(ocp, n):
    call(ocp, LIST + "?status=FAILED")

def test_retry(ocp):
    call(ocp, LIST + "/35000312")
    call(ocp, LIST + "/35000312/retry", "POST")
    call(ocp, LIST + "/35000312")

def test_wrong(ocp_server):
    with ocp_server.world() as ocp, ocp.serving("getTaskInstance.200/data/status:unknown-enum"):
        ocp.fault("listTaskInstances", fault={"status": 503})
        call(ocp)
        call(ocp, LIST + "/35000312")
"""


with_and_without_workers = pytest.mark.parametrize(
    "workers", [(), pytest.param(WORKERS, marks=pytest.mark.slow)]
)


def read_section(result: pytest.RunResult) -> str:
    """Return the section of the report."""
    text = result.stdout.str()
    section = re.search(r"=+ ocp coverage =+\n(.*?)\n=+ [^=]*(passed|failed)", text, re.S)
    assert section, text
    return "\n".join(line.rstrip() for line in section[1].splitlines()).strip() + "\n"


@with_and_without_workers
def test_coverage_is_reported(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """The report has sections and names what is missing; workers give the same report."""
    result = run(pytester, TESTS, "--ocp-cov", "--ocp-cov-report=term-missing", *workers)
    result.assert_outcomes(passed=6)
    assert_equals_file("coverage-term-missing", read_section(result))


def test_reports_are_written_to_files(pytester: pytest.Pytester) -> None:
    """There is one file of each kind."""
    files = {"json": "cov.json", "html": "cov.html", "markdown": "cov.md"}
    options = [f"--ocp-cov-report={form}:{file}" for form, file in files.items()]
    result = run(pytester, TESTS, *options)
    result.assert_outcomes(passed=6)
    assert read_section(result).splitlines()[::2] == [
        f"{form} written to {file}" for form, file in files.items()
    ]
    report = json.loads((pytester.path / "cov.json").read_text())
    operations = next(entry for entry in report["sections"] if entry["name"] == "operations")
    assert {item["name"]: item["count"] for item in operations["items"]}["listTaskInstances"] == 5
    assert "<html" in (pytester.path / "cov.html").read_text()
    assert "| operations |" in (pytester.path / "cov.md").read_text()


@with_and_without_workers
def test_low_coverage_fails_the_run(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """The minimum is that of the total or of a section; the tests themselves pass."""
    good = run(
        pytester, TESTS, "--ocp-cov-fail-under=1", "--ocp-cov-fail-under=operations=30", *workers
    )
    assert good.ret == 0
    bad = run(
        pytester, TESTS, "--ocp-cov-fail-under=99", "--ocp-cov-fail-under=operations=100", *workers
    )
    bad.assert_outcomes(passed=6)
    assert bad.ret == 1
    bad.stdout.fnmatch_lines(
        [
            "FAIL the total coverage is *below 99%",
            "FAIL the coverage of operations is 37.50% (3 of 8), below 100%",
        ]
    )


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            "--ocp-cov-report=trem",
            'unknown report "trem". Expected term, term-missing, *Did you mean "term"?',
        ),
        ("--ocp-cov-report=html", "html needs a file. Expected html:FILE*"),
        (
            "--ocp-cov-fail-under=operation=5",
            'unknown section "operation". Did you mean "operations"?',
        ),
        (
            "--ocp-cov-fail-under=many",
            '"many" is not a percentage. Expected a number from 0 to 100*',
        ),
    ],
)
def test_wrong_options_are_reported(pytester: pytest.Pytester, option: str, message: str) -> None:
    """The error comes before any test runs."""
    result = run(pytester, TESTS, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_run_without_worlds_measures_nothing(pytester: pytest.Pytester) -> None:
    """The report says so, and a minimum is not reached."""
    tests = "\n\ndef test_it():\n    pass\n"
    assert "nothing was measured" in read_section(run(pytester, tests, "--ocp-cov"))
    assert run(pytester, tests, "--ocp-cov-fail-under=1").ret == 1


def test_worlds_of_a_running_server_are_measured(pytester: pytest.Pytester) -> None:
    """The coverage comes through the control API."""
    from understudy.live import LiveServer

    own = run(pytester, TESTS, "--ocp-cov")
    with LiveServer(scenario="demo") as live:
        shared = run(pytester, TESTS, "--ocp-cov", "--ocp-url", live.url)
        shared.assert_outcomes(passed=6)
    assert read_section(shared) == read_section(own)


@pytest.mark.parametrize("option", ["--collect-only", "--setup-plan"])
def test_list_of_tests_is_not_measured(pytester: pytest.Pytester, option: str) -> None:
    """Editors list tests with the same options as for a run."""
    result = run(pytester, TESTS, option, "--ocp-cov-fail-under=99")
    assert (result.ret, "ocp coverage" in result.stdout.str()) == (0, False)


def test_stopped_run_reports_its_coverage(pytester: pytest.Pytester) -> None:
    """The report is on the terminal and in files."""
    tests = f"{TESTS}\ndef test_bad(ocp):\n    assert False\n"
    result = run(
        pytester,
        tests,
        "-x",
        "--ocp-cov-report=term",
        "--ocp-cov-report=json:cov.json",
    )
    result.assert_outcomes(passed=6, failed=1)
    assert "operations       8       5    37%" in result.stdout.str()
    assert json.loads((pytester.path / "cov.json").read_text())["exchanges"] == 9


def test_unwritable_report_fails_the_run(pytester: pytest.Pytester) -> None:
    """A missing file must not go unnoticed."""
    pytester.mkdir("folder")
    result = run(pytester, TESTS, "--ocp-cov-report=json:folder")
    result.assert_outcomes(passed=6)
    assert (result.ret, read_section(result)) == (
        1,
        "FAIL folder cannot be written: Is a directory\n",
    )


@pytest.mark.slow
def test_crashed_worker_is_reported(pytester: pytest.Pytester) -> None:
    """Its coverage is missing, and the report says so."""
    tests = f"{TESTS}\ndef test_crash(ocp):\n    import os\n    os._exit(3)\n"
    result = run(pytester, tests, *WORKERS, "--ocp-cov")
    result.assert_outcomes(passed=6, failed=1)
    assert read_section(result).startswith(
        "1 worker ended without reporting coverage, which is missing here.\n"
    )

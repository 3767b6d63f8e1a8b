"""The report of a failed test, and the saved world."""

import itertools
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from plugin_builders import assert_equals_file, normalise_output, run, run_pytest

TESTS = """

def test_it(ocp):
    call(ocp, LIST + "/35000312/retry", "POST")
    ocp.fault("listTaskInstances", fault={"status": 503}, name="gateway")
    call(ocp)
    with ocp.serving("getTaskInstance.200/data/status:unknown-enum"):
        call(ocp, LIST + "/35000312")
    ocp.clock.advance("30s")
    assert call(ocp, LIST + "/35000312").json()["data"]["status"] == "FAILED"
"""
SAVED = ".understudy/failures/test_failure_has_a_story.py-test_it.yaml"


def test_failure_has_a_story(pytester: pytest.Pytester) -> None:
    """It shows time, request, response and state changes; the saved world has no secrets and can be replayed."""
    result = run(pytester, TESTS)
    result.assert_outcomes(failed=1)
    assert_equals_file("journal", normalise_output(result))
    saved = pytester.path / SAVED
    text = saved.read_text("utf-8")
    assert text.startswith(
        "# The world when the test failed, without passwords and keys.\n# run it again: pytest "
    )
    assert not re.search(r"(password|secretKey): (admin|viewer|nobody|demo-sk)", text)
    run(pytester, TESTS, "--ocp-replay", SAVED).assert_outcomes(failed=1)
    fixed = TESTS.replace('== "FAILED"', '== "SUCCESSFUL"')
    run(pytester, fixed, "--ocp-replay", SAVED).assert_outcomes(passed=1)
    linted = subprocess.run(
        [sys.executable, "-m", "understudy", "lint", str(saved)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout + linted.stderr != "") == (0, True)


def test_replay_starts_as_the_world_started(pytester: pytest.Pytester) -> None:
    """It has scenario and seed, not the final state; a wrong file is reported."""
    tests = """

@pytest.mark.ocp(scenario={"tasks": [{"id": 5, "state": "FAILED", "subtasks": [{"state": "FAILED"}]}]}, seed=77)
def test_it(ocp):
    assert ocp.tasks[5].failed
    trace = call(ocp, LIST + "/5/retry", "POST").json()["traceId"]
    with open("traces", "a") as file:
        file.write(trace + "\\n")
    assert False
"""
    run(pytester, tests).assert_outcomes(failed=1)
    saved = ".understudy/failures/test_replay_starts_as_the_world_started.py-test_it.yaml"
    plain = tests.replace("@pytest.mark.ocp", "# @pytest.mark.ocp")
    run(pytester, plain, "--ocp-replay", saved).assert_outcomes(failed=1)
    first, second = (pytester.path / "traces").read_text().split()
    assert first == second
    result = run(pytester, plain, "--ocp-replay", "nothing.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nothing.yaml*"])


def test_failing_fixture_has_a_story(pytester: pytest.Pytester) -> None:
    """The fixture has called the world before it failed."""
    result = run(
        pytester,
        """

@pytest.fixture
def ready(ocp):
    call(ocp)
    raise RuntimeError("not ready")

def test_it(ready):
    pass
""",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*ocp journal*", "*1 call*", "*GET /api/v2/tasks/instances*200, listTaskInstances"]
    )


def test_worlds_that_fail_at_their_end_have_stories(
    pytester: pytest.Pytester,
) -> None:
    """They are one of a module and one that was never closed; each is saved in its own file."""
    result = run(
        pytester,
        """

@pytest.fixture(scope="module")
def wide(ocp_server):
    with ocp_server.world("wide") as ocp:
        yield ocp

def test_it(wide, ocp_server):
    call(wide, LIST + "?size=0")
    call(ocp_server.world("open"), LIST + "?page=0")
""",
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines_random(
        ["world wide-*: scenario demo, 1 call,*", "world open-*: scenario demo, 1 call,*"]
    )
    name = "test_worlds_that_fail_at_their_end_have_stories.py-test_it"
    saved = sorted(path.name for path in (pytester.path / ".understudy" / "failures").iterdir())
    assert saved == [f"{name}-2.yaml", f"{name}.yaml"]


def test_commands_work_from_the_working_directory(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a subfolder, paths on the command line differ from those of test ids."""
    pytester.makeini("[pytest]\n")
    folder = pytester.mkdir("some tests")
    (folder / "test_it.py").write_text("def test_it(ocp):\n    assert False\n")
    monkeypatch.chdir(folder)
    result = run_pytest(pytester)
    (line,) = [line for line in result.outlines if line.startswith("run it again: pytest ")]
    again = shlex.split(line.removeprefix("run it again: pytest "))
    assert again[0] == "test_it.py::test_it"
    run_pytest(pytester, *again).assert_outcomes(failed=1)


def test_folder_of_saved_worlds_is_an_ini_value(pytester: pytest.Pytester) -> None:
    """If the folder cannot be written, the report says so."""
    pytester.makeini("[pytest]\nocp_failures = saved\n")
    tests = "\n\ndef test_it(ocp):\n    assert False\n"
    run(pytester, tests)
    assert [path.name for path in (pytester.path / "saved").iterdir()] == [
        "test_folder_of_saved_worlds_is_an_ini_value.py-test_it.yaml"
    ]
    pytester.makeini("[pytest]\nocp_failures = file/saved\n")
    (pytester.path / "file").write_text("")
    run(pytester, tests).stdout.fnmatch_lines(["The world could not be saved: *"])


def test_passed_test_saves_nothing(pytester: pytest.Pytester) -> None:
    """There is no section and no file."""
    result = run(pytester, "\n\ndef test_it(ocp):\n    call(ocp)\n")
    assert "ocp journal" not in result.stdout.str()
    assert not (pytester.path / ".understudy").exists()


def test_each_example_of_hypothesis_has_a_world(pytester: pytest.Pytester) -> None:
    """No health check fails, and the story is that of the smallest example."""
    result = run(
        pytester,
        """
from hypothesis import given, settings, strategies as st

@settings(deadline=None, max_examples=20)
@given(count=st.integers(0, 5))
def test_good(ocp_server, count):
    with ocp_server.world() as ocp:
        for _ in range(count):
            call(ocp)
        ocp.assert_called("listTaskInstances", times=count)

@settings(deadline=None, max_examples=20, database=None)
@given(size=st.integers(0, 1000))
def test_bad(ocp_server, size):
    with ocp_server.world("drawn") as ocp:
        assert call(ocp, f"{LIST}?size={size}").status_code != 400
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*ocp journal*", "world drawn-*", "*GET /api/v2/tasks/instances?size=0 * 400*"]
    )
    assert result.stdout.str().count("world drawn-") == 1


def test_expected_failure_is_not_reported_by_a_later_test(pytester: pytest.Pytester) -> None:
    """A test may expect its block to fail; the next report has only its own worlds."""
    result = run(
        pytester,
        """

def test_first(ocp_server):
    with pytest.raises(ZeroDivisionError), ocp_server.world("meant") as ocp:
        call(ocp)
        1 / 0

def test_second(ocp):
    assert False
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    assert "world meant-" not in result.stdout.str()


def test_each_world_of_a_test_is_saved(pytester: pytest.Pytester) -> None:
    """Each has its own file, and the commands below a story name it."""
    result = run(
        pytester,
        """

def test_it(ocp, ocp_server):
    with ocp_server.world("outer", scenario="upgrade"), ocp_server.world("inner", scenario="rollback-fails"):
        assert False
""",
    )
    result.assert_outcomes(failed=1)
    stem = "test_each_world_of_a_test_is_saved.py-test_it"
    names = {
        path.name: re.findall(r"(?m)^name: (.*)", path.read_text("utf-8"))
        for path in list_saved(pytester)
    }
    assert names == {
        f"{stem}.yaml": ["rollback-fails"],
        f"{stem}-2.yaml": ["upgrade"],
        f"{stem}-3.yaml": ["demo"],
    }
    lines = [line for line in result.outlines if line.startswith(("world ", "run it again"))]
    commands = [
        (line.split()[1][:5], file.rpartition("/")[2]) for line, file in itertools.pairwise(lines)
    ][::2]
    assert commands == [
        ("inner", f"{stem}.yaml"),
        ("outer", f"{stem}-2.yaml"),
        ("test-", f"{stem}-3.yaml"),
    ]


def test_world_of_a_session_has_a_story(pytester: pytest.Pytester) -> None:
    """It fails in the teardown of the session, when the server stops too."""
    result = run(
        pytester,
        """

@pytest.fixture(scope="session")
def shared(ocp_server):
    with ocp_server.world("shared") as ocp:
        yield ocp

def test_it(shared):
    call(shared, LIST + "?size=0")
""",
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ocp journal*", "world shared-*: scenario demo, 1 call,*"])
    assert len(list_saved(pytester)) == 1


def test_stopped_server_does_not_stop_the_run(pytester: pytest.Pytester) -> None:
    """The test fails with its own error, its story says that there are no calls, and the next test runs."""
    pytester.makeconftest(
        """
from understudy import LiveServer

def pytest_configure(config):
    config.live = LiveServer(scenario="demo").start()
    config.option.ocp_url = config.live.url
"""
    )
    result = run(
        pytester,
        """

def test_1(ocp, pytestconfig):
    pytestconfig.live.stop()
    assert "mine" == "yours"

def test_2():
    pass
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*assert 'mine' == 'yours'",
            "world test-1-*: its calls cannot be read: * cannot be reached: *",
        ]
    )


def list_saved(pytester: pytest.Pytester) -> list[Path]:
    return sorted((pytester.path / ".understudy/failures").iterdir())

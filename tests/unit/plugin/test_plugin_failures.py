"""What the report of a failed test tells, and the file that is kept."""

import itertools
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from plugin_builders import LIGHT, run, same_as, told

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
KEPT = ".understudy/failures/test_a_failure_tells_the_story.py-test_it.yaml"


def test_a_failure_tells_the_story(pytester: pytest.Pytester) -> None:
    """Time, call, answer, change of state; the world is kept without its secrets, and can be run again."""
    result = run(pytester, TESTS)
    result.assert_outcomes(failed=1)
    same_as("journal", told(result))
    kept = pytester.path / KEPT
    text = kept.read_text("utf-8")
    assert text.startswith(
        "# The world as it stood when the test failed; passwords and keys are taken out.\n# run it again: pytest "
    )
    assert not re.search(r"(password|secretKey): (admin|viewer|nobody|demo-sk)", text)
    run(pytester, TESTS, "--ocp-replay", KEPT).assert_outcomes(failed=1)
    fixed = TESTS.replace('== "FAILED"', '== "SUCCESSFUL"')
    run(pytester, fixed, "--ocp-replay", KEPT).assert_outcomes(passed=1)
    linted = subprocess.run(
        [sys.executable, "-m", "understudy", "lint", str(kept)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout + linted.stderr != "") == (0, True)


def test_a_replay_begins_as_the_world_began(pytester: pytest.Pytester) -> None:
    """Scenario and seed, not how it ended; a file that is none is told."""
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
    kept = ".understudy/failures/test_a_replay_begins_as_the_world_began.py-test_it.yaml"
    plain = tests.replace("@pytest.mark.ocp", "# @pytest.mark.ocp")
    run(pytester, plain, "--ocp-replay", kept).assert_outcomes(failed=1)
    first, second = (pytester.path / "traces").read_text().split()
    assert first == second
    result = run(pytester, plain, "--ocp-replay", "nothing.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nothing.yaml*"])


WORLD = "{turns: 0, scenario: x, start: 3, clock: {}, checkpoint: null, folded: 0, commands: [], windows: {}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", 'kept.yaml:1:1: the file is nothing. Expected a mapping.'),
        ("- a", 'kept.yaml:1:1: the file is a list. Expected a mapping.'),
        ("understudy: 1\nworld: {}", 'kept.yaml:2:8: the key "clock" is missing. Expected clock: ….'),
        ("understudy: 1\nclock: virtual", 'kept.yaml:2:8: "clock" is "virtual". Expected a mapping.'),
        (
            f"understudy: 1\nworld: {WORLD}, counters: {{}}, added: {{}}, settings: {{}}}}",
            "*kept.yaml: its world does not say when and on which clock it began. *",
        ),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_replayed_is_told(
    pytester: pytest.Pytester, text: str, told: str
) -> None:
    """In a sentence, with its place."""
    (pytester.path / "kept.yaml").write_text(text, "utf-8")
    result = run(pytester, "\n\ndef test_it(ocp):\n    pass\n", "--ocp-replay", "kept.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])


def test_a_failure_in_a_fixture_tells_the_story_too(pytester: pytest.Pytester) -> None:
    """It has used the world before."""
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


def test_a_world_of_a_wider_scope_tells_its_story_at_its_teardown(
    pytester: pytest.Pytester,
) -> None:
    """So does one that nobody has closed, when the server stops; each is kept in a file of its own."""
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
    result.stdout.fnmatch_lines_random(["world wide-*: * 1 call, *", "world open-*: * 1 call, *"])
    name = "test_a_world_of_a_wider_scope_tells_its_story_at_its_teardown.py-test_it"
    kept = sorted(path.name for path in (pytester.path / ".understudy" / "failures").iterdir())
    assert kept == [f"{name}-2.yaml", f"{name}.yaml"]


def test_the_lines_can_be_run_from_where_pytest_was_started(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a folder of tests too, where pytest itself tells other paths than in its test ids."""
    pytester.makeini("[pytest]\n")
    folder = pytester.mkdir("some tests")
    (folder / "test_it.py").write_text("def test_it(ocp):\n    assert False\n")
    monkeypatch.chdir(folder)
    result = pytester.runpytest_subprocess(*LIGHT)
    line = next(line for line in result.outlines if line.startswith("run it again: pytest "))
    again = shlex.split(line.removeprefix("run it again: pytest "))
    assert again[0] == "test_it.py::test_it"
    pytester.runpytest_subprocess(*LIGHT, *again).assert_outcomes(failed=1)


def test_the_folder_can_be_chosen(pytester: pytest.Pytester) -> None:
    """By the ini file; where it cannot be written, the report says so."""
    pytester.makeini("[pytest]\nocp_failures = kept\n")
    tests = "\n\ndef test_it(ocp):\n    assert False\n"
    run(pytester, tests)
    assert [path.name for path in (pytester.path / "kept").iterdir()] == [
        "test_the_folder_can_be_chosen.py-test_it.yaml"
    ]
    pytester.makeini("[pytest]\nocp_failures = file/kept\n")
    (pytester.path / "file").write_text("")
    run(pytester, tests).stdout.fnmatch_lines(["The world could not be kept: *"])


def test_a_test_that_passed_leaves_nothing(pytester: pytest.Pytester) -> None:
    """No section, no file."""
    result = run(pytester, "\n\ndef test_it(ocp):\n    call(ocp)\n")
    assert "ocp journal" not in result.stdout.str()
    assert not (pytester.path / ".understudy").exists()


def test_hypothesis_runs_a_world_in_each_example(pytester: pytest.Pytester) -> None:
    """With the recipe of the guide; no health check fires, and the story is that of the smallest example."""
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
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*ocp journal*", "world drawn-*", "*GET /api/v2/tasks/instances?size=0 * 400*"]
    )
    assert result.stdout.str().count("world drawn-") == 1


def test_a_failure_that_was_meant_is_no_story_of_a_later_test(pytester: pytest.Pytester) -> None:
    """A test that expects its block to fail passes; the next one tells of its own worlds only."""
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
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(passed=1, failed=1)
    assert "world meant-" not in result.stdout.str()


def test_each_world_of_a_test_is_kept(pytester: pytest.Pytester) -> None:
    """In a file of its own: the lines below a story are about its world."""
    result = run(
        pytester,
        """

def test_it(ocp, ocp_server):
    with ocp_server.world("outer", scenario="upgrade"), ocp_server.world("inner", scenario="rollback-fails"):
        assert False
""",
    )
    result.assert_outcomes(failed=1)
    stem = "test_each_world_of_a_test_is_kept.py-test_it"
    found = {
        path.name: re.findall(r"(?m)^name: (.*)", path.read_text("utf-8"))
        for path in _kept(pytester)
    }
    assert found == {
        f"{stem}.yaml": ["rollback-fails"],
        f"{stem}-2.yaml": ["upgrade"],
        f"{stem}-3.yaml": ["demo"],
    }
    lines = [line for line in result.outlines if line.startswith(("world ", "run it again"))]
    told = [
        (line.split()[1][:5], file.rpartition("/")[2]) for line, file in itertools.pairwise(lines)
    ][::2]
    assert told == [
        ("inner", f"{stem}.yaml"),
        ("outer", f"{stem}-2.yaml"),
        ("test-", f"{stem}-3.yaml"),
    ]


@pytest.mark.parametrize("scope", ["module", "session"])
def test_a_world_that_fails_where_it_ends_is_told(pytester: pytest.Pytester, scope: str) -> None:
    """Also where the server ends with it."""
    result = run(
        pytester,
        f"""

@pytest.fixture(scope="{scope}")
def shared(ocp_server):
    with ocp_server.world("shared") as ocp:
        yield ocp

def test_it(shared):
    call(shared, LIST + "?size=0")
""",
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ocp journal*", "world shared-*: scenario demo, 1 call,*"])
    assert len(_kept(pytester)) == 1


def test_a_server_that_goes_away_stops_no_run(pytester: pytest.Pytester) -> None:
    """The test that used it fails with its own error, and says why it has no story; the next one runs."""
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
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*assert 'mine' == 'yours'",
            "world test-1-*: nobody can tell what happened in it: * cannot be reached: *",
        ]
    )


def test_the_line_that_runs_a_test_again_works_from_here(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pytest was started below its root."""
    pytester.makeini("[pytest]")
    pytester.mkdir("sub").joinpath("test_sub.py").write_text(
        "def test_it(ocp):\n    assert False\n", "utf-8"
    )
    monkeypatch.chdir(pytester.path / "sub")
    result = pytester.runpytest_subprocess(*LIGHT)
    (line,) = [line for line in result.outlines if line.startswith("run it again: ")]
    command = shlex.split(line.removeprefix("run it again: pytest "))
    assert command[0] == "test_sub.py::test_it"
    pytester.runpytest_subprocess(*LIGHT, *command).assert_outcomes(failed=1)


def _kept(pytester: pytest.Pytester) -> list[Path]:
    return sorted((pytester.path / ".understudy/failures").iterdir())

"""What fails a test beside its own assertions, in whole texts."""

import pytest

from plugin_builders import run, same_as, told


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("violation", 'assert call(ocp, LIST + "?size=0&status=BROKEN").status_code == 400'),
        ("unmatched", 'assert call(ocp, "/api/v2/tasks/instanses").status_code == 404'),
        ("unused-reply", 'ocp.reply("retryTask", error=1999, must=True, name="retry-fails")'),
        (
            "unexpected-violations",
            'ocp.expect_violation("query.size")\n    call(ocp, LIST + "?page=0")',
        ),
    ],
)
def test_what_a_client_does_wrong_fails_its_test(
    pytester: pytest.Pytester, name: str, body: str
) -> None:
    """FAILED, not ERROR; with the pointer, the documents' line, a curl line, the journal, and how to run it again."""
    result = run(pytester, f"\n\ndef test_it(ocp):\n    {body}\n")
    result.assert_outcomes(failed=1)
    same_as(f"strict-{name}", told(result))


def test_what_does_not_count(pytester: pytest.Pytester) -> None:
    """OPTIONS, the browser's icon, unknown query parameters, what was expected, and what the test made lenient."""
    result = run(
        pytester,
        """

def test_free(ocp):
    call(ocp, method="OPTIONS")
    call(ocp, "/favicon.ico")
    call(ocp, LIST + "?_=1")

def test_expected(ocp):
    ocp.expect_violation("query.size")
    call(ocp, LIST + "?size=0")

@pytest.mark.ocp(strict=False)
def test_lenient(ocp):
    call(ocp, "/nowhere")
    call(ocp, LIST + "?size=0")
""",
    )
    result.assert_outcomes(passed=3)


def test_no_other_failure_is_hidden(pytester: pytest.Pytester) -> None:
    """A test that fails by itself shows its own error alone; skips and expected failures stay what they are."""
    result = run(
        pytester,
        """

def test_own(ocp):
    call(ocp, LIST + "?size=0")
    assert 1 == 2

def test_skipped(ocp):
    call(ocp, LIST + "?size=0")
    pytest.skip("not today")

@pytest.mark.xfail(reason="known")
def test_expected_to_fail(ocp):
    call(ocp, LIST + "?size=0")
""",
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(failed=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(
        ["E*assert 1 == 2", "*ocp journal*", "*GET /api/v2/tasks/instances?size=0 * 400*"]
    )
    assert "ocp: 1 problem" not in result.stdout.str()


def test_classes_of_unittest_are_judged_too(pytester: pytest.Pytester) -> None:
    """The fixture comes by another one; their own failure is shown first."""
    result = run(
        pytester,
        """
import unittest

class TestIt(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def take(self, ocp):
        self.ocp = ocp

    def test_good(self):
        self.assertEqual(call(self.ocp).status_code, 200)

    def test_bad(self):
        call(self.ocp, LIST + "?size=0")

    def test_own(self):
        call(self.ocp, LIST + "?size=0")
        self.fail("mine")
""",
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines_random(
        ["*AssertionError: mine", "ocp: 1 problem in the world test-bad-*"]
    )


def test_leniency_for_all(pytester: pytest.Pytester) -> None:
    """By an option, and by the ini file; a marker is stronger than both."""
    tests = '\n\ndef test_it(ocp):\n    call(ocp, "/nowhere")\n'
    run(pytester, tests).assert_outcomes(failed=1)
    run(pytester, tests, "--ocp-lenient").assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nocp_strict = false\n")
    run(pytester, tests).assert_outcomes(passed=1)
    run(pytester, f"{tests[:1]}\n@pytest.mark.ocp(strict=True){tests[1:]}").assert_outcomes(
        failed=1
    )


def test_worlds_of_a_wider_scope_are_judged_where_they_end(pytester: pytest.Pytester) -> None:
    """A block's world when it ends: at the teardown of the last test of its module."""
    result = run(
        pytester,
        """

@pytest.fixture(scope="module")
def shared(ocp_server):
    with ocp_server.world("shared") as ocp:
        yield ocp

def test_one(shared):
    call(shared, LIST + "?size=0")

def test_two(shared):
    assert len(shared.calls) == 1
""",
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_two*", "*query.size: 0; expected at least 1*"]
    )


def test_a_block_in_a_test_is_judged_when_it_ends(pytester: pytest.Pytester) -> None:
    """It is the test that fails; its story is told."""
    result = run(
        pytester,
        """

def test_it(ocp_server):
    with ocp_server.world("first") as ocp:
        call(ocp)
    with ocp_server.world("second") as ocp:
        call(ocp, LIST + "?size=0")
""",
    )
    result.assert_outcomes(failed=1)
    same_as("strict-block", told(result))


def test_a_client_in_the_background_fails_its_test(pytester: pytest.Pytester) -> None:
    """What it raises is the test's failure, with the place where it was raised."""
    result = run(
        pytester,
        """

def poll(ocp):
    raise KeyError("no such field")

def test_it(ocp):
    ocp.background(poll, ocp)
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*raise KeyError(*", "E*KeyError: 'no such field'"])


def test_what_fixtures_ask_when_they_clean_up_is_judged(pytester: pytest.Pytester) -> None:
    """As an error of the teardown, since the test itself was right; with the story, and only once."""
    result = run(
        pytester,
        """

@pytest.fixture
def cleaned(ocp):
    yield ocp
    call(ocp, LIST + "?size=0")

def test_right(cleaned):
    call(cleaned)

def test_wrong(cleaned):
    assert False

def test_wrong_calls(cleaned):
    call(cleaned, LIST + "?page=0")

def test_expected(cleaned):
    cleaned.expect_violation("query.page")
    call(cleaned, LIST + "?page=0")
""",
    )
    result.assert_outcomes(passed=2, failed=2, errors=2)
    text = result.stdout.str()
    assert text.count("breaks the contract: query.size: 0") == 2
    assert text.count("ocp journal") == 4


def test_a_client_that_runs_on_makes_no_world_anew(pytester: pytest.Pytester) -> None:
    """It is told that its world is closed, and the next test sees nothing of it."""
    result = run(
        pytester,
        """
import threading

seen = []
go = threading.Event()

def test_it(ocp):
    def runs_on():
        go.wait(10)
        seen.append(call(ocp).status_code)
    thread = threading.Thread(target=runs_on, daemon=True)
    seen.append(thread)
    assert ocp.auth and ocp.url
    thread.start()

def test_other(ocp_server):
    go.set()
    seen[0].join(10)
    assert seen[1] == 410
    assert [world["name"] for world in ocp_server.control.list_worlds()["worlds"]] == []
""",
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(passed=2)

"""Problems that fail a test in addition to its own assertions, in whole texts."""

import pytest

from plugin_builders import assert_equals_file, normalise_output, run

PROBLEMS = """

def test_violation(ocp):
    assert call(ocp, LIST + "?size=0&status=BROKEN").status_code == 400

def test_unmatched(ocp):
    assert call(ocp, "/api/v2/tasks/instanses").status_code == 404

def test_unused_reply(ocp):
    ocp.reply("retryTask", error=1999, must=True, name="retry-fails")

def test_unexpected_violation(ocp):
    ocp.expect_violation("query.size")
    call(ocp, LIST + "?page=0")
"""


def test_problems_of_a_client_fail_its_test(pytester: pytest.Pytester) -> None:
    """The test is FAILED, not ERROR. The report has place, source, curl line, story and command."""
    result = run(pytester, PROBLEMS)
    result.assert_outcomes(failed=4)
    assert_equals_file("strict-problems", normalise_output(result))


def test_allowed_calls_do_not_fail_a_test(pytester: pytest.Pytester) -> None:
    """These are OPTIONS, the icon of a browser, unknown query parameters, and expected violations."""
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


def test_other_results_of_a_test_stay(pytester: pytest.Pytester) -> None:
    """A failing test shows only its own error; skips and expected failures stay."""
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
    )
    result.assert_outcomes(failed=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(
        ["E*assert 1 == 2", "*ocp journal*", "*GET /api/v2/tasks/instances?size=0 * 400*"]
    )
    assert "ocp: 1 problem" not in result.stdout.str()


def test_unittest_classes_are_verified(pytester: pytest.Pytester) -> None:
    """They get the fixture from another one; their own failure comes first."""
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


def test_strictness_is_set_for_all_tests(pytester: pytest.Pytester) -> None:
    """The option and the ini file set it; a marker overrides both."""
    tests = '\n\ndef test_it(ocp):\n    call(ocp, "/nowhere")\n'
    run(pytester, tests).assert_outcomes(failed=1)
    run(pytester, tests, "--ocp-lenient").assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nocp_strict = false\n")
    run(pytester, tests).assert_outcomes(passed=1)
    run(pytester, f"{tests[:1]}\n@pytest.mark.ocp(strict=True){tests[1:]}").assert_outcomes(
        failed=1
    )


def test_world_of_a_module_is_verified_at_its_end(pytester: pytest.Pytester) -> None:
    """Its problems are an error in the teardown of the last test of the module."""
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
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_two*", "*query.size: 0; expected at least 1*"]
    )


def test_world_of_a_block_is_verified_at_its_end(pytester: pytest.Pytester) -> None:
    """The test fails, and its report has the story of the world."""
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
    assert_equals_file("strict-block", normalise_output(result))


def test_background_client_fails_its_test(pytester: pytest.Pytester) -> None:
    """Its exception is the failure of the test, with the line that raised it."""
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


def test_calls_of_a_teardown_are_verified(pytester: pytest.Pytester) -> None:
    """Their problems are an error of the teardown, reported once, with the story."""
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


def test_late_client_does_not_create_its_world_again(pytester: pytest.Pytester) -> None:
    """It gets a 410 response, and the next test does not see its world."""
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
    )
    result.assert_outcomes(passed=2)

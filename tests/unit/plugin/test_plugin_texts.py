"""The whole texts of failures, compared with a file."""

import re

import pytest

from plugin_builders import assert_equals_file, normalise_output, run

TESTS = """

FAILED = 35000312

def test_asserted_call_did_not_come(ocp):
    call(ocp)
    ocp.assert_called("retryTask", path={"taskInstanceId": FAILED})

def test_asserted_call_came_too_often(ocp):
    call(ocp)
    call(ocp, LIST + "?size=5")
    ocp.assert_called("listTaskInstances", times=1)

def test_asserted_operation_is_misspelled(ocp):
    ocp.assert_called("retryTasks")

def test_asserted_criterion_is_misspelled(ocp):
    ocp.assert_called("retryTask", pth={"taskInstanceId": FAILED})

def test_forbidden_call_came(ocp):
    call(ocp)
    ocp.assert_not_called("listTaskInstances")

def test_reply_and_fault_were_not_used(ocp):
    ocp.reply("retryTask", error=1999, name="no-retry")
    ocp.fault("listTaskInstances", fault="reset", name="no-list")
    ocp.assert_all_called()

def test_awaited_call_did_not_come(ocp):
    ocp.wait_for("retryTask", timeout="10ms")

def test_nothing_is_to_come(ocp):
    ocp.clock.advance_until(ocp.tasks[FAILED].is_("SUCCESSFUL"))

def test_it_takes_too_long(ocp):
    task = ocp.task("Long", ocp.subtask(takes="2h"))
    ocp.clock.advance_until(task.finished, limit="1h")

def test_condition_was_called(ocp):
    ocp.clock.advance_until(ocp.tasks[FAILED].finished and True)

def test_task_is_not_there(ocp):
    ocp.tasks[3500031]

def test_subtask_is_not_there(ocp):
    ocp.tasks[FAILED].subtasks["nothing"]

def test_account_is_not_there(ocp):
    ocp.as_("viewr")

def test_reply_is_wrong(ocp):
    ocp.reply("retryTsk", error=1999)

def test_fault_is_wrong(ocp):
    ocp.fault("retryTask", fault={"delay": "soon"})

def test_task_is_wrong(ocp):
    ocp.task("Mine", "Prepare", ocp.subtask("Install", after="Prepair"))

def test_duration_is_none(ocp):
    ocp.clock.advance("soon")

def test_corruption_was_not_served(ocp):
    with ocp.serving("listTaskInstances.200/data/contents[]/status:unknown-enum"):
        call(ocp, f"{LIST}/{FAILED}")

def test_corruption_is_not_there(ocp):
    with ocp.serving("listTaskInstances.200/data/contents[]/status:unknown-enm"):
        pass

def test_expected_violation_did_not_come(ocp):
    ocp.expect_violation("query.size")

def test_client_in_the_background_failed(ocp):
    ocp.background(lambda: 1 / 0)

def test_scenario_is_not_there(ocp_server):
    with ocp_server.world(scenario="upgrad"):
        pass

def test_setting_is_not_there(ocp_server):
    ocp_server.world(clock="virtul")
"""


def test_failures_are_explained(pytester: pytest.Pytester) -> None:
    """Each text has the expected and the found value, and the nearest name."""
    result = run(pytester, TESTS, "--tb=short")
    text = normalise_output(result)
    text = text[: text.index("=== short test summary info ===")]
    text = re.sub(
        r"(?m)^=== ocp journal ===\n(?:.*\n)*?(?====|\Z)", "", text
    )  # that has files of its own
    text = re.sub(r"(?m)^\S*contextlib\.py:\d+: in .*\n(?: .*\n)*", "", text)
    text = re.sub(r"(?m)^test_failures_are_explained\.py:\d+: ", "", text)
    assert text.count("\n=== test_") + text.startswith("=== test_") == TESTS.count("\ndef test_")
    assert_equals_file("texts", text)

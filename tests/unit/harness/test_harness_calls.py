"""Assertions about calls, rules that a test adds, corruptions, and clients in the background."""

from threading import Event

import pytest

from harness_builders import FAILED, LIST, call, retry
from understudy import corruptions
from understudy.control.client import ControlError
from understudy.harness import Background, Ocp, OcpServer

WRONG = "getTaskInstance.200/data/status:unknown-enum"


def test_calls_are_asserted(ocp: Ocp) -> None:
    """Assertions match by count and criteria, and return the calls."""
    retry(ocp)
    call(ocp, f"{LIST}?status=FAILED")
    assert ocp.assert_called("retryTask")[0].number == 1
    ocp.assert_called("retryTask", times=1, path={"taskInstanceId": FAILED}, status=200)
    ocp.assert_called(["retryTask", "listTaskInstances"], times=2)
    ocp.assert_called("listTaskInstances", query={"status": "FAILED"})
    ocp.assert_called("rollbackTask", times=0)
    ocp.assert_called(times=2)
    ocp.assert_not_called("rollbackTask")
    ocp.assert_not_called("retryTask", status=404)


def test_missing_call_is_reported_with_the_nearest_calls(ocp: Ocp) -> None:
    """The message lists all calls too; their targets do not show the prefix of the world."""
    retry(ocp)
    with pytest.raises(AssertionError) as caught:
        ocp.assert_called("retryTask", times=2, path={"taskInstanceId": 5})
    assert str(caught.value) == (
        "expected 2 calls of retryTask with path {'taskInstanceId': 5}, found 0.\n"
        "The nearest:\n"
        f"  #1 POST {LIST}/35000312/retry\n"
        "     path.taskInstanceId: wanted 5, found 35000312\n"
        "The calls:\n"
        f"  #1 POST {LIST}/35000312/retry -> 200 retryTask"
    )
    with pytest.raises(
        AssertionError, match=r"expected no call of retryTask, found 1.\nThe calls:\n  #1 POST"
    ):
        ocp.assert_not_called("retryTask")
    with pytest.raises(
        ControlError,
        match=r'unknown operation "retryTsk". Did you mean "retryTask"?',
    ):
        ocp.assert_called("retryTsk")


def test_unknown_criterion_is_reported(ocp: Ocp) -> None:
    """The error names the nearest criterion; otherwise a negative assertion could never fail."""
    with pytest.raises(TypeError, match=r'^unknown criterion "pth". Did you mean "path"\?$'):
        ocp.assert_not_called("retryTask", pth={"taskInstanceId": 1})
    with pytest.raises(TypeError, match=r'^unknown criterion "time". Did you mean "times"\?$'):
        ocp.assert_called("retryTask", time=1)
    with pytest.raises(
        TypeError,
        match=r'^unknown criterion "x". Expected one of path, query, headers, body, status, acc',
    ):
        ocp.wait_for("retryTask", x=1)
    variable = r'retryTask has no path variable "taskId". Did you mean "taskInstanceId"\?$'
    with pytest.raises(ControlError, match=variable):
        ocp.assert_not_called("retryTask", path={"taskId": 1})
    ocp.assert_not_called(path={"id": 1})  # of a reply, say, that is not of the contract


def test_message_says_that_there_were_no_calls(ocp: Ocp) -> None:
    """The message of a failed assertion says so if the journal is empty."""
    with pytest.raises(
        AssertionError, match=r"expected at least 1 call, found 0.\nThere were no calls."
    ):
        ocp.assert_called()


def test_wait_for_returns_the_call_of_another_thread(ocp: Ocp) -> None:
    """After the timeout, the error says how many calls there were."""
    ocp.background(retry, ocp)
    assert ocp.wait_for("retryTask", timeout=5).number == 1
    with pytest.raises(AssertionError, match=r"waited 20ms for 2 calls of retryTask, found 1."):
        ocp.wait_for("retryTask", count=2, timeout="20ms")


def test_added_reply_comes_before_the_service(ocp: Ocp) -> None:
    """`then`, `times` and `when` work as in a scenario; a removed reply is not used any more."""
    rule = ocp.reply(
        "getTaskInstance",
        error=1999,
        then=[{"error": 4001}],
        times=2,
        path={"taskInstanceId": FAILED},
    )
    assert [call(ocp, f"{LIST}/{FAILED}").status_code for _ in range(3)] == [500, 404, 200]
    assert (rule.used, repr(rule)) == (2, '<rule "added-1", used 2 times>')
    named = ocp.reply(
        "listTaskInstances",
        status=200,
        body={"a": 1},
        off_contract=True,
        when={"probability": 1},
        name="mine",
    )
    assert call(ocp).json() == {"a": 1}
    named.remove()
    named.remove()
    assert "data" in call(ocp).json()


def test_rule_of_a_block_is_removed_at_its_end(ocp: Ocp) -> None:
    """With `must`, a block that did not use the rule fails."""
    with ocp.reply("getTaskInstance", error=1999, must=True):
        assert call(ocp, f"{LIST}/{FAILED}").status_code == 500
    assert call(ocp, f"{LIST}/{FAILED}").status_code == 200
    with (
        pytest.raises(AssertionError, match=r'the reply "added-2" was never used'),
        ocp.reply("retryTask", error=1999, must=True),
    ):
        pass
    assert ocp.verdict() is None


def test_added_fault_is_applied_and_counted(ocp: Ocp) -> None:
    """A fault is applied as often as `times` says, and removed at the end of its block."""
    with ocp.fault("getTaskInstance", fault={"status": 503}, times=1) as fault:
        assert [call(ocp, f"{LIST}/{FAILED}").status_code for _ in range(2)] == [503, 200]
        assert fault.used == 1


def test_assert_all_called_names_unused_rules(ocp: Ocp) -> None:
    """Both replies and faults count."""
    ocp.reply("getTaskInstance", error=1999)
    ocp.fault("listTaskInstances", fault={"status": 503}, name="gone")
    call(ocp, f"{LIST}/{FAILED}")
    with pytest.raises(AssertionError, match=r"never used: gone."):
        ocp.assert_all_called()
    call(ocp)
    ocp.assert_all_called()


def test_wrong_rule_is_reported(ocp: Ocp) -> None:
    """The error contains what the control API reports, and names a condition that is given twice."""
    with pytest.raises(ControlError, match=r'unknown key "eror". Did you mean "error"?'):
        ocp.reply("retryTask", eror=1999)
    with pytest.raises(TypeError, match=r"'path' is given twice: as a keyword, and in when="):
        ocp.reply("retryTask", path={"taskInstanceId": 1}, when={"path": {}}, error=1999)
    with pytest.raises(ControlError, match=r"fault"):
        ocp.fault("retryTask", fault="resett")


def test_corruption_is_served_inside_the_block(ocp: Ocp) -> None:
    """It is selected by id or by an item of the catalogue; a block in which it was not served fails."""
    with ocp.serving(WRONG):
        assert call(ocp, f"{LIST}/{FAILED}").json()["data"]["status"] == "UNKNOWN"
    assert call(ocp, f"{LIST}/{FAILED}").json()["data"]["status"] == "FAILED"
    with ocp.serving(next(iter(corruptions("getTaskInstance")))):
        call(ocp, f"{LIST}/{FAILED}")
    with (
        pytest.raises(AssertionError, match=rf'the corruption "{WRONG}" was never served.'),
        ocp.serving(WRONG),
    ):
        call(ocp)
    with (
        pytest.raises(ControlError, match=rf'Did you mean "{WRONG}"?'),
        ocp.serving(WRONG.replace("enum", "enun")),
    ):
        pass


def test_corruption_ends_with_a_failing_block(ocp: Ocp) -> None:
    """The block raises its own error."""
    with pytest.raises(ZeroDivisionError), ocp.serving(WRONG):
        _ = 1 / 0
    assert call(ocp, f"{LIST}/{FAILED}").json()["data"]["status"] == "FAILED"


def test_client_polls_while_the_clock_moves(ocp: Ocp) -> None:
    """A background client polls until the task has ended."""
    task = ocp.task("Mine", ocp.subtask(takes="1h"))

    def poll() -> str:
        while (status := call(ocp, f"{LIST}/{task.id}").json()["data"]["status"]) == "RUNNING":
            pass
        return str(status)

    with ocp.background(poll) as polling:
        ocp.wait_for("getTaskInstance", timeout=5)
        assert not polling.done
        ocp.clock.advance_until(task.finished)
    assert (polling.result(), polling.done, repr(polling)) == (
        "SUCCESSFUL",
        True,
        "<background poll, done>",
    )


def test_error_of_a_background_client_is_raised_once(ocp: Ocp) -> None:
    """It is raised by `result`, or else at the end of the world."""

    def broken() -> None:
        raise KeyError("no such field")

    with pytest.raises(KeyError, match=r"no such field"):
        ocp.background(broken).result()
    ocp.verify()
    ocp.background(broken)
    with pytest.raises(KeyError, match=r"no such field"):
        ocp.verify()
    ocp._session.backgrounds.clear()


def test_further_errors_are_notes_of_the_first(server: OcpServer) -> None:
    """The notes are errors of other background clients, and the problems of the world."""

    def broken() -> None:
        raise KeyError("no such field")

    def absent() -> None:
        raise IndexError("no such item")

    ocp = server.world("bad")
    ocp.background(broken)
    ocp.background(absent)
    call(ocp, f"{LIST}?size=0")
    with pytest.raises(KeyError, match=r"no such field") as caught:
        ocp.verify()
    ocp.close()
    first, second = caught.value.__notes__
    assert first == "also, in the background: IndexError: no such item"
    assert (second.partition(" in the world")[0], "query.size: 0" in second) == (
        "ocp: 1 problem",
        True,
    )


def test_story_lists_failed_and_running_background_clients(ocp: Ocp) -> None:
    """An error that `result` has raised is not listed again."""

    def broken() -> None:
        raise KeyError("no such field")

    stop, client = Event(), ocp.background(broken)
    waiting = ocp.background(stop.wait, 60)
    with pytest.raises(AssertionError, match=r"found 0"):
        ocp.wait_for("getTaskInstance", timeout="20ms")
    client._thread.join(timeout=5)
    last, still = ocp.story().splitlines()[-2:]
    line = broken.__code__.co_firstlineno + 1
    assert (
        last
        == f"  in the background: broken failed: KeyError: 'no such field' (test_harness_calls.py:{line})"
    )
    assert still == "  in the background: wait still runs"
    stop.set()
    waiting.result()
    assert isinstance(client.wait_for_error(), KeyError)
    assert "in the background" not in ocp.story()


def test_running_client_raises_a_timeout() -> None:
    """`result` raises TimeoutError, and can be called again."""
    stop = Event()
    waiting = Background(stop.wait, 60)
    with pytest.raises(TimeoutError, match=r"wait still runs after 0.01 s of the wall clock"):
        waiting.result(timeout=0.01)
    assert repr(waiting) == "<background wait, running>"
    stop.set()
    assert waiting.result() is True


def test_uses_of_a_rule_are_unknown_after_dropped_calls(ocp: Ocp) -> None:
    """The number of uses raises, and its assertion does not report the rule as unused."""
    rule = ocp.reply("retryTask", error=1999, times=1)
    client = ocp.requests()
    client.post(f"{LIST}/{FAILED}/retry")
    assert (rule.used, repr(rule)) == (1, '<rule "added-1", used 1 times>')
    for _ in range(130):
        client.post(LIST, data=b"x" * 65_536)
    with pytest.raises(
        AssertionError,
        match=r'the journal has dropped \d+ exchanges, so the uses of "',
    ):
        _ = rule.used
    with pytest.raises(AssertionError, match="the journal has dropped"):
        ocp.assert_all_called()
    assert repr(rule) == '<rule "added-1", number of uses unknown>'


def test_message_shows_the_problems_of_twenty_calls(server: OcpServer) -> None:
    """The number of further calls and the problems without a call follow."""
    ocp = server.world()
    ocp.reply("retryTask", error=1999, must=True, name="waited-for")
    for _ in range(23):
        ocp.requests().get(f"{LIST}?size=0&status=NO")
    error = ocp.verdict()
    ocp.close()
    assert error is not None
    lines = str(error).splitlines()
    assert lines[0] == f"ocp: 24 problems in the world {ocp.name}"
    assert len([line for line in lines if line.startswith("  #")]) == 20
    assert lines[-2:] == [
        "  … and 3 more calls",
        '  never used: the reply "waited-for" was never used',
    ]
    assert len(error.findings) == 47


def test_story_folds_the_calls_of_a_polling_client(ocp: Ocp) -> None:
    """Equal calls share a row; changes of their task between two calls are shown."""
    session, task = ocp.requests(), ocp.task("Mine", ocp.subtask("Wait", takes="20s", id=9), id=8)
    for _ in range(60):
        session.get(f"{LIST}/8")
        ocp.clock.advance("1s")
    for size in (0, 0, 0):
        session.get(LIST, params={"size": size})
    assert task.successful
    lines = [" ".join(line.split()) for line in ocp.story().splitlines()[1:] if "!" not in line]
    assert lines == [
        "1 15:09:31 admin: GET /api/v2/tasks/instances/8 200, getTaskInstance",
        "meanwhile task 8: subtask 9 READY -> RUNNING",
        "2 15:09:32 admin: GET /api/v2/tasks/instances/8 200, getTaskInstance",
        "… 19 more like it, until 15:09:51",
        "meanwhile task 8: RUNNING -> SUCCESSFUL, subtask 9 RUNNING -> SUCCESSFUL",
        "22 15:09:52 admin: GET /api/v2/tasks/instances/8 200, getTaskInstance",
        "… 38 more like it, until 15:10:30",
        *(
            f"{number} 15:10:31 admin: GET /api/v2/tasks/instances?size=0 400, listTaskInstances"
            for number in (61, 62, 63)
        ),
    ]
    ocp.expect_violation()
    ocp.expect_violation()
    ocp.expect_violation()


def test_call_with_a_wrong_password_is_shown(server: OcpServer) -> None:
    """Also when it is the first call of the world: in the list, the assertions and the story."""
    with server.world("test", strict=False) as ocp:
        response = ocp.requests().get(LIST, auth=("admin", "wrong"))
        assert response.status_code == 401
        assert [call.response.status for call in ocp.calls] == [401]
        ocp.assert_called("listTaskInstances", status=401, times=1)
        assert "401" in ocp.story()

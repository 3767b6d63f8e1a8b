"""The journal over the control API: listed, searched, counted, explained."""

import shlex
import subprocess
from pathlib import Path

import pytest

from control_builders import FAILED, LIST, Desk, scenario_in


@pytest.fixture
def desk() -> Desk:
    """A world with four calls, one of which nobody answers."""
    desk = Desk()
    desk.call(f"{LIST}?status=FAILED&size=2")
    desk.call(f"{LIST}/{FAILED}")
    desk.call(f"{LIST}/{FAILED}/retry", "POST")
    desk.call("/api/v2/task/instances")
    return desk


def numbers(told: dict[str, list[dict[str, int]]], key: str = "requests") -> list[int]:
    return [one["number"] for one in told[key]]


def test_the_last_exchanges_are_listed(desk: Desk) -> None:
    """The oldest first; `total` tells how many there are."""
    told = desk.ask("GET /requests?limit=2")
    assert (numbers(told), told["total"], told["dropped"]) == ([3, 4], 4, 0)


@pytest.mark.parametrize(("after", "expected"), [(0, [1, 2]), (1, [2, 3]), (3, [4]), (9, [])])
def test_the_first_exchanges_after_a_number_are_listed(
    desk: Desk, after: int, expected: list[int]
) -> None:
    """So a tool pages through them."""
    assert numbers(desk.ask(f"GET /requests?limit=2&after={after}")) == expected


def test_an_exchange_is_given_by_its_number(desk: Desk) -> None:
    """With request, answer and trace."""
    told = desk.ask("GET /requests/3")
    assert (told["operation"], told["account"], told["response"]["status"]) == (
        "retryTask",
        "admin",
        200,
    )
    assert told["trace"]["revision"] == [0, 1]


def test_a_number_that_is_not_there_is_404(desk: Desk) -> None:
    """In words."""
    told = desk.problem("GET /requests/9")
    assert told == (404, "no-such-request", 'The journal of the world "default" has no exchange 9.')
    assert desk.problem("GET /requests/9/explain")[:2] == (404, "no-such-request")


def test_clearing_begins_anew(desk: Desk) -> None:
    """The numbers too; what the calls changed stays."""
    desk.ask("DELETE /requests", status=204)
    assert desk.ask("GET /requests") == {"requests": [], "total": 0, "dropped": 0}
    desk.call(LIST)
    assert numbers(desk.ask("GET /requests")) == [1]
    assert desk.ask("GET /worlds")["worlds"][0]["revision"] == 1


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"operation": "retryTask"}, [3]),
        ({"operation": ["retryTask", "getTaskInstance"]}, [2, 3]),
        ({"request": "GET /api/**"}, [1, 2, 4]),
        ({"path": {"taskInstanceId": FAILED}}, [2, 3]),
        ({"query": {"status": {"contains": "FAIL"}}}, [1]),
        ({"headers": {"Authorization": {"present": True}}}, [1, 2, 3, 4]),
        ({"status": "2xx"}, [1, 2, 3]),
        ({"status": [404, "5xx"], "account": "admin"}, [4]),
    ],
)
def test_criteria_find_and_count_the_same(
    desk: Desk, criteria: dict[str, object], expected: list[int]
) -> None:
    """By the words of a rule, and by status and account."""
    assert numbers(desk.ask("POST /requests/find", criteria)) == expected
    assert desk.ask("POST /requests/count", criteria) == {"count": len(expected)}


def test_criteria_that_name_nothing_are_told(desk: Desk) -> None:
    """An operation that the contract has not; what only a rule can ask."""
    detail = desk.problem("POST /requests/count", {"operation": "retryTsk"})[2]
    assert detail == (
        'body/operation: the search: unknown operation "retryTsk". Did you mean "retryTask"?'
    )
    assert desk.problem("POST /requests/find", {"probability": 0.5})[:2] == (400, "bad-request")


def test_a_count_over_a_dropped_part_is_refused(desk: Desk) -> None:
    """409 instead of a wrong number; what is left is found, and told to be not all."""
    from understudy.replay import Journal

    journal = Journal(max_exchanges=2)
    for exchange in desk.stub.world().journal.exchanges():
        journal.append(exchange)
    desk.stub.world().journal = journal
    assert desk.problem("POST /requests/count", {})[:2] == (409, "journal-truncated")
    assert desk.problem("POST /requests/wait", {"timeout": "1ms"})[:2] == (409, "journal-truncated")
    told = desk.ask("POST /requests/find", {})
    assert (numbers(told), told["dropped"]) == ([3, 4], 2)
    assert desk.problem("GET /requests/1")[2].endswith(
        "has no exchange 1. 2 exchanges were dropped."
    )


def test_what_nobody_answered_is_listed_with_what_was_nearest(desk: Desk) -> None:
    """A path of the contract, or the methods of the path."""
    desk.call(LIST, "PUT")
    assert numbers(desk.ask("GET /requests/unmatched")) == [4, 5]
    path, method = desk.ask("GET /requests/unmatched/near-misses")["nearMisses"]
    assert (path["number"], path["nearestPath"]) == (4, LIST)
    assert (method["number"], method["allowed"], method["status"]) == (5, ["GET"], 405)


def test_what_a_rule_answered_is_not_unmatched(desk: Desk) -> None:
    """Even where no operation has the path."""
    rule = {
        "when": {"request": "GET /api/v2/task/instances"},
        "reply": {"status": 204},
        "off-contract": True,
    }
    desk.ask("POST /replies", rule, status=201)
    assert desk.call("/api/v2/task/instances").status == 204
    assert numbers(desk.ask("GET /requests/unmatched")) == [4]


def test_the_closest_reply_stands_beside_an_unmatched_call(desk: Desk) -> None:
    """With the rows that differ."""
    rule = {
        "name": "near",
        "when": {"request": "GET /api/v2/task/*", "query": {"page": 2}},
        "reply": {"status": 204},
    }
    desk.ask("POST /replies", {**rule, "off-contract": True}, status=201)
    desk.call("/api/v2/task/instances?page=1")
    closest = desk.ask("GET /requests/unmatched/near-misses")["nearMisses"][-1]["closest"]
    assert closest["rule"] == "near"
    assert [row["field"] for row in closest["rows"] if not row["matches"]] == ["query.page"]


def test_near_misses_of_criteria_are_told_row_by_row(desk: Desk) -> None:
    """The fewest differences first; what meets all of them, or none, is no near miss."""
    criteria = {"operation": "retryTask", "path": {"taskInstanceId": 7}}
    (miss,) = desk.ask("POST /requests/near-misses", criteria)["nearMisses"]
    assert (miss["number"], miss["differing"]) == (3, 1)
    assert [
        (row["field"], row["wanted"], row["found"]) for row in miss["rows"] if not row["matches"]
    ] == [("path.taskInstanceId", "7", str(FAILED))]


def test_an_explanation_tells_how_an_answer_came_about(desk: Desk) -> None:
    """Operation, lines of the documents, clock, what matched, how the task stood before and after."""
    told = desk.ask("GET /requests/3/explain")
    assert (told["operation"], told["matched"], told["revision"]) == (
        "retryTask",
        "service",
        [0, 1],
    )
    assert (told["before"]["status"], told["after"]["status"]) == ("FAILED", "RUNNING")
    assert (told["clock"]["mode"], told["scenario"], told["world"]) == (
        "virtual",
        "demo",
        "default",
    )
    assert told["sources"]
    assert all(source.startswith("task-management.md:") for source in told["sources"])


def test_an_explanation_names_the_lines_of_what_was_violated(desk: Desk) -> None:
    """Beside those of the operation."""
    plain = desk.ask("GET /requests/1/explain")["sources"]
    desk.call(f"{LIST}?size=none")
    told = desk.ask("GET /requests/5/explain")
    assert (told["matched"], len(told["violations"])) == ("refusal", 1)
    assert set(told["sources"]) > {plain[0]}
    assert told["sources"][-1] in told["violations"][0]


def test_the_curl_line_is_one_for_a_shell(desk: Desk) -> None:
    """It holds method, headers, body and the host that was asked; secrets are taken out."""
    rule = {"when": {"request": "POST /x"}, "reply": {"status": 204}, "off-contract": True}
    desk.ask("POST /replies", rule, status=201)
    desk.call("/x?a='b'&token=t0p", "POST", body=b"it's {}", X_Note="say 'hi'")
    line = desk.ask("GET /requests/5/explain", headers=[("Host", "localhost:4321")])["curl"]
    words = shlex.split(line)
    assert (words[0], words[-1].partition("token=")[0]) == (
        "curl",
        "http://localhost:4321/x?a='b'&",
    )
    assert words[words.index("-X") + 1] == "POST"
    assert words[words.index("--data-binary") + 1] == "it's {}"
    assert "X-Note: say 'hi'" in words
    assert "t0p" not in line
    assert "YWRtaW46YWRtaW4" not in line


@pytest.mark.parametrize("body", [b"\xff\x00\xfe", b"a\x00b"])
def test_a_body_that_is_no_text_is_piped(desk: Desk, body: bytes) -> None:
    """What the shell pipes into curl is the body, byte for byte."""
    desk.call("/nothing", "POST", body=body)
    line = desk.ask("GET /requests/5/explain")["curl"]
    pipe = line.rpartition(" | curl ")[0]
    assert subprocess.run(["sh", "-c", pipe], capture_output=True, check=True).stdout == body
    assert line.endswith("--data-binary @- http://localhost:4010/nothing")


def test_scripted_replies_and_faults_are_explained(tmp_path: Path) -> None:
    """By the name of the rule, the blow, and what the call preferred."""
    scenario = "replies: [{name: gone, when: {operation: listTaskInstances}, reply: {error: 1999}}]\nfaults:\n"
    scenario += (
        "  - {name: cut, when: {operation: listTaskInstances}, fault: {content-type: text/html}}\n"
    )
    desk = Desk(scenario_in(tmp_path, scenario))
    desk.call(LIST)
    told = desk.ask("GET /requests/1/explain")
    assert told["matched"] == "gone"
    assert [fault["rule"] for fault in told["faults"]] == ["cut"]
    desk.call(LIST, Prefer="code=500")
    assert desk.ask("GET /requests/2/explain")["preferences"] == {"code": "500"}

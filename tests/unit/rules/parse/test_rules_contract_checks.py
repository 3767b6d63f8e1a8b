"""Rules checked against the contract: unknown operations and names, and replies that it forbids."""

import copy
from typing import Any

import pytest

from rule_builders import CODES, contract, list_problems

GOOD = contract().operations["getTaskInstance"].responses["200"].examples["failed"]
LIST = contract().operations["listTaskInstances"].responses["200"].examples["onePage"]
HINT = 'If it is intended, write "off-contract: true".'


def rule(reply: Any, operation: Any = "getTaskInstance", **more: Any) -> dict[str, Any]:
    """Return rules with one reply."""
    return {"replies": [{"name": "x", "when": {"operation": operation}, "reply": reply, **more}]}


def change_body(pointer: str, value: Any) -> Any:
    """Return a valid body with one other value."""
    body = copy.deepcopy(GOOD)
    *parents, last = pointer.split("/")[1:]
    node = body
    for name in parents:
        node = node[int(name)] if isinstance(node, list) else node[name]
    node[last] = value
    return body


WHEN = "/replies/0/when"
ANSWER = "/replies/0/reply"
CASES: list[tuple[dict[str, Any], list[str]]] = [
    (rule({"body": GOOD}), []),
    (rule({"error": 4001}), []),
    (rule({"error": 418}), []),
    (rule({"example": "failed"}), []),
    (rule({"example": "failed", "status": 200}), []),
    (rule({"dynamic": True, "status": 404}), []),
    (rule({"patch": [{"op": "remove", "path": "/data"}], "status": 500}), []),
    (rule({"body": GOOD}, "getTaskInstanc"), [f'{WHEN}/operation: reply "x": unknown operation "getTaskInstanc". Did you mean "getTaskInstance"?']),
    (rule({"error": 500}, ["getTaskInstance", "nothing"]), [f'{WHEN}/operation/1: reply "x": unknown operation "nothing".']),
    (rule({"error": 4002}), [f'{ANSWER}/error: reply "x": unknown error 4002. Expected one of the service\'s codes (4001, 4007, 4009, …), or an HTTP status from 400 to 599.']),
    (rule({"error": 200}), [f'{ANSWER}/error: reply "x": unknown error 200. Expected one of the service\'s codes (1001, 1008, 1011, …), or an HTTP status from 400 to 599.']),
    (rule({"example": "fialed"}), [f'{ANSWER}/example: reply "x": getTaskInstance has no example "fialed". Did you mean "failed"?']),
    (rule({"example": "failed", "status": 400}), [f'{ANSWER}/example: reply "x": getTaskInstance has no example "failed" for the status 400. Expected one of wrongState.']),
    (rule({"example": "failed"}, ["getTaskInstance", "listTaskInstances"]), [f'{ANSWER}/example: reply "x": listTaskInstances has no example "failed". Expected one of onePage, wrongState.']),
    (rule({"example": "nothing"}, **{"off-contract": True}), [f'{ANSWER}/example: reply "x": getTaskInstance has no example "nothing". Expected one of failed, wrongState.']),
    (rule({"status": 418, "body": GOOD}), [f'{ANSWER}/status: reply "x": the contract has no status 418 for getTaskInstance. Expected one of 200, 400, 401, 403, 429, 500, 404. {HINT}']),
    (rule({"dynamic": True, "status": 418}), [f'{ANSWER}/status: reply "x": the contract has no status 418 for getTaskInstance. Expected one of 200, 400, 401, 403, 429, 500, 404. {HINT}']),
    (rule({"status": 200}), [f'{ANSWER}/media-type: reply "x": the reply to getTaskInstance breaks the contract: it has no body. Expected application/json. {HINT}']),
    (rule({"text": "hi"}), [f'{ANSWER}/media-type: reply "x": the reply to getTaskInstance breaks the contract: its content type is text/plain; charset=utf-8. Expected application/json. {HINT}']),
    (rule({"body": change_body("/data/status", "LOST")}), [f'{ANSWER}/body/data/status: reply "x": the reply to getTaskInstance breaks the contract: "/data/status" is "LOST". Expected one of "RUNNING", "FAILED", "SUCCESSFUL". {HINT}']),
    (rule({"body": change_body("/data/subtasks", "none")}), [f'{ANSWER}/body/data/subtasks: reply "x": the reply to getTaskInstance breaks the contract: "/data/subtasks" is "none". Expected an array. {HINT}']),
    (rule({"body": [1]}), [f'{ANSWER}/body: reply "x": the reply to getTaskInstance breaks the contract: the body is a list. Expected an object. {HINT}']),
    (rule({"body": 1, "status": 418}, **{"off-contract": True}), []),
    (rule({"text": "not json", "media-type": "application/json"}, **{"off-contract": True}), []),
    ({"replies": [{"when": {"request": "GET /api/v2/tasks/instance/*"}, "reply": {"error": 500}}]}, [f'{WHEN}/request: reply "replies/0": the request "GET /api/v2/tasks/instance/*" matches no operation of the contract. Did you mean "/api/v2/tasks/instances"? A reply may say "off-contract: true".']),
    ({"replies": [{"when": {"request": "POST /login"}, "reply": {"status": 204}, "off-contract": True}]}, []),
    ({"replies": [{"when": {"request": "* /api/v2/tasks/instances/{id}", "path": {"id": 1, "taskInstanceId": 1}}, "reply": {"error": 500}}]}, []),
    ({"replies": [{"when": {"path": {"subtaskInstanceId": 1}}, "reply": {"error": 500}}]}, []),
    ({"faults": [{"when": {"request": "GET /api/v2/tsk/**"}, "fault": "reset"}]}, ['/faults/0/when/request: fault "faults/0": the request "GET /api/v2/tsk/**" matches no operation of the contract. Did you mean "/api/v2/tasks/instances"? A reply may say "off-contract: true".']),
    (rule({"error": 500}, "listTaskInstances") | {"faults": [{"when": {"operation": "listTaskInstances", "path": {"id": 1}}, "fault": "reset"}]}, ['key /faults/0/when/path/id: fault "faults/0": listTaskInstances has no path variable "id". Expected one of none.']),
    ({"replies": [{"when": {"operation": "getTaskInstance", "path": {"taskInstanceID": 1}}, "reply": {"error": 500}}]}, [f'key {WHEN}/path/taskInstanceID: reply "replies/0": getTaskInstance has no path variable "taskInstanceID". Did you mean "taskInstanceId"?']),
    ({"replies": [{"when": {"operation": "listTaskInstances", "state": {"task": "path", "status": "RUNNING"}}, "reply": {"error": 500}}]}, [f'{WHEN}/state: reply "replies/0": listTaskInstances has no task in its path.']),
    ({"replies": [{"when": {"operation": "getTaskInstance", "state": {"task": "path", "subtask": "path", "status": "RUNNING"}}, "reply": {"error": 500}}]}, [f'{WHEN}/state: reply "replies/0": getTaskInstance has no subtask in its path.']),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), CASES, ids=lambda v: str(v)[:90])
def test_rules_are_checked_against_the_contract(data: dict[str, Any], expected: list[str]) -> None:
    """A rule that contradicts the contract is reported, unless it is off-contract."""
    assert list_problems(data) == expected


def test_missing_fields_of_one_object_are_one_problem() -> None:
    """Each object has its own problem."""
    body = {key: value for key, value in GOOD.items() if key not in ("server", "traceId")} | {
        "data": {"id": 1}
    }
    data, top = sorted(list_problems(rule([{"body": GOOD}, {"body": body}])))
    assert top.startswith(
        f'{ANSWER}/1/body: reply "x": the reply to getTaskInstance breaks the contract: the body lacks traceId, server. '
    )
    assert data.startswith(
        f'{ANSWER}/1/body/data: reply "x": the reply to getTaskInstance breaks the contract: "/data" lacks name, '
    )


def test_reply_to_several_operations_has_to_fit_each() -> None:
    """The first operation that it does not fit is reported."""
    texts = list_problems(rule({"body": GOOD}, ["getTaskInstance", "listTaskInstances"]))
    assert texts
    assert all("the reply to listTaskInstances breaks the contract" in text for text in texts)
    texts = list_problems(
        {"replies": [{"when": {"request": "GET /api/v2/tasks/instances"}, "reply": {"body": LIST}}]}
    )
    assert texts == []


def test_value_of_a_look_up_is_not_checked() -> None:
    """A text that is one look-up can be anything; a text with look-ups in it is a text."""
    assert list_problems(rule({"body": change_body("/data/id", "{{path.taskInstanceId}}")})) == []
    assert list_problems(rule({"body": change_body("/data/status", "{{query.status}}")})) == []
    assert (
        list_problems(rule({"body": change_body("/data/name", "Task {{path.taskInstanceId}}")}))
        == []
    )
    assert list_problems(rule({"body": "{{body./answer}}"})) == []
    assert list_problems(rule({"body": change_body("/data", "{{body./answer}}")})) == []
    [texts] = list_problems(rule({"body": change_body("/data/id", "no {{path.taskInstanceId}}")}))
    assert texts.startswith(
        f'{ANSWER}/body/data/id: reply "x": the reply to getTaskInstance breaks the contract: "/data/id" is "no 1". '
    )


def test_without_a_service_errors_are_http_statuses() -> None:
    """A contract alone has no codes of errors."""
    [texts] = list_problems(rule({"error": 4001}), codes=None)
    assert (
        texts
        == f'{ANSWER}/error: reply "x": unknown error 4001. Expected an HTTP status from 400 to 599.'
    )
    assert list_problems(rule({"error": 404}), codes=None) == []
    assert 4001 in CODES


def test_without_a_contract_nothing_is_checked() -> None:
    """Operations and bodies are taken as they are."""
    assert list_problems(rule({"body": 5, "status": 418}, "anything"), check=False) == []

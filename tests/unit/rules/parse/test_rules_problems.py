"""Problems of rules: all of them at once, each with its place, what was expected, the nearest name."""

from typing import Any

import pytest

from rule_builders import LIST, PointerSource, build_call, list_problems
from understudy.contract import Contract
from understudy.errors import InputError, ProblemReport
from understudy.rules import RuleSet, parse_rule_set, select_reply


def when(**data: Any) -> dict[str, Any]:
    """Return rules with these conditions."""
    return {"replies": [{"name": "x", "when": data, "reply": {"error": 500}}]}


def reply(data: Any, **more: Any) -> dict[str, Any]:
    """Return rules with this reply."""
    return {"replies": [{"name": "x", "reply": data, **more}]}


def fault(data: Any, **more: Any) -> dict[str, Any]:
    """Return rules with this fault."""
    return {"faults": [{"name": "x", "fault": data} | more]}


WHEN = "/replies/0/when"
ANSWER = "/replies/0/reply"
FAULT = "/faults/0/fault"
CASES: list[tuple[dict[str, Any], str]] = [
    ({"replies": [{"name": "service", "reply": {"error": 500}}]}, '/replies/0/name: the name "service" is reserved for the journal. Expected another name, such as my-rule.'),
    (when(oparation="x"), f'key {WHEN}/oparation: reply "x": unknown key "oparation". Did you mean "operation"?'),
    (when(zzz="x"), f'key {WHEN}/zzz: reply "x": unknown key "zzz". Expected one of operation, request, path, query, headers, body, state, call, time, probability.'),
    (when(operation=5), f'{WHEN}/operation: reply "x": "operation" is the number 5. Expected an operationId.'),
    (when(operation=[]), f'{WHEN}/operation: reply "x": "operation" is a list. Expected an operationId, or a list of them.'),
    (when(request="/x"), f'{WHEN}/request: reply "x": "/x" is not a method and a path. Expected a method (or *) and a path, such as GET /api/v2/tasks/*.'),
    (when(request="GET /x?a=1"), f'{WHEN}/request: reply "x": "GET /x?a=1" has a query; write its parameters under "query". Expected a method (or *) and a path, such as GET /api/v2/tasks/*.'),
    (when(request="GET /a*/b"), f'{WHEN}/request: reply "x": the segment "a*" of "GET /a*/b" mixes a text with a wildcard or a name. Expected a method (or *) and a path, such as GET /api/v2/tasks/*.'),
    (when(request="GET /**/b"), f'{WHEN}/request: reply "x": the segment "**" of "GET /**/b" mixes a text with a wildcard or a name. Expected a method (or *) and a path, such as GET /api/v2/tasks/*.'),
    (when(request="GET /{a}/{a}"), f'{WHEN}/request: reply "x": "GET /{{a}}/{{a}}" gives two segments the same name. Expected a method (or *) and a path, such as GET /api/v2/tasks/*.'),
    (when(operation="x", request="GET /x"), f'key {WHEN}/request: reply "x": both "operation" and "request". Expected one of them.'),
    (when(path=["a"]), f'{WHEN}/path: reply "x": "path" is a list. Expected a mapping of names and values.'),
    (when(query={"a": None}), f'{WHEN}/query/a: reply "x": "a" is null. Expected a value, or a mapping with equals, matches, contains, present.'),
    (when(query={"a/b": []}), f'{WHEN}/query/a~1b: reply "x": "a/b" is a list. Expected a value, or a mapping with equals, matches, contains, present.'),
    (when(query={"a": {"equal": 1}}), f'key {WHEN}/query/a/equal: reply "x": unknown key "equal". Did you mean "equals"?'),
    (when(query={"a": {"equals": [1]}}), f'{WHEN}/query/a/equals: reply "x": "equals" is a list. Expected a text, a number, or true or false.'),
    (when(query={"a": {"present": 1}}), f'{WHEN}/query/a/present: reply "x": "present" is the number 1. Expected true or false.'),
    (when(query={"a": {"present": False, "equals": 1}}), f'{WHEN}/query/a: reply "x": an absent value cannot have other conditions. Expected "present: false" alone.'),
    (when(headers={"a": {"matches": "("}}), f'{WHEN}/headers/a/matches: reply "x": "(" is not a regular expression: missing ) at position 1. Expected a regular expression.'),
    (when(headers={"a": {"matches": 1}}), f'{WHEN}/headers/a/matches: reply "x": "matches" is the number 1. Expected a regular expression.'),
    (when(body={"matches": "a" * 1001}), f'{WHEN}/body/matches: reply "x": the pattern is longer than 1000 characters. Expected a regular expression.'),
    (when(body=5), f'{WHEN}/body: reply "x": "body" is the number 5. Expected a mapping.'),
    (when(body={}), f'{WHEN}/body: reply "x": the body has no condition. Expected one of equals, subset, matches, jsonpath.'),
    (when(body={"jsonpath": "a.b"}), f'{WHEN}/body/jsonpath: reply "x": "a.b" is not a JSONPath: it does not start with $. Expected a JSONPath such as $.items[?@.id == 1].'),
    (when(body={"jsonpath": "$.a["}), f'{WHEN}/body/jsonpath: reply "x": "$.a[" is not a JSONPath: unexpected end of query. Expected a JSONPath such as $.items[?@.id == 1].'),
    (when(body={"jsonpath": {"equals": 1}}), f'{WHEN}/body/jsonpath: reply "x": missing key "path". Expected path: a JSONPath such as $.items[?@.id == 1].'),
    (when(body={"jsonpath": "$" + ".a" * 600}), f'{WHEN}/body/jsonpath: reply "x": the path is longer than 1000 characters. Expected a JSONPath such as $.items[?@.id == 1].'),
    (when(state={"task": "x", "status": "R"}), f'{WHEN}/state/task: reply "x": "task" is "x". Expected an id, or path for the id in the path of the call.'),
    (when(state={"task": 1, "status": [1]}), f'{WHEN}/state/status: reply "x": "status" is a list. Expected a status, or a list of them.'),
    (when(call=0), f'{WHEN}/call: reply "x": "call" is the number 0. Expected a whole number from 1.'),
    (when(call=True), f'{WHEN}/call: reply "x": "call" is true. Expected a whole number from 1.'),
    (when(call={"from": 3, "to": 2}), f'{WHEN}/call/to: reply "x": it ends at call 2, before it begins at call 3.'),
    (when(call={"from": 21, "cycle": 20}), f'{WHEN}/call: reply "x": a cycle of 20 has no call 21.'),
    (when(time={"from": "soon"}), f'{WHEN}/time/from: reply "x": "soon" is not a time: Invalid isoformat string: \'soon\'. Expected an offset from the world\'s start such as 30s, or a time with its offset from UTC.'),
    (when(time={"from": "2s", "to": "1s"}), f'{WHEN}/time/to: reply "x": the period ends before it begins. Expected a later one than "from".'),
    (when(time={"to": "2m", "every": "60s"}), f'{WHEN}/time/to: reply "x": "to" is not a position in the cycle. Expected an offset within it.'),
    (when(time={"from": "2021-08-25T00:00:00Z", "every": "60s"}), f'{WHEN}/time/from: reply "x": "from" is not a position in the cycle. Expected an offset within it.'),
    (when(time={"every": "0s"}), f'{WHEN}/time/every: reply "x": the cycle takes no time. Expected a time above 0.'),
    (when(probability=1.5), f'{WHEN}/probability: reply "x": "probability" is the number 1.5. Expected a number from 0 to 1.'),
    (when(status=404), f'key {WHEN}/status: reply "x": unknown key "status". Did you mean "state"?'),
    (reply({"eror": 1}), f'key {ANSWER}/eror: reply "x": unknown key "eror". Did you mean "error"?'),
    (reply("x"), f'{ANSWER}: reply "x": "reply" is "x". Expected a mapping.'),
    (reply({"error": 500, "body": 1}), f'key {ANSWER}/body: reply "x": "body" does not go with "error". Expected only error, message, headers here.'),
    (reply({"example": "a", "seed": 1}), f'key {ANSWER}/seed: reply "x": "seed" does not go with "example". Expected only example, status, headers here.'),
    (reply({"dynamic": True, "patch": [{"op": "remove", "path": "/a"}]}), f'key {ANSWER}/patch: reply "x": "patch" does not go with "dynamic". Expected only dynamic, status, seed, headers here.'),
    (reply({"status": 200, "message": "a"}), f'key {ANSWER}/message: reply "x": "message" does not go with a status, headers and a body. Expected only status, headers, body, text, media-type here.'),
    (reply({"body": 1, "text": "a"}), f'key {ANSWER}/text: reply "x": both "body" and "text". Expected one of them.'),
    (reply({"text": 5}), f'{ANSWER}/text: reply "x": "text" is the number 5. Expected a text.'),
    (reply({"status": 100}), f'{ANSWER}/status: reply "x": "status" is the number 100. Expected a whole number from 200 to 599.'),
    (reply({"body": 1, "media-type": "json"}), f'{ANSWER}/media-type: reply "x": "media-type" is "json". Expected a media type such as application/json.'),
    (reply({"body": 1, "media-type": "a/b", "headers": {"Content-Type": "a/b"}}), f'{ANSWER}/headers: reply "x": Content-Type is among the headers. Expected "media-type" alone.'),
    (reply({"error": 500, "headers": {"content-type": "a/b"}}), f'{ANSWER}/headers: reply "x": Content-Type is among the headers. Expected no Content-Type: the reply has its own.'),
    (reply({"error": 500, "headers": {"a b": "c"}}), f'key {ANSWER}/headers/a b: reply "x": "a b" is not a name of a header field.'),
    (reply({"error": 500, "headers": {"A": "c\r\nB: d"}}), f'{ANSWER}/headers/A: reply "x": "A" is "c\r\nB: d". Expected one line of text (ISO 8859-1).'),
    (reply({"error": 500, "headers": {"Content-Length": 5}}), f'key {ANSWER}/headers/Content-Length: reply "x": only the server writes Content-Length. To damage a response, use a fault.'),
    (reply({"dynamic": False}), f'{ANSWER}/dynamic: reply "x": "dynamic" is false. Expected true.'),
    (reply({"patch": []}), f'{ANSWER}/patch: reply "x": "patch" is a list. Expected a list of operations (RFC 6902).'),
    (reply({"patch": [{"op": "ad", "path": ""}]}), f'{ANSWER}/patch/0/op: reply "x": unknown operation "ad". Expected one of add, replace, test, remove, move, copy. Did you mean "add"?'),
    (reply({"patch": [{"op": "move", "path": "/a"}]}), f'{ANSWER}/patch/0: reply "x": "move" needs the key "from".'),
    (reply({"patch": [{"op": "remove", "path": "a"}]}), f'{ANSWER}/patch/0/path: reply "x": "path" is "a". Expected a JSON pointer such as /data/status, or an empty text.'),
    (reply([{"error": 500}, {"error": 7}]), f'{ANSWER}/1/error: reply "x": unknown error 7. Expected one of the service\'s codes (1001, 1008, 1011, …), or an HTTP status from 400 to 599.'),
    (reply({"error": 500}, times=0), '/replies/0/times: reply "x": "times" is the number 0. Expected a whole number from 1.'),
    (fault("rest"), f'{FAULT}: fault "x": unknown fault "rest". Expected one of reset, empty, garbage, timeout, slow, flaky, overloaded, rolling-restart, or a mapping of delay, dribble, reset, empty, truncate, garbage, content-type, timeout, status, acts. Did you mean "reset"?'),
    (fault({"dely": "1s"}), f'key {FAULT}/dely: fault "x": unknown key "dely". Did you mean "delay"?'),
    (fault({"acts": "after"}), f'{FAULT}: fault "x": the fault is empty. Expected one of delay, dribble, reset, empty, truncate, garbage, content-type, timeout, status.'),
    (fault({"delay": "fast"}), f'{FAULT}/delay: fault "x": "fast" is not a duration. Expected a duration such as 300ms.'),
    (fault({"delay": {"median": "2s"}}), f'{FAULT}/delay: fault "x": the delay needs one distribution. Expected a duration, uniform: [from, to], normal: [mean, deviation], or median and p99.'),
    (fault({"delay": {"uniform": ["2s", "1s"]}}), f'{FAULT}/delay/uniform: fault "x": the delay ends before it begins.'),
    (fault({"delay": {"uniform": ["2s"]}}), f'{FAULT}/delay/uniform: fault "x": "uniform" is a list. Expected two durations, such as [100ms, 2s].'),
    (fault({"delay": {"median": "2s", "p99": "2s"}}), f'{FAULT}/delay/p99: fault "x": the delay\'s p99 is not above its median. Expected 0 < median < p99.'),
    (fault({"dribble": {"pieces": 0}}), f'{FAULT}/dribble/pieces: fault "x": "pieces" is the number 0. Expected a whole number from 1 to 1000.'),
    (fault({"dribble": {"over": "11m"}}), f'{FAULT}/dribble/over: fault "x": "over" is "11m". Expected at most 10m.'),
    (fault({"reset": "yes"}), f'{FAULT}/reset: fault "x": "reset" is "yes". Expected true.'),
    (fault({"truncate": "half"}), f'{FAULT}/truncate: fault "x": "half" is neither a share nor a number of bytes. Expected a share such as 50%, or a number of bytes.'),
    (fault({"garbage": 0}), f'{FAULT}/garbage: fault "x": "garbage" is the number 0. Expected a whole number from 1 to 1048576.'),
    (fault({"content-type": "html"}), f'{FAULT}/content-type: fault "x": "content-type" is "html". Expected a media type such as text/html.'),
    (fault({"timeout": "1h"}), f'{FAULT}/timeout: fault "x": "timeout" is "1h". Expected at most 10m.'),
    (fault({"status": 100}), f'{FAULT}/status: fault "x": "status" is the number 100. Expected a whole number from 200 to 599.'),
    (fault({"status": {"text": 5}}), f'{FAULT}/status/text: fault "x": "text" is the number 5. Expected a text.'),
    (fault({"delay": "1s", "acts": "never"}), f'{FAULT}/acts: fault "x": "acts" is "never". Expected before or after.'),
    (fault({"delay": "1s", "acts": "before"}), f'{FAULT}/acts: fault "x": a fault that acts before the call has to replace its response. Expected one of reset, empty, timeout, status beside it.'),
    (fault({"reset": True, "status": 503}), f'key {FAULT}/status: fault "x": reset and status exclude each other. Expected one of reset, empty, timeout, status.'),
    (fault({"timeout": True, "garbage": True}), f'key {FAULT}/garbage: fault "x": timeout sends no response, so garbage has no effect.'),
    (fault("reset", after=-1), '/faults/0/after: fault "x": "after" is the number -1. Expected a whole number from 0.'),
    ({"replies": [{"reply": {"error": 500}}], "faults": [{"name": "replies/0", "fault": "reset"}]}, '/faults/0/name: duplicate name "replies/0". It is also the name of replies/0.'),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), CASES, ids=[expected[:70] for _, expected in CASES])
def test_problem_is_reported(data: dict[str, Any], expected: str) -> None:
    """One mistake is one problem, with its place, what was expected and the nearest name."""
    assert list_problems(data, check=False) == [expected]


def test_all_problems_are_reported_at_once() -> None:
    """Not only the first one."""
    data = {**when(call=0, probability=2), **fault({"delay": "fast", "truncate": "half"}, name="y")}
    assert len(list_problems(data, check=False)) == 4


def test_items_removed_by_the_schema_check_are_skipped() -> None:
    """They are reported already; the other rules are parsed."""
    data: dict[str, Any] = {
        "replies": [
            None,
            {"reply": None},
            {"reply": [None, {"error": 500}]},
            {"reply": {}},
            {"when": {}},
        ],
        "faults": [None, {"fault": {}}, {}, {"fault": {"delay": {}}}],
    }
    assert list_problems(data, check=False) == []
    rules = parse_rule_set(data, ProblemReport(PointerSource()))
    assert [rule.name for rule in rules.replies] == ["replies/2"]
    assert len(rules.replies[0].replies) == 1


@pytest.mark.parametrize("data", [{}, {"replies": [], "faults": []}, {"replies": None}], ids=str)
def test_rule_set_may_be_empty(data: dict[str, Any]) -> None:
    """It answers no call."""
    rules = parse_rule_set(data, ProblemReport(PointerSource()))
    assert (rules.replies, rules.faults, dict(rules.data)) == (
        (),
        (),
        {"replies": [], "faults": []},
    )
    assert select_reply(rules, build_call(LIST), {})[1] is None
    assert (RuleSet().replies, RuleSet().faults) == ((), ())


@pytest.mark.parametrize("key", ["when", "reply", "fault"])
@pytest.mark.parametrize(
    "value",
    [None, True, 0, -1, 1.5, "", "x", "\x00", [], [None], {}, {"": {}}, [[]], 10**30],
    ids=repr,
)
def test_any_value_is_parsed_or_reported(key: str, value: Any) -> None:
    """No value makes the parser fail."""
    rule = {"reply": {"error": 500}, "fault": "reset", key: value}
    for key in ("replies", "faults"):
        data = {
            name: part
            for name, part in rule.items()
            if name in ("when", "reply" if key == "replies" else "fault")
        }
        list_problems({key: [data]}, check=True)
    for key in (
        "operation",
        "request",
        "path",
        "query",
        "headers",
        "body",
        "state",
        "call",
        "time",
        "probability",
    ):
        list_problems(when(**{key: value}), check=True)
        list_problems(
            when(
                **{
                    key: {
                        "a": value,
                        "task": value,
                        "from": value,
                        "equals": value,
                        "jsonpath": value,
                    }
                }
            ),
            check=True,
        )
    for key in (
        "error",
        "message",
        "status",
        "headers",
        "text",
        "media-type",
        "example",
        "dynamic",
        "seed",
        "patch",
    ):
        list_problems(reply({key: value}), check=True)
    for key in (
        "delay",
        "dribble",
        "reset",
        "truncate",
        "garbage",
        "content-type",
        "timeout",
        "status",
        "acts",
    ):
        list_problems(fault({key: value}), check=True)
        list_problems(
            fault({key: {"uniform": value, "pieces": value, "code": value, "headers": value}}),
            check=True,
        )


def test_problems_have_file_and_line(tmp_path: Any) -> None:
    """As in every other part of a scenario."""
    from understudy.scenario import load_scenario

    path = tmp_path / "x.yaml"
    path.write_text(
        "understudy: 1\nreplies:\n  - name: third-look\n    when: {operation: retryTsk}\n    reply: {error: 500}\n"
    )
    with pytest.raises(InputError) as caught:
        load_scenario(path, contract=load_contract_of_tests())
    assert str(caught.value) == (
        f'{path}:4:23: reply "third-look": unknown operation "retryTsk". Did you mean "retryTask"?'
    )


def load_contract_of_tests() -> Contract:
    from rule_builders import contract

    return contract()

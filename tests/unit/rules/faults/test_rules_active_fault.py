"""Faults: each kind as it is parsed, the faults selected for a call, and their effect on a response."""

from datetime import timedelta
from typing import Any

import pytest

from rule_builders import LIST, build_call, build_rules
from understudy.messages import Delivery, Ending, Headers, Response
from understudy.rules import (
    ActiveFault,
    CallContext,
    Counters,
    apply_faults,
    build_gateway_response,
    first_early_fault,
    select_faults,
)
from understudy.rules.faults.fault_kinds import (
    Delay,
    DelayKind,
    Dribble,
    Fault,
    FaultPart,
    GatewayResponse,
    Truncation,
)
from understudy.rules.faults.fault_profiles import PROFILES

MS = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
WHOLE = Response(
    200, Headers.of([("Content-Type", "application/json"), ("Date", "today")]), b'{"a": 12345}'
)


def parse_fault_data(data: Any) -> Fault:
    """Return the one fault of a rule with this data."""
    [part] = build_rules(faults=[{"fault": data}]).faults[0].parts
    assert (part.low, part.high, part.calls) == (0, 1, None)
    return part.fault


def select_from(data: Any, call: CallContext | None = None) -> tuple[ActiveFault, ...]:
    """Return the faults of a rule that act on a call."""
    return select_faults(build_rules(faults=[{"fault": data}]), call or build_call(), {})[1]


def apply_to(data: Any, response: Response = WHOLE, call: CallContext | None = None) -> Response:
    """Return a response as the faults of a rule leave it."""
    call = call or build_call()
    return apply_faults(response, select_from(data, call), call)


READ: list[tuple[Any, Fault]] = [
    ("reset", Fault(ending=Ending.RESET)),
    ("empty", Fault(ending=Ending.EMPTY)),
    ("garbage", Fault(garbage=0)),
    ("timeout", Fault(timeout=60 * SECOND)),
    ({"reset": True}, Fault(ending=Ending.RESET)),
    ({"empty": True}, Fault(ending=Ending.EMPTY)),
    ({"delay": "300ms"}, Fault(delay=Delay(DelayKind.FIXED, 300 * MS))),
    (
        {"delay": {"uniform": ["100ms", "2s"]}},
        Fault(delay=Delay(DelayKind.UNIFORM, 100 * MS, 2 * SECOND)),
    ),
    (
        {"delay": {"normal": ["500ms", "100ms"]}},
        Fault(delay=Delay(DelayKind.NORMAL, 500 * MS, 100 * MS)),
    ),
    (
        {"delay": {"median": "300ms", "p99": "2s"}},
        Fault(delay=Delay(DelayKind.LOGNORMAL, 300 * MS, 2 * SECOND)),
    ),
    ({"dribble": {"pieces": 3, "over": "1s"}}, Fault(dribble=Dribble(3, SECOND))),
    ({"dribble": {}}, Fault(dribble=Dribble(10, 5 * SECOND))),
    ({"truncate": "50%"}, Fault(truncation=Truncation(share=0.5))),
    ({"truncate": "12.5%"}, Fault(truncation=Truncation(share=0.125))),
    ({"truncate": 7}, Fault(truncation=Truncation(size=7))),
    ({"garbage": True}, Fault(garbage=0)),
    ({"garbage": 64}, Fault(garbage=64)),
    ({"content-type": "text/html"}, Fault(content_type="text/html")),
    ({"timeout": True}, Fault(timeout=60 * SECOND)),
    ({"timeout": "30s"}, Fault(timeout=30 * SECOND)),
    ({"status": 503}, Fault(gateway=GatewayResponse(503), acts_before=True)),
    (
        {"status": {"code": 502, "headers": {"Retry-After": 1}, "text": "down"}},
        Fault(gateway=GatewayResponse(502, (("Retry-After", "1"),), "down"), acts_before=True),
    ),
    ({"status": {}}, Fault(gateway=GatewayResponse(503), acts_before=True)),
    ({"status": 503, "acts": "after"}, Fault(gateway=GatewayResponse(503))),
    ({"reset": True, "acts": "before"}, Fault(ending=Ending.RESET, acts_before=True)),
    (
        {"delay": "1s", "reset": True, "garbage": False},
        Fault(delay=Delay(DelayKind.FIXED, SECOND), ending=Ending.RESET),
    ),
]


@pytest.mark.parametrize(("data", "expected"), READ, ids=str)
def test_each_kind_is_parsed(data: Any, expected: Fault) -> None:
    """A fault is a name or a mapping of kinds; a status acts before the call, the others after it."""
    assert parse_fault_data(data) == expected


def test_delay_does_not_change_the_response() -> None:
    """Only its delivery is late."""
    assert apply_to({"delay": "300ms"}) == Response(
        200, WHOLE.headers, WHOLE.body, Delivery(delay=300 * MS)
    )


def test_dribble_sends_the_body_in_pieces() -> None:
    """A response without a body does not change."""
    assert apply_to({"dribble": {"pieces": 3, "over": "1s"}}).delivery == Delivery(
        chunks=3, spread_over=SECOND
    )
    assert apply_to({"dribble": {"pieces": 3, "over": "1s"}}, Response(204)) == Response(204)


@pytest.mark.parametrize(("data", "ending"), [("reset", Ending.RESET), ("empty", Ending.EMPTY)])
def test_reset_and_empty_send_nothing(data: str, ending: Ending) -> None:
    """The connection is reset, or closed."""
    assert apply_to(data).delivery == Delivery(ending=ending)


def test_timeout_holds_the_call_and_closes_the_connection() -> None:
    """No response is sent."""
    assert apply_to({"timeout": "30s"}).delivery == Delivery(delay=30 * SECOND, ending=Ending.EMPTY)


CUTS = [("50%", 6), ("0%", 0), ("100%", 11), (5, 5), (0, 0), (500, 11)]


@pytest.mark.parametrize(("data", "sent"), CUTS, ids=str)
def test_truncation_sends_a_part_of_the_body(data: Any, sent: int) -> None:
    """The part is a share or a number of bytes; never the whole body."""
    assert len(WHOLE.body) == 12
    assert apply_to({"truncate": data}).delivery == Delivery(
        ending=Ending.TRUNCATE, sent_bytes=sent
    )
    assert apply_to({"truncate": data}, Response(200)) == Response(200)


def test_garbage_replaces_only_the_body() -> None:
    """The bytes are not a text, and the same for the same call."""
    answer = apply_to({"garbage": 64})
    assert (answer.status, answer.headers, len(answer.body)) == (200, WHOLE.headers, 64)
    assert answer == apply_to({"garbage": 64})
    assert answer.body != apply_to({"garbage": 64}, call=build_call(seed=1)).body
    assert answer.body != apply_to({"garbage": 64}, call=build_call(number=2)).body
    assert 1 <= len(apply_to("garbage").body) <= 256
    assert apply_to({"garbage": 64}, Response(304)) == Response(304)


def test_content_type_is_replaced() -> None:
    """The body stays the same."""
    answer = apply_to({"content-type": "text/html"})
    assert [value for name, value in answer.headers if name.lower() == "content-type"] == [
        "text/html"
    ]
    assert (answer.body, answer.headers.get("Date")) == (WHOLE.body, "today")


def test_status_before_the_call_is_a_gateway_response() -> None:
    """It has its own fields and text, and nothing of the service."""
    call = build_call()
    [fault] = select_from({"status": {"code": 502, "headers": {"Retry-After": 1}, "text": "down"}})
    assert first_early_fault([fault]) is fault
    response = build_gateway_response(fault, call)
    fields = (("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1"))
    assert response == Response(502, Headers(fields), b"down")
    assert apply_faults(response, [fault], call) == response
    [bare] = select_from({"status": 503})
    assert build_gateway_response(bare, call) == Response(503)
    [page] = select_from({"status": {"headers": {"Content-Type": "text/html"}, "text": "<p>"}})
    assert build_gateway_response(page, call) == Response(
        503, Headers((("Content-Type", "text/html"),)), b"<p>"
    )


def test_status_after_the_call_replaces_its_response() -> None:
    """The call has had its effect; only the date of the response stays."""
    [fault] = select_from({"status": 504, "acts": "after"})
    assert first_early_fault([fault]) is None
    assert apply_faults(WHOLE, [fault], build_call()) == Response(
        504, Headers((("Date", "today"),))
    )


def test_reset_before_the_call_has_a_placeholder_response() -> None:
    """The placeholder is never sent."""
    [fault] = select_from({"reset": True, "acts": "before"})
    assert first_early_fault([fault]) is fault
    response = apply_faults(build_gateway_response(fault, build_call()), [fault], build_call())
    assert response.delivery == Delivery(ending=Ending.RESET)


def test_kinds_of_one_fault_act_together() -> None:
    """One rule may combine several kinds."""
    answer = apply_to(
        {"delay": "1s", "garbage": 10, "truncate": "50%", "content-type": "text/html"}
    )
    assert (answer.headers.get("Content-Type"), len(answer.body)) == ("text/html", 10)
    assert answer.delivery == Delivery(delay=SECOND, ending=Ending.TRUNCATE, sent_bytes=5)


def test_every_matching_fault_acts() -> None:
    """The longest delay counts; of the faults that replace the response, the first one counts."""
    rules: list[dict[str, Any]] = [
        {"name": "short", "fault": {"delay": "1s"}},
        {"name": "other", "when": {"operation": "listTaskInstances"}, "fault": "reset"},
        {"name": "first", "fault": "empty"},
        {"name": "long", "fault": {"delay": "3s"}},
        {"name": "second", "fault": {"status": 503}},
    ]
    _, faults = select_faults(build_rules(faults=rules), build_call(), {})
    assert [fault.rule for fault in faults] == ["short", "first", "long"]
    assert first_early_fault(faults) is None
    assert apply_faults(WHOLE, faults, build_call()).delivery == Delivery(
        delay=3 * SECOND, ending=Ending.EMPTY
    )


def test_response_without_faults_is_not_copied() -> None:
    """The very same object is returned."""
    assert apply_faults(WHOLE, (), build_call()) is WHOLE
    assert apply_to({"delay": "0s"}) is WHOLE


def list_hit_calls(rule: dict[str, Any], count: int, **of_call: Any) -> list[int]:
    """Return the numbers of the calls that a rule acts on."""
    parse_fault_data = build_rules(faults=[rule])
    data: Counters = {}
    numbers = []
    for number in range(1, count + 1):
        data, faults = select_faults(parse_fault_data, build_call(number=number, **of_call), data)
        numbers += [number] if faults else []
    return numbers


TIMES = [
    ({"fault": "reset"}, [1, 2, 3, 4, 5, 6]),
    ({"fault": "reset", "times": 2}, [1, 2]),
    ({"fault": "reset", "after": 4}, [5, 6]),
    ({"fault": "reset", "after": 2, "times": 3}, [3, 4, 5]),
    ({"fault": "reset", "when": {"call": 3}}, [3]),
    ({"fault": "reset", "when": {"call": {"cycle": 3, "from": 3}}}, [3, 6]),
    ({"fault": "reset", "when": {"operation": "listTaskInstances"}}, []),
    ({"fault": "reset", "when": {"path": {"taskInstanceId": 1}}, "times": 1}, []),
]


@pytest.mark.parametrize(("rule", "expected"), TIMES, ids=str)
def test_times_and_after_limit_the_calls(rule: dict[str, Any], expected: list[int]) -> None:
    """A rule acts as often as it may, and leaves its first calls alone."""
    assert list_hit_calls(rule, 6) == expected


def test_record_describes_the_fault() -> None:
    """The record is JSON data for the journal."""
    data = {
        "delay": "1500ms",
        "dribble": {"pieces": 3, "over": "1s"},
        "truncate": "50%",
        "garbage": 5,
        "content-type": "a/b",
    }
    [fault] = select_from(data)
    assert fault.to_record() == {
        "rule": "faults/0",
        "acts": "after",
        "delay": "1500ms",
        "dribble": "3 pieces over 1s",
        "truncate": "50%",
        "garbage": 5,
        "content-type": "a/b",
    }
    [fault] = select_from("reset")
    assert fault.to_record() == {"rule": "faults/0", "acts": "after", "ending": "reset"}
    [fault] = select_from({"status": 503})
    assert fault.to_record() == {"rule": "faults/0", "acts": "before", "status": 503}
    [fault] = select_from({"timeout": True, "delay": "1s"})
    assert fault.to_record() == {
        "rule": "faults/0",
        "acts": "after",
        "delay": "1s",
        "timeout": "60s",
    }
    assert select_from({"garbage": True, "truncate": 0})[0].to_record()["garbage"] is True
    assert select_from({"garbage": True, "truncate": 0})[0].to_record()["truncate"] == 0


HOLDS = [
    ("reset", False),
    ({"delay": "1s"}, True),
    ({"delay": "0s"}, False),
    ({"dribble": {}}, True),
    ("timeout", True),
]


@pytest.mark.parametrize(("data", "holds"), HOLDS, ids=str)
def test_fault_reports_whether_it_occupies_a_thread(data: Any, holds: bool) -> None:
    """The server counts the threads that wait."""
    [fault] = select_from(data)
    assert fault.occupies_thread is holds


def test_slow_delays_every_call() -> None:
    """The delays have a long tail."""
    [part] = PROFILES["slow"]
    assert part == FaultPart(Fault(delay=Delay(DelayKind.LOGNORMAL, 800 * MS, 5 * SECOND)))
    assert select_from("slow")[0].occupies_thread


def measure_shares(profile: str, count: int = 4000) -> dict[str, float]:
    """Return the share of calls that each kind of a profile acts on."""
    data: dict[str, int] = {}
    for number in range(count):
        for fault in select_from(profile, build_call(number=number)):
            record = fault.to_record()
            kind = str(
                record.get("ending") or record.get("status") or record.get("truncate") or "delay"
            )
            data[kind] = data.get(kind, 0) + 1
    return {kind: number / count for kind, number in data.items()}


def test_flaky_fails_a_quarter_of_the_calls_each_in_one_way() -> None:
    """All kinds share one random value: no call is reset and gets a 503."""
    parse_fault_data = measure_shares("flaky")
    assert parse_fault_data == pytest.approx({"reset": 0.1, "503": 0.1, "50%": 0.05}, abs=0.02)
    assert all(len(select_from("flaky", build_call(number=number))) <= 1 for number in range(500))


def test_overloaded_is_slow_and_often_unavailable() -> None:
    """Three of ten calls get a 503 with Retry-After."""
    assert measure_shares("overloaded") == pytest.approx({"delay": 1, "503": 0.3}, abs=0.03)
    faults = next(
        faults
        for n in range(50)
        if len(faults := select_from("overloaded", build_call(number=n))) == 2
    )
    assert build_gateway_response(faults[1], build_call()).headers == Headers(
        (("Retry-After", "1"),)
    )


def test_rolling_restart_acts_by_number() -> None:
    """In each cycle of 20, two calls are reset and four get a 503; calls before `after` do not count."""
    parse_fault_data: dict[int, str] = {}
    counters: Counters = {}
    rules = build_rules(
        faults=[
            {"fault": "rolling-restart", "when": {"operation": "listTaskInstances"}, "after": 3}
        ]
    )
    for number in range(1, 44):
        counters, faults = select_faults(rules, build_call(LIST, number=number), counters)
        for record in (fault.to_record() for fault in faults):
            parse_fault_data[number - 3] = str(record.get("ending") or record["status"])
    cycle = {15: "reset", 16: "reset", 17: "503", 18: "503", 19: "503", 20: "503"}
    assert parse_fault_data == {**cycle, **{number + 20: kind for number, kind in cycle.items()}}


def test_profile_follows_its_rule() -> None:
    """`when`, `times` and `after` are those of the rule."""
    assert list_hit_calls({"fault": "slow", "times": 2, "after": 1}, 5) == [2, 3]
    assert list_hit_calls({"fault": "slow", "when": {"operation": "listTaskInstances"}}, 3) == []

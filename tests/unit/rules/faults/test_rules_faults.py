"""Faults: each kind as it is read, what strikes a call, and what that makes of an answer."""

from datetime import timedelta
from typing import Any

import pytest

from rule_builders import LIST, facts, script
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


def read(told: Any) -> Fault:
    [part] = script(faults=[{"fault": told}]).faults[0].parts
    assert (part.low, part.high, part.calls) == (0, 1, None)
    return part.fault


def struck(told: Any, call: CallContext | None = None) -> tuple[ActiveFault, ...]:
    return select_faults(script(faults=[{"fault": told}]), call or facts(), {})[1]


def delivered(told: Any, response: Response = WHOLE, call: CallContext | None = None) -> Response:
    call = call or facts()
    return apply_faults(response, struck(told, call), call)


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


@pytest.mark.parametrize(("told", "expected"), READ, ids=str)
def test_each_kind_is_read(told: Any, expected: Fault) -> None:
    """A word, or a mapping of kinds; a status acts before the call, all else after it."""
    assert read(told) == expected


def test_a_delay_holds_the_answer() -> None:
    """The answer itself is as it was."""
    assert delivered({"delay": "300ms"}) == Response(
        200, WHOLE.headers, WHOLE.body, Delivery(delay=300 * MS)
    )


def test_a_dribble_sends_pieces() -> None:
    """Of a body; where there is none, nothing changes."""
    assert delivered({"dribble": {"pieces": 3, "over": "1s"}}).delivery == Delivery(
        chunks=3, spread_over=SECOND
    )
    assert delivered({"dribble": {"pieces": 3, "over": "1s"}}, Response(204)) == Response(204)


@pytest.mark.parametrize(("told", "ending"), [("reset", Ending.RESET), ("empty", Ending.EMPTY)])
def test_endings_send_nothing(told: str, ending: Ending) -> None:
    """The connection is reset, or closed."""
    assert delivered(told).delivery == Delivery(ending=ending)


def test_a_timeout_holds_and_closes() -> None:
    """No answer comes."""
    assert delivered({"timeout": "30s"}).delivery == Delivery(
        delay=30 * SECOND, ending=Ending.EMPTY
    )


CUTS = [("50%", 6), ("0%", 0), ("100%", 11), (5, 5), (0, 0), (500, 11)]


@pytest.mark.parametrize(("told", "keep"), CUTS, ids=str)
def test_a_body_is_truncated(told: Any, keep: int) -> None:
    """A share of its bytes is sent, or so many; always less than all."""
    assert len(WHOLE.body) == 12
    assert delivered({"truncate": told}).delivery == Delivery(
        ending=Ending.TRUNCATE, sent_bytes=keep
    )
    assert delivered({"truncate": told}, Response(200)) == Response(200)


def test_garbage_replaces_the_body_and_nothing_else() -> None:
    """Bytes that are no text; the same for the same call."""
    answer = delivered({"garbage": 64})
    assert (answer.status, answer.headers, len(answer.body)) == (200, WHOLE.headers, 64)
    assert answer == delivered({"garbage": 64})
    assert answer.body != delivered({"garbage": 64}, call=facts(seed=1)).body
    assert answer.body != delivered({"garbage": 64}, call=facts(number=2)).body
    assert 1 <= len(delivered("garbage").body) <= 256
    assert delivered({"garbage": 64}, Response(304)) == Response(304)


def test_a_content_type_is_said_instead() -> None:
    """The body is the same."""
    answer = delivered({"content-type": "text/html"})
    assert [value for name, value in answer.headers if name.lower() == "content-type"] == [
        "text/html"
    ]
    assert (answer.body, answer.headers.get("Date")) == (WHOLE.body, "today")


def test_a_status_is_what_a_gateway_says() -> None:
    """A bare status before the call: its fields and text, and nothing of the service."""
    call = facts()
    [blow] = struck({"status": {"code": 502, "headers": {"Retry-After": 1}, "text": "down"}})
    assert first_early_fault([blow]) is blow
    said = build_gateway_response(blow, call)
    fields = (("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1"))
    assert said == Response(502, Headers(fields), b"down")
    assert apply_faults(said, [blow], call) == said
    [bare] = struck({"status": 503})
    assert build_gateway_response(bare, call) == Response(503)
    [page] = struck({"status": {"headers": {"Content-Type": "text/html"}, "text": "<p>"}})
    assert build_gateway_response(page, call) == Response(
        503, Headers((("Content-Type", "text/html"),)), b"<p>"
    )


def test_a_status_after_the_call_takes_the_place_of_its_answer() -> None:
    """The call has had its effect; only the date stays."""
    [blow] = struck({"status": 504, "acts": "after"})
    assert first_early_fault([blow]) is None
    assert apply_faults(WHOLE, [blow], facts()) == Response(504, Headers((("Date", "today"),)))


def test_a_reset_before_the_call_needs_no_answer() -> None:
    """Something that is never sent stands for it."""
    [blow] = struck({"reset": True, "acts": "before"})
    assert first_early_fault([blow]) is blow
    said = apply_faults(build_gateway_response(blow, facts()), [blow], facts())
    assert said.delivery == Delivery(ending=Ending.RESET)


def test_several_kinds_strike_together() -> None:
    """One rule may say several."""
    answer = delivered(
        {"delay": "1s", "garbage": 10, "truncate": "50%", "content-type": "text/html"}
    )
    assert (answer.headers.get("Content-Type"), len(answer.body)) == ("text/html", 10)
    assert answer.delivery == Delivery(delay=SECOND, ending=Ending.TRUNCATE, sent_bytes=5)


def test_every_fault_that_matches_strikes() -> None:
    """Delays add up to the longest; of those that replace the answer the first counts."""
    rules = [
        {"name": "short", "fault": {"delay": "1s"}},
        {"name": "other", "when": {"operation": "listTaskInstances"}, "fault": "reset"},
        {"name": "first", "fault": "empty"},
        {"name": "long", "fault": {"delay": "3s"}},
        {"name": "second", "fault": {"status": 503}},
    ]
    _, blows = select_faults(script(faults=rules), facts(), {})
    assert [blow.rule for blow in blows] == ["short", "first", "long"]
    assert first_early_fault(blows) is None
    assert apply_faults(WHOLE, blows, facts()).delivery == Delivery(
        delay=3 * SECOND, ending=Ending.EMPTY
    )


def test_a_response_that_nothing_strikes_is_the_very_same() -> None:
    """No copy is made."""
    assert apply_faults(WHOLE, (), facts()) is WHOLE
    assert delivered({"delay": "0s"}) is WHOLE


def strikes(rule: dict[str, Any], count: int, **of_call: Any) -> list[int]:
    read, counters = script(faults=[rule]), {}
    told: Counters = counters
    hit = []
    for number in range(1, count + 1):
        told, blows = select_faults(read, facts(number=number, **of_call), told)
        hit += [number] if blows else []
    return hit


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
def test_times_and_after(rule: dict[str, Any], expected: list[int]) -> None:
    """A fault strikes so often, and spares the first of its calls."""
    assert strikes(rule, 6) == expected


def test_a_record_tells_what_happened() -> None:
    """JSON data for the journal."""
    told = {
        "delay": "1500ms",
        "dribble": {"pieces": 3, "over": "1s"},
        "truncate": "50%",
        "garbage": 5,
        "content-type": "a/b",
    }
    [blow] = struck(told)
    assert blow.to_record() == {
        "rule": "faults/0",
        "acts": "after",
        "delay": "1500ms",
        "dribble": "3 pieces over 1s",
        "truncate": "50%",
        "garbage": 5,
        "content-type": "a/b",
    }
    [blow] = struck("reset")
    assert blow.to_record() == {"rule": "faults/0", "acts": "after", "ending": "reset"}
    [blow] = struck({"status": 503})
    assert blow.to_record() == {"rule": "faults/0", "acts": "before", "status": 503}
    [blow] = struck({"timeout": True, "delay": "1s"})
    assert blow.to_record() == {
        "rule": "faults/0",
        "acts": "after",
        "delay": "1s",
        "timeout": "60s",
    }
    assert struck({"garbage": True, "truncate": 0})[0].to_record()["garbage"] is True
    assert struck({"garbage": True, "truncate": 0})[0].to_record()["truncate"] == 0


HOLDS = [
    ("reset", False),
    ({"delay": "1s"}, True),
    ({"delay": "0s"}, False),
    ({"dribble": {}}, True),
    ("timeout", True),
]


@pytest.mark.parametrize(("told", "holds"), HOLDS, ids=str)
def test_a_blow_says_whether_a_thread_waits(told: Any, holds: bool) -> None:
    """So that the server can count how many do."""
    [blow] = struck(told)
    assert blow.occupies_thread is holds


def test_slow_delays_every_call() -> None:
    """With a long tail."""
    [part] = PROFILES["slow"]
    assert part == FaultPart(Fault(delay=Delay(DelayKind.LOGNORMAL, 800 * MS, 5 * SECOND)))
    assert struck("slow")[0].occupies_thread


def shares(profile: str, count: int = 4000) -> dict[str, float]:
    told: dict[str, int] = {}
    for number in range(count):
        for blow in struck(profile, facts(number=number)):
            record = blow.to_record()
            kind = str(
                record.get("ending") or record.get("status") or record.get("truncate") or "delay"
            )
            told[kind] = told.get(kind, 0) + 1
    return {kind: number / count for kind, number in told.items()}


def test_flaky_fails_a_quarter_of_the_calls_each_in_one_way() -> None:
    """One dice: nothing is reset and a 503 at once."""
    read = shares("flaky")
    assert read == pytest.approx({"reset": 0.1, "503": 0.1, "50%": 0.05}, abs=0.02)
    assert all(len(struck("flaky", facts(number=number))) <= 1 for number in range(500))


def test_overloaded_is_slow_and_often_unavailable() -> None:
    """Three of ten calls are told to try again."""
    assert shares("overloaded") == pytest.approx({"delay": 1, "503": 0.3}, abs=0.03)
    blows = next(
        blows for n in range(50) if len(blows := struck("overloaded", facts(number=n))) == 2
    )
    assert build_gateway_response(blows[1], facts()).headers == Headers((("Retry-After", "1"),))


def test_a_rolling_restart_goes_by_calls() -> None:
    """In each cycle of 20, two calls are reset and four refused; those that are spared do not count."""
    read: dict[int, str] = {}
    counters: Counters = {}
    rules = script(
        faults=[
            {"fault": "rolling-restart", "when": {"operation": "listTaskInstances"}, "after": 3}
        ]
    )
    for number in range(1, 44):
        counters, blows = select_faults(rules, facts(LIST, number=number), counters)
        for record in (blow.to_record() for blow in blows):
            read[number - 3] = str(record.get("ending") or record["status"])
    cycle = {15: "reset", 16: "reset", 17: "503", 18: "503", 19: "503", 20: "503"}
    assert read == {**cycle, **{number + 20: kind for number, kind in cycle.items()}}


def test_a_profile_obeys_the_rule_around_it() -> None:
    """`when`, `times` and `after` are the rule's."""
    assert strikes({"fault": "slow", "times": 2, "after": 1}, 5) == [2, 3]
    assert strikes({"fault": "slow", "when": {"operation": "listTaskInstances"}}, 3) == []

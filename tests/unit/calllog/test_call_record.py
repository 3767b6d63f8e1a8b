"""What a line of the log shows of a call."""

from datetime import UTC, datetime
from json import loads
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.calllog import CallRecord
from understudy.calllog.call_log import render_json, render_text
from understudy.calllog.call_record import (
    MAX_REASON,
    MAX_REASONS,
    describe_exchange,
    find_message,
    printable,
    printable_target,
)
from understudy.messages import Exchange, RecordedViolation, Request, Response

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def build_exchange(
    *violations: RecordedViolation, status: int = 200, body: bytes = b"", **trace: Any
) -> Exchange:
    """Build an exchange with violations, a status and members of the trace."""
    request, response = Request.of("GET", "/x"), Response(status, body=body)
    return Exchange(
        1, "default", AT, request, response, recorded_violations=violations, trace=trace
    )


def build_violation(place: str, rule: str, text: str, side: str = "request") -> RecordedViolation:
    """Build a violation as the journal has it."""
    return RecordedViolation(side, place, rule, f"{place}: {text} [{rule}] (/paths/x, a.md:1)")


@given(st.text(), st.integers(1, 50))
def test_text_is_on_one_bounded_line(text: str, limit: int) -> None:
    """No character can move the cursor or begin a line, and the length is bounded."""
    shown = printable(text, limit)
    assert shown.isprintable()
    assert len(shown) <= (limit + 1) * len("\\U0010ffff")


def test_escape_sequences_of_a_target_are_escaped() -> None:
    """A client cannot colour or forge lines."""
    assert printable_target("/a\x1b[31m\nb") == "/a\\x1b[31m\\nb"


@pytest.mark.parametrize("name", ["token", "to%6Ben", "API_KEY", "password"])
def test_target_has_no_secret(name: str) -> None:
    """Values of secret parameters are redacted, also where their names are percent-encoded."""
    assert "s3cr3t" not in printable_target(f"/x?a=1&{name}=s3cr3t")


@pytest.mark.parametrize(
    ("violation", "reason"),
    [
        (
            build_violation("query.stauts", "unknown", '"x"; expected the parameter "status"'),
            'unknown query parameter "stauts". Did you mean "status"?',
        ),
        (
            build_violation("query.keyword", "unknown", '"x"; expected one of name, size'),
            'unknown query parameter "keyword"; expected one of name, size',
        ),
        (
            build_violation("query.keyword", "unknown", '"x"; expected no parameters'),
            'unknown query parameter "keyword"; expected no parameters',
        ),
        (
            build_violation("query.size", "type", '"abc"; expected an integer'),
            'contract: query.size: "abc"; expected an integer [type]',
        ),
        (
            build_violation("status", "status", "503; expected one of 200", "response"),
            "contract of the response: status: 503; expected one of 200 [status]",
        ),
        (
            build_violation("body/password", "type", "123456; expected a string"),
            "contract: body/password: [type]",
        ),
        (
            build_violation("body", "required", '{"password": "s3cr3t"}; expected the field name'),
            "contract: body; expected the field name [required]",
        ),
    ],
)
def test_violation_is_a_reason_and_a_problem(violation: RecordedViolation, reason: str) -> None:
    """A violation says what is wrong and what is right; it never shows a secret value."""
    assert describe_exchange(build_exchange(violation), []) == ((reason,), True)


def test_many_violations_are_counted() -> None:
    """A line has the first violations, and the number of the others."""
    violations = [build_violation(f"query.{n}", "type", "1; expected x") for n in range(9)]
    reasons, _ = describe_exchange(build_exchange(*violations), [])
    assert len(reasons) == MAX_REASONS + 1
    assert reasons[-1] == "and 5 more violations"


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        ({"matched": "third-look"}, "reply third-look"),
        ({"matched": "preference"}, "reply of the call's preference"),
        ({"faults": [{"rule": "slow", "acts": "after"}]}, "fault slow"),
        ({"faults": [{"rule": "noise", "garbage": True}]}, "fault noise (garbage)"),
        ({"faults": [{"rule": "noise", "garbage": 9}]}, "fault noise (garbage 9)"),
        (
            {"faults": [{"rule": "fault", "delay": "1s"}], "preferences": {"fault": "slow"}},
            "fault slow (delay 1s)",
        ),
        ({"corruption": "a.200.body:/x"}, "corruption a.200.body:/x"),
    ],
)
def test_origin_of_an_answer_is_a_reason_without_a_problem(
    trace: dict[str, Any], reason: str
) -> None:
    """Replies, faults and corruptions are named; they were asked for."""
    assert describe_exchange(build_exchange(**trace), []) == ((reason,), False)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": {"message": "No task."}}', "No task."),
        (b'{"title": "Closed", "detail": "World a."}', "Closed: World a."),
        (b"<html>", ""),
        (b"[1]", ""),
        (b'{"title": "' + b"x" * 20_000 + b'"}', ""),
    ],
)
def test_message_of_an_error_is_the_reason(body: bytes, message: str) -> None:
    """The reason of an error without violations is its own message."""
    assert find_message(Response(404, body=body)) == message
    reasons, _ = describe_exchange(build_exchange(status=404, body=body), [])
    assert reasons == ((message,) if message else ())


def test_reasons_are_bounded() -> None:
    """A long reason is cut."""
    reasons, _ = describe_exchange(build_exchange(), ["x" * 10_000])
    assert len(reasons[0]) == MAX_REASON + 1


RECORD = CallRecord(
    AT, 0.0123, "GET", "/x?a=1", 404, "mine", "viewer", 7, "getX", ("no task", "b"), True
)


def test_text_line() -> None:
    """A line has time, method, target, status, milliseconds, world, account, reasons, number."""
    expected = (
        "03:04:05 GET /x?a=1 404 12.3 ms  world mine  account viewer  no task; b  (request 7)\n"
    )
    assert render_text(RECORD, first_account="admin") == expected


def test_usual_world_and_account_are_left_out() -> None:
    """The default world and the first account are not named; colours are those of the status."""
    record = CallRecord(AT, 0.001, "GET", "/x", 200, "default", "admin", 1)
    assert render_text(record, first_account="admin") == "03:04:05 GET /x 200 1.0 ms\n"
    coloured = render_text(record, first_account="admin", colour=True)
    assert coloured == "03:04:05 GET /x \x1b[32m200\x1b[0m 1.0 ms\n"


def test_json_line() -> None:
    """The same as an object, with everything that is known."""
    line = render_json(RECORD)
    assert line.count("\n") == 1
    assert loads(line) == {
        "time": "2026-01-02T03:04:05+00:00",
        "level": "warning",
        "method": "GET",
        "target": "/x?a=1",
        "status": 404,
        "ms": 12.3,
        "world": "mine",
        "account": "viewer",
        "number": 7,
        "operation": "getX",
        "reasons": ["no task", "b"],
    }

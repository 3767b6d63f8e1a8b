"""Whole messages of the OCP, of all its operations: each validates, and what it carries obeys the domain."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from domain import check_error, check_log, check_page, check_subtask, check_task
from understudy.contract import Match
from understudy.messages import Headers, Request, Response, dump_json
from understudy.strategies import envelopes, requests_from_operation, responses_from_operation
from understudy.strategies.strategy_options import shipped_contract

QUICK = settings(
    phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None, deadline=None
)
CONTRACT = shipped_contract()
TOGETHER = 4
DATA: dict[str, Callable[[Any], None]] = {
    "listTaskInstances": check_page,
    "getTaskInstance": check_task,
    "rollbackTask": check_task,
    "retryTask": check_task,
    "retrySubtask": check_subtask,
    "getSubtaskLog": check_log,
}
Named = tuple[str, Any]


def each(strategy: Callable[[str], st.SearchStrategy[Any]]) -> st.SearchStrategy[Named]:
    """Give what a strategy draws for an operation, with the operation."""
    return st.one_of([st.tuples(st.just(name), strategy(name)) for name in CONTRACT.operations])


def answers(operation: str) -> st.SearchStrategy[Any]:
    """Give responses of every documented status, half of them successes."""
    statuses = [int(status) for status in CONTRACT.operations[operation].responses]
    refusals = st.one_of(
        [responses_from_operation(operation, status=status) for status in statuses if status != 200]
    )
    success = responses_from_operation(operation)
    return st.booleans().flatmap(lambda succeeds: success if succeeds else refusals)


def check_body(operation: str, body: Any) -> None:
    """Assert that the data of an envelope obey the domain, or that an error is one of the catalogue."""
    if not body["successful"]:
        check_error(body)
    elif operation in DATA:
        DATA[operation](body["data"])
    else:
        assert "data" not in body


def check_envelope(operation: str, body: Any) -> None:
    """Assert that a body validates and obeys the domain."""
    response = Response(200, Headers.of([("Content-Type", "application/json")]), dump_json(body))
    assert CONTRACT.operations[operation].validate_response(response) == ()
    check_body(operation, body)


def check_response(operation: str, response: Response) -> None:
    """Assert that a response validates and obeys the domain; its envelope tells its status."""
    assert CONTRACT.operations[operation].validate_response(response) == ()
    assert response.json()["status"] == response.status
    check_body(operation, response.json())


def check_request(operation: str, request: Request) -> None:
    """Assert that a request leads to its operation, and breaks nothing."""
    match = CONTRACT.route(request.method, request.path)
    assert isinstance(match, Match)
    decoded = match.operation.decode(match.path_values, request)
    assert (match.operation.id, decoded.violations, decoded.notes) == (operation, (), ())


KINDS: dict[str, tuple[st.SearchStrategy[Named], Callable[[str, Any], None]]] = {
    "envelopes": (each(lambda name: envelopes(operation=name)), check_envelope),
    "responses": (each(answers), check_response),
    "requests": (each(requests_from_operation), check_request),
}


def promise(kind: str, count: int) -> None:
    """Draw messages of one kind, several at a time; each is checked, and under one draw in a hundred is thrown away."""
    strategy, check_one = KINDS[kind]
    several, counts = st.lists(strategy, min_size=TOGETHER, max_size=TOGETHER), Counter[str]()

    @given(st.data())
    @settings(QUICK, max_examples=count // TOGETHER)
    def check(data: st.DataObject) -> None:
        try:
            drawn = data.draw(several)
        except UnsatisfiedAssumption:
            counts["thrown away"] += 1
            raise
        except BaseException:
            counts["thrown away"] += data.conjecture_data.status.name == "INVALID"
            raise
        for operation, value in drawn:
            check_one(operation, value)
            counts[operation] += 1

    check()
    assert set(CONTRACT.operations) <= set(counts)
    assert counts.total() - counts["thrown away"] >= count
    assert counts["thrown away"] <= count / 100


@pytest.mark.parametrize("kind", KINDS)
def test_messages_validate_and_obey_the_domain(kind: str) -> None:
    """Five hundred of each kind, of every operation."""
    promise(kind, 500)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_very_many_messages_validate_and_obey_the_domain(kind: str) -> None:
    """Ten thousand of each kind."""
    promise(kind, 10_000)

"""Whole messages of all operations of the OCP: each is valid, and its data obey the domain."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain import check_error, check_log, check_page, check_subtask, check_task
from draw_counting import draw_counted
from understudy.contract import Match
from understudy.messages import Headers, Request, Response, dump_json
from understudy.strategies import envelopes, requests_from_operation, responses_from_operation
from understudy.strategies.strategy_options import shipped_contract

QUICK = settings(
    phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None, deadline=None
)
CONTRACT = shipped_contract()
DRAWN_TOGETHER = 4
DATA: dict[str, Callable[[Any], None]] = {
    "listTaskInstances": check_page,
    "getTaskInstance": check_task,
    "rollbackTask": check_task,
    "retryTask": check_task,
    "retrySubtask": check_subtask,
    "getSubtaskLog": check_log,
}
Named = tuple[str, Any]
"""An operationId, and a message of this operation."""


def of_each_operation(
    strategy: Callable[[str], st.SearchStrategy[Any]],
) -> st.SearchStrategy[Named]:
    """Return what a strategy draws for an operation, with its operationId."""
    return st.one_of([st.tuples(st.just(name), strategy(name)) for name in CONTRACT.operations])


def all_responses(operation: str) -> st.SearchStrategy[Any]:
    """Return responses of every documented status, half of them successes."""
    statuses = [int(status) for status in CONTRACT.operations[operation].responses]
    errors = st.one_of(
        [responses_from_operation(operation, status=status) for status in statuses if status != 200]
    )
    success = responses_from_operation(operation)
    return st.booleans().flatmap(lambda succeeds: success if succeeds else errors)


def check_body(operation: str, body: Any) -> None:
    """Assert that data obey the domain, or that an error is one of the catalogue."""
    if not body["successful"]:
        check_error(body)
    elif operation in DATA:
        DATA[operation](body["data"])
    else:
        assert "data" not in body


def check_envelope(operation: str, body: Any) -> None:
    """Assert that a body is valid and obeys the domain."""
    response = Response(200, Headers.of([("Content-Type", "application/json")]), dump_json(body))
    assert CONTRACT.operations[operation].validate_response(response) == ()
    check_body(operation, body)


def check_response(operation: str, response: Response) -> None:
    """Assert that a response is valid, obeys the domain, and repeats its status."""
    assert CONTRACT.operations[operation].validate_response(response) == ()
    assert response.json()["status"] == response.status
    check_body(operation, response.json())


def check_request(operation: str, request: Request) -> None:
    """Assert that a request leads to its operation, without a violation."""
    match = CONTRACT.route(request.method, request.path)
    assert isinstance(match, Match)
    decoded = match.operation.decode(match.path_values, request)
    assert (match.operation.id, decoded.violations, decoded.notes) == (operation, (), ())


KINDS: dict[str, tuple[st.SearchStrategy[Named], Callable[[str, Any], None]]] = {
    "envelopes": (of_each_operation(lambda name: envelopes(operation=name)), check_envelope),
    "responses": (of_each_operation(all_responses), check_response),
    "requests": (of_each_operation(requests_from_operation), check_request),
}


def check_many(kind: str, count: int) -> None:
    """Draw messages of one kind, several at a time, and check each.

    Fewer than one draw in a hundred is rejected.
    """
    strategy, check_one = KINDS[kind]
    counts, draws = Counter[str](), Counter[str]()
    several = st.lists(strategy, min_size=DRAWN_TOGETHER, max_size=DRAWN_TOGETHER)

    @given(st.data())
    @settings(QUICK, max_examples=count // DRAWN_TOGETHER)
    def check(data: st.DataObject) -> None:
        for operation, value in draw_counted(data, several, draws):
            check_one(operation, value)
            counts[operation] += 1

    check()
    assert set(CONTRACT.operations) <= set(counts)
    assert counts.total() >= count
    assert draws["rejected"] <= count / 100


@pytest.mark.parametrize("kind", KINDS)
def test_messages_are_valid_and_obey_the_domain(kind: str) -> None:
    """Five hundred messages of each kind, of every operation, are valid and obey the domain."""
    check_many(kind, 500)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_messages_are_valid_and_obey_the_domain(kind: str) -> None:
    """Ten thousand messages of each kind do so too."""
    check_many(kind, 10_000)

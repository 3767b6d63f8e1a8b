"""Throttling: windows on the world's clock, per account; the headers that every response carries."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from replay_builders import LIST, SECOND, ask, stub_of
from understudy.clock import ClockState
from understudy.messages import Response
from understudy.replay.rate_limit import RateLimit, count_in_window
from understudy.replay.world_state import State

ACCOUNTS = "accounts: {admin: {permissions: [ADMIN]}, viewer: {}, nobody: {permissions: []}}\n"
TWO_IN_TEN = ACCOUNTS + "throttle: {limit: 2, window: 10s}\ntasks: [{id: 1}]"


def told(response: Response) -> tuple[int, str, str, str]:
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    limit, remaining, reset = (response.headers.get(name) for name in names)
    return response.status, limit, remaining, reset


def test_calls_are_counted_until_the_window_is_used_up(tmp_path: Path) -> None:
    """Then it is 429, in the envelope with code 0; the next window starts anew."""
    stub = stub_of(tmp_path, TWO_IN_TEN, clock="virtual")
    stub.world().advance(3 * SECOND)
    assert [told(ask(stub, LIST)) for _ in range(2)] == [(200, "2", "1", "7"), (200, "2", "0", "7")]
    refused = ask(stub, LIST)
    assert told(refused) == (429, "2", "0", "7")
    assert (refused.json()["error"]["code"], refused.json()["status"]) == (0, 429)
    stub.world().advance(7 * SECOND)
    assert told(ask(stub, LIST)) == (200, "2", "1", "10")


def test_each_account_has_windows_of_its_own(tmp_path: Path) -> None:
    """And each world."""
    stub = stub_of(tmp_path, TWO_IN_TEN, clock="virtual")
    for _ in range(3):
        ask(stub, LIST)
    assert told(ask(stub, LIST, user="viewer:viewer"))[0] == 200
    assert told(ask(stub, f"/w/other{LIST}"))[0] == 200
    assert told(ask(stub, LIST))[0] == 429


@pytest.mark.parametrize(
    ("target", "user", "status"),
    [
        ("/no/such", "admin:admin", 404),
        (f"{LIST}?size=0", "admin:admin", 400),
        (LIST, "nobody:nobody", 403),
    ],
)
def test_what_is_refused_later_is_counted_too(
    tmp_path: Path, target: str, user: str, status: int
) -> None:
    """Throttling comes before permissions and the contract."""
    stub = stub_of(tmp_path, TWO_IN_TEN, clock="virtual")
    assert [told(ask(stub, target, user=user)) for _ in range(3)] == [
        (status, "2", "1", "10"),
        (status, "2", "0", "10"),
        (429, "2", "0", "10"),
    ]


def test_nobody_is_never_counted(tmp_path: Path) -> None:
    """Who is not known is 401 each time, and sees a whole window."""
    stub = stub_of(tmp_path, TWO_IN_TEN, clock="virtual")
    assert {told(ask(stub, LIST, user="")) for _ in range(3)} == {(401, "2", "2", "10")}


def test_a_throttled_call_does_not_move_a_clock_that_moves_per_call(tmp_path: Path) -> None:
    """It is refused."""
    stub = stub_of(tmp_path, TWO_IN_TEN, clock="per-call")
    start = stub.world().now()
    for _ in range(5):
        ask(stub, LIST)
    assert stub.world().now() - start == 2 * SECOND


def test_without_throttling_no_header_speaks_of_it(tmp_path: Path) -> None:
    """Nothing is counted, nothing is written."""
    stub = stub_of(tmp_path, "tasks: [{id: 1}]", clock="virtual")
    assert "RateLimit-Limit" not in ask(stub, LIST).headers
    assert stub._store.read("world/default") is None


def test_of_several_limits_the_tightest_is_told(tmp_path: Path) -> None:
    """The one with the fewest calls left."""
    stub = stub_of(
        tmp_path, "throttle: [{limit: 3, window: 10s}, {limit: 4, window: 1h}]\n", clock="virtual"
    )
    seen = []
    for _ in range(5):
        seen.append(told(ask(stub, LIST)))
        stub.world().advance(5 * SECOND)
    assert seen == [
        (200, "3", "2", "10"),
        (200, "3", "1", "5"),
        (200, "4", "1", "3590"),
        (200, "4", "0", "3585"),
        (429, "4", "0", "3580"),
    ]


def test_a_window_that_is_over_is_forgotten() -> None:
    """However long ago it was; the state is not changed by a refusal."""
    moment = datetime(2021, 1, 1, tzinfo=UTC)
    clock = ClockState("virtual", moment, moment)
    limits = [RateLimit(1, timedelta(seconds=10))]
    state, first = count_in_window(State("", moment, clock), "a", timedelta(0), limits)
    again, second = count_in_window(state, "a", timedelta(seconds=9), limits)
    assert (first and first.is_exceeded, second and second.is_exceeded, again is state) == (
        False,
        True,
        True,
    )
    later, third = count_in_window(again, "a", timedelta(days=365), limits)
    assert (third and third.is_exceeded, later.windows["a"]) == (False, ((3153600, 1),))

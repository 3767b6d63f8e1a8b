"""Rate limits: windows on the world's clock, per account; the header fields of every response."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from replay_builders import LIST, SECOND, build_stub, send
from understudy.clock import ClockState
from understudy.messages import Response
from understudy.replay.rate_limit import RateLimit, count_in_window
from understudy.replay.world_state import State

ACCOUNTS = "accounts: {admin: {permissions: [ADMIN]}, viewer: {}, restricted: {permissions: []}}\n"
TWO_IN_TEN = ACCOUNTS + "throttle: {limit: 2, window: 10s}\ntasks: [{id: 1}]"


def limit_fields(response: Response) -> tuple[int, str, str, str]:
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    limit, remaining, reset = (response.headers.get(name) for name in names)
    return response.status, limit, remaining, reset


def test_calls_over_the_limit_get_429(tmp_path: Path) -> None:
    """A call over the limit gets 429 with code 0; the next window starts at zero."""
    stub = build_stub(tmp_path, TWO_IN_TEN, clock="virtual")
    stub.world().advance(3 * SECOND)
    assert [limit_fields(send(stub, LIST)) for _ in range(2)] == [
        (200, "2", "1", "7"),
        (200, "2", "0", "7"),
    ]
    exceeded = send(stub, LIST)
    assert limit_fields(exceeded) == (429, "2", "0", "7")
    assert (exceeded.json()["error"]["code"], exceeded.json()["status"]) == (0, 429)
    stub.world().advance(7 * SECOND)
    assert limit_fields(send(stub, LIST)) == (200, "2", "1", "10")


def test_each_account_has_windows_of_its_own(tmp_path: Path) -> None:
    """Each account, and each world, has its own windows."""
    stub = build_stub(tmp_path, TWO_IN_TEN, clock="virtual")
    for _ in range(3):
        send(stub, LIST)
    assert limit_fields(send(stub, LIST, user="viewer:viewer"))[0] == 200
    assert limit_fields(send(stub, f"/w/other{LIST}"))[0] == 200
    assert limit_fields(send(stub, LIST))[0] == 429


@pytest.mark.parametrize(
    ("target", "user", "status"),
    [
        ("/no/such", "admin:admin", 404),
        (f"{LIST}?size=0", "admin:admin", 400),
        (LIST, "restricted:restricted", 403),
    ],
)
def test_rejected_calls_are_counted(tmp_path: Path, target: str, user: str, status: int) -> None:
    """The rate limit is checked before permissions and the contract."""
    stub = build_stub(tmp_path, TWO_IN_TEN, clock="virtual")
    assert [limit_fields(send(stub, target, user=user)) for _ in range(3)] == [
        (status, "2", "1", "10"),
        (status, "2", "0", "10"),
        (429, "2", "0", "10"),
    ]


def test_unknown_caller_is_not_counted(tmp_path: Path) -> None:
    """An unknown caller gets 401 each time, and sees a full window."""
    stub = build_stub(tmp_path, TWO_IN_TEN, clock="virtual")
    assert {limit_fields(send(stub, LIST, user="")) for _ in range(3)} == {(401, "2", "2", "10")}


def test_call_over_the_limit_moves_no_per_call_clock(tmp_path: Path) -> None:
    """A call with 429 does not move a per-call clock."""
    stub = build_stub(tmp_path, TWO_IN_TEN, clock="per-call")
    start = stub.world().now()
    for _ in range(5):
        send(stub, LIST)
    assert stub.world().now() - start == 2 * SECOND


def test_without_limits_there_are_no_fields(tmp_path: Path) -> None:
    """Without limits nothing is counted and nothing is written."""
    stub = build_stub(tmp_path, "tasks: [{id: 1}]", clock="virtual")
    assert "RateLimit-Limit" not in send(stub, LIST).headers
    assert stub._store.read("world/default") is None


def test_fields_show_the_tightest_limit(tmp_path: Path) -> None:
    """Of several limits, the fields show the one with the fewest calls left."""
    stub = build_stub(
        tmp_path, "throttle: [{limit: 3, window: 10s}, {limit: 4, window: 1h}]\n", clock="virtual"
    )
    fields = []
    for _ in range(5):
        fields.append(limit_fields(send(stub, LIST)))
        stub.world().advance(5 * SECOND)
    assert fields == [
        (200, "3", "2", "10"),
        (200, "3", "1", "5"),
        (200, "4", "1", "3590"),
        (200, "4", "0", "3585"),
        (429, "4", "0", "3580"),
    ]


def test_expired_window_counts_as_empty() -> None:
    """However long ago the window was. A call over the limit leaves the state as it is."""
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

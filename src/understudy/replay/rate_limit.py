"""Rate limits: fixed windows of calls per account, on the world's clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from understudy.replay.world_state import State


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The number of calls that an account may make in each window."""

    calls: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Allowance:
    """The calls that are left in the tightest window of an account."""

    limit: int
    remaining: int
    reset_s: int
    """Seconds until the window starts again, rounded up."""
    is_exceeded: bool = False
    """Whether the call is one too many."""

    def header_fields(self) -> tuple[tuple[str, str], ...]:
        """Return the header fields of every response while there is a rate limit."""
        return (
            ("RateLimit-Limit", str(self.limit)),
            ("RateLimit-Remaining", str(self.remaining)),
            ("RateLimit-Reset", str(self.reset_s)),
        )


def count_in_window(
    state: State, account: str, elapsed: timedelta, limits: Sequence[RateLimit]
) -> tuple[State, Allowance | None]:
    """Count a call of an account, `elapsed` after the world's start.

    A call that exceeds a limit is not counted. An empty account (an unknown caller) is never
    counted and sees a full window. Returns None as the allowance when there are no limits.
    """
    if not limits:
        return state, None
    numbers = [elapsed // limit.window for limit in limits]
    counts = _counts_in_windows(state, account, numbers)
    is_exceeded = any(count >= limit.calls for count, limit in zip(counts, limits, strict=True))
    if account and not is_exceeded:
        counts = [count + 1 for count in counts]
        windows = tuple(zip(numbers, counts, strict=True))
        state = replace(state, windows={**state.windows, account: windows})
    allowances = [
        Allowance(
            limit=limit.calls,
            remaining=limit.calls - count,
            reset_s=_round_up(limit.window - elapsed % limit.window),
            is_exceeded=is_exceeded,
        )
        for limit, count in zip(limits, counts, strict=True)
    ]
    # Of several limits the client sees the tightest; at a tie, the one that resets last.
    return state, min(allowances, key=lambda allowance: (allowance.remaining, -allowance.reset_s))


def _counts_in_windows(state: State, account: str, numbers: list[int]) -> list[int]:
    """Return the account's calls in the windows with these numbers; older windows count as 0."""
    saved = state.windows.get(account, ((0, 0),) * len(numbers))
    pairs = zip(saved, numbers, strict=True)
    return [count if saved_number == number else 0 for (saved_number, count), number in pairs]


def _round_up(duration: timedelta) -> int:
    return -(-duration // timedelta(seconds=1))

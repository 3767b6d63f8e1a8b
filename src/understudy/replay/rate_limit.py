"""How many calls an account may make: fixed windows on the world's clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from understudy.replay.world_state import State


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many calls in each window."""

    calls: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the window that is nearest to its end of calls."""

    limit: int
    remaining: int
    reset_s: int
    """Seconds until that window starts anew, rounded up."""
    is_exceeded: bool = False

    def header_fields(self) -> tuple[tuple[str, str], ...]:
        """Give the fields that every response carries while throttling is on."""
        return (
            ("RateLimit-Limit", str(self.limit)),
            ("RateLimit-Remaining", str(self.remaining)),
            ("RateLimit-Reset", str(self.reset_s)),
        )


def count_in_window(
    state: State, account: str, elapsed: timedelta, limits: Sequence[RateLimit]
) -> tuple[State, Allowance | None]:
    """Count a call of an account `elapsed` after the world's start. A call that is refused is not counted.

    An empty account is nobody: shown a whole window, never counted. Without limits there is nothing to say.
    """
    if not limits:
        return state, None
    numbers = [elapsed // limit.window for limit in limits]
    before = state.windows.get(account, ((0, 0),) * len(limits))
    used = [
        count if at == number else 0 for (at, count), number in zip(before, numbers, strict=True)
    ]
    refused = any(count >= limit.calls for count, limit in zip(used, limits, strict=True))
    if account and not refused:
        used = [count + 1 for count in used]
        windows = tuple(zip(numbers, used, strict=True))
        state = replace(state, windows={**state.windows, account: windows})
    left = [
        Allowance(
            limit.calls,
            limit.calls - count,
            _seconds(limit.window - elapsed % limit.window),
            refused,
        )
        for limit, count in zip(limits, used, strict=True)
    ]
    return state, min(left, key=lambda allowance: (allowance.remaining, -allowance.reset_s))


def _seconds(rest: timedelta) -> int:
    return -(-rest // timedelta(seconds=1))

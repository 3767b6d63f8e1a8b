"""Faults that are known by a name: a bad day of a server, put together from the others."""

from datetime import timedelta
from typing import Final

from understudy.messages import Ending
from understudy.rules.faults.fault_kinds import (
    Delay,
    DelayKind,
    Fault,
    FaultPart,
    GatewayResponse,
    Truncation,
)
from understudy.rules.values.call_ranges import CallRange


def _lognormal(median_ms: int, p99_ms: int) -> Fault:
    first, second = timedelta(milliseconds=median_ms), timedelta(milliseconds=p99_ms)
    return Fault(delay=Delay(DelayKind.LOGNORMAL, first, second))


_RESET: Final = Fault(ending=Ending.RESET)
_UNAVAILABLE: Final = Fault(gateway=GatewayResponse(503), acts_before=True)
_TRY_AGAIN: Final = Fault(gateway=GatewayResponse(503, (("Retry-After", "1"),)), acts_before=True)

PROFILES: Final[dict[str, tuple[FaultPart, ...]]] = {
    # A server that works, but not soon.
    "slow": (FaultPart(_lognormal(800, 5000)),),
    # One dice for all three: a quarter of the calls fails, each in one way.
    "flaky": (
        FaultPart(_RESET, 0.0, 0.1),
        FaultPart(_UNAVAILABLE, 0.1, 0.2),
        FaultPart(Fault(truncation=Truncation(0.5)), 0.2, 0.25),
    ),
    "overloaded": (
        FaultPart(_lognormal(1500, 10_000)),
        FaultPart(_TRY_AGAIN, 0.0, 0.3),
    ),
    # By call, not by chance: each 20 calls one server goes down, and is not there for a while.
    "rolling-restart": (
        FaultPart(_RESET, calls=CallRange(15, 16, 20)),
        FaultPart(_TRY_AGAIN, calls=CallRange(17, 20, 20)),
    ),
}
"""By name."""

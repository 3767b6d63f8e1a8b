"""Profiles: named combinations of faults, each of them a bad day of a server."""

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


def _build_lognormal(median_ms: int, p99_ms: int) -> Fault:
    median = timedelta(milliseconds=median_ms)
    p99 = timedelta(milliseconds=p99_ms)
    return Fault(delay=Delay(DelayKind.LOGNORMAL, median, p99))


_RESET: Final = Fault(ending=Ending.RESET)
_UNAVAILABLE: Final = Fault(gateway=GatewayResponse(503), acts_before=True)
_TRY_AGAIN: Final = Fault(gateway=GatewayResponse(503, (("Retry-After", "1"),)), acts_before=True)

PROFILES: Final[dict[str, tuple[FaultPart, ...]]] = {
    # The server works, but each response is late.
    "slow": (FaultPart(_build_lognormal(800, 5000)),),
    # All parts see one random value of the call: a quarter of the calls fails, each in one way.
    "flaky": (
        FaultPart(_RESET, 0.0, 0.1),
        FaultPart(_UNAVAILABLE, 0.1, 0.2),
        FaultPart(Fault(truncation=Truncation(0.5)), 0.2, 0.25),
    ),
    "overloaded": (
        FaultPart(_build_lognormal(1500, 10_000)),
        FaultPart(_TRY_AGAIN, 0.0, 0.3),
    ),
    # By number, not by chance: in each 20 calls one server goes down, and is away for a while.
    "rolling-restart": (
        FaultPart(_RESET, calls=CallRange(15, 16, 20)),
        FaultPart(_TRY_AGAIN, calls=CallRange(17, 20, 20)),
    ),
}
"""The parts of each profile, by its name."""

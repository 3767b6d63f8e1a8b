"""What can go wrong between a server and its client."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import exp, log

from understudy.messages import Ending
from understudy.rules.values.call_ranges import CallRange
from understudy.rules.values.seeded_random import random_fraction, random_normal

MAX_DELAY = timedelta(minutes=10)
DEFAULT_TIMEOUT = timedelta(seconds=60)
"""How long `timeout: true` holds a call."""
MAX_GARBAGE_BYTES = 1024 * 1024
_QUANTILE_99 = 2.3263478740408408
"""Of the standard normal distribution."""


class DelayKind(Enum):
    """How delays are spread."""

    FIXED = "fixed"
    UNIFORM = "uniform"
    """From `first` to `second`."""
    NORMAL = "normal"
    """`first` is the mean, `second` the deviation."""
    LOGNORMAL = "lognormal"
    """`first` is the median, `second` what 99 of 100 stay under."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How long nothing is sent."""

    kind: DelayKind
    first: timedelta
    second: timedelta = timedelta(0)

    def draw(self, seed: int, number: int, what: str) -> timedelta:
        """Give the delay of one call: to the millisecond, not below 0, not above ten minutes."""
        drawn = self._drawn(seed, number, what) / timedelta(milliseconds=1)
        return max(timedelta(0), min(timedelta(milliseconds=round(drawn)), MAX_DELAY))

    def _drawn(self, seed: int, number: int, what: str) -> timedelta:
        match self.kind:
            case DelayKind.FIXED:
                return self.first
            case DelayKind.UNIFORM:
                return self.first + (self.second - self.first) * random_fraction(seed, number, what)
            case DelayKind.NORMAL:
                return self.first + self.second * random_normal(seed, number, what)
            case DelayKind.LOGNORMAL:
                sigma = log(self.second / self.first) / _QUANTILE_99
                # More than the bound is cut anyhow, and a huge one would not fit.
                return self.first * min(
                    exp(sigma * random_normal(seed, number, what)), MAX_DELAY / self.first
                )


@dataclass(frozen=True, slots=True)
class Dribble:
    """The body comes in pieces."""

    pieces: int = 10
    over: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Truncation:
    """How much of a body is sent: a share of it, or so many bytes. Always less than all of it."""

    share: float = 0.0
    size: int | None = None

    def sent_length(self, length: int) -> int:
        """Give how many bytes are sent of a body of a length above 0."""
        return min(int(length * self.share) if self.size is None else self.size, length - 1)


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """What something in front of the server says instead of it."""

    status: int = 503
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One or more kinds of trouble for one call."""

    delay: Delay | None = None
    dribble: Dribble | None = None
    ending: Ending | None = None
    """RESET or EMPTY: nothing is sent."""
    truncation: Truncation | None = None
    garbage: int | None = None
    """So many random bytes instead of the body; 0: a few."""
    content_type: str = ""
    """Said instead of the right one."""
    timeout: timedelta | None = None
    """So long nothing is sent, then the connection is closed."""
    gateway: GatewayResponse | None = None
    acts_before: bool = False
    """Whether it acts before the call has any effect; else its answer is damaged afterwards."""

    @property
    def replaces_response(self) -> bool:
        """Whether the service's answer is not sent at all."""
        return self.ending is not None or self.timeout is not None or self.gateway is not None


@dataclass(frozen=True, slots=True)
class FaultPart:
    """A fault of a rule, and for which of the rule's calls it is meant."""

    fault: Fault
    low: float = 0.0
    high: float = 1.0
    """Where the rule's dice have to fall: from `low` up to, not including, `high`."""
    calls: CallRange | None = None
    """Which of the rule's calls; None: each."""

"""The kinds of faults: what can go wrong between a server and its client."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import exp, log
from typing import Final

from understudy.messages import Ending
from understudy.rules.values.call_ranges import CallRange
from understudy.rules.values.seeded_random import random_fraction, random_normal

MAX_DELAY: Final = timedelta(minutes=10)
"""The longest time that one fault holds a call."""
DEFAULT_TIMEOUT: Final = timedelta(seconds=60)
"""How long `timeout: true` holds a call."""
MAX_GARBAGE_BYTES: Final = 1024 * 1024
MAX_PIECES: Final = 1000
"""How many pieces a dribbled body may have."""
_QUANTILE_99 = 2.3263478740408408
"""The 99 % quantile of the standard normal distribution."""
_SHARE = re.compile(r"(100|[0-9]{1,2}(\.[0-9]+)?)%")
_MILLISECOND = timedelta(milliseconds=1)


class DelayKind(Enum):
    """The distribution of a delay, and the meaning of its two durations."""

    FIXED = "fixed"
    """Always `first`."""
    UNIFORM = "uniform"
    """From `first` to `second`."""
    NORMAL = "normal"
    """`first` is the mean, `second` the standard deviation."""
    LOGNORMAL = "lognormal"
    """`first` is the median, `second` the 99th percentile."""


@dataclass(frozen=True, slots=True)
class Delay:
    """A time in which nothing is sent."""

    kind: DelayKind
    first: timedelta
    second: timedelta = timedelta(0)

    def draw(self, seed: int, number: int, label: str) -> timedelta:
        """Return the delay of one call: in whole milliseconds, from 0 to MAX_DELAY."""
        milliseconds = round(self._draw_exact(seed, number, label) / _MILLISECOND)
        drawn = timedelta(milliseconds=milliseconds)
        return max(timedelta(0), min(drawn, MAX_DELAY))

    def _draw_exact(self, seed: int, number: int, label: str) -> timedelta:
        match self.kind:
            case DelayKind.FIXED:
                return self.first
            case DelayKind.UNIFORM:
                fraction = random_fraction(seed, number, label)
                return self.first + (self.second - self.first) * fraction
            case DelayKind.NORMAL:
                return self.first + self.second * random_normal(seed, number, label)
            case DelayKind.LOGNORMAL:
                sigma = log(self.second / self.first) / _QUANTILE_99
                factor = exp(sigma * random_normal(seed, number, label))
                # A factor beyond the bound is cut in any case, and a huge one would overflow.
                return self.first * min(factor, MAX_DELAY / self.first)


@dataclass(frozen=True, slots=True)
class Dribble:
    """A body that is sent in pieces, spread over a time."""

    pieces: int = 10
    over: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Truncation:
    """The part of a body that is sent: a share of it, or a number of bytes; never all of it."""

    share: float = 0.0
    """From 0 to 1; without meaning when there is a `size`."""
    size: int | None = None
    """In bytes."""

    def sent_length(self, length: int) -> int:
        """Return how many bytes of a body are sent; `length` is above 0."""
        sent = int(length * self.share) if self.size is None else self.size
        return min(sent, length - 1)


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """The response of a gateway in front of the server, which does not know the service."""

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
    """How many random bytes replace the body; 0: a small random number of them."""
    content_type: str = ""
    """A wrong Content-Type; empty: the right one stays."""
    timeout: timedelta | None = None
    """How long nothing is sent, before the connection is closed."""
    gateway: GatewayResponse | None = None
    acts_before: bool = False
    """Whether it acts before the call has an effect, rather than on the response afterwards."""

    @property
    def replaces_response(self) -> bool:
        """Whether the response of the service is not sent at all."""
        return self.ending is not None or self.timeout is not None or self.gateway is not None


@dataclass(frozen=True, slots=True)
class FaultPart:
    """One fault of a rule, with the calls of the rule that it is for."""

    fault: Fault
    low: float = 0.0
    """The least random value of a call, from 0 to 1, for which the fault acts."""
    high: float = 1.0
    """The bound of those random values; it is not included."""
    calls: CallRange | None = None
    """Which of the rule's calls; None: each of them."""


NAMED_FAULTS: Final[dict[str, Fault]] = {
    "reset": Fault(ending=Ending.RESET),
    "empty": Fault(ending=Ending.EMPTY),
    "garbage": Fault(garbage=0),
    "timeout": Fault(timeout=DEFAULT_TIMEOUT),
}
"""The faults that need no more than their name."""


def parse_truncation(text: str) -> Truncation:
    """Parse the part of a body that is sent: `50%`, or a number of bytes. Raise ValueError."""
    if _SHARE.fullmatch(text):
        return Truncation(share=float(text[:-1]) / 100)
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise ValueError(f'"{text[:40]}" is neither a share nor a number of bytes')
    return Truncation(size=int(text))

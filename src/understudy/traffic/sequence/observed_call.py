"""One call of a sequence, with what the rules across messages need of it."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from understudy.contract import Operation
from understudy.messages import Json, Request, Response
from understudy.traffic.finding import Finding, Origin, Severity

K = TypeVar("K")
V = TypeVar("V")

_MAX_REMEMBERED = 10_000


class RecentValues(OrderedDict[K, V], Generic[K, V]):
    """A mapping that forgets the oldest entries, so that a long sequence takes bounded memory."""

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > _MAX_REMEMBERED:
            self.popitem(last=False)


@dataclass(frozen=True, slots=True)
class ObservedCall:
    """A request with its answer."""

    operation: Operation
    path_values: Mapping[str, str]
    path: str
    """The path of the request, without the base path of the server."""
    request: Request
    response: Response
    body: Json
    """The decoded body of the answer; None where it is not JSON."""
    origin: Origin
    scope: str
    """What the call belongs to: a world of a stub; empty for a server."""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.response.status < 300

    def finding(
        self,
        rule: str,
        place: str,
        text: str,
        *,
        severity: Severity = Severity.ERROR,
        value: Json = None,
        expected: str = "",
    ) -> Finding:
        """Return a finding about the answer."""
        return Finding(
            severity=severity,
            side="response",
            place=place,
            rule=rule,
            text=f"{place or 'body'}: {text} [{rule}]",
            origin=replace(self.origin, operation=self.operation.id),
            value=value,
            expected=expected,
            pointer=self.operation.pointer,
            source=self.operation.source,
        )

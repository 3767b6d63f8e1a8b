"""Types of the journal's messages: what the client sends and returns, as JSON data.

The keys are those of `message_schemas`; a test compares the two. Times are ISO 8601 texts with an
offset. A `NotRequired` key is left out when it has no value.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict


class Criteria(TypedDict, total=False):
    """Search criteria: the conditions of a rule's `when` that concern a request, and two more."""

    operation: str | Sequence[str]
    request: str
    path: Mapping[str, object]
    query: Mapping[str, object]
    headers: Mapping[str, object]
    body: Mapping[str, object]
    status: int | str | Sequence[int | str]
    """A status such as 404, a class such as `4xx`, or a list of them."""
    account: object


class ViolationRecord(TypedDict):
    """One way in which a request or response breaks the contract."""

    of: Literal["request", "response"]
    place: str
    rule: str
    text: str
    source: str


class RequestRecord(TypedDict):
    """The request of an exchange; `bodyBase64` replaces a `body` that is not UTF-8."""

    method: str
    target: str
    path: str
    headers: list[list[str]]
    body: NotRequired[str]
    bodyBase64: NotRequired[str]


class ResponseRecord(TypedDict):
    """The response of an exchange; `bodyBase64` replaces a `body` that is not UTF-8."""

    status: int
    headers: list[list[str]]
    body: NotRequired[str]
    bodyBase64: NotRequired[str]


class ExchangeRecord(TypedDict):
    """One exchange of the journal, secrets removed."""

    number: int
    world: str
    at: str
    operation: str
    account: str
    violations: list[ViolationRecord]
    trace: dict[str, object]
    request: RequestRecord
    response: ResponseRecord


class RequestList(TypedDict):
    """Exchanges, and how many the journal has dropped."""

    requests: list[ExchangeRecord]
    dropped: int


class RequestPage(RequestList):
    """A part of the journal; `total` is the number of exchanges in the journal."""

    total: int


class RequestCount(TypedDict):
    """The number of exchanges that match."""

    count: int


class WaitResult(TypedDict):
    """The result of a wait: the last 100 matching exchanges, and the number of all of them."""

    requests: list[ExchangeRecord]
    matched: bool
    count: int


class UnmatchedRecord(TypedDict):
    """A call that nothing matched, with what is nearest to it."""

    number: int
    method: str
    target: str
    status: int
    nearestPath: NotRequired[str]
    allowed: NotRequired[list[str]]
    closest: NotRequired[dict[str, object]]


class UnmatchedList(TypedDict):
    """The unmatched calls."""

    nearMisses: list[UnmatchedRecord]


class RowRecord(TypedDict):
    """One condition, compared with an exchange."""

    field: str
    wanted: str
    found: str
    matches: bool


class NearMissRecord(TypedDict):
    """An exchange that nearly matches criteria, row by row."""

    number: int
    method: str
    target: str
    differing: int
    rows: list[RowRecord]


class NearMissList(TypedDict):
    """The exchanges that nearly match criteria."""

    nearMisses: list[NearMissRecord]


class ExplanationRecord(TypedDict):
    """How the response to a request came about."""

    number: int
    world: str
    scenario: str
    at: str
    clock: dict[str, object]
    operation: str
    summary: str
    sources: list[str]
    matched: str
    faults: list[object]
    preferences: dict[str, object]
    revision: list[int]
    before: object
    after: object
    violations: list[str]
    closest: dict[str, object] | None
    curl: str


class FindingRecord(TypedDict):
    """One thing that a test should fail for."""

    kind: Literal["violation", "unmatched", "unused"]
    text: str
    number: NotRequired[int]
    at: NotRequired[str]
    operation: NotRequired[str]
    call: NotRequired[str]
    status: NotRequired[int]
    place: NotRequired[str]
    rule: NotRequired[str]
    source: NotRequired[str]
    curl: NotRequired[str]


class FindingList(TypedDict):
    """The findings, and how many exchanges the journal has dropped."""

    findings: list[FindingRecord]
    dropped: int


class EventData(TypedDict):
    """The summary of an exchange in an event; an event `cleared` has the world only."""

    world: str
    number: NotRequired[int]
    at: NotRequired[str]
    operation: NotRequired[str]
    method: NotRequired[str]
    target: NotRequired[str]
    status: NotRequired[int]
    matched: NotRequired[str]
    violations: NotRequired[int]


class EventRecord(TypedDict):
    """A server-sent event; `id` is the number of the exchange, which `cleared` does not have."""

    event: Literal["exchange", "cleared"]
    id: NotRequired[str]
    data: EventData

"""Types of the journal's messages: what the client sends and returns, as JSON data.

The keys are those of `message_schemas`; a test compares the two. Times are ISO 8601 texts with an
offset. A `NotRequired` key is left out when it has no value.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict


class Criteria(TypedDict, total=False):
    """Search criteria: the conditions of a rule's `when` that concern a request, and two more."""

    operation: str | Sequence[str]
    """An operationId, or a list of them."""
    request: str
    """A method and a path pattern such as `GET /api/v2/tasks/*`."""
    path: Mapping[str, object]
    """Path variables by name; a value is a text or a matcher such as `{"contains": "x"}`."""
    query: Mapping[str, object]
    """Query parameters by name, as in `path`; any value of a repeated one may match."""
    headers: Mapping[str, object]
    """Header fields by name, in any case, as in `path`."""
    body: Mapping[str, object]
    """`equals`, `subset`, `matches` or `jsonpath`, as in a scenario."""
    status: int | str | Sequence[int | str]
    """A status such as 404, a class such as `4xx`, or a list of them."""
    account: object
    """The user name of the call: a text or a matcher."""


class ViolationRecord(TypedDict):
    """One way in which a request or response breaks the contract."""

    of: Literal["request", "response"]
    place: str
    """The location: `query.size`, or a JSON pointer into the body."""
    rule: str
    """A keyword of JSON Schema, or `unknown`, `requires`, `status`, `content-type`, …"""
    text: str
    """The violation in one line."""
    source: str
    """The line of the documents: `task-management.md:29`; empty when unknown."""


class RequestRecord(TypedDict):
    """The request of an exchange; `bodyBase64` replaces a `body` that is not UTF-8."""

    method: str
    target: str
    """Path and query as received, percent-encoded."""
    path: str
    """The path without the prefix that selects a world."""
    headers: list[list[str]]
    """Pairs of name and value, in the order received."""
    body: NotRequired[str]
    bodyBase64: NotRequired[str]


class ResponseRecord(TypedDict):
    """The response of an exchange; `bodyBase64` replaces a `body` that is not UTF-8."""

    status: int
    headers: list[list[str]]
    """Pairs of name and value."""
    body: NotRequired[str]
    bodyBase64: NotRequired[str]


class ExchangeRecord(TypedDict):
    """One exchange of the journal, secrets removed."""

    number: int
    """Counted from 1 in each world; clearing the journal restarts it."""
    world: str
    at: str
    """The time on the world's clock."""
    operation: str
    """The operationId; empty when no operation matched."""
    account: str
    """The user name; empty without a login."""
    violations: list[ViolationRecord]
    trace: dict[str, object]
    """How the response came about; `explain_request` describes it."""
    request: RequestRecord
    response: ResponseRecord


class RequestList(TypedDict):
    """Exchanges, and how many the journal has dropped."""

    requests: list[ExchangeRecord]
    dropped: int


class RequestPage(RequestList):
    """A part of the journal."""

    total: int
    """The number of exchanges in the journal."""


class RequestCount(TypedDict):
    """The number of exchanges that match."""

    count: int


class WaitResult(TypedDict):
    """The result of a wait."""

    requests: list[ExchangeRecord]
    """The last 100 matching exchanges."""
    matched: bool
    """Whether enough calls matched within the timeout."""
    count: int
    """The number of all matching exchanges."""


class UnmatchedRecord(TypedDict):
    """A call that nothing matched, with what is nearest to it."""

    number: int
    method: str
    target: str
    status: int
    nearestPath: NotRequired[str]
    """The most similar path of the contract."""
    allowed: NotRequired[list[str]]
    """The methods of the path, if only the method is wrong."""
    closest: NotRequired[dict[str, object]]
    """The nearest scripted reply, with the differing conditions."""


class UnmatchedList(TypedDict):
    """The unmatched calls."""

    nearMisses: list[UnmatchedRecord]


RowRecord = TypedDict(  # noqa: UP013 - a field of this name would not be plain in a class
    "RowRecord", {"field": str, "wanted": str, "found": str, "matches": bool}
)
"""One condition of criteria, compared with an exchange: its field, expected and actual value."""


class NearMissRecord(TypedDict):
    """An exchange that nearly matches criteria, row by row."""

    number: int
    method: str
    target: str
    differing: int
    """The number of rows that do not match."""
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
    """The lines of the documents that define operation, response and broken rules."""
    matched: str
    """The name of a rule, or `service`, `refusal`, `preference`, `fault`, `tool`."""
    faults: list[object]
    preferences: dict[str, object]
    revision: list[int]
    """The number of commands before and after the call."""
    before: object
    """The affected task before the call; None if the call concerns no task."""
    after: object
    """The affected task after the call."""
    violations: list[str]
    closest: dict[str, object] | None
    curl: str
    """A command that repeats the call, without secrets."""


class FindingRecord(TypedDict):
    """One thing that a test should fail for."""

    kind: Literal["violation", "unmatched", "unused"]
    text: str
    number: NotRequired[int]
    """The number of the exchange; an unused reply has none."""
    at: NotRequired[str]
    operation: NotRequired[str]
    call: NotRequired[str]
    """Method, path and query."""
    status: NotRequired[int]
    place: NotRequired[str]
    rule: NotRequired[str]
    """The broken rule, or the name of the unused reply."""
    source: NotRequired[str]
    curl: NotRequired[str]
    """A command that repeats the call, without secrets."""


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

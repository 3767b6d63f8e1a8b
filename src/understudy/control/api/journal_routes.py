"""Routes of the journal: exchanges, searches, explanations, findings and events."""

from understudy.control.api.route import (
    EVENTS,
    Answer,
    Body,
    Parameter,
    Route,
    list_schema,
    path_parameter,
    query_parameter,
    schema_ref,
)
from understudy.control.api.schema_builders import (
    COUNT,
    FLAG,
    TEXT,
    object_schema,
    with_description,
)

_NUMBER = path_parameter(
    "number", {"type": "integer", "minimum": 1}, "The number of the exchange in its world."
)
_LIMIT = {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}
_OUTSIDE = "the calls that reached no world"
_DROPPED = with_description(COUNT, "How many exchanges the journal has dropped.")
_CRITERIA = Body(schema_ref("Criteria"))
_EXCHANGES = Answer(
    "The oldest comes first.", list_schema("requests", "Exchange", dropped=_DROPPED)
)

JOURNAL_ROUTES = (
    # The harness reads these at the end of each test, and fails it for them.
    Route(
        id="listFindings",
        method="GET",
        path="/findings",
        topic="Journal",
        summary="List what a test should fail for, beside its own assertions.",
        answers={
            200: Answer(
                "Unused replies come last.", list_schema("findings", "Finding", dropped=COUNT)
            )
        },
        description=(
            "Requests that break the contract (unknown query parameters do not count), calls that "
            "nothing matched (OPTIONS and /favicon.ico do not count), and replies with `must` that "
            "were never used."
        ),
    ),
    # A stream holds a thread of the server until the client hangs up, hence `no-thread-left`.
    # Source: HTML Living Standard, 9.2 (server-sent events).
    Route(
        id="events",
        method="GET",
        path="/events",
        topic="Journal",
        summary="Stream exchanges as server-sent events.",
        star="all worlds",
        answers={
            200: Answer(
                "Events `exchange` (and `cleared` when the journal is emptied), without end.",
                TEXT,
                EVENTS,
            )
        },
        description=(
            "`id` is the number of the exchange, `data` its summary as JSON. Without `after` or "
            "`Last-Event-ID` the stream starts with the next exchange. For all worlds "
            "(`?world=*`) `id` is the world and the number, and a stream cannot be resumed."
        ),
        parameters=(
            query_parameter("after", COUNT, "Start after the exchange of this number."),
            Parameter(
                "Last-Event-ID",
                "header",
                TEXT,
                "The same as `after`, as browsers send it; a text that is not a number is ignored.",
            ),
        ),
        problems=("no-thread-left",),
    ),
    # Without `after` a tool sees the latest calls; with it, a tool pages through all of them.
    Route(
        id="listRequests",
        method="GET",
        path="/requests",
        topic="Journal",
        summary="List the exchanges of the world.",
        star=_OUTSIDE,
        answers={
            200: Answer(
                "The oldest comes first.",
                list_schema("requests", "Exchange", total=COUNT, dropped=_DROPPED),
            )
        },
        description="The last ones; with `after`, the first ones after that number.",
        parameters=(
            query_parameter("limit", _LIMIT, "The maximum number of exchanges."),
            query_parameter("after", COUNT, "Only exchanges after this number."),
        ),
    ),
    # DELETE is idempotent (RFC 9110, 9.2.2), like all DELETE and PUT routes of the table.
    Route(
        id="clearRequests",
        method="DELETE",
        path="/requests",
        topic="Journal",
        summary="Empty the journal of the world.",
        star=_OUTSIDE,
        answers={204: Answer("The journal is empty; numbers start at 1.")},
        changes_state=True,
    ),
    # Searches are POST, because criteria are nested JSON, which a query cannot hold.
    Route(
        id="findRequests",
        method="POST",
        path="/requests/find",
        topic="Journal",
        summary="List the exchanges that match criteria.",
        star=_OUTSIDE,
        answers={200: _EXCHANGES},
        body=_CRITERIA,
    ),
    # A number cannot show that it is incomplete, so a truncated journal is an error here, and only
    # a figure (`dropped`) in lists.
    Route(
        id="countRequests",
        method="POST",
        path="/requests/count",
        topic="Journal",
        summary="Count the exchanges that match criteria.",
        star=_OUTSIDE,
        answers={200: Answer("The number of exchanges.", object_schema(count=COUNT))},
        body=_CRITERIA,
        problems=("journal-truncated",),
    ),
    # A timeout is a result and no error: the client decides what it means.
    Route(
        id="waitForRequests",
        method="POST",
        path="/requests/wait",
        topic="Journal",
        summary="Wait until enough calls match criteria.",
        answers={
            200: Answer(
                "As soon as `count` calls match, counted from the start of the journal; "
                "or after `timeout`, with `matched: false`.",
                list_schema("requests", "Exchange", matched=FLAG, count=COUNT),
            )
        },
        body=Body(schema_ref("Wait")),
        problems=("journal-truncated", "no-thread-left"),
    ),
    Route(
        id="listUnmatched",
        method="GET",
        path="/requests/unmatched",
        topic="Journal",
        summary="List the calls that no operation and no rule answered.",
        star=_OUTSIDE,
        answers={200: _EXCHANGES},
    ),
    # The path is longer than `/requests/{number}`, so the two cannot be confused.
    Route(
        id="listNearMisses",
        method="GET",
        path="/requests/unmatched/near-misses",
        topic="Journal",
        summary="List the nearest path, method or reply for each unmatched call.",
        answers={
            200: Answer("The oldest call comes first.", list_schema("nearMisses", "Unmatched"))
        },
    ),
    Route(
        id="findNearMisses",
        method="POST",
        path="/requests/near-misses",
        topic="Journal",
        summary="List the exchanges that nearly match criteria.",
        answers={
            200: Answer(
                "At most 10; the exchange with the fewest differing rows comes first.",
                list_schema("nearMisses", "NearMiss"),
            )
        },
        body=_CRITERIA,
    ),
    Route(
        id="getRequest",
        method="GET",
        path="/requests/{number}",
        topic="Journal",
        summary="Return one exchange.",
        star=_OUTSIDE,
        answers={200: Answer("The exchange.", schema_ref("Exchange"))},
        parameters=(_NUMBER,),
        problems=("no-such-request",),
    ),
    # For people: the members of `clock`, `before` and `after` depend on the service.
    Route(
        id="explainRequest",
        method="GET",
        path="/requests/{number}/explain",
        topic="Journal",
        summary="Explain how the response to a request came about.",
        star=_OUTSIDE,
        answers={200: Answer("The explanation.", schema_ref("Explanation"))},
        parameters=(_NUMBER,),
        problems=("no-such-request",),
    ),
)

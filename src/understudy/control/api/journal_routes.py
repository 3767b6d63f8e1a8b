"""Routes about what was asked and answered."""

from understudy.control.api.message_schemas import COUNT, FLAG, object_schema, with_description
from understudy.control.api.route import (
    Answer,
    Body,
    Route,
    list_schema,
    path_parameter,
    query_parameter,
    schema_ref,
)

_NUMBER = path_parameter(
    "number", {"type": "integer", "minimum": 1}, "Of the exchange in its world."
)
_DROPPED = with_description(COUNT, "How many exchanges the journal has dropped.")

JOURNAL_ROUTES = (
    Route(
        "listRequests", "GET", "/requests", "Journal", "The exchanges of the world.",
        {200: Answer("The oldest first.", list_schema("requests", "Exchange", total=COUNT, dropped=_DROPPED))},
        "The last ones; with `after`, the first ones after that.",
        parameters=(
            query_parameter("limit", {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}, "How many at most."),
            query_parameter("after", COUNT, "Only those that came after the exchange of this number."),
        ),
    ),
    Route(
        "clearRequests", "DELETE", "/requests", "Journal", "Empty the journal of the world.",
        {204: Answer("It is empty, and numbers begin at 1.")}, changes_state=True,
    ),
    Route(
        "findRequests", "POST", "/requests/find", "Journal", "The exchanges that meet criteria.",
        {200: Answer("The oldest first.", list_schema("requests", "Exchange", dropped=_DROPPED))},
        body=Body(schema_ref("Criteria")),
    ),
    Route(
        "countRequests", "POST", "/requests/count", "Journal", "How many exchanges meet criteria.",
        {200: Answer("The number.", object_schema(count=COUNT))},
        body=Body(schema_ref("Criteria")), problems=("journal-truncated",),
    ),
    Route(
        "waitForRequests", "POST", "/requests/wait", "Journal", "Wait until calls meet criteria.",
        {200: Answer(
            "As soon as `count` calls have been made, counted from the start of the journal; or when the time is over: "
            "then `matched` is false.",
            list_schema("requests", "Exchange", matched=FLAG, count=COUNT),
        )},
        body=Body(schema_ref("Wait")), problems=("journal-truncated", "no-thread-left"),
    ),
    Route(
        "listUnmatched", "GET", "/requests/unmatched", "Journal", "The calls that no operation and no rule answered.",
        {200: Answer("The oldest first.", list_schema("requests", "Exchange", dropped=_DROPPED))},
    ),
    Route(
        "listNearMisses", "GET", "/requests/unmatched/near-misses", "Journal", "What came nearest to unmatched calls.",
        {200: Answer("The oldest call first.", list_schema("nearMisses", "Unmatched"))},
    ),
    Route(
        "findNearMisses", "POST", "/requests/near-misses", "Journal", "The exchanges that nearly meet criteria.",
        {200: Answer("At most 10; the one with the fewest rows that differ first.", list_schema("nearMisses", "NearMiss"))},
        body=Body(schema_ref("Criteria")),
    ),
    Route(
        "getRequest", "GET", "/requests/{number}", "Journal", "One exchange.",
        {200: Answer("The exchange.", schema_ref("Exchange"))}, parameters=(_NUMBER,), problems=("no-such-request",),
    ),
    Route(
        "explainRequest", "GET", "/requests/{number}/explain", "Journal", "How an answer came about.",
        {200: Answer("What is known of it.", schema_ref("Explanation"))}, parameters=(_NUMBER,), problems=("no-such-request",),
    ),
)  # fmt: skip

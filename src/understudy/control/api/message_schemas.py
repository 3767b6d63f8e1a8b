"""JSON Schemas of the messages of the control API: the components of its OpenAPI document.

`response_types` has the same responses as types for Python; a test compares the two.
"""

from collections.abc import Mapping
from functools import cache

from understudy.control.api.route import Schema, schema_ref
from understudy.control.api.scenario_schemas import scenario_schemas
from understudy.control.api.schema_builders import (
    COUNT,
    FLAG,
    OBJECT,
    SUBTASK_STATUSES,
    TASK_STATUSES,
    TEXT,
    TEXTS,
    TIME,
    list_of,
    nullable,
    object_schema,
    with_description,
)

# Only `message` is always there: a parameter has no line, and not every error a nearest name.
_PROBLEM_ERROR = object_schema(
    "message",
    slug=with_description(TEXT, "The kind: a keyword of JSON Schema, or a problem of a scenario."),
    message=TEXT,
    where=with_description(
        TEXT, "A parameter (`query.limit`), or a location in the body or the file."
    ),
    line=COUNT,
    column=COUNT,
    expected=TEXT,
    nearest=with_description(TEXT, "The most similar known name."),
    hint=TEXT,
)
# The record of `RecordedViolation.to_record`.
_VIOLATION = object_schema(
    of={"enum": ["request", "response"]},
    place=with_description(
        TEXT, "The location in the message: `query.size`, or a JSON pointer into the body."
    ),
    rule=with_description(
        TEXT, "The broken rule: a keyword of JSON Schema, `unknown`, `status`, …"
    ),
    text=with_description(TEXT, "The violation in one line."),
    source=with_description(
        TEXT, "The line of the documents that states the rule; empty when it is unknown."
    ),
)
# A body that is not UTF-8 is Base64, in a member of another name.
_MESSAGE = object_schema("headers", headers=list_of(TEXTS), body=TEXT, bodyBase64=TEXT)
# `after` has ids: a scenario may write names there, but a world knows ids only.
_SUBTASK = object_schema(
    id=COUNT,
    name=TEXT,
    status={"enum": list(SUBTASK_STATUSES)},
    operation=TEXT,
    after=list_of(COUNT),
    played=with_description(COUNT, "How many executions have started."),
    runsLeft=with_description(
        COUNT, "How many planned executions have not started; the last one repeats for ever."
    ),
)
_TASK = object_schema(
    "id",
    "name",
    "status",
    "next",
    id=COUNT,
    name=TEXT,
    status=with_description(
        {"enum": [*TASK_STATUSES, None]}, "null for a task that has not started."
    ),
    operation=TEXT,
    next=nullable(with_description(TIME, "The time of the next event, on the world's clock.")),
    subtasks=list_of(_SUBTASK),
)
# Texts, also for numbers: rows are for people to compare.
_ROW = object_schema(field=TEXT, wanted=TEXT, found=TEXT, matches=FLAG)

_COUNTS: Schema = {"type": "object", "additionalProperties": COUNT}
_RATIO: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_USES = nullable(
    with_description(COUNT, "How many calls it answered or affected; null when it is not counted.")
)
_CALLS = nullable(
    with_description(
        COUNT, "How many calls matched its other conditions; null when they are not counted."
    )
)

_MESSAGES: Mapping[str, Schema] = {
    # RFC 9457, 3.1; `errors` is an extension member (3.2).
    "Problem": object_schema(
        "type",
        "title",
        "status",
        "detail",
        type=with_description(TEXT, "`urn:understudy:problem:` and a stable slug."),
        title=TEXT,
        status=COUNT,
        detail=TEXT,
        errors=list_of(_PROBLEM_ERROR),
    ),
    # One line of the journal as NDJSON; `understudy coverage` reads it.
    "Exchange": object_schema(
        number=COUNT,
        world=TEXT,
        at=TIME,
        operation=with_description(
            TEXT, "The operationId; empty when no operation has this path and method."
        ),
        account=TEXT,
        violations=list_of(_VIOLATION),
        trace=with_description(OBJECT, "How the response came about."),
        request={**_MESSAGE, "required": ["method", "target", "path", "headers"]},
        response={**_MESSAGE, "required": ["status", "headers"]},
    ),
    # A search compares conditions one by one, so each row has its own result.
    "NearMiss": object_schema(
        number=with_description(COUNT, "The number of the exchange."),
        method=TEXT,
        target=TEXT,
        differing=with_description(COUNT, "How many rows do not match."),
        rows=list_of(_ROW),
    ),
    # Each kind has its own members; only `kind` and `text` are always there.
    "Finding": object_schema(
        "kind",
        "text",
        kind={"enum": ["violation", "unmatched", "unused"]},
        text=with_description(TEXT, "The finding in one line."),
        number=with_description(COUNT, "The number of the exchange."),
        at=TIME,
        operation=TEXT,
        call=with_description(TEXT, "Method and target."),
        status=with_description(COUNT, "The status of the response."),
        place=TEXT,
        rule=with_description(TEXT, "The rule of the contract, or the name of the reply."),
        source=TEXT,
        curl=with_description(TEXT, "A command that repeats the call, without secrets."),
    ),
    # The passwords of a scenario are no secrets: they are part of the file.
    "Account": object_schema(
        name=TEXT, password=TEXT, permissions=TEXTS, accessKey=TEXT, secretKey=TEXT
    ),
    # Which of the optional members is there depends on what is wrong with the call.
    "Unmatched": object_schema(
        "number",
        "method",
        "target",
        "status",
        number=COUNT,
        method=TEXT,
        target=TEXT,
        status=COUNT,
        nearestPath=with_description(TEXT, "The most similar path of the contract."),
        allowed=with_description(TEXTS, "The methods of the path, if only the method is wrong."),
        closest=with_description(OBJECT, "The nearest scripted reply, with the differing rows."),
    ),
    # `before` and `after` are data of the service, so their schemas accept anything.
    "Explanation": object_schema(
        number=COUNT,
        world=TEXT,
        scenario=TEXT,
        at=TIME,
        clock=OBJECT,
        operation=TEXT,
        summary=TEXT,
        sources=with_description(TEXTS, "The lines of the documents that define the operation."),
        matched=with_description(
            TEXT,
            "What answered: the name of a rule, `service`, `refusal`, `preference`, `fault` or "
            "`tool`.",
        ),
        faults={"type": "array"},
        preferences=OBJECT,
        revision=with_description(list_of(COUNT), "Before and after the call."),
        before={},
        after={},
        violations=TEXTS,
        closest=nullable(OBJECT),
        curl=with_description(TEXT, "A command that repeats the call, without secrets."),
    ),
    # `file` is the scenario that the server was started with, if that is a file.
    "Scenario": object_schema(
        name=TEXT,
        origin={"enum": ["shipped", "folder", "file", "uploaded"]},
        description=TEXT,
        active=with_description(FLAG, "Whether the world uses the scenario."),
    ),
    # `revision` counts commands, not calls: reading changes nothing.
    "World": object_schema(
        name=TEXT,
        scenario=TEXT,
        clock=TIME,
        revision=with_description(COUNT, "How many commands have changed the world."),
        exchanges=COUNT,
        dropped=with_description(COUNT, "How many exchanges the journal has dropped."),
        lastUsed=nullable(TIME),
    ),
    # All members are always there, though each mode uses only some of them.
    "Clock": object_schema(
        now=TIME,
        start=with_description(TIME, "The time of the clock when the world started."),
        mode={"enum": ["real", "virtual", "per-call"]},
        speed={"type": "number"},
        step=with_description({"type": "number"}, "Seconds per call, for a per-call clock."),
    ),
    # A list leaves `subtasks` out, because a task can have hundreds.
    "Task": _TASK,
    # `from` cannot be a keyword argument in Python, hence the dictionary.
    "Rule": object_schema(
        **{
            "name": TEXT,
            "from": {"enum": ["added", "scenario"]},
            "seen": _CALLS,
            "used": _USES,
            "rule": with_description(OBJECT, "The rule as it was written."),
        }
    ),
    # The settings in effect: those of the world, or else those of the server.
    "Settings": object_schema(
        validateRequest={"enum": ["enforce", "report", "off"]},
        errors=FLAG,
        strictPreferences=FLAG,
        corrupt=TEXTS,
    ),
    # The data of a snapshot cannot be read, only restored.
    "Snapshot": object_schema(name=TEXT, at=TIME, revision=COUNT, bytes=COUNT),
    # The same format as `understudy coverage --report json`.
    "Coverage": object_schema(
        understudyCoverage=with_description({"const": 1}, "The version of this format."),
        contract=with_description(TEXT, "The title and version of the contract."),
        exchanges=with_description(COUNT, "How many exchanges were evaluated."),
        covered=COUNT,
        total=COUNT,
        ratio=_RATIO,
        unknown=with_description(_COUNTS, "What could not be evaluated."),
        sections=list_of(schema_ref("CoverageSection")),
    ),
    "CoverageSection": object_schema(
        name=TEXT,
        covered=COUNT,
        total=COUNT,
        ratio=_RATIO,
        beside=with_description(
            _COUNTS,
            "Observations that are not items: jumps between states, undocumented statuses.",
        ),
        items=list_of(schema_ref("CoverageItem")),
    ),
    "CoverageItem": object_schema(
        "group",
        "name",
        "count",
        group=with_description(TEXT, "The operation or other group; empty for an operation."),
        name=TEXT,
        count=with_description(COUNT, "In how many exchanges it was seen; 0: it is not covered."),
        ids=with_description(_COUNTS, "For a corruption: the served ids of its kind."),
    ),
}


@cache
def message_schemas() -> Mapping[str, Schema]:
    """Return every schema by name: the messages, then the schemas of the scenario format."""
    return {**_MESSAGES, **scenario_schemas()}

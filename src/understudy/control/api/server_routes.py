"""Routes about the server, its scenarios and its worlds."""

from understudy.control.api.message_schemas import (
    COUNT,
    FLAG,
    NAME,
    OBJECT,
    TEXT,
    closed_object_schema,
    object_schema,
    with_description,
)
from understudy.control.api.route import (
    EVENTS,
    JSON,
    YAML,
    Answer,
    Body,
    Parameter,
    Route,
    list_schema,
    path_parameter,
    query_parameter,
    schema_ref,
)

_SCENARIO = path_parameter("name", NAME, "Of a scenario.")
_RELOAD = object_schema(
    count=with_description(COUNT, "How often saved files were taken."),
    problems=with_description(
        {"type": "array", "items": OBJECT}, "Why the last try left everything as it was."
    ),
    dropped=with_description(
        {"type": "array", "items": OBJECT},
        "Commands that new scenarios refused: world, command, why.",
    ),
    awaitingReset=with_description(
        {"type": "array", "items": TEXT},
        "Worlds that play by the old scenario until they are reset.",
    ),
)
_PLAY = closed_object_schema(
    scenario=with_description(TEXT, "One of `/scenarios`."),
    dialect=with_description({"enum": ["documented", "observed"]}, "Which names the world speaks."),
    clock=with_description({"enum": ["real", "virtual", "per-call"]}, "What moves its clock."),
    speed=with_description(
        {"type": "number", "minimum": 0.1, "maximum": 10_000}, "How fast a real clock runs."
    ),
    seed=with_description(
        {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
        "Where ids and dice come from.",
    ),
)

SERVER_ROUTES = (
    Route(
        "health", "GET", "/health", "Server", "Whether it serves, and what came of saved files.",
        {200: Answer(
            "How the server is.",
            object_schema(
                status={"const": "ok"}, version=TEXT, contract=TEXT, scenario={"type": ["string", "null"]},
                worlds=COUNT, waiting=object_schema(active=COUNT, limit=COUNT), reload=_RELOAD,
            ),
        )},
        "`status` stays `ok` while the server serves; `reload.problems` tells of files that were saved broken.",
        of_world=False,
    ),
    Route(
        "version", "GET", "/version", "Server", "The version of understudy.",
        {200: Answer("The version.", object_schema(version=TEXT))}, of_world=False,
    ),
    Route(
        "openapiYaml", "GET", "/openapi.yaml", "Server", "The OpenAPI document of the control API.",
        {200: Answer("The document.", OBJECT, YAML)}, of_world=False,
    ),
    Route(
        "openapiJson", "GET", "/openapi.json", "Server", "The same as JSON.",
        {200: Answer("The document.", OBJECT)}, of_world=False,
    ),
    Route(
        "reset", "POST", "/reset", "Worlds", "Let the world begin anew.", {204: Answer("It has begun anew.")},
        "State, journal, counters, added rules and settings go; snapshots stay. A real clock goes on.",
        parameters=(query_parameter("all", {**FLAG, "default": False}, "Every world that there is."),),
        changes_state=True,
    ),
    Route(
        "listWorlds", "GET", "/worlds", "Worlds", "The worlds that there are.",
        {200: Answer("The one that was used longest ago first.", list_schema("worlds", "World"))}, of_world=False,
    ),
    Route(
        "dropWorld", "DELETE", "/worlds/{name}", "Worlds", "Forget a world, with its snapshots.",
        {204: Answer("It is not there (any more).")},
        parameters=(
            path_parameter("name", NAME, "Of a world."),
            query_parameter(
                "closed", {"type": "boolean", "default": False},
                "Whether calls that still come are answered 410, instead of making it anew.",
            ),
        ),
        of_world=False, changes_state=True,
    ),
    Route(
        "makeWorld", "PUT", "/worlds/{name}", "Worlds", "Let a world begin, or begin anew, as is told.",
        {200: Answer("It has begun.", schema_ref("World"))},
        "What is not told is as the server and the scenario say.",
        parameters=(path_parameter("name", NAME, "Of a world."),), body=Body(_PLAY), of_world=False, changes_state=True,
        problems=("no-such-scenario", "broken-scenario"),
    ),
    Route(
        "listFindings", "GET", "/findings", "Journal", "What a test should fail for, beside its own assertions.",
        {200: Answer("Replies that were never used come last.", list_schema("findings", "Finding", dropped=COUNT))},
        "Requests that broke the contract (unknown query parameters do not count), calls that nothing matched "
        "(OPTIONS and /favicon.ico do not count), and replies with `must` that never answered.",
    ),
    Route(
        "listAccounts", "GET", "/accounts", "Worlds", "Who may log on, with passwords and keys.",
        {200: Answer("In the order of the scenario.", list_schema("accounts", "Account"))},
    ),
    Route(
        "exportWorld", "GET", "/export", "Worlds", "The world as a scenario that replays it.",
        {200: Answer("A scenario file. It holds the accounts of the scenario, with their passwords.", OBJECT, YAML)},
    ),
    Route(
        "getCoverage", "GET", "/coverage", "Worlds", "What of the contract clients were exercised with.",
        {200: Answer("`covered` of `total` items were seen; each section tells its own.", schema_ref("Coverage"))},
        parameters=(query_parameter("all", {**FLAG, "default": False}, "In all worlds together."),),
    ),
    Route(
        "events", "GET", "/events", "Journal", "Exchanges as they happen, as server-sent events.",
        {200: Answer("Events `exchange` (and `cleared`, when the journal is emptied), for ever.", TEXT, EVENTS)},
        "`id` is the number of the exchange, `data` its summary as JSON. Without `after` or `Last-Event-ID`, what "
        "comes from now on. For all worlds (`?world=*`) the id is the world and the number, and nothing is resumed.",
        parameters=(
            query_parameter("after", COUNT, "Also what came after the exchange of this number."),
            Parameter("Last-Event-ID", "header", TEXT, "The same, as browsers send it; any other text is ignored."),
        ),
        problems=("no-thread-left",),
    ),
    Route(
        "listScenarios", "GET", "/scenarios", "Scenarios", "The scenarios that can be played.",
        {200: Answer("By name.", list_schema("scenarios", "Scenario"))},
    ),
    Route(
        "getScenario", "GET", "/scenarios/{name}", "Scenarios", "A scenario as it was written.",
        {200: Answer("YAML or JSON.", {}, YAML)},
        parameters=(_SCENARIO,), problems=("no-such-scenario",), of_world=False,
    ),
    Route(
        "uploadScenario", "PUT", "/scenarios/{name}", "Scenarios", "Take a scenario in, until the server ends.",
        {
            200: Answer("It replaces the one of this name. Worlds that play it go on with it.", schema_ref("Scenario")),
            201: Answer("It is new.", schema_ref("Scenario")),
        },
        "All problems are told at once, with line and column; then nothing has changed.",
        parameters=(_SCENARIO,),
        body=Body(OBJECT, (YAML, JSON), argument="text", validated_by_handler=True),
        problems=("bad-scenario", "name-taken", "too-many-scenarios"), changes_state=True,
    ),
    Route(
        "activateScenario", "POST", "/scenarios/{name}/activate", "Scenarios", "Let the world play a scenario.",
        {200: Answer("It has begun anew with it.", schema_ref("World"))},
        parameters=(_SCENARIO,), problems=("no-such-scenario", "broken-scenario"), changes_state=True,
    ),
)  # fmt: skip

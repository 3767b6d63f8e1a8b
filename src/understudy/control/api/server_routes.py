"""Routes of the server itself, of its worlds and of its scenarios."""

from understudy.config import TLS_FAULTS
from understudy.control.api.route import (
    JSON,
    YAML,
    Answer,
    Body,
    Route,
    Schema,
    list_schema,
    path_parameter,
    query_parameter,
    schema_ref,
)
from understudy.control.api.schema_builders import (
    COUNT,
    FLAG,
    NAME,
    OBJECT,
    TEXT,
    closed_object_schema,
    nullable,
    object_schema,
    with_description,
)

_WORLD = path_parameter("name", NAME, "The name of the world.")
_SCENARIO = path_parameter("name", NAME, "The name of the scenario.")
_OBJECTS: Schema = {"type": "array", "items": OBJECT}
_NAMES: Schema = {"type": "array", "items": TEXT}
_OFF: Schema = {**FLAG, "default": False}

_RELOAD = object_schema(
    count=with_description(COUNT, "How many times saved files were loaded."),
    problems=with_description(_OBJECTS, "Why the last reload changed nothing."),
    dropped=with_description(
        _OBJECTS, "Commands that a new scenario rejected: world, command, why."
    ),
    awaitingReset=with_description(
        _NAMES, "Worlds that use the old scenario until they are reset."
    ),
)
_HEALTH = object_schema(
    status={"const": "ok"},
    version=TEXT,
    contract=TEXT,
    scenario={"type": ["string", "null"]},
    worlds=COUNT,
    waiting=object_schema(active=COUNT, limit=COUNT, delayed=COUNT),
    warnings=with_description(_OBJECTS, "The flaws of the contract, which is served without them."),
    reload=_RELOAD,
)
_TLS = {
    200: Answer(
        "What new connections get.",
        object_schema(
            enabled=FLAG,
            fault=nullable({"enum": list(TLS_FAULTS)}),
            ca=nullable(TEXT),
        ),
    )
}
_DIALECT: Schema = {"enum": ["documented", "observed"]}
_CLOCK_MODE: Schema = {"enum": ["real", "virtual", "per-call"]}
_SPEED: Schema = {"type": "number", "minimum": 0.1, "maximum": 10_000}
_SEED: Schema = {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}
_WORLD_OPTIONS = closed_object_schema(
    scenario=with_description(TEXT, "A name from `/scenarios`."),
    dialect=with_description(_DIALECT, "The names that the world uses."),
    clock=with_description(_CLOCK_MODE, "The mode of its clock."),
    speed=with_description(_SPEED, "The speed of a real clock."),
    seed=with_description(_SEED, "The seed of ids and random values."),
)

SERVER_ROUTES = (
    # Load balancers and start scripts poll this route, so it concerns no world and creates none.
    Route(
        id="health",
        method="GET",
        path="/health",
        topic="Server",
        summary="Return the health of the server and the result of the last reload.",
        answers={200: Answer("The health.", _HEALTH)},
        description=(
            "`status` is `ok` while the server serves; `warnings` lists the flaws of the contract, "
            "`reload.problems` the problems of saved files."
        ),
        of_world=False,
    ),
    Route(
        id="version",
        method="GET",
        path="/version",
        topic="Server",
        summary="Return the version of understudy.",
        answers={200: Answer("The version.", object_schema(version=TEXT))},
        of_world=False,
    ),
    # Two routes instead of content negotiation: a browser can open both.
    Route(
        id="openapiYaml",
        method="GET",
        path="/openapi.yaml",
        topic="Server",
        summary="Return the OpenAPI document of the control API as YAML.",
        answers={200: Answer("The document.", OBJECT, YAML)},
        of_world=False,
    ),
    Route(
        id="openapiJson",
        method="GET",
        path="/openapi.json",
        topic="Server",
        summary="Return the OpenAPI document of the control API as JSON.",
        answers={200: Answer("The document.", OBJECT)},
        of_world=False,
    ),
    Route(
        id="getTls",
        method="GET",
        path="/tls",
        topic="Server",
        summary="Return whether the server speaks HTTPS, and what is wrong with its certificate.",
        answers=_TLS,
        of_world=False,
    ),
    # PUT on the server, not a fault of a world: a certificate is sent before the first request.
    Route(
        id="changeTls",
        method="PUT",
        path="/tls",
        topic="Server",
        summary="Give new connections a certificate with a fault, or a valid one again.",
        answers=_TLS,
        description="Open connections keep their certificate. It concerns all worlds.",
        body=Body(closed_object_schema("fault", fault=nullable({"enum": list(TLS_FAULTS)}))),
        problems=("no-authority",),
        of_world=False,
        changes_state=True,
    ),
)

REGISTRY_ROUTES = (
    # A reset keeps snapshots, so that a test can restore one after it.
    Route(
        id="reset",
        method="POST",
        path="/reset",
        topic="Worlds",
        summary="Reset the world.",
        answers={204: Answer("The world starts anew.")},
        description=(
            "Clear state, journal, counters, added rules and settings; snapshots stay. A real "
            "clock goes on."
        ),
        parameters=(query_parameter("all", _OFF, "Reset every world."),),
        changes_state=True,
    ),
    Route(
        id="listWorlds",
        method="GET",
        path="/worlds",
        topic="Worlds",
        summary="List the worlds.",
        answers={
            200: Answer(
                "The world that was used longest ago comes first.", list_schema("worlds", "World")
            )
        },
        of_world=False,
    ),
    # Deleting an unknown world is no error: tests clean up without a check.
    Route(
        id="dropWorld",
        method="DELETE",
        path="/worlds/{name}",
        topic="Worlds",
        summary="Delete a world and its snapshots.",
        answers={204: Answer("The world does not exist (any more).")},
        parameters=(
            _WORLD,
            query_parameter(
                "closed", _OFF, "Answer later calls with 410 instead of creating the world again."
            ),
        ),
        of_world=False,
        changes_state=True,
    ),
    # PUT replaces the world, so that a repeated test starts with the same state.
    Route(
        id="makeWorld",
        method="PUT",
        path="/worlds/{name}",
        topic="Worlds",
        summary="Create a world, or restart it, with the given options.",
        answers={200: Answer("The world has started.", schema_ref("World"))},
        description="The defaults are those of the server and the scenario.",
        parameters=(_WORLD,),
        body=Body(_WORLD_OPTIONS),
        problems=("no-such-scenario", "broken-scenario"),
        of_world=False,
        changes_state=True,
    ),
    # Test clients need the passwords to log in; the token protects them from other machines.
    Route(
        id="listAccounts",
        method="GET",
        path="/accounts",
        topic="Worlds",
        summary="List the accounts with their passwords and keys.",
        answers={200: Answer("In the order of the scenario.", list_schema("accounts", "Account"))},
    ),
    # YAML, because the export is a scenario file for people to read and edit.
    Route(
        id="exportWorld",
        method="GET",
        path="/export",
        topic="Worlds",
        summary="Export the world as a scenario that replays it.",
        answers={
            200: Answer(
                "A scenario file, with the accounts of the scenario and their passwords.",
                OBJECT,
                YAML,
            )
        },
    ),
    Route(
        id="getCoverage",
        method="GET",
        path="/coverage",
        topic="Worlds",
        summary="Return how much of the contract the clients have exercised.",
        answers={
            200: Answer(
                "`covered` of `total` items were seen, as a whole and in each section.",
                schema_ref("Coverage"),
            )
        },
        parameters=(query_parameter("all", _OFF, "Count all worlds together."),),
    ),
    Route(
        id="listScenarios",
        method="GET",
        path="/scenarios",
        topic="Scenarios",
        summary="List the available scenarios.",
        answers={200: Answer("Sorted by name.", list_schema("scenarios", "Scenario"))},
    ),
    # The text, not its data: comments and order are part of a scenario file.
    Route(
        id="getScenario",
        method="GET",
        path="/scenarios/{name}",
        topic="Scenarios",
        summary="Return a scenario as it was written.",
        answers={200: Answer("YAML or JSON.", {}, YAML)},
        parameters=(_SCENARIO,),
        problems=("no-such-scenario",),
        of_world=False,
    ),
    # The handler checks the body, so that problems have line and column as in `lint`.
    Route(
        id="uploadScenario",
        method="PUT",
        path="/scenarios/{name}",
        topic="Scenarios",
        summary="Upload a scenario, which is available until the server ends.",
        answers={
            200: Answer(
                "The scenario replaces the one of this name. Worlds that use it continue with it.",
                schema_ref("Scenario"),
            ),
            201: Answer("The scenario is new.", schema_ref("Scenario")),
        },
        description=(
            "A scenario with problems changes nothing; the response lists all of them with line "
            "and column."
        ),
        parameters=(_SCENARIO,),
        body=Body(OBJECT, (YAML, JSON), argument="text", validated_by_handler=True),
        problems=("bad-scenario", "name-taken", "too-many-scenarios"),
        changes_state=True,
    ),
    # 409 for a file with problems: the call is right, but the folder is not.
    Route(
        id="activateScenario",
        method="POST",
        path="/scenarios/{name}/activate",
        topic="Scenarios",
        summary="Restart the world with a scenario.",
        answers={200: Answer("The world has restarted.", schema_ref("World"))},
        parameters=(_SCENARIO,),
        problems=("no-such-scenario", "broken-scenario"),
        changes_state=True,
    ),
)

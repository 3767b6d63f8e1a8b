"""Routes of one world's clock, settings and snapshots."""

from understudy.control.api.route import (
    Answer,
    Body,
    Route,
    Schema,
    list_schema,
    path_parameter,
    schema_ref,
)
from understudy.control.api.schema_builders import (
    FLAG,
    NAME,
    TEXTS,
    closed_object_schema,
    nullable,
    with_description,
)
from understudy.scenario.format_schema import scenario_schema

_DURATION = scenario_schema()["$defs"]["duration"]
_MOMENT = scenario_schema()["$defs"]["moment"]
_SPEED: Schema = {"type": "number", "minimum": 0.1, "maximum": 10_000}
_CLOCK = {200: Answer("The current state of the clock.", schema_ref("Clock"))}

CLOCK_ROUTES = (
    # Every route of the clock answers with the new state, so that no second call is needed.
    Route(
        id="getClock",
        method="GET",
        path="/clock",
        topic="Clock",
        summary="Return the clock of the world.",
        answers=_CLOCK,
    ),
    Route(
        id="advanceClock",
        method="POST",
        path="/clock/advance",
        topic="Clock",
        summary="Move the clock forward.",
        answers=_CLOCK,
        body=Body(closed_object_schema("by", by=_DURATION)),
        problems=("clock-at-its-end", "too-many-events"),
        changes_state=True,
    ),
    Route(
        id="freezeClock",
        method="POST",
        path="/clock/freeze",
        topic="Clock",
        summary="Stop the clock.",
        answers=_CLOCK,
        changes_state=True,
    ),
    # A clock never goes back: tasks would have to forget what has happened.
    Route(
        id="setClock",
        method="POST",
        path="/clock/set",
        topic="Clock",
        summary="Set the clock to a later time.",
        answers=_CLOCK,
        body=Body(closed_object_schema("to", to=_MOMENT)),
        problems=("clock-backwards", "clock-at-its-end", "too-many-events"),
        changes_state=True,
    ),
    Route(
        id="scaleClock",
        method="POST",
        path="/clock/scale",
        topic="Clock",
        summary="Run the clock at a multiple of wall time.",
        answers=_CLOCK,
        body=Body(closed_object_schema("speed", speed=_SPEED)),
        changes_state=True,
    ),
    # The service `ocp` knows the next event; other contracts have no tasks.
    Route(
        id="stepClock",
        method="POST",
        path="/clock/step",
        topic="Clock",
        summary="Move the clock to the next event of any task.",
        answers=_CLOCK,
        problems=("no-tasks", "nothing-to-come", "clock-at-its-end"),
        changes_state=True,
    ),
)

_MODE: Schema = {"enum": ["enforce", "report", "off"]}
_SETTINGS = {200: Answer("The settings in effect.", schema_ref("Settings"))}
_CHANGED_SETTINGS = closed_object_schema(
    validateRequest=with_description(
        nullable(_MODE), "What happens to a request that breaks the contract."
    ),
    errors=with_description(
        nullable(FLAG), "Whether violations that would only be reported become errors."
    ),
    strictPreferences=with_description(
        nullable(FLAG), "Whether a call with an unknown preference gets an error response."
    ),
    corrupt=with_description(nullable(TEXTS), "The ids of the corruptions to serve."),
)
_SNAPSHOT = path_parameter("name", NAME, "The name of the snapshot.")

SETTINGS_ROUTES = (
    Route(
        id="getSettings",
        method="GET",
        path="/settings",
        topic="Settings",
        summary="Return the settings of the world.",
        answers=_SETTINGS,
    ),
    # PATCH with the semantics of a JSON merge patch (RFC 7396) at the top level.
    Route(
        id="changeSettings",
        method="PATCH",
        path="/settings",
        topic="Settings",
        summary="Change settings of this world only.",
        answers=_SETTINGS,
        description="null restores the setting of the server.",
        body=Body(_CHANGED_SETTINGS),
        changes_state=True,
    ),
    Route(
        id="listSnapshots",
        method="GET",
        path="/snapshots",
        topic="Snapshots",
        summary="List the snapshots of the world.",
        answers={200: Answer("The oldest comes first.", list_schema("snapshots", "Snapshot"))},
    ),
    # 201 for a new name and 200 for a replaced one (RFC 9110, 9.3.4).
    Route(
        id="saveSnapshot",
        method="PUT",
        path="/snapshots/{name}",
        topic="Snapshots",
        summary="Save a snapshot of the world.",
        answers={
            200: Answer("The snapshot replaces the one of this name.", schema_ref("Snapshot")),
            201: Answer("The snapshot is new.", schema_ref("Snapshot")),
        },
        description="Snapshots are held in memory: 100 per world, 64 MiB in all.",
        parameters=(_SNAPSHOT,),
        problems=("snapshots-full",),
        changes_state=True,
    ),
    # A snapshot has ids of its scenario, so it cannot be restored into another.
    Route(
        id="restoreSnapshot",
        method="POST",
        path="/snapshots/{name}/restore",
        topic="Snapshots",
        summary="Restore the world from a snapshot.",
        answers={200: Answer("The world is restored; its journal goes on.", schema_ref("World"))},
        parameters=(_SNAPSHOT,),
        problems=("no-such-snapshot", "other-scenario"),
        changes_state=True,
    ),
    Route(
        id="dropSnapshot",
        method="DELETE",
        path="/snapshots/{name}",
        topic="Snapshots",
        summary="Delete a snapshot.",
        answers={204: Answer("The snapshot is deleted.")},
        parameters=(_SNAPSHOT,),
        problems=("no-such-snapshot",),
        changes_state=True,
    ),
)

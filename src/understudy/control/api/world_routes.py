"""Routes about what a world is: its clock, tasks, rules, settings, and snapshots of all that."""

from understudy.control.api.message_schemas import (
    COUNT,
    FLAG,
    NAME,
    SUBTASK_STATUSES,
    TASK_STATUSES,
    TEXTS,
    closed_object_schema,
    nullable,
    with_description,
)
from understudy.control.api.route import (
    Answer,
    Body,
    Route,
    list_schema,
    path_parameter,
    query_parameter,
    schema_ref,
)
from understudy.scenario.format_schema import scenario_schema

_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_TASK = path_parameter("taskId", _ID, "Of the task.")
_SUBTASK = path_parameter("subtaskId", _ID, "Of one of its subtasks.")
_SNAPSHOT = path_parameter("name", NAME, "Of the snapshot.")
_RULE = path_parameter("name", {"type": "string", "minLength": 1, "maxLength": 255}, "Of the rule.")
_CLOCK = {200: Answer("How the clock stands now.", schema_ref("Clock"))}
_TASK_NOW = {200: Answer("The task as it stands now.", schema_ref("Task"))}
_NO_TASK = ("no-such-task", "no-tasks")
_LATE = ("clock-backwards", "clock-at-its-end")
_DURATION = scenario_schema()["$defs"]["duration"]
_MOMENT = scenario_schema()["$defs"]["moment"]
_SPEED = {"type": "number", "minimum": 0.1, "maximum": 10_000}
_ADDED = Answer("It stands in front of all others.", schema_ref("Rule"))

CLOCK_ROUTES = (
    Route("getClock", "GET", "/clock", "Clock", "The clock of the world.", _CLOCK),
    Route(
        "advanceClock", "POST", "/clock/advance", "Clock", "Move the clock forward.", _CLOCK,
        body=Body(closed_object_schema("by", by=_DURATION)), problems=("clock-at-its-end",), changes_state=True,
    ),
    Route("freezeClock", "POST", "/clock/freeze", "Clock", "Let the clock stand still.", _CLOCK, changes_state=True),
    Route(
        "setClock", "POST", "/clock/set", "Clock", "Set the clock to a later moment.", _CLOCK,
        body=Body(closed_object_schema("to", to=_MOMENT)), problems=_LATE, changes_state=True,
    ),
    Route(
        "scaleClock", "POST", "/clock/scale", "Clock", "Let the clock run, faster or slower than the wall's.", _CLOCK,
        body=Body(closed_object_schema("speed", speed=_SPEED)), changes_state=True,
    ),
    Route(
        "stepClock", "POST", "/clock/step", "Clock", "Move the clock to what happens next to any task.", _CLOCK,
        problems=("no-tasks", "nothing-to-come", "clock-at-its-end"), changes_state=True,
    ),
)  # fmt: skip

TASK_ROUTES = (
    Route(
        "listTasks", "GET", "/tasks", "Tasks", "The tasks of the world, those to come too.",
        {200: Answer("By id; those to come last, by their start.", list_schema("tasks", "Task", total=COUNT))},
        parameters=(
            query_parameter("status", {"enum": list(TASK_STATUSES)}, "Only those in this status."),
            query_parameter("limit", {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}, "How many at most."),
        ),
        problems=("no-tasks",),
    ),
    Route(
        "addTask", "POST", "/tasks", "Tasks", "Add a task.",
        {201: Answer("It begins now, or when `at` says: an offset from now.", schema_ref("Task"))},
        "The body is a task as in a scenario. Ids that are not told follow the highest of the world.",
        body=Body(schema_ref("AddedTask"), argument="task", validated_by_handler=True), problems=("no-tasks",), changes_state=True,
    ),
    Route(
        "getTask", "GET", "/tasks/{taskId}", "Tasks", "A task, its subtasks, and what comes next.", _TASK_NOW,
        parameters=(_TASK,), problems=_NO_TASK,
    ),
    Route(
        "forceTask", "POST", "/tasks/{taskId}/state", "Tasks", "Put a task into a status.", _TASK_NOW,
        parameters=(_TASK,), body=Body(closed_object_schema("status", status={"enum": list(TASK_STATUSES)})),
        problems=_NO_TASK, changes_state=True,
    ),
    Route(
        "forceSubtask", "POST", "/tasks/{taskId}/subtasks/{subtaskId}/state", "Tasks", "Put a subtask into a status.",
        _TASK_NOW, parameters=(_TASK, _SUBTASK), body=Body(closed_object_schema("status", status={"enum": list(SUBTASK_STATUSES)})),
        problems=_NO_TASK, changes_state=True,
    ),
    Route(
        "stepTask", "POST", "/tasks/{taskId}/step", "Tasks", "Move the clock to what happens to a task next.",
        _TASK_NOW, "It is the clock of the world: other tasks move as well.",
        parameters=(_TASK,), problems=(*_NO_TASK, "nothing-to-come", "clock-at-its-end"), changes_state=True,
    ),
)  # fmt: skip

RULE_ROUTES = (
    Route(
        "listReplies", "GET", "/replies", "Rules", "The scripted replies of the world.",
        {200: Answer("The first that matches a call answers it.", list_schema("replies", "Rule"))},
    ),
    Route(
        "addReply", "POST", "/replies", "Rules", "Add a reply.", {201: _ADDED},
        "The body is a reply as in a scenario. Without a name it gets one, such as added-1.",
        body=Body(schema_ref("ReplyRule"), argument="rule", validated_by_handler=True),
        problems=("name-taken", "too-many-rules"), changes_state=True,
    ),
    Route(
        "clearReplies", "DELETE", "/replies", "Rules", "Remove the replies that were added.",
        {204: Answer("Only those of the scenario are left.")}, changes_state=True,
    ),
    Route(
        "removeReply", "DELETE", "/replies/{name}", "Rules", "Remove a reply that was added.",
        {204: Answer("It is gone.")}, parameters=(_RULE,), problems=("no-such-rule", "scenario-rule"), changes_state=True,
    ),
    Route(
        "listFaults", "GET", "/faults", "Rules", "The faults of the world.",
        {200: Answer("All that match a call strike it.", list_schema("faults", "Rule"))},
    ),
    Route(
        "addFault", "POST", "/faults", "Rules", "Add a fault.", {201: _ADDED},
        "The body is a fault as in a scenario. `{profile: slow}` means `{fault: slow}`.",
        body=Body(schema_ref("AddedFault"), argument="rule", validated_by_handler=True),
        problems=("name-taken", "too-many-rules"), changes_state=True,
    ),
    Route(
        "clearFaults", "DELETE", "/faults", "Rules", "Remove the faults that were added.",
        {204: Answer("Only those of the scenario are left.")}, changes_state=True,
    ),
    Route(
        "removeFault", "DELETE", "/faults/{name}", "Rules", "Remove a fault that was added.",
        {204: Answer("It is gone.")}, parameters=(_RULE,), problems=("no-such-rule", "scenario-rule"), changes_state=True,
    ),
)  # fmt: skip

_SETTINGS = {200: Answer("What counts in this world.", schema_ref("Settings"))}
_CHANGED = closed_object_schema(
    validateRequest=with_description(
        nullable({"enum": ["enforce", "report", "off"]}),
        "What happens to a request that breaks the contract.",
    ),
    errors=with_description(
        nullable(FLAG), "Whether a call that prefers what nobody knows is refused."
    ),
    corrupt=with_description(
        nullable(TEXTS), "The corruptions whose answers are served, by their ids."
    ),
)

KEPT_ROUTES = (
    Route("getSettings", "GET", "/settings", "Settings", "The settings of the world.", _SETTINGS),
    Route(
        "changeSettings", "PATCH", "/settings", "Settings", "Change settings of this world alone.", _SETTINGS,
        "null takes the server's own again.", body=Body(_CHANGED), changes_state=True,
    ),
    Route(
        "listSnapshots", "GET", "/snapshots", "Snapshots", "The snapshots of the world.",
        {200: Answer("The oldest first.", list_schema("snapshots", "Snapshot"))},
    ),
    Route(
        "saveSnapshot", "PUT", "/snapshots/{name}", "Snapshots", "Keep the world as it stands.",
        {200: Answer("It replaces the one of this name.", schema_ref("Snapshot")), 201: Answer("It is new.", schema_ref("Snapshot"))},
        "Snapshots live in memory: 100 per world, 64 MiB in all.",
        parameters=(_SNAPSHOT,), problems=("snapshots-full",), changes_state=True,
    ),
    Route(
        "restoreSnapshot", "POST", "/snapshots/{name}/restore", "Snapshots", "Let the world be as it was.",
        {200: Answer("It is. The journal goes on.", schema_ref("World"))},
        parameters=(_SNAPSHOT,), problems=("no-such-snapshot", "other-scenario"), changes_state=True,
    ),
    Route(
        "dropSnapshot", "DELETE", "/snapshots/{name}", "Snapshots", "Forget a snapshot.", {204: Answer("It is gone.")},
        parameters=(_SNAPSHOT,), problems=("no-such-snapshot",), changes_state=True,
    ),
)  # fmt: skip

WORLD_ROUTES = (*CLOCK_ROUTES, *TASK_ROUTES, *RULE_ROUTES, *KEPT_ROUTES)

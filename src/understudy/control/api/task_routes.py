"""Routes of one world's tasks and rules."""

from understudy.control.api.route import (
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
    SUBTASK_STATUSES,
    TASK_STATUSES,
    closed_object_schema,
)

_ID: Schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}
_TASK_STATUS: Schema = {"enum": list(TASK_STATUSES)}
_SUBTASK_STATUS: Schema = {"enum": list(SUBTASK_STATUSES)}
_TASK_ID = path_parameter("taskId", _ID, "The id of the task.")
_SUBTASK_ID = path_parameter("subtaskId", _ID, "The id of one of its subtasks.")
_TASK = {200: Answer("The current state of the task.", schema_ref("Task"))}
_TASK_PROBLEMS = ("no-such-task", "no-tasks")

TASK_ROUTES = (
    Route(
        id="listTasks",
        method="GET",
        path="/tasks",
        topic="Tasks",
        summary="List the tasks of the world, including those that have not started.",
        answers={
            200: Answer(
                "Sorted by id; tasks that have not started come last, sorted by their start.",
                list_schema("tasks", "Task", total=COUNT),
            )
        },
        parameters=(
            query_parameter("status", _TASK_STATUS, "Only tasks in this status."),
            query_parameter("limit", _LIMIT, "The maximum number of tasks."),
        ),
        problems=("no-tasks",),
    ),
    # The handler checks the body like a task of a scenario file, with the same error texts.
    Route(
        id="addTask",
        method="POST",
        path="/tasks",
        topic="Tasks",
        summary="Add a task.",
        answers={
            201: Answer("The task starts now, or at `at`: an offset from now.", schema_ref("Task"))
        },
        description=(
            "The body is a task as in a scenario. The default ids follow the highest id of the "
            "world."
        ),
        body=Body(schema_ref("AddedTask"), argument="task", validated_by_handler=True),
        problems=("no-tasks",),
        changes_state=True,
    ),
    Route(
        id="getTask",
        method="GET",
        path="/tasks/{taskId}",
        topic="Tasks",
        summary="Return a task with its subtasks and the time of its next event.",
        answers=_TASK,
        parameters=(_TASK_ID,),
        problems=_TASK_PROBLEMS,
    ),
    # A forced status is recorded as a command: exports and snapshots replay it.
    Route(
        id="forceTask",
        method="POST",
        path="/tasks/{taskId}/state",
        topic="Tasks",
        summary="Set the status of a task.",
        answers=_TASK,
        parameters=(_TASK_ID,),
        body=Body(closed_object_schema("status", status=_TASK_STATUS)),
        problems=_TASK_PROBLEMS,
        changes_state=True,
    ),
    # The response has the whole task, because its status follows from the subtasks.
    Route(
        id="forceSubtask",
        method="POST",
        path="/tasks/{taskId}/subtasks/{subtaskId}/state",
        topic="Tasks",
        summary="Set the status of a subtask.",
        answers=_TASK,
        parameters=(_TASK_ID, _SUBTASK_ID),
        body=Body(closed_object_schema("status", status=_SUBTASK_STATUS)),
        problems=_TASK_PROBLEMS,
        changes_state=True,
    ),
    # A step moves the clock instead of the task: tasks depend on time alone.
    Route(
        id="stepTask",
        method="POST",
        path="/tasks/{taskId}/step",
        topic="Tasks",
        summary="Move the clock to the next event of a task.",
        answers=_TASK,
        description="This is the clock of the world: other tasks advance as well.",
        parameters=(_TASK_ID,),
        problems=(*_TASK_PROBLEMS, "nothing-to-come", "clock-at-its-end"),
        changes_state=True,
    ),
)

_RULE_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 255}
_RULE = path_parameter("name", _RULE_NAME, "The name of the rule.")
_ADDED = {201: Answer("The rule precedes all others.", schema_ref("Rule"))}
_CLEARED = {204: Answer("Only the rules of the scenario remain.")}
_REMOVED = {204: Answer("The rule is removed.")}

RULE_ROUTES = (
    Route(
        id="listReplies",
        method="GET",
        path="/replies",
        topic="Rules",
        summary="List the scripted replies of the world.",
        answers={
            200: Answer(
                "The first reply that matches a call answers it.", list_schema("replies", "Rule")
            )
        },
    ),
    # The newest rule comes first, so that a test can override the scenario and its fixtures.
    Route(
        id="addReply",
        method="POST",
        path="/replies",
        topic="Rules",
        summary="Add a reply.",
        answers=_ADDED,
        description=(
            "The body is a reply as in a scenario. The default name is a number such as added-1."
        ),
        body=Body(schema_ref("ReplyRule"), argument="rule", validated_by_handler=True),
        problems=("name-taken", "too-many-rules"),
        changes_state=True,
    ),
    # Rules of the scenario stay: they are part of the file, which no call changes.
    Route(
        id="clearReplies",
        method="DELETE",
        path="/replies",
        topic="Rules",
        summary="Remove the replies that were added.",
        answers=_CLEARED,
        changes_state=True,
    ),
    Route(
        id="removeReply",
        method="DELETE",
        path="/replies/{name}",
        topic="Rules",
        summary="Remove a reply that was added.",
        answers=_REMOVED,
        parameters=(_RULE,),
        problems=("no-such-rule", "scenario-rule"),
        changes_state=True,
    ),
    # All matching faults apply, unlike replies, where the first one answers.
    Route(
        id="listFaults",
        method="GET",
        path="/faults",
        topic="Rules",
        summary="List the faults of the world.",
        answers={
            200: Answer("All faults that match a call apply to it.", list_schema("faults", "Rule"))
        },
    ),
    # `profile` is a second name for a fault with a word, as front-end tools know it.
    Route(
        id="addFault",
        method="POST",
        path="/faults",
        topic="Rules",
        summary="Add a fault.",
        answers=_ADDED,
        description=(
            "The body is a fault as in a scenario. `{profile: slow}` means `{fault: slow}`."
        ),
        body=Body(schema_ref("AddedFault"), argument="rule", validated_by_handler=True),
        problems=("name-taken", "too-many-rules"),
        changes_state=True,
    ),
    Route(
        id="clearFaults",
        method="DELETE",
        path="/faults",
        topic="Rules",
        summary="Remove the faults that were added.",
        answers=_CLEARED,
        changes_state=True,
    ),
    Route(
        id="removeFault",
        method="DELETE",
        path="/faults/{name}",
        topic="Rules",
        summary="Remove a fault that was added.",
        answers=_REMOVED,
        parameters=(_RULE,),
        problems=("no-such-rule", "scenario-rule"),
        changes_state=True,
    ),
)

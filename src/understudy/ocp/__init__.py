"""The task module of the OceanBase Cloud Platform (OCP): the only part that knows OCP.

Pure: no HTTP, no YAML, no wall clock.
"""

from understudy.ocp.authentication import (
    Account,
    Identity,
    Permission,
    authenticate,
    authorize,
    choose_challenge,
    world_of,
)
from understudy.ocp.checkpoint import task_from_record, task_to_record
from understudy.ocp.commands import (
    COMMANDS,
    Command,
    apply_command,
    apply_to_task,
    command_response_data,
)
from understudy.ocp.engine import TICK, advance, begin, next_tick, resume
from understudy.ocp.envelope import (
    NO_DATA,
    correct_envelope,
    error_envelope,
    language_of,
    success_envelope,
)
from understudy.ocp.error_catalogue import CATALOGUE, ErrorKind, ErrorText, OcpError, build_error
from understudy.ocp.event_budget import EventBudget, TooManyEventsError
from understudy.ocp.force_state import force_subtask, force_task
from understudy.ocp.invariants import (
    OPERATIONS_OF_STATUS,
    SUBTASK_TRANSITIONS,
    TASK_OPERATIONS,
    TASK_TRANSITIONS,
    Contradiction,
    find_contradictions,
)
from understudy.ocp.logs import render_log
from understudy.ocp.population import IndexEntry, Population, build_index_entry
from understudy.ocp.queries import (
    OPERATIONS,
    OperationKind,
    answer_query,
    is_list_at_hand,
    list_ids,
    time_formatter,
)
from understudy.ocp.serialisation import subtask_detail, task_detail, task_summary
from understudy.ocp.signature import SKEW, is_fresh, signature_of, string_to_sign
from understudy.ocp.task_list import SORT_FIELDS, SortOrder, select_page
from understudy.ocp.task_model import (
    ACTIVE,
    ADMIN,
    SYSTEM,
    Cause,
    Cluster,
    Creator,
    Execution,
    Host,
    LogLine,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
    Tenant,
)
from understudy.ocp.task_overlay import TaskOverlay
from understudy.ocp.task_store import TaskStore, build_agenda
from understudy.ocp.time_mapping import ORIGIN, SAME_TIME, TimeMapping

__all__ = [
    "ACTIVE",
    "ADMIN",
    "CATALOGUE",
    "COMMANDS",
    "NO_DATA",
    "OPERATIONS",
    "OPERATIONS_OF_STATUS",
    "ORIGIN",
    "SAME_TIME",
    "SKEW",
    "SORT_FIELDS",
    "SUBTASK_TRANSITIONS",
    "SYSTEM",
    "TASK_OPERATIONS",
    "TASK_TRANSITIONS",
    "TICK",
    "Account",
    "Cause",
    "Cluster",
    "Command",
    "Contradiction",
    "Creator",
    "ErrorKind",
    "ErrorText",
    "EventBudget",
    "Execution",
    "Host",
    "Identity",
    "IndexEntry",
    "LogLine",
    "OcpError",
    "Operation",
    "OperationKind",
    "Permission",
    "Population",
    "Run",
    "SortOrder",
    "Subtask",
    "SubtaskStatus",
    "Task",
    "TaskOverlay",
    "TaskStatus",
    "TaskStore",
    "Tenant",
    "TimeMapping",
    "TooManyEventsError",
    "advance",
    "answer_query",
    "apply_command",
    "apply_to_task",
    "authenticate",
    "authorize",
    "begin",
    "build_agenda",
    "build_error",
    "build_index_entry",
    "choose_challenge",
    "command_response_data",
    "correct_envelope",
    "error_envelope",
    "find_contradictions",
    "force_subtask",
    "force_task",
    "is_fresh",
    "is_list_at_hand",
    "language_of",
    "list_ids",
    "next_tick",
    "render_log",
    "resume",
    "select_page",
    "signature_of",
    "string_to_sign",
    "subtask_detail",
    "success_envelope",
    "task_detail",
    "task_from_record",
    "task_summary",
    "task_to_record",
    "time_formatter",
    "world_of",
]

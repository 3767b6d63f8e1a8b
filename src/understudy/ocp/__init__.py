"""The OceanBase Cloud Platform's task module; the only part that knows it. Pure: no HTTP, no YAML, no wall clock."""

from understudy.ocp.authentication import (
    Account,
    Identity,
    Permission,
    authenticate,
    authorise,
    world_of,
)
from understudy.ocp.checkpoint import task_from_record, task_record
from understudy.ocp.commands import COMMANDS, Command, apply_command, command_data, command_task
from understudy.ocp.engine import TICK, advance, begin, next_tick, resume
from understudy.ocp.envelope import NO_DATA, error_envelope, language_of, success_envelope
from understudy.ocp.error_catalogue import CATALOGUE, ErrorKind, ErrorText, Refusal, refusal_of
from understudy.ocp.force_state import force_subtask, force_task
from understudy.ocp.invariants import (
    OPERATIONS_OF_STATUS,
    SUBTASK_TRANSITIONS,
    TASK_OPERATIONS,
    TASK_TRANSITIONS,
    Contradiction,
    contradictions,
)
from understudy.ocp.logs import log_text
from understudy.ocp.population import Head, Population, head_of
from understudy.ocp.queries import OPERATIONS, OperationKind, answer_query, show_on
from understudy.ocp.serialisation import subtask_detail, task_detail, task_summary
from understudy.ocp.signature import SKEW, is_fresh, signature_of, string_to_sign
from understudy.ocp.task_list import SORT_FIELDS, Order, page_of
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
from understudy.ocp.task_overlay import TaskTable
from understudy.ocp.task_store import Platform
from understudy.ocp.time_mapping import ORIGIN, SAME, Calendar

__all__ = [
    "ACTIVE",
    "ADMIN",
    "CATALOGUE",
    "COMMANDS",
    "NO_DATA",
    "OPERATIONS",
    "OPERATIONS_OF_STATUS",
    "ORIGIN",
    "SAME",
    "SKEW",
    "SORT_FIELDS",
    "SUBTASK_TRANSITIONS",
    "SYSTEM",
    "TASK_OPERATIONS",
    "TASK_TRANSITIONS",
    "TICK",
    "Account",
    "Calendar",
    "Cause",
    "Cluster",
    "Command",
    "Contradiction",
    "Creator",
    "ErrorKind",
    "ErrorText",
    "Execution",
    "Head",
    "Host",
    "Identity",
    "LogLine",
    "Operation",
    "OperationKind",
    "Order",
    "Permission",
    "Platform",
    "Population",
    "Refusal",
    "Run",
    "Subtask",
    "SubtaskStatus",
    "Task",
    "TaskStatus",
    "TaskTable",
    "Tenant",
    "advance",
    "answer_query",
    "apply_command",
    "authenticate",
    "authorise",
    "begin",
    "command_data",
    "command_task",
    "contradictions",
    "error_envelope",
    "force_subtask",
    "force_task",
    "head_of",
    "is_fresh",
    "language_of",
    "log_text",
    "next_tick",
    "page_of",
    "refusal_of",
    "resume",
    "show_on",
    "signature_of",
    "string_to_sign",
    "subtask_detail",
    "success_envelope",
    "task_detail",
    "task_from_record",
    "task_record",
    "task_summary",
    "world_of",
]

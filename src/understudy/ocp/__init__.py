"""The OceanBase Cloud Platform's task module; the only part that knows it. Pure: no HTTP, no YAML, no wall clock."""

from understudy.ocp.access import Account, Identity, Permission, authenticate, authorise, world_of
from understudy.ocp.commands import COMMANDS, Command, apply_command, command_data
from understudy.ocp.envelope import NO_DATA, error_envelope, language_of, success_envelope
from understudy.ocp.graph import OPERATIONS_OF_STATUS, Contradiction, contradictions
from understudy.ocp.logs import log_text
from understudy.ocp.model import (
    ACTIVE,
    ADMIN,
    SYSTEM,
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
    TaskTable,
    Tenant,
)
from understudy.ocp.queries import OPERATIONS, SORT_FIELDS, OperationKind, answer_query
from understudy.ocp.refusals import CATALOGUE, ErrorKind, ErrorText, Refusal
from understudy.ocp.signature import is_fresh, signature_of, string_to_sign
from understudy.ocp.wire import subtask_detail, task_detail, task_summary

__all__ = [
    "ACTIVE",
    "ADMIN",
    "CATALOGUE",
    "COMMANDS",
    "NO_DATA",
    "OPERATIONS",
    "OPERATIONS_OF_STATUS",
    "SORT_FIELDS",
    "SYSTEM",
    "Account",
    "Cluster",
    "Command",
    "Contradiction",
    "Creator",
    "ErrorKind",
    "ErrorText",
    "Execution",
    "Host",
    "Identity",
    "LogLine",
    "Operation",
    "OperationKind",
    "Permission",
    "Refusal",
    "Run",
    "Subtask",
    "SubtaskStatus",
    "Task",
    "TaskStatus",
    "TaskTable",
    "Tenant",
    "answer_query",
    "apply_command",
    "authenticate",
    "authorise",
    "command_data",
    "contradictions",
    "error_envelope",
    "is_fresh",
    "language_of",
    "log_text",
    "signature_of",
    "string_to_sign",
    "subtask_detail",
    "success_envelope",
    "task_detail",
    "task_summary",
    "world_of",
]

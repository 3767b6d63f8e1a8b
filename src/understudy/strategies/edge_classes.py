"""The edge classes of each kind of OCP's values, and examples of each class."""

from collections.abc import Mapping

from hypothesis import strategies as st

from understudy.contract import Contract
from understudy.contract.corruption.edge_values import TEXTS, TIMES
from understudy.strategies.ocp.edge_tasks import (
    PAGE_EDGES,
    PAGE_TASK_EDGES,
    SUBTASK_EDGES,
    TASK_EDGES,
    TaskEdge,
)
from understudy.strategies.ocp.envelopes import envelope_edges, error_classes, error_edges, logs
from understudy.strategies.ocp.page_payloads import page_edges
from understudy.strategies.ocp.task_payloads import subtask_edges, task_edges
from understudy.strategies.ocp.wire_schemas import find_wire_schema
from understudy.strategies.schema.general_edges import (
    GENERAL_CLASSES,
    MEMBER_CLASSES,
    Edge,
    EdgeClass,
)
from understudy.strategies.strategy_options import check_option, resolve_contract

KINDS = ("tasks", "subtasks", "task_pages", "logs", "envelopes", "errors")
"""The kinds of OCP's values that have edge classes of their own: the names of their strategies."""
_ENVELOPE = (
    "integer-zero",
    "integer-minus-one",
    "integer-int32-min",
    "integer-int32-max",
    *TEXTS,
    *TIMES,
    "extra-field",
)
"""The classes of envelopes: their numbers have 32 bits."""
_GENERAL = {edge.name: edge.description for edge in GENERAL_CLASSES} | MEMBER_CLASSES


def edge_classes(kind: str | None = None) -> tuple[EdgeClass, ...]:
    """Return the edge classes of one of KINDS: `tasks`, `subtasks`, `task_pages`, `logs`….

    None: all classes, also those of values of any schema, each once. Raises ValueError for another
    kind.
    """
    if kind is not None:
        check_option(kind, KINDS, "kind of value")
        descriptions = _classes_of(kind)
    else:
        descriptions = {}
        for known in KINDS:
            descriptions.update(_classes_of(known))
        descriptions.update(_GENERAL)
    return tuple(EdgeClass(name, description) for name, description in descriptions.items())


def edge_examples(
    kind: str, *, dialect: str = "documented", contract: Contract | None = None
) -> st.SearchStrategy[Edge]:
    """Return edge cases of one kind (see `edge_classes`) with the class of each.

    The values are valid. Raises ValueError for another kind, InputError for an unknown dialect.
    """
    check_option(kind, KINDS, "kind of value")
    resolved = resolve_contract(contract, dialect)
    match kind:
        case "tasks":
            return task_edges(find_wire_schema(resolved, "getTaskInstance", 200, "data"))
        case "subtasks":
            return subtask_edges(find_wire_schema(resolved, "retrySubtask", 200, "data"))
        case "task_pages":
            return page_edges(find_wire_schema(resolved, "listTaskInstances", 200, "data"))
        case "logs":
            wire = find_wire_schema(resolved, "getSubtaskLog", 200, "data")
            return wire.edge_cases(logs(contract=resolved))
        case "envelopes":
            return envelope_edges(resolved, "getTaskInstance")
        case _:
            return error_edges(find_wire_schema(resolved, "retryTask", 404))


def _classes_of(kind: str) -> dict[str, str]:
    """Return the classes of a kind: name and description."""
    match kind:
        case "tasks":
            return _describe(TASK_EDGES)
        case "subtasks":
            return _describe(SUBTASK_EDGES)
        case "task_pages":
            return PAGE_EDGES | _describe(PAGE_TASK_EDGES)
        case "logs":
            return {name: _GENERAL[name] for name in (*TEXTS, "extra-field")}
        case "envelopes":
            return {name: _GENERAL[name] for name in _ENVELOPE}
        case _:
            return {name: _GENERAL[name] for name in _ENVELOPE} | error_classes()


def _describe(edges: Mapping[str, TaskEdge]) -> dict[str, str]:
    """Return name and description of classes of tasks."""
    return {name: edge.edge_class.description for name, edge in edges.items()}

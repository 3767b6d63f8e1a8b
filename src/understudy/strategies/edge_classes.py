"""The classes of edge cases: which there are, and examples of each."""

from collections.abc import Mapping

from hypothesis import strategies as st

from understudy.contract import Contract
from understudy.contract.corruption.edge_values import TEXTS, TIMES
from understudy.strategies.ocp.edge_tasks import (
    PAGE_EDGES,
    PAGE_TASK_EDGES,
    SUBTASK_EDGES,
    TASK_EDGES,
)
from understudy.strategies.ocp.envelopes import envelope_edges, error_classes, error_edges, logs
from understudy.strategies.ocp.task_payloads import page_edges, subtask_edges, task_edges
from understudy.strategies.ocp.wire_schemas import find_wire_schema
from understudy.strategies.schema.edge_cases import GENERAL_CLASSES, MEMBER_CLASSES, Edge, EdgeClass
from understudy.strategies.strategy_options import check_option, resolve_contract

KINDS = ("tasks", "subtasks", "task_pages", "logs", "envelopes", "errors")
"""The kinds of values of the OCP that have edges of their own: the names of their strategies."""
_ENVELOPE = (
    *("integer-zero", "integer-minus-one", "integer-int32-min", "integer-int32-max"),
    *TEXTS,
    *TIMES,
    "extra-field",
)
_ABOUT = {edge.name: edge.description for edge in GENERAL_CLASSES} | MEMBER_CLASSES


def edge_classes(kind: str | None = None) -> tuple[EdgeClass, ...]:
    """Give the classes of edge cases of one of `tasks`, `subtasks`, `task_pages`, `logs`, `envelopes`, `errors`.

    None: every class that there is, those of values of any schema too, each once. Raises ValueError for another kind.
    """
    if kind is not None:
        check_option(kind, KINDS, "kind of value")
        return tuple(EdgeClass(name, what) for name, what in _classes(kind).items())
    names = {name: what for one in KINDS for name, what in _classes(one).items()} | _ABOUT
    return tuple(EdgeClass(name, what) for name, what in names.items())


def edge_examples(
    kind: str, *, dialect: str = "documented", contract: Contract | None = None
) -> st.SearchStrategy[Edge]:
    """Give edge cases of one kind (see `edge_classes`) with the class of each; the values are valid.

    Raises ValueError for another kind.
    """
    check_option(kind, KINDS, "kind of value")
    chosen = resolve_contract(contract, dialect)
    match kind:
        case "tasks":
            return task_edges(find_wire_schema(chosen, "getTaskInstance", 200, "data"))
        case "subtasks":
            return subtask_edges(find_wire_schema(chosen, "retrySubtask", 200, "data"))
        case "task_pages":
            return page_edges(find_wire_schema(chosen, "listTaskInstances", 200, "data"))
        case "logs":
            return find_wire_schema(chosen, "getSubtaskLog", 200, "data").edge_cases(
                logs(contract=chosen)
            )
        case "envelopes":
            return envelope_edges(chosen, "getTaskInstance")
        case _:
            return error_edges(find_wire_schema(chosen, "retryTask", 404))


def _classes(kind: str) -> Mapping[str, str]:
    match kind:
        case "tasks":
            return {name: edge.edge_class.description for name, edge in TASK_EDGES.items()}
        case "subtasks":
            return {name: edge.edge_class.description for name, edge in SUBTASK_EDGES.items()}
        case "task_pages":
            return PAGE_EDGES | {
                name: edge.edge_class.description for name, edge in PAGE_TASK_EDGES.items()
            }
        case "logs":
            return {name: _ABOUT[name] for name in (*TEXTS, "extra-field")}
        case "envelopes":
            return {name: _ABOUT[name] for name in _ENVELOPE}
        case _:
            general = ("integer-int64-min", "integer-int64-max")
            return {
                name: _ABOUT[name] for name in _ENVELOPE if name not in general
            } | error_classes()

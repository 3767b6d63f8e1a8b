"""Edge cases: each is valid and shows its class, and every class is reached."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from domain import check_subtask, check_task
from edge_detectors import is_json, shows
from understudy.contract import compile_validator, edge_cases
from understudy.contract.corruption.edge_values import TEXTS
from understudy.messages import Response
from understudy.strategies import (
    KINDS,
    Edge,
    edge_classes,
    edge_examples,
    envelopes,
    errors,
    logs,
    payloads_from_schema,
    responses_from_operation,
    subtasks,
    task_pages,
    tasks,
)
from understudy.strategies.schema.edge_cases import EdgeCases
from understudy.strategies.strategy_options import shipped_contract

QUICK = settings(
    phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None, deadline=None
)
SCHEMAS = {
    "tasks": "WrappedTaskInstance",
    "subtasks": "SubtaskInstance",
    "task_pages": "ListTaskInstancesData",
    "logs": "GetSubtaskLogData",
    "envelopes": "GetTaskInstanceResponse",
    "errors": "ErrorResponse",
}
STRATEGIES = {
    "tasks": tasks,
    "subtasks": subtasks,
    "task_pages": task_pages,
    "logs": logs,
    "envelopes": envelopes,
    "errors": errors,
}
CONTRACT = shipped_contract()
SEED = 0
"""Hypothesis varies some examples again and again: how often it draws a class depends on the seed.

Without a fixed one, that would depend on the name and the code of the test function.
"""


def count_classes(kind: str, count: int, number: int = SEED) -> Counter[str]:
    """Draw edge cases of a kind, check each, and count the classes that they show.

    Those that a value shows by chance are counted too.
    """
    names = [edge.name for edge in edge_classes(kind)]
    schema = {"$ref": f"#/components/schemas/{SCHEMAS[kind]}"}
    validator, counts = compile_validator(schema, document=CONTRACT.document), Counter[str]()

    @seed(number)
    @given(edge_examples(kind))
    @settings(QUICK, max_examples=count)
    def check(edge: Edge) -> None:
        assert edge.edge in names
        assert list(validator.iter_errors(edge.value)) == []
        assert shows(kind, edge.value, edge.edge), edge
        counts[edge.edge] += 1
        if edge.edge != "list-maximum":  # so large that to look for all other classes takes long
            counts.update(
                name for name in names if name != edge.edge and shows(kind, edge.value, name)
            )

    check()
    return counts


@pytest.mark.parametrize("kind", KINDS)
def test_edges_show_their_class(kind: str) -> None:
    """Each edge case is valid and shows the class that comes with it."""
    assert len(count_classes(kind, 40)) > 5


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_every_class_is_reached(kind: str) -> None:
    """Each class occurs within two thousand examples of one of three seeds.

    What Hypothesis draws also depends on the modules that other tests have imported.
    """
    missing = {edge.name for edge in edge_classes(kind)}
    for number in range(3):
        missing -= set(count_classes(kind, 2000, number))
        if not missing:
            break
    assert missing == set()


@pytest.mark.parametrize("kind", ["tasks", "subtasks"])
def test_edges_of_tasks_obey_the_domain(kind: str) -> None:
    """Even rare tasks are such as the engine reaches."""

    @given(edge_examples(kind))
    @settings(QUICK, max_examples=40)
    def check(edge: Edge) -> None:
        if edge.edge != "optional-absent":  # a task that runs then has no start time
            (check_task if kind == "tasks" else check_subtask)(edge.value)

    check()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("schema_only", [False, True])
def test_mode_edge_draws_values_without_their_class(kind: str, schema_only: bool) -> None:
    """The values are JSON, with and without the domain."""

    @given(STRATEGIES[kind](mode="edge", schema_only=schema_only))
    @settings(QUICK, max_examples=4)
    def check(value: Any) -> None:
        assert is_json(value)

    check()


NARROW: dict[str, tuple[Any, set[str]]] = {
    "numbers": (
        {"type": "integer", "minimum": 5, "exclusiveMaximum": 9},
        {"number-minimum", "number-maximum"},
    ),
    "dates": (
        {"type": "string", "format": "date"},
        {"date-leap-day", "date-year-1", "date-year-9999"},
    ),
    "texts": (
        {"type": "string", "minLength": 1, "maxLength": 1},
        {name for name in TEXTS if name != "text-empty"} | {"text-shortest", "text-longest"},
    ),
    "fractions": (
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"number-minimum", "number-maximum"},
    ),
    "multiples": (
        {"type": "integer", "minimum": 3, "maximum": 15, "multipleOf": 7},
        {"number-minimum", "number-maximum"},
    ),
    "patterns": (
        {"type": "string", "pattern": "^[a-z]{2,4}-?$"},
        {"text-shortest", "text-longest"},
    ),
    "identities": ({"type": "string", "format": "uuid"}, {"uuid-nil", "uuid-maximum"}),
}


@pytest.mark.parametrize("name", NARROW)
def test_narrow_schemas_have_edges(name: str) -> None:
    """Bounds, days and short texts are found where a schema allows little."""
    schema, wanted = NARROW[name]
    seen = Counter[str]()

    @given(EdgeCases(schema, schema).from_valid(payloads_from_schema(schema)))
    @settings(QUICK, max_examples=100)
    def check(edge: Edge) -> None:
        assert compile_validator(schema).is_valid(edge.value)
        if edge.edge == "text-long":
            assert len(edge.value) == 1
        elif edge.edge in TEXTS:
            assert shows("texts", edge.value, edge.edge)
        seen[edge.edge] += 1

    check()
    assert set(seen) == wanted


def test_shortest_and_longest_texts_obey_the_pattern() -> None:
    """The lengths follow from the pattern and both bounds."""
    schema = {"type": "string", "pattern": "^([a-z]{3})+$", "minLength": 4, "maxLength": 11}
    lengths = dict[str, set[int]]()

    @given(EdgeCases(schema, schema).from_valid(payloads_from_schema(schema)))
    @settings(QUICK, max_examples=40)
    def check(edge: Edge) -> None:
        lengths.setdefault(edge.edge, set()).add(len(edge.value))

    check()
    assert lengths == {"text-shortest": {6}, "text-longest": {9}}


@given(response=responses_from_operation("listTaskInstances", mode="edge"))
@settings(QUICK, max_examples=10)
def test_responses_with_edges_are_valid(response: Response) -> None:
    """A response with an edge is valid for the contract."""
    assert CONTRACT.operations["listTaskInstances"].validate_response(response) == ()


def test_every_class_has_a_name_and_a_description() -> None:
    """Each name occurs once, and the classes of all kinds are listed."""
    edges = edge_classes()
    assert len({edge.name for edge in edges}) == len(edges)
    assert all(len(edge.description) > 5 for edge in edges)
    assert {edge.name for kind in KINDS for edge in edge_classes(kind)} <= {
        edge.name for edge in edges
    }


def test_well_known_classes_exist() -> None:
    """The classes that clients forget most often exist."""
    names = {edge.name for edge in edge_classes()}
    assert {f"time-{digits}-digits" for digits in range(10)} <= names
    assert {
        "integer-2^53-plus-one",
        "integer-int64-max",
        "integer-minus-one",
        "text-rtl",
        "graph-diamond",
    } <= names
    assert {f"subtask-status-{status}" for status in ("PENDING", "READY", "CANCELING")} <= names


def test_corpus_has_the_same_class_names() -> None:
    """Except two that only a corpus has."""
    names = {edge.name for edge in edge_classes()} | {"null", "object-empty"}
    in_corpus = {
        case.name
        for operation in CONTRACT.operations.values()
        for case in edge_cases(operation, "200")
    }
    assert in_corpus - names == set()
    expected = {"integer-2^53", "text-rtl", "time-9-digits", "list-empty", "optional-absent"}
    assert expected <= in_corpus


def test_unknown_kind_is_reported() -> None:
    """The error offers the nearest kind."""
    with pytest.raises(ValueError, match=r'unknown kind of value "task".* Did you mean "tasks"'):
        edge_classes("task")
    with pytest.raises(ValueError, match=r'unknown kind of value "task".* Did you mean "tasks"'):
        edge_examples("task")

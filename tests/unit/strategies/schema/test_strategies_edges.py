"""Edge cases: each is valid, shows the class that it is said to be of, and every class is reached."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

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


def seen(kind: str, count: int) -> Counter[str]:
    """Draw edge cases of a kind, check each, and count the classes that were seen: asked for, or there by chance."""
    names = [edge.name for edge in edge_classes(kind)]
    schema = {"$ref": f"#/components/schemas/{SCHEMAS[kind]}"}
    validator, counts = compile_validator(schema, document=CONTRACT.document), Counter[str]()

    @given(edge_examples(kind))
    @settings(QUICK, max_examples=count)
    def check(edge: Edge) -> None:
        assert edge.edge in names
        assert list(validator.iter_errors(edge.value)) == []
        assert shows(kind, edge.value, edge.edge), edge
        counts[edge.edge] += 1
        if edge.edge != "list-maximum":  # so large that to look for all else in it takes long
            counts.update(
                name for name in names if name != edge.edge and shows(kind, edge.value, name)
            )

    check()
    return counts


@pytest.mark.parametrize("kind", KINDS)
def test_edges_are_what_they_are_said_to_be(kind: str) -> None:
    """Valid, and of the class that comes with them."""
    assert len(seen(kind, 40)) > 5


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_every_class_is_reached(kind: str) -> None:
    """Each within two thousand examples."""
    assert {edge.name for edge in edge_classes(kind)} - set(seen(kind, 2000)) == set()


@pytest.mark.parametrize("kind", ["tasks", "subtasks"])
def test_edges_of_tasks_obey_the_domain(kind: str) -> None:
    """However rare they are."""

    @given(edge_examples(kind))
    @settings(QUICK, max_examples=40)
    def check(edge: Edge) -> None:
        if edge.edge != "optional-absent":  # what runs then lacks the time at which it began
            (check_task if kind == "tasks" else check_subtask)(edge.value)

    check()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("schema_only", [False, True])
def test_the_mode_gives_the_values_alone(kind: str, schema_only: bool) -> None:
    """As JSON carries them; of the schema's freedom too."""

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
def test_narrow_schemas_have_edges_too(name: str) -> None:
    """Bounds, days, and texts that are short and still of their class."""
    schema, wanted = NARROW[name]
    seen = Counter[str]()

    @given(EdgeCases(schema, schema).from_valid(payloads_from_schema(schema)))
    @settings(QUICK, max_examples=100)
    def check(edge: Edge) -> None:
        assert compile_validator(schema).is_valid(edge.value)
        if edge.edge in TEXTS:
            assert (
                len(edge.value) == 1
                if edge.edge == "text-long"
                else shows("texts", edge.value, edge.edge)
            )
        seen[edge.edge] += 1

    check()
    assert set(seen) == wanted


def test_the_shortest_and_the_longest_text_are_that() -> None:
    """As the pattern and both bounds have it."""
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
def test_responses_have_edges(response: Response) -> None:
    """And validate all the same."""
    assert CONTRACT.operations["listTaskInstances"].validate_response(response) == ()


def test_every_class_is_described() -> None:
    """In a sentence's part, each name once."""
    edges = edge_classes()
    assert len({edge.name for edge in edges}) == len(edges)
    assert all(len(edge.description) > 5 for edge in edges)
    assert {edge.name for kind in KINDS for edge in edge_classes(kind)} <= {
        edge.name for edge in edges
    }


def test_the_classes_of_the_issue_are_there() -> None:
    """What everybody forgets."""
    names = {edge.name for edge in edge_classes()}
    assert {f"time-{digits}-digits" for digits in range(10)} <= names
    assert {
        "integer-2^53-plus-one",
        "integer-int64-max",
        "integer-minus-one",
        "text-rtl",
        "graph-diamond",
    } <= names
    assert {f"subtask-status-{word}" for word in ("PENDING", "READY", "CANCELING")} <= names


def test_a_corpus_has_the_same_names() -> None:
    """But for two, of places that OCP does not have."""
    names = {edge.name for edge in edge_classes()} | {"null", "object-empty"}
    found = {case.name for one in CONTRACT.operations.values() for case in edge_cases(one, "200")}
    assert found - names == set()
    assert {"integer-2^53", "text-rtl", "time-9-digits", "list-empty", "optional-absent"} <= found


def test_another_kind_is_told() -> None:
    """With the nearest."""
    with pytest.raises(ValueError, match='did you mean "tasks"'):
        edge_classes("task")
    with pytest.raises(ValueError, match='did you mean "tasks"'):
        edge_examples("task")

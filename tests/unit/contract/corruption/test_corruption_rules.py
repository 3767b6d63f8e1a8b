"""Every corruption breaks what it says, by the contract's validator."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contract_builders import collect_problems, load_data, make_document, make_response
from corruption_builders import document_response, is_at_place, list_operations, load_foreign
from schema_strategies import SCHEMAS
from understudy.contract import (
    BACKENDS,
    Corruption,
    Mutation,
    Operation,
    corrupt,
    corruptions,
    load_contract,
    sample_response,
)
from understudy.messages import Response, dump_json, parse_json

RULES = {
    Mutation.WRONG_TYPE: {"type"},
    Mutation.NULL: {"type", "enum", "const"},
    Mutation.MISSING: {"required", "minProperties"},
    Mutation.UNKNOWN_ENUM: {"enum", "const"},
    Mutation.NUMBER_AS_STRING: {"type"},
    Mutation.OFF_BY_ONE_LOW: {
        "minimum",
        "exclusiveMinimum",
        "format",
        "minLength",
        "minItems",
        "minProperties",
    },
    Mutation.OFF_BY_ONE_HIGH: {
        "maximum",
        "exclusiveMaximum",
        "format",
        "maxLength",
        "maxItems",
        "maxProperties",
    },
    Mutation.EMPTY: {
        "required",
        "minLength",
        "minItems",
        "minProperties",
        "format",
        "pattern",
        "enum",
        "const",
    },
    Mutation.OVERSIZE: {"format", "maximum", "exclusiveMaximum", "maxLength", "maxItems"},
    Mutation.BAD_FORMAT: {"format", "pattern"},
    Mutation.DUPLICATE_ITEM: {"uniqueItems", "maxItems"},
    Mutation.EXTRA_FIELD: {"additionalProperties", "unevaluatedProperties", "maxProperties"},
    Mutation.RENAMED: {"required"},
    Mutation.TRUNCATED_JSON: {"json"},
    Mutation.WRONG_CONTENT_TYPE: {"content-type"},
    Mutation.WRONG_ENVELOPE_STATUS: set(),
}
"""The rules of each mutation, without alternatives around its location."""
WHOLE = {"oneOf", "anyOf", "unevaluatedProperties"}
"""Rules around a location that are broken instead: alternatives, and unevaluated members."""
BESIDE = {
    "type": {"enum", "const", "unevaluatedProperties"},
    "minimum": {"unevaluatedProperties"},
    "required": {"additionalProperties"},
    "maxItems": {"uniqueItems"},
}
"""Rules that are broken too where no value can break the rule alone."""


def describe_difference(operation: Operation, corruption: Corruption, response: Response) -> str:
    """Return how a corrupted response differs from its corruption; empty when it does not."""
    violations = operation.validate_response(corrupt(corruption, response))
    if not corruption.breaks:
        return f"{corruption}: {[str(violation) for violation in violations]}" if violations else ""
    if corruption.mutation is Mutation.EMPTY and corruption.rule == "required":
        violations = tuple(
            {violation.rule: violation for violation in violations}.values()
        )  # each field has a violation of its own
    rules = [violation.rule for violation in violations]
    beside = BESIDE.get(corruption.rule, set())
    if corruption.rule not in RULES[corruption.mutation] | WHOLE or [
        r for r in rules if r not in beside
    ] != [corruption.rule]:
        return f"{corruption}: {corruption.rule} is expected, {rules} are broken"
    places = [
        v.place
        for v in violations
        if not is_at_place(corruption, v) and v.rule != "unevaluatedProperties"
    ]
    return f"{corruption}: {corruption.place} is expected, {places} are reported" if places else ""


def test_corruption_breaks_its_rule_at_its_place(root: Path, tmp_path: Path) -> None:
    """One rule and no other, or none at all; in both dialects and in foreign contracts."""
    differences, count = [], 0
    for operation in list_operations(root, tmp_path):
        responses = {status: sample_response(operation, status) for status in operation.responses}
        assert [operation.validate_response(response) for response in responses.values()] == [
            ()
        ] * len(responses)
        for corruption in corruptions(operation):
            response = responses[corruption.status]
            differences.append(describe_difference(operation, corruption, response))
            count += 1
    assert [text for text in differences if text] == []
    assert count > 8000


@pytest.fixture(scope="module")
def all_corruptions(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Operation, Corruption]]:
    """Every corruption, with its operation."""
    all_operations = list_operations(root, tmp_path_factory.mktemp("many"))
    return {
        f"{number} {corruption}": (operation, corruption)
        for number, operation in enumerate(all_operations)
        for corruption in corruptions(operation)
    }


@given(data=st.data(), sampled=st.integers(0, 1000), seed=st.integers(0, 1000))
def test_corruption_breaks_its_rule_for_any_sample_and_seed(
    all_corruptions: dict[str, tuple[Operation, Corruption]],
    data: st.DataObject,
    sampled: int,
    seed: int,
) -> None:
    """The same seed gives the same bytes."""
    operation, corruption = all_corruptions[data.draw(st.sampled_from(list(all_corruptions)))]
    response = sample_response(operation, corruption.status, seed=sampled)
    assert describe_difference(operation, corruption, response) == ""
    assert corrupt(corruption, response, seed=seed) == corrupt(corruption, response, seed=seed)
    assert (
        len(operation.validate_response(corrupt(corruption, response, seed=seed)))
        >= corruption.breaks
    )


def drop_optional(value: Any) -> Any:
    """Return a value without optional fields and items of lists."""
    if isinstance(value, list):
        return []
    optional = ("cluster", "tenant", "finishTime", "executor", "startTime")
    return (
        {k: drop_optional(v) for k, v in value.items() if k not in optional}
        if isinstance(value, dict)
        else value
    )


@pytest.mark.parametrize("name", ["listTaskInstances", "getTaskInstance"])
def test_full_and_smallest_responses_can_be_corrupted(name: str) -> None:
    """What is missing is added first."""
    operation = load_contract().operations[name]
    example = next(iter(operation.responses["200"].examples.values()))
    smallest = drop_optional(example)
    if name == "getTaskInstance":
        smallest["data"]["executor"], smallest["data"]["startTime"] = (
            "",
            example["data"]["startTime"],
        )
    for body in (example, smallest):
        assert operation.validate_response(make_response(body)) == ()
        violations = [
            describe_difference(operation, corruption, make_response(body))
            for corruption in corruptions(operation)
            if corruption.status == "200"
        ]
        assert [text for text in violations if text] == []


def test_both_back_ends_agree(tmp_path: Path) -> None:
    """The other validator reports the same violations."""
    first, second = (load_foreign(tmp_path, backend=backend).operations for backend in BACKENDS)
    for name, operation in first.items():
        for corruption in corruptions(operation):
            corrupted = corrupt(corruption, sample_response(operation, corruption.status))
            assert operation.validate_response(corrupted) == second[name].validate_response(
                corrupted
            ), corruption.id


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for contracts."""
    return tmp_path_factory.mktemp("odd")


@given(schema=SCHEMAS, component=SCHEMAS)
@settings(max_examples=60)
def test_any_schema_has_a_catalogue(folder: Path, schema: Any, component: Any) -> None:
    """Keywords may contradict each other: a corruption still breaks its rule."""
    texts = [
        dump_json(part).decode().replace("#/$defs/a", "#/components/schemas/A")
        for part in (schema, component)
    ]
    first, second = map(parse_json, texts)
    data = make_document(
        {"responses": {"200": document_response(first)}}, components={"schemas": {"A": second}}
    )
    assume(
        not collect_problems(lambda: load_data(data, folder))
    )  # a schema may refer to itself for one and the same value
    operation = load_data(data, folder).operations["getX"]
    response = sample_response(operation)
    for corruption in corruptions(operation):
        violations = {
            violation.rule
            for violation in operation.validate_response(corrupt(corruption, response))
        }
        assert not corruption.breaks or corruption.rule in violations

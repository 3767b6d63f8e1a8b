"""Every corruption does what it says: the contract's validator is asked."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contract_builders import answer, document, loaded, refusal
from corruption_builders import answers, foreign, operations, stands_at
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
"""What a mutation may break where no alternatives are around."""
WHOLE = {"oneOf", "anyOf", "unevaluatedProperties"}
"""What is broken instead where alternatives are around, or where what no schema has judged is forbidden."""
BESIDE = {
    "type": {"enum", "const", "unevaluatedProperties"},
    "minimum": {"unevaluatedProperties"},
    "required": {"additionalProperties"},
    "maxItems": {"uniqueItems"},
}
"""What else is told where no value could break the rule alone."""


def odd(operation: Operation, corruption: Corruption, response: Response) -> str:
    """Tell in which way a corrupted answer is not what the corruption says; empty when it is."""
    found = operation.validate_response(corrupt(corruption, response))
    if not corruption.breaks:
        return f"{corruption}: {[str(violation) for violation in found]}" if found else ""
    if corruption.mutation is Mutation.EMPTY and corruption.rule == "required":
        found = tuple(
            {violation.rule: violation for violation in found}.values()
        )  # each field is told by itself
    rules = [violation.rule for violation in found]
    beside = BESIDE.get(corruption.rule, set())
    if corruption.rule not in RULES[corruption.mutation] | WHOLE or [
        r for r in rules if r not in beside
    ] != [corruption.rule]:
        return f"{corruption}: {corruption.rule} is said, {rules} are broken"
    wrong = [
        v.place for v in found if not stands_at(corruption, v) and v.rule != "unevaluatedProperties"
    ]
    return f"{corruption}: {corruption.place} is said, {wrong} are told" if wrong else ""


def test_each_breaks_what_it_says(root: Path, tmp_path: Path) -> None:
    """One rule, at the place that it names, and nothing else; or nothing at all. In both dialects, and elsewhere."""
    strange, count = [], 0
    for operation in operations(root, tmp_path):
        responses = {status: sample_response(operation, status) for status in operation.responses}
        assert [operation.validate_response(response) for response in responses.values()] == [
            ()
        ] * len(responses)
        for corruption in corruptions(operation):
            response = responses[corruption.status]
            strange.append(odd(operation, corruption, response))
            count += 1
    assert [text for text in strange if text] == []
    assert count > 8000


@pytest.fixture(scope="module")
def many(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Operation, Corruption]]:
    """Every corruption, with its operation."""
    known = operations(root, tmp_path_factory.mktemp("many"))
    return {
        f"{number} {one}": (operation, one)
        for number, operation in enumerate(known)
        for one in corruptions(operation)
    }


@given(data=st.data(), sampled=st.integers(0, 1000), seed=st.integers(0, 1000))
def test_whatever_the_sample_and_the_seed(
    many: dict[str, tuple[Operation, Corruption]], data: st.DataObject, sampled: int, seed: int
) -> None:
    """What is said of a corruption holds for other answers too; the same seed gives the same bytes."""
    operation, corruption = many[data.draw(st.sampled_from(list(many)))]
    response = sample_response(operation, corruption.status, seed=sampled)
    assert odd(operation, corruption, response) == ""
    assert corrupt(corruption, response, seed=seed) == corrupt(corruption, response, seed=seed)
    assert (
        len(operation.validate_response(corrupt(corruption, response, seed=seed)))
        >= corruption.breaks
    )


def bare(value: Any) -> Any:
    """Take out what may be absent, and what is in lists."""
    if isinstance(value, list):
        return []
    optional = ("cluster", "tenant", "finishTime", "executor", "startTime")
    return (
        {k: bare(v) for k, v in value.items() if k not in optional}
        if isinstance(value, dict)
        else value
    )


@pytest.mark.parametrize("name", ["listTaskInstances", "getTaskInstance"])
def test_real_answers_are_corrupted_too(name: str) -> None:
    """Full ones, and ones without lists and optional fields: what is missing is put there first."""
    operation = load_contract().operations[name]
    example = next(iter(operation.responses["200"].examples.values()))
    least = bare(example)
    if name == "getTaskInstance":
        least["data"]["executor"], least["data"]["startTime"] = "", example["data"]["startTime"]
    for body in (example, least):
        assert operation.validate_response(answer(body)) == ()
        found = [
            odd(operation, one, answer(body))
            for one in corruptions(operation)
            if one.status == "200"
        ]
        assert [text for text in found if text] == []


def test_both_back_ends_agree(tmp_path: Path) -> None:
    """What the other validator says of the corrupted answers is the same."""
    first, second = (foreign(tmp_path, backend=backend).operations for backend in BACKENDS)
    for name, operation in first.items():
        for one in corruptions(operation):
            made = corrupt(one, sample_response(operation, one.status))
            assert operation.validate_response(made) == second[name].validate_response(made), one.id


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for contracts."""
    return tmp_path_factory.mktemp("odd")


@given(schema=SCHEMAS, other=SCHEMAS)
@settings(max_examples=60)
def test_any_schema_has_a_catalogue(folder: Path, schema: Any, other: Any) -> None:
    """However its keywords contradict each other: what is said to break does."""
    told = [
        dump_json(part).decode().replace("#/$defs/a", "#/components/schemas/A")
        for part in (schema, other)
    ]
    first, second = map(parse_json, told)
    data = document({"responses": {"200": answers(first)}}, components={"schemas": {"A": second}})
    assume(
        not refusal(lambda: loaded(data, folder))
    )  # a schema may refer to itself for one and the same value
    operation = loaded(data, folder).operations["getX"]
    response = sample_response(operation)
    for one in corruptions(operation):
        found = {
            violation.rule for violation in operation.validate_response(corrupt(one, response))
        }
        assert not one.breaks or one.rule in found

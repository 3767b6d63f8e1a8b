"""The corruption catalogue: its ids, and the rule that each corruption breaks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import understudy
from contract_builders import collect_problems, load_data, make_response
from corruption_contracts import FOREIGN, build_document, object_of
from understudy.contract import (
    Contract,
    Corruption,
    Mutation,
    Operation,
    corrupt,
    corruptions,
    find_corruption,
    load_contract,
    sample_response,
)
from understudy.messages import Response
from understudy.resources import resource_path

OBSERVED = load_contract(overlays=[resource_path("docs/api/overlays/observed.yaml")])
DOCUMENTED = load_contract()
SHIPPED = {"documented": DOCUMENTED, "observed": OBSERVED}
NAMED = [(dialect, name) for dialect, contract in SHIPPED.items() for name in contract.operations]


def list_violations(operation: Operation, response: Response) -> list[tuple[str, str]]:
    """Return rule and place of each violation."""
    return [
        (violation.rule, violation.place) for violation in operation.validate_response(response)
    ]


def is_at(corruption: Corruption, place: str) -> bool:
    """Return whether the place of a violation is that of a corruption.

    Any item, any free name and any alternative will do.
    """
    steps = {"[": r"/\d+", "{": "/[^/]+", "(": ""}
    pattern = re.sub(
        r"\[\d*\]|\{[^}]*\}|\([^)]*\)", lambda step: steps[step[0][0]], corruption.place
    )
    return re.fullmatch(pattern or "body", place) is not None


def breaks_as_described(
    corruption: Corruption, violations: list[tuple[str, str]], beside: tuple[str, ...] = ("enum",)
) -> bool:
    """Return whether a response breaks exactly the rule of a corruption.

    The documented exceptions are at the same place: an emptied object lacks each of its required
    fields, and a value that breaks one keyword may break others: a number is none of the texts of
    an enum either.
    """
    rules = [rule for rule, _ in violations]
    if not corruption.breaks or corruption.rule not in rules:
        return not corruption.breaks and not rules
    rules.remove(corruption.rule)
    allowed = (*beside, "required") if corruption.mutation is Mutation.EMPTY else beside
    return set(rules) <= set(allowed) and all(is_at(corruption, place) for _, place in violations)


def check_operation(operation: Operation, beside: tuple[str, ...] = ("enum",)) -> None:
    """Apply each corruption of an operation to a sample."""
    bases = {status: sample_response(operation, status) for status in operation.responses}
    assert [list_violations(operation, base) for base in bases.values()] == [[]] * len(bases)
    for corruption in corruptions(operation):
        base = bases[corruption.status]
        assert breaks_as_described(
            corruption, list_violations(operation, corrupt(corruption, base)), beside
        ), corruption.id


@pytest.mark.parametrize(("dialect", "name"), NAMED)
def test_corruptions_of_the_default_contract_break_their_rule(dialect: str, name: str) -> None:
    """In both dialects: the rule at the place and no other; none where `breaks` is false."""
    check_operation(SHIPPED[dialect].operations[name])


@pytest.mark.parametrize("name", FOREIGN)
def test_corruptions_of_foreign_contracts_break_their_rule(name: str, tmp_path: Path) -> None:
    """Alternatives, maps, tuples, recursion, OpenAPI 3.0."""
    beside = ("enum", "oneOf", "type", "uniqueItems", "maxProperties", "additionalProperties")
    check_operation(load_data(FOREIGN[name], tmp_path).operations["getX"], beside)


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTED.operations)
def test_corruptions_can_be_applied_to_any_response(name: str) -> None:
    """A response with another status gets one of the corruption."""
    operation = DOCUMENTED.operations[name]
    base = sample_response(operation, seed=3)
    for corruption in corruptions(operation):
        corrupted = corrupt(corruption, base)
        assert corrupted != base, corruption.id
        assert operation.response_spec(corrupted.status) is operation.responses[corruption.status]
        assert breaks_as_described(corruption, list_violations(operation, corrupted)), corruption.id


def test_default_catalogue_has_each_mutation() -> None:
    """No mutation is only a name."""
    seen = {
        corruption.mutation for name in DOCUMENTED.operations for corruption in corruptions(name)
    }
    assert seen == set(Mutation)


def test_ids_have_operation_status_location_and_mutation() -> None:
    """`str` returns the id, for `ids` of pytest."""
    ids = [str(corruption) for corruption in understudy.corruptions("listTaskInstances")]
    assert "listTaskInstances.200/data/contents[]/status:unknown-enum" in ids
    assert "listTaskInstances.200:truncated-json" in ids
    assert len(ids) == len(set(ids))


def test_ids_do_not_depend_on_hash_seeds() -> None:
    """Two interpreters with other seeds give the same."""
    code = "import understudy; print(*understudy.corruptions('getTaskInstance'))"
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert outputs[0].stdout == outputs[1].stdout != b""


def test_ids_do_not_depend_on_order_or_other_fields(tmp_path: Path) -> None:
    """An additional field, before the others, changes no other id."""
    first = object_of(a={"type": "integer"}, b={"type": "string"})
    second = object_of(c={"type": "boolean"}, b={"type": "string"}, a={"type": "integer"})
    before = {
        str(corruption)
        for corruption in corruptions(load_data(build_document(first), tmp_path).operations["getX"])
    }
    after = {
        str(corruption)
        for corruption in corruptions(
            load_data(build_document(second), tmp_path).operations["getX"]
        )
    }
    assert before < after


def test_recursive_schema_is_entered_once(tmp_path: Path) -> None:
    """Each way down ends where a reference occurs again."""
    pointers = {
        corruption.pointer
        for corruption in corruptions(load_data(FOREIGN["recursive"], tmp_path).operations["getX"])
    }
    assert {"/name", "/parent", "/children[]"} <= pointers
    assert not any(pointer.startswith("/parent/") for pointer in pointers)


def load_contract_of(schema: object, folder: Path) -> Contract:
    """Load a contract whose operation answers by a schema."""
    return load_data(build_document(schema), folder)


def corrupt_body(contract: Contract, id: str, response: Response) -> object:
    """Return the body of a corrupted response."""
    return corrupt(find_corruption(id, contract), response).json()


def test_other_values_do_not_change(tmp_path: Path) -> None:
    """Only the value at the location changes."""
    contract = load_contract_of(object_of(a={"type": "integer"}, b={"type": "string"}), tmp_path)
    assert corrupt_body(
        contract, "getX.200/a:number-as-string", make_response({"a": 7, "b": "kept"})
    ) == {
        "a": "7",
        "b": "kept",
    }


def test_missing_values_are_added(tmp_path: Path) -> None:
    """An empty list gets an item, so that the item can be wrong."""
    contract = load_contract_of(
        object_of(a={"type": "array", "items": object_of(n={"type": "boolean"})}), tmp_path
    )
    assert corrupt_body(contract, "getX.200/a[]/n:null", make_response({"a": []})) == {
        "a": [{"n": None}]
    }


def test_seed_selects_the_item(tmp_path: Path) -> None:
    """The same seed gives the same bytes."""
    contract = load_contract_of({"type": "array", "items": {"type": "integer"}}, tmp_path)
    corruption, base = find_corruption("getX.200[]:null", contract), make_response([1, 2, 3])
    assert [corrupt(corruption, base, seed=seed).json() for seed in (0, 1, 4)] == [
        [None, 2, 3],
        [1, None, 3],
        [1, None, 3],
    ]


def test_renamed_field_has_the_name_of_the_other_dialect() -> None:
    """In each of the two dialects."""
    path = "getTaskInstance.200/data/subtasks[]"
    for contract, own, foreign_name in (
        (DOCUMENTED, "paralleIdx", "parallelIdx"),
        (OBSERVED, "parallelIdx", "paralleIdx"),
    ):
        corruption = find_corruption(f"{path}/{own}:renamed", contract)
        body = corrupt(corruption, sample_response(contract.operations["getTaskInstance"])).json()
        subtask = body["data"]["subtasks"][0]
        assert foreign_name in subtask
        assert own not in subtask


def test_content_length_is_that_of_the_new_body(tmp_path: Path) -> None:
    """A wrong length would be a second fault."""
    contract = load_contract_of({"type": "array", "items": {"type": "integer"}}, tmp_path)
    base = make_response([100], headers={"Content-Length": "5"})
    corrupted = corrupt(find_corruption("getX.200[]:null", contract), base)
    assert (corrupted.body, corrupted.headers.get("Content-Length")) == (b"[null]", "6")


def test_body_that_is_not_json_cannot_be_corrupted(tmp_path: Path) -> None:
    """Where the mutation is inside of the body."""
    contract = load_contract_of({"type": "array", "items": {"type": "integer"}}, tmp_path)
    with pytest.raises(ValueError, match=r"cannot apply .*: the body of the response is not JSON"):
        corrupt(find_corruption("getX.200[]:null", contract), make_response(b"[1,"))


@pytest.mark.parametrize(
    ("id", "nearest"),
    [
        ("listTaskInstance.200:null", "listTaskInstances"),
        (
            "listTaskInstances.200/data/contents[]/status:unknown-enums",
            "listTaskInstances.200/data/contents[]/status:unknown-enum",
        ),
        (
            "listTaskInstances.200/data/contents[]/statu:unknown-enum",
            "listTaskInstances.200/data/contents[]/status:unknown-enum",
        ),
    ],
)
def test_unknown_id_is_reported_with_the_nearest(id: str, nearest: str) -> None:
    """By operation, by mutation, by location."""
    [problem] = collect_problems(lambda: find_corruption(id, DOCUMENTED))
    assert (problem.slug, problem.nearest) == ("no-such-corruption", nearest)


def test_unknown_operation_is_reported_with_the_nearest() -> None:
    """As in every other input."""
    [problem] = collect_problems(lambda: corruptions("getTaskInstanc"))
    assert (problem.slug, problem.nearest) == ("no-such-operation", "getTaskInstance")


def test_undocumented_status_is_an_error() -> None:
    """With the documented ones."""
    [problem] = collect_problems(
        lambda: sample_response(DOCUMENTED.operations["getTaskInstance"], 418)
    )
    assert problem.slug == "no-such-status"
    assert problem.expected.startswith("one of 200")

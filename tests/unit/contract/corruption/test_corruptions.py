"""The corruption catalogue: what there is, what its names are, and that each breaks what it says it breaks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import understudy
from contract_builders import answer, loaded, refusal
from corruption_contracts import FOREIGN, answering, fields
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


def found(operation: Operation, response: Response) -> list[tuple[str, str]]:
    """Give rule and place of each violation."""
    return [(one.rule, one.place) for one in operation.validate_response(response)]


def is_at(one: Corruption, place: str) -> bool:
    """Whether a violation's place is that of a corruption: any item, any free name, any alternative."""
    steps = {"[": r"/\d+", "{": "/[^/]+", "(": ""}
    pattern = re.sub(r"\[\d*\]|\{[^}]*\}|\([^)]*\)", lambda step: steps[step[0][0]], one.place)
    return re.fullmatch(pattern or "body", place) is not None


def is_as_told(
    one: Corruption, violations: list[tuple[str, str]], beside: tuple[str, ...] = ("enum",)
) -> bool:
    """Whether exactly what a corruption says is broken.

    The documented exceptions, all at the same place: an emptied object lacks each of its required fields, and a value
    that breaks one keyword may break others beside it: what is no text is none of the texts of an enum either.
    """
    rules = [rule for rule, _ in violations]
    if not one.breaks or one.rule not in rules:
        return not one.breaks and not rules
    rules.remove(one.rule)
    allowed = (*beside, "required") if one.mutation is Mutation.EMPTY else beside
    return set(rules) <= set(allowed) and all(is_at(one, place) for _, place in violations)


def check(operation: Operation, beside: tuple[str, ...] = ("enum",)) -> None:
    """Apply each corruption of an operation to a sample."""
    bases = {status: sample_response(operation, status) for status in operation.responses}
    assert [found(operation, base) for base in bases.values()] == [[]] * len(bases)
    for one in corruptions(operation):
        base = bases[one.status]
        assert is_as_told(one, found(operation, corrupt(one, base)), beside), one.id


@pytest.mark.parametrize(("dialect", "name"), NAMED)
def test_each_corruption_of_the_shipped_contract_breaks_what_it_says(
    dialect: str, name: str
) -> None:
    """In both dialects: the rule at the place, nothing else; and nothing at all where it says so."""
    check(SHIPPED[dialect].operations[name])


@pytest.mark.parametrize("name", FOREIGN)
def test_each_corruption_of_other_contracts_breaks_what_it_says(name: str, tmp_path: Path) -> None:
    """Alternatives, maps, tuples, recursion, OpenAPI 3.0."""
    beside = ("enum", "oneOf", "type", "uniqueItems", "maxProperties", "additionalProperties")
    check(loaded(FOREIGN[name], tmp_path).operations["getX"], beside)


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTED.operations)
def test_each_corruption_fits_each_successful_response(name: str) -> None:
    """Also an answer that lacks the place: whatever its status, it gets one of the corruption's."""
    operation = DOCUMENTED.operations[name]
    base = sample_response(operation, seed=3)
    for one in corruptions(operation):
        made = corrupt(one, base)
        assert made != base, one.id
        assert operation.response_spec(made.status) is operation.responses[one.status]
        assert is_as_told(one, found(operation, made)), one.id


def test_each_mutation_is_in_the_shipped_catalogue() -> None:
    """None is only a name."""
    seen = {one.mutation for name in DOCUMENTED.operations for one in corruptions(name)}
    assert seen == set(Mutation)


def test_the_ids_are_those_of_the_documents() -> None:
    """Operation, status, place and mutation; `str` gives the id, for pytest's `ids`."""
    ids = [str(one) for one in understudy.corruptions("listTaskInstances")]
    assert "listTaskInstances.200/data/contents[]/status:unknown-enum" in ids
    assert "listTaskInstances.200:truncated-json" in ids
    assert len(ids) == len(set(ids))


def test_ids_do_not_depend_on_hash_seeds() -> None:
    """Two interpreters with other seeds give the same."""
    code = "import understudy; print(*understudy.corruptions('getTaskInstance'))"
    outs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert outs[0].stdout == outs[1].stdout != b""


def test_ids_do_not_depend_on_the_order_or_on_other_fields(tmp_path: Path) -> None:
    """A field more, told first, changes no other id."""
    first = fields(a={"type": "integer"}, b={"type": "string"})
    second = fields(c={"type": "boolean"}, b={"type": "string"}, a={"type": "integer"})
    before = {
        str(one) for one in corruptions(loaded(answering(first), tmp_path).operations["getX"])
    }
    after = {
        str(one) for one in corruptions(loaded(answering(second), tmp_path).operations["getX"])
    }
    assert before < after


def test_a_schema_in_itself_is_entered_once(tmp_path: Path) -> None:
    """Each way down ends where a reference is met again."""
    pointers = {
        one.pointer
        for one in corruptions(loaded(FOREIGN["recursive"], tmp_path).operations["getX"])
    }
    assert {"/name", "/parent", "/children[]"} <= pointers
    assert not any(pointer.startswith("/parent/") for pointer in pointers)


def contract_of(schema: object, folder: Path) -> Contract:
    return loaded(answering(schema), folder)


def broken(contract: Contract, id: str, response: Response) -> object:
    """Give the body of a corrupted response."""
    return corrupt(find_corruption(id, contract), response).json()


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    """Only the place changes."""
    contract = contract_of(fields(a={"type": "integer"}, b={"type": "string"}), tmp_path)
    assert broken(contract, "getX.200/a:number-as-string", answer({"a": 7, "b": "kept"})) == {
        "a": "7",
        "b": "kept",
    }


def test_what_is_not_there_is_put_there(tmp_path: Path) -> None:
    """An empty list gets an item, so that the item can be wrong."""
    contract = contract_of(
        fields(a={"type": "array", "items": fields(n={"type": "boolean"})}), tmp_path
    )
    assert broken(contract, "getX.200/a[]/n:null", answer({"a": []})) == {"a": [{"n": None}]}


def test_the_seed_chooses_the_item(tmp_path: Path) -> None:
    """The same seed gives the same bytes."""
    contract = contract_of({"type": "array", "items": {"type": "integer"}}, tmp_path)
    one, base = find_corruption("getX.200[]:null", contract), answer([1, 2, 3])
    assert [corrupt(one, base, seed=seed).json() for seed in (0, 1, 4)] == [
        [None, 2, 3],
        [1, None, 3],
        [1, None, 3],
    ]


def test_a_renamed_field_has_its_name_of_the_other_dialect() -> None:
    """In each dialect that of the other."""
    path = "getTaskInstance.200/data/subtasks[]"
    for contract, own, other in (
        (DOCUMENTED, "paralleIdx", "parallelIdx"),
        (OBSERVED, "parallelIdx", "paralleIdx"),
    ):
        one = find_corruption(f"{path}/{own}:renamed", contract)
        body = corrupt(one, sample_response(contract.operations["getTaskInstance"])).json()
        subtask = body["data"]["subtasks"][0]
        assert other in subtask
        assert own not in subtask


def test_the_length_told_is_that_of_the_new_body(tmp_path: Path) -> None:
    """Else the client would meet another fault than the one that was asked for."""
    contract = contract_of({"type": "array", "items": {"type": "integer"}}, tmp_path)
    base = answer([100], headers={"Content-Length": "5"})
    made = corrupt(find_corruption("getX.200[]:null", contract), base)
    assert (made.body, made.headers.get("Content-Length")) == (b"[null]", "6")


def test_a_body_that_is_not_json_cannot_be_corrupted_inside(tmp_path: Path) -> None:
    """A ValueError says so."""
    contract = contract_of({"type": "array", "items": {"type": "integer"}}, tmp_path)
    with pytest.raises(ValueError, match=r"cannot apply .*: the body of the response is not JSON"):
        corrupt(find_corruption("getX.200[]:null", contract), answer(b"[1,"))


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
def test_a_wrong_id_names_the_nearest(id: str, nearest: str) -> None:
    """By operation, by mutation, by place."""
    [problem] = refusal(lambda: find_corruption(id, DOCUMENTED))
    assert (problem.slug, problem.nearest) == ("no-such-corruption", nearest)


def test_a_wrong_operation_names_the_nearest() -> None:
    """As everywhere."""
    [problem] = refusal(lambda: corruptions("getTaskInstanc"))
    assert (problem.slug, problem.nearest) == ("no-such-operation", "getTaskInstance")


def test_a_status_that_is_not_documented_is_refused() -> None:
    """What is documented is told."""
    [problem] = refusal(lambda: sample_response(DOCUMENTED.operations["getTaskInstance"], 418))
    assert problem.slug == "no-such-status"
    assert problem.expected.startswith("one of 200")

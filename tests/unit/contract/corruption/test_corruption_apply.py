"""Corruptions: their ids, how they are found, and their effect on one response."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import understudy
from contract_builders import (
    collect_problems,
    load_data,
    load_operation,
    make_document,
    make_response,
    places_and_rules,
)
from corruption_builders import SCHEMAS, document_response, load_foreign
from understudy.contract import (
    Contract,
    corrupt,
    corruptions,
    find_corruption,
    load_contract,
    sample_response,
)
from understudy.messages import Delivery, Headers, JsonError, Response

PAGE = "listTaskInstances.200"


@pytest.fixture(scope="module")
def default_contract() -> Contract:
    """The contract that ships."""
    return load_contract()


def documented_page(contract: Contract) -> Any:
    """Return the documented page."""
    return next(iter(contract.operations["listTaskInstances"].responses["200"].examples.values()))


def list_ids(contract: Contract, *operations: str) -> list[str]:
    """Return the ids of operations, by default of all."""
    return [
        corruption.id
        for name in operations or contract.operations
        for corruption in corruptions(name, contract=contract)
    ]


def test_ids_are_unique(default_contract: Contract) -> None:
    """They have the operation, the status, the location and the mutation."""
    ids = list_ids(default_contract)
    assert len(ids) == len(set(ids)) > 4000
    assert {
        f"{PAGE}/data/contents[]/status:unknown-enum",
        f"{PAGE}/data/contents:duplicate-item",
        f"{PAGE}/data/page/size:number-as-string",
        f"{PAGE}:truncated-json",
        f"{PAGE}/status:wrong-envelope-status",
        "getTaskInstance.404/error/code:off-by-one-high",
        "skipSubtask.200/timestamp:bad-format",
    } <= set(ids)


def test_corruption_describes_itself(default_contract: Contract) -> None:
    """It has all that a report of a failed test needs."""
    corruption = find_corruption(f"{PAGE}/data/contents[]/creator:missing")
    assert (corruption.operation, corruption.status, corruption.pointer) == (
        "listTaskInstances",
        "200",
        "/data/contents[]/creator",
    )
    assert (corruption.mutation, corruption.breaks, corruption.rule, corruption.place) == (
        "missing",
        True,
        "required",
        "/data/contents[]",
    )
    assert corruption.description == "/data/contents[]/creator: the field is missing"
    assert str(corruption) == corruption.id
    assert "Target" not in repr(corruption)


def test_package_lists_corruptions(default_contract: Contract) -> None:
    """`understudy.corruptions`, by operationId or with the operation itself."""
    catalogue = understudy.corruptions("skipSubtask")
    assert [corruption.id for corruption in catalogue] == list_ids(default_contract, "skipSubtask")
    assert corruptions(default_contract.operations["skipSubtask"])[0].id == catalogue[0].id


def test_renamed_fields_have_the_name_of_the_other_dialect(
    root: Path, default_contract: Contract
) -> None:
    """What one dialect renames, the other one renames back."""
    observed = load_contract(overlays=[root / "docs/api/overlays/observed.yaml"])
    pairs = []
    for contract in (default_contract, observed):
        renamed = [
            corruption
            for corruption in corruptions("getTaskInstance", contract=contract)
            if corruption.mutation == "renamed"
        ]
        corrupted = [
            corrupt(corruption, sample_response(contract.operations["getTaskInstance"])).json()
            for corruption in renamed
        ]
        subtasks = [
            body["data"]["subtasks"][0].keys() | body["data"]["tenant"].keys() for body in corrupted
        ]
        known = sample_response(contract.operations["getTaskInstance"]).json()["data"]
        names = known["subtasks"][0].keys() | known["tenant"].keys()
        pairs.append({(*(names - renames), *(renames - names)) for renames in subtasks})
    assert pairs[0] == {
        ("paralleIdx", "parallelIdx"),
        ("downstream", "downstreams"),
        ("obClusterId", "obTenantId"),
    }
    assert pairs[1] == {(new, old) for old, new in pairs[0]}


def reverse_order(value: Any) -> Any:
    """Return a value with the members of every object reversed."""
    if isinstance(value, dict):
        return {name: reverse_order(part) for name, part in reversed(value.items())}
    return [reverse_order(part) for part in value] if isinstance(value, list) else value


def test_ids_depend_on_the_schema_only(tmp_path: Path) -> None:
    """Not on the order of fields, schemas and alternatives, nor on other operations."""
    plain = load_foreign(tmp_path)
    reordered = {
        name: {**part, "oneOf": part["oneOf"][::-1]} if "oneOf" in part else part
        for name, part in SCHEMAS.items()
    }
    assert set(list_ids(plain)) == set(
        list_ids(load_foreign(tmp_path, schemas=reverse_order(reordered)))
    )
    fewer = {name: part for name, part in SCHEMAS.items() if name in ("Pet", "Cat", "Dog")}
    assert list_ids(load_foreign(tmp_path, schemas=fewer), "getPet") == list_ids(plain, "getPet")


PROGRAM = """
from hashlib import sha256
from understudy.contract import corrupt, corruptions, load_contract, sample_response
operation = load_contract().operations["listTaskInstances"]
known = {status: sample_response(operation, status) for status in operation.responses}
for one in corruptions(operation):
    print(one.id, one.rule, one.place, sha256(corrupt(one, known[one.status]).body).hexdigest())
"""


def test_catalogue_does_not_depend_on_hash_seeds() -> None:
    """Ids, order, rules and bytes are those of every other process."""
    outputs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") > 500


def test_recursive_structures_are_entered_once(tmp_path: Path) -> None:
    """On each way down."""
    places = {
        corruption.pointer for corruption in corruptions("getNode", contract=load_foreign(tmp_path))
    }
    assert places == {"", "/id", "/left", "/more", "/more[]"}


@pytest.mark.slow
def test_number_of_locations_has_a_bound(tmp_path: Path) -> None:
    """The outermost locations are listed."""
    deep = {
        f"W{n}": {
            "properties": {f"p{i}": {"$ref": f"#/components/schemas/W{n + 1}"} for i in range(10)}
        }
        for n in range(9)
    }
    contract = load_foreign(tmp_path, schemas={**deep, "W9": {"type": "string"}})
    catalogue = corruptions("getW0", contract=contract)
    assert len({corruption.pointer for corruption in catalogue}) == 5000


@pytest.mark.parametrize(
    ("id", "message"),
    [
        (
            f"{PAGE}/data/contents[]/status:unknown-enmu",
            f'Did you mean "{PAGE}/data/contents[]/status:unknown-enum"?',
        ),
        (
            f"{PAGE}/data/contents[]/statsu:unknown-enum",
            f'Did you mean "{PAGE}/data/contents[]/status:unknown-enum"?',
        ),
        (f"{PAGE}/data/page/size", f'Did you mean "{PAGE}/data/page/size:'),
        (
            "listTaskInstance.200:null",
            "its id starts with no operation of the contract. Expected the operationId, a dot, ",
        ),
        ("listTaskInstance.200:null", 'Did you mean "listTaskInstances"?'),
        ("", 'unknown corruption ""'),
    ],
)
def test_unknown_id_is_reported(default_contract: Contract, id: str, message: str) -> None:
    """With the nearest one."""
    [problem] = collect_problems(lambda: find_corruption(id, default_contract))
    assert problem.slug == "no-such-corruption"
    assert message in str(problem)


def test_every_id_can_be_found(tmp_path: Path) -> None:
    """Also of operations without an operationId, and of odd names."""
    contract = load_foreign(tmp_path)
    assert [find_corruption(known, contract).id for known in list_ids(contract)] == list_ids(
        contract
    )


def apply_corruption(contract: Contract, id: str, response: Response, seed: int = 0) -> Response:
    """Apply the corruption with an id."""
    return corrupt(find_corruption(id, contract), response, seed=seed)


def test_only_the_location_changes(default_contract: Contract) -> None:
    """The rest stays, and the response of the caller does not change."""
    response = make_response(documented_page(default_contract))
    before = response.body
    body = apply_corruption(
        default_contract, f"{PAGE}/data/contents[]/status:unknown-enum", response
    ).json()
    assert body["data"]["contents"][0].pop("status") == "UNKNOWN"
    body["data"]["contents"][0]["status"] = "FAILED"
    assert (body, response.body) == (documented_page(default_contract), before)


def test_response_with_another_status_is_replaced(default_contract: Contract) -> None:
    """By a sample of the status of the corruption; other header fields stay."""
    response = make_response(documented_page(default_contract), headers={"X-Trace": "1"})
    corrupted = apply_corruption(default_contract, "getTaskInstance.404/error/code:null", response)
    assert (
        corrupted.status,
        corrupted.headers.get("X-Trace"),
        corrupted.json()["error"]["code"],
    ) == (
        404,
        "1",
        None,
    )
    assert corrupted.json()["status"] == 404
    assert places_and_rules(
        default_contract.operations["getTaskInstance"].validate_response(corrupted)
    ) == [("/error/code", "type")]


def test_header_fields_agree_with_the_body(default_contract: Contract) -> None:
    """Content-Length is that of the new body; the delivery stays."""
    response = make_response(documented_page(default_contract), headers={"content-length": "7"})
    later = Response(
        response.status, response.headers, response.body, Delivery(timedelta(seconds=1))
    )
    corrupted = apply_corruption(default_contract, f"{PAGE}/data:missing", later)
    assert corrupted.headers.get("Content-Length") == str(len(corrupted.body))
    assert corrupted.delivery == later.delivery


def test_truncated_json_is_not_json(default_contract: Contract) -> None:
    """It is the first half."""
    corrupted = apply_corruption(
        default_contract, f"{PAGE}:truncated-json", make_response(documented_page(default_contract))
    )
    assert make_response(documented_page(default_contract)).body.startswith(corrupted.body)
    with pytest.raises(JsonError):
        corrupted.json()


def test_truncated_number_is_not_json(tmp_path: Path) -> None:
    """A beginning that is still JSON is cut further."""
    corrupted = apply_corruption(
        load_foreign(tmp_path), "GET /many.default:truncated-json", make_response(1234, status=500)
    )
    assert (corrupted.status, corrupted.body) == (500, b"")


@pytest.mark.parametrize(
    ("documented", "sent"),
    [
        ("application/json", "text/html"),
        ("text/html", "application/octet-stream"),
        ("text/*", "application/octet-stream"),
        ("*/*", "text/html"),
    ],
)
def test_wrong_content_type_is_not_documented(tmp_path: Path, documented: str, sent: str) -> None:
    """Where there is such a type."""
    operation = load_operation(tmp_path, responses={"200": document_response({}, documented)})
    [corruption] = [
        corruption
        for corruption in corruptions(operation)
        if corruption.mutation == "wrong-content-type"
    ]
    corrupted = corrupt(corruption, Response(200, Headers(), b"{}"))
    assert corrupted.headers.get("Content-Type") == sent
    assert (
        corruption.breaks is bool(operation.validate_response(corrupted)) is (documented != "*/*")
    )


def test_envelope_has_another_status(default_contract: Contract) -> None:
    """No schema can forbid that."""
    statuses = [
        apply_corruption(
            default_contract, f"{start}/status:wrong-envelope-status", response
        ).json()["status"]
        for start, response in (
            (PAGE, make_response(documented_page(default_contract))),
            (
                "getTaskInstance.404",
                sample_response(default_contract.operations["getTaskInstance"], 404),
            ),
        )
    ]
    assert statuses == [500, 200]
    assert find_corruption(f"{PAGE}/status:wrong-envelope-status").breaks is False


def test_response_that_cannot_change_is_an_error(tmp_path: Path) -> None:
    """For example when it has both names of a renamed field."""
    operation = load_foreign(tmp_path).operations["getClosed"]
    [corruption] = [
        corruption for corruption in corruptions(operation) if corruption.mutation == "renamed"
    ]
    with pytest.raises(ValueError, match="no value of the response can change so"):
        corrupt(corruption, make_response({"old_name": "a", "oldName": "b"}))


@pytest.mark.parametrize(
    ("id", "body", "expected"),
    [
        (
            "getPet.200(Cat)/lives:off-by-one-high",
            {"kind": "dog", "name": "Rex"},
            {"kind": "cat", "lives": 10},
        ),
        ("getNode.200/left:wrong-type", {"id": 1}, {"id": 1, "left": []}),
        ("getBounds.200/map{}:null", {"map": {"k": 3}}, {"map": {"k": None}}),
        ("getOdd.200/pair[1]:null", {"pair": [7]}, {"pair": [7, None]}),
        ("getBounds.200/list[]:null", {"list": []}, {"list": [None]}),
        ("getOdd.200/by{%5Ex-}:wrong-type", {"by": {"y": 1}}, {"by": {"y": 1, "x-": "true"}}),
        ("getOdd.200/a%2Fb%3Ac%20%5Bd%5D:empty", {"a/b:c [d]": None}, {"a/b:c [d]": ""}),
    ],
)
def test_missing_values_are_added_first(tmp_path: Path, id: str, body: Any, expected: Any) -> None:
    """Another alternative, an item, a member, a head: from samples."""
    contract = load_foreign(tmp_path)
    corrupted = apply_corruption(contract, id, make_response(body)).json()
    assert corrupted == expected


@pytest.mark.parametrize(
    ("status", "number", "body"), [(None, 200, list), ("201", 201, None), (404, 404, dict), ("4XX", 400, dict),
                                   ("default", 500, int), (502, 502, int), ("202", 202, None)],
)  # fmt: skip
def test_responses_can_be_sampled(tmp_path: Path, status: Any, number: int, body: Any) -> None:
    """By number, class, `default`, or lowest success; a body only where the contract has JSON."""
    operation = load_foreign(tmp_path).operations["GET /many"]
    response = sample_response(operation, status, seed=3)
    assert (response.status, type(response.json()) if response.body else None) == (number, body)
    assert operation.validate_response(response) == ()
    assert response == sample_response(operation, status, seed=3)


def test_sample_of_an_undocumented_status_is_an_error(default_contract: Contract) -> None:
    """With the documented ones."""
    [problem] = collect_problems(
        lambda: sample_response(default_contract.operations["skipSubtask"], 418)
    )
    assert str(problem) == (
        'skipSubtask documents no response with the status "418". Expected one of 200, 400, 401, 403, 429, 500, 404.'
    )


def test_operation_without_responses_has_no_corruptions(tmp_path: Path) -> None:
    """There is no body to corrupt."""
    operation = load_operation(tmp_path, responses={})
    assert corruptions(operation) == ()


def test_contracts_have_catalogues_of_their_own(tmp_path: Path) -> None:
    """Whatever the names of their operations."""
    id_lists = []
    for kind in ("integer", "string"):
        contract = load_data(
            make_document({"responses": {"200": document_response({"type": kind})}}), tmp_path
        )
        id_lists.append(list_ids(contract))
    assert ["getX.200:number-as-string" in ids for ids in id_lists] == [True, False]

"""Ids, finding, and what one corruption does to one answer."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import understudy
from contract_builders import answer, document, loaded, one_operation, refusal, told
from corruption_builders import SCHEMAS, answers, foreign
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
def shipped() -> Contract:
    """The contract that ships."""
    return load_contract()


def page(contract: Contract) -> Any:
    """Give the documented page."""
    return next(iter(contract.operations["listTaskInstances"].responses["200"].examples.values()))


def ids(contract: Contract, *operations: str) -> list[str]:
    return [
        one.id
        for name in operations or contract.operations
        for one in corruptions(name, contract=contract)
    ]


def test_ids_tell_where_and_what(shipped: Contract) -> None:
    """The operation, the status, the place, the mutation; each id once."""
    found = ids(shipped)
    assert len(found) == len(set(found)) > 4000
    assert {
        f"{PAGE}/data/contents[]/status:unknown-enum",
        f"{PAGE}/data/contents:duplicate-item",
        f"{PAGE}/data/page/size:number-as-string",
        f"{PAGE}:truncated-json",
        f"{PAGE}/status:wrong-envelope-status",
        "getTaskInstance.404/error/code:off-by-one-high",
        "skipSubtask.200/timestamp:bad-format",
    } <= set(found)


def test_a_corruption_tells_about_itself(shipped: Contract) -> None:
    """All that a report of a failed test needs."""
    one = find_corruption(f"{PAGE}/data/contents[]/creator:missing")
    assert (one.operation, one.status, one.pointer) == (
        "listTaskInstances",
        "200",
        "/data/contents[]/creator",
    )
    assert (one.mutation, one.breaks, one.rule, one.place) == (
        "missing",
        True,
        "required",
        "/data/contents[]",
    )
    assert one.description == "/data/contents[]/creator: the field is missing"
    assert str(one) == one.id
    assert "Target" not in repr(one)


def test_the_package_gives_them(shipped: Contract) -> None:
    """`understudy.corruptions`, with the shipped contract, or with the operation itself."""
    found = understudy.corruptions("skipSubtask")
    assert [one.id for one in found] == ids(shipped, "skipSubtask")
    assert corruptions(shipped.operations["skipSubtask"])[0].id == found[0].id


def test_names_of_the_other_dialect(root: Path, shipped: Contract) -> None:
    """What one dialect renames, the other one renames back."""
    observed = load_contract(overlays=[root / "docs/api/overlays/observed.yaml"])
    pairs = []
    for contract in (shipped, observed):
        renamed = [
            one
            for one in corruptions("getTaskInstance", contract=contract)
            if one.mutation == "renamed"
        ]
        made = [
            corrupt(one, sample_response(contract.operations["getTaskInstance"])).json()
            for one in renamed
        ]
        subtasks = [
            body["data"]["subtasks"][0].keys() | body["data"]["tenant"].keys() for body in made
        ]
        known = sample_response(contract.operations["getTaskInstance"]).json()["data"]
        names = known["subtasks"][0].keys() | known["tenant"].keys()
        pairs.append({(*(names - found), *(found - names)) for found in subtasks})
    assert pairs[0] == {
        ("paralleIdx", "parallelIdx"),
        ("downstream", "downstreams"),
        ("obClusterId", "obTenantId"),
    }
    assert pairs[1] == {(new, old) for old, new in pairs[0]}


def reordered(value: Any) -> Any:
    """Turn every object's order round."""
    if isinstance(value, dict):
        return {name: reordered(part) for name, part in reversed(value.items())}
    return [reordered(part) for part in value] if isinstance(value, list) else value


def test_ids_depend_on_nothing_else(tmp_path: Path) -> None:
    """Not on the order of fields, schemas and alternatives, nor on what else the contract has."""
    plain = foreign(tmp_path)
    turned = {
        name: {**part, "oneOf": part["oneOf"][::-1]} if "oneOf" in part else part
        for name, part in SCHEMAS.items()
    }
    assert set(ids(plain)) == set(ids(foreign(tmp_path, schemas=reordered(turned))))
    fewer = {name: part for name, part in SCHEMAS.items() if name in ("Pet", "Cat", "Dog")}
    assert ids(foreign(tmp_path, schemas=fewer), "getPet") == ids(plain, "getPet")


PROGRAM = """
from hashlib import sha256
from understudy.contract import corrupt, corruptions, load_contract, sample_response
operation = load_contract().operations["listTaskInstances"]
known = {status: sample_response(operation, status) for status in operation.responses}
for one in corruptions(operation):
    print(one.id, one.rule, one.place, sha256(corrupt(one, known[one.status]).body).hexdigest())
"""


def test_no_hash_seed_changes_anything() -> None:
    """Ids, order, rules and bytes are those of every other process."""
    found = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1]
    assert found[0].count(b"\n") > 500


def test_structures_that_contain_themselves_are_entered_once(tmp_path: Path) -> None:
    """On each way."""
    places = {one.pointer for one in corruptions("getNode", contract=foreign(tmp_path))}
    assert places == {"", "/id", "/left", "/more", "/more[]"}


def test_structures_with_millions_of_places_have_a_bound(tmp_path: Path) -> None:
    """The outermost places are told."""
    deep = {
        f"W{n}": {
            "properties": {f"p{i}": {"$ref": f"#/components/schemas/W{n + 1}"} for i in range(10)}
        }
        for n in range(9)
    }
    contract = foreign(tmp_path, schemas={**deep, "W9": {"type": "string"}})
    found = corruptions("getW0", contract=contract)
    assert len({one.pointer for one in found}) == 5000


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
def test_an_id_that_nothing_has(shipped: Contract, id: str, message: str) -> None:
    """The nearest one is named."""
    [problem] = refusal(lambda: find_corruption(id, shipped))
    assert problem.slug == "no-such-corruption"
    assert message in str(problem)


def test_every_id_is_found_again(tmp_path: Path) -> None:
    """Also those of operations without an operationId, and of odd names."""
    contract = foreign(tmp_path)
    assert [find_corruption(known, contract).id for known in ids(contract)] == ids(contract)


def changed(contract: Contract, id: str, response: Response, seed: int = 0) -> Response:
    return corrupt(find_corruption(id, contract), response, seed=seed)


def test_only_the_place_changes(shipped: Contract) -> None:
    """The rest of the answer is what it was, and the answer that was given is left alone."""
    response = answer(page(shipped))
    before = response.body
    body = changed(shipped, f"{PAGE}/data/contents[]/status:unknown-enum", response).json()
    assert body["data"]["contents"][0].pop("status") == "UNKNOWN"
    body["data"]["contents"][0]["status"] = "FAILED"
    assert (body, response.body) == (page(shipped), before)


def test_an_answer_with_another_status_is_replaced(shipped: Contract) -> None:
    """By a sample of the status that the corruption is about; what else was sent is kept."""
    given = answer(page(shipped), headers={"X-Trace": "1"})
    made = changed(shipped, "getTaskInstance.404/error/code:null", given)
    assert (made.status, made.headers.get("X-Trace"), made.json()["error"]["code"]) == (
        404,
        "1",
        None,
    )
    assert made.json()["status"] == 404
    assert told(shipped.operations["getTaskInstance"].validate_response(made)) == [
        ("/error/code", "type")
    ]


def test_header_fields_agree_with_the_body(shipped: Contract) -> None:
    """Content-Length is that of the new body; how the answer is delivered stays."""
    given = answer(page(shipped), headers={"content-length": "7"})
    later = Response(given.status, given.headers, given.body, Delivery(timedelta(seconds=1)))
    made = changed(shipped, f"{PAGE}/data:missing", later)
    assert made.headers.get("Content-Length") == str(len(made.body))
    assert made.delivery == later.delivery


def test_truncated_json_is_not_json(shipped: Contract) -> None:
    """Half of it is there."""
    made = changed(shipped, f"{PAGE}:truncated-json", answer(page(shipped)))
    assert answer(page(shipped)).body.startswith(made.body)
    with pytest.raises(JsonError):
        made.json()


def test_truncated_json_of_a_number(tmp_path: Path) -> None:
    """What still is JSON is cut further."""
    made = changed(foreign(tmp_path), "GET /many.default:truncated-json", answer(1234, status=500))
    assert (made.status, made.body) == (500, b"")


@pytest.mark.parametrize(
    ("documented", "sent"),
    [
        ("application/json", "text/html"),
        ("text/html", "application/octet-stream"),
        ("text/*", "application/octet-stream"),
        ("*/*", "text/html"),
    ],
)
def test_another_content_type(tmp_path: Path, documented: str, sent: str) -> None:
    """One that is not documented, where there is such a thing."""
    operation = one_operation(tmp_path, responses={"200": answers({}, documented)})
    [one] = [one for one in corruptions(operation) if one.mutation == "wrong-content-type"]
    made = corrupt(one, Response(200, Headers(), b"{}"))
    assert made.headers.get("Content-Type") == sent
    assert one.breaks is bool(operation.validate_response(made)) is (documented != "*/*")


def test_the_envelope_tells_another_status(shipped: Contract) -> None:
    """No schema can forbid that."""
    found = [
        changed(shipped, f"{start}/status:wrong-envelope-status", given).json()["status"]
        for start, given in (
            (PAGE, answer(page(shipped))),
            ("getTaskInstance.404", sample_response(shipped.operations["getTaskInstance"], 404)),
        )
    ]
    assert found == [500, 200]
    assert find_corruption(f"{PAGE}/status:wrong-envelope-status").breaks is False


def test_an_answer_in_which_nothing_can_be_changed_so(tmp_path: Path) -> None:
    """Both names are there already."""
    operation = foreign(tmp_path).operations["getClosed"]
    [one] = [one for one in corruptions(operation) if one.mutation == "renamed"]
    with pytest.raises(ValueError, match="no value of the response can change so"):
        corrupt(one, answer({"old_name": "a", "oldName": "b"}))


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
def test_what_is_missing_is_put_there_first(
    tmp_path: Path, id: str, body: Any, expected: Any
) -> None:
    """Another alternative, an item, a member, a head: out of samples."""
    contract = foreign(tmp_path)
    made = changed(contract, id, answer(body)).json()
    assert made == expected


@pytest.mark.parametrize(
    ("status", "number", "body"), [(None, 200, list), ("201", 201, None), (404, 404, dict), ("4XX", 400, dict),
                                   ("default", 500, int), (502, 502, int), ("202", 202, None)],
)  # fmt: skip
def test_samples_of_responses(tmp_path: Path, status: Any, number: int, body: Any) -> None:
    """Of a number, a class, `default`, or of the lowest success; a body only where the contract has JSON."""
    operation = foreign(tmp_path).operations["GET /many"]
    made = sample_response(operation, status, seed=3)
    assert (made.status, type(made.json()) if made.body else None) == (number, body)
    assert operation.validate_response(made) == ()
    assert made == sample_response(operation, status, seed=3)


def test_a_sample_of_a_status_that_is_not_documented(shipped: Contract) -> None:
    """The documented ones are told."""
    [problem] = refusal(lambda: sample_response(shipped.operations["skipSubtask"], 418))
    assert str(problem) == (
        'skipSubtask documents no response with the status "418". Expected one of 200, 400, 401, 403, 429, 500, 404.'
    )


def test_an_operation_that_documents_no_response(tmp_path: Path) -> None:
    """It has no samples and no corruptions."""
    operation = one_operation(tmp_path, responses={})
    assert corruptions(operation) == ()
    [problem] = refusal(lambda: sample_response(operation))
    assert problem.expected == "no status: it documents none"


def test_schemas_of_one_contract_do_not_mix_with_those_of_another(tmp_path: Path) -> None:
    """Each contract has its own catalogue, whatever its names."""
    made = []
    for kind in ("integer", "string"):
        contract = loaded(document({"responses": {"200": answers({"type": kind})}}), tmp_path)
        made.append(ids(contract))
    assert ["getX.200:number-as-string" in found for found in made] == [True, False]

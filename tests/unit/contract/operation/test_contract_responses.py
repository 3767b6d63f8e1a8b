"""What is wrong with a response, told with place, rule, value, and the line that says so."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from contract_builders import answer, loaded, one_operation, told
from understudy.contract import BACKENDS, Contract, Operation, Violation, load_contract
from understudy.messages import Response

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}
LIMIT = {
    "RateLimit-Limit": {"required": True, "schema": {"type": "integer", "minimum": 1}},
    "Content-Type": {"schema": False},
}


def ok(schema: Any = SCHEMA, media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    return {"description": "ok", "content": {media_type: {"schema": schema}}, **more}


@pytest.fixture(scope="module", params=BACKENDS)
def shipped(request: pytest.FixtureRequest) -> Contract:
    """The contract that ships, with each back end."""
    return load_contract(backend=request.param)


def example(contract: Contract, operation: str = "listTaskInstances") -> Any:

    return deepcopy(next(iter(contract.operations[operation].responses["200"].examples.values())))


def judge(
    contract: Contract, body: Any, operation: str = "listTaskInstances"
) -> tuple[Violation, ...]:
    return contract.operations[operation].validate_response(answer(body))


def test_the_documents_own_examples_are_valid(shipped: Contract) -> None:
    """Nothing is odd about the shipped contract."""
    assert shipped.warnings == ()
    assert judge(shipped, example(shipped)) == ()


def test_a_wrong_value_is_told_with_everything_that_is_known(shipped: Contract) -> None:
    """Place, rule, value, what was expected, the contract's node, the document's line."""
    body = example(shipped)
    body["data"]["contents"][0]["subtasks"][1]["status"] = "DONE"
    [violation] = judge(shipped, body)
    assert violation.place == "/data/contents/0/subtasks/1/status"
    assert (violation.rule, violation.value) == ("enum", "DONE")
    assert violation.expected.startswith('one of "PENDING", ')
    assert violation.pointer == "/components/schemas/BasicSubtaskInstance/properties/status/enum"
    assert (
        violation.source
        == shipped.document["components"]["schemas"]["BasicSubtaskInstance"]["properties"][
            "status"
        ]["x-source"]
    )


def test_missing_fields_have_the_lines_of_their_own_rows(shipped: Contract) -> None:
    """One violation for each, at the object, with the line of the field's row in the document."""
    body = example(shipped)
    del body["data"]["contents"][0]["name"], body["data"]["contents"][0]["status"], body["duration"]
    found = [(v.place, v.rule, v.value, v.expected, v.source) for v in judge(shipped, body)]
    assert found == [
        ("body", "required", None, "the field duration", "task-management.md:37"),
        ("/data/contents/0", "required", None, "the field name", "task-management.md:59"),
        ("/data/contents/0", "required", None, "the field status", "task-management.md:63"),
    ]


def test_a_violation_is_one_line(shipped: Contract) -> None:
    """Place: what was found; what was expected [rule] (contract's pointer, document's line)."""
    body = example(shipped)
    del body["traceId"]
    [violation] = judge(shipped, body)
    pointer = "/components/schemas/ListTaskInstancesResponse/required"
    assert (
        str(violation)
        == f"body: missing; expected the field traceId [required] ({pointer}, task-management.md:39)"
    )


def test_both_back_ends_tell_the_same() -> None:
    """Whatever is broken in a page."""
    found = []
    for backend in BACKENDS:
        contract = load_contract(backend=backend)
        body = example(contract)
        body["data"]["contents"] += [
            {"id": 2**64, "name": 5, "startTime": "now", "creator": None},
            "x",
            [],
        ]
        body["successful"], body["timestamp"] = 1, "2021-08-25T15:09:31"
        found.append(judge(contract, body))
    assert found[0] == found[1]
    assert len(found[0]) == 10


def test_a_status_that_is_not_documented(shipped: Contract) -> None:
    """With those that are."""
    [violation] = shipped.operations["listTaskInstances"].validate_response(answer({}, status=418))
    assert (violation.place, violation.rule, violation.value) == ("status", "status", 418)
    assert violation.expected == "one of 200, 400, 401, 403, 429, 500"
    assert (violation.source, violation.pointer[-10:]) == ("task-management.md:14", "/responses")


@pytest.mark.parametrize(
    ("status", "key"),
    [(200, "200"), (204, "2XX"), (404, "4xx"), (410, "4xx"), (503, "default"), (100, "default")],
)
def test_which_entry_documents_a_status(tmp_path: Path, status: int, key: str) -> None:
    """Its own, its class in either case, `default`."""
    responses = {name: {"description": name} for name in ("200", "2XX", "4xx", "default")}
    spec = one_operation(tmp_path, responses=responses).response_spec(status)
    assert spec is not None
    assert spec.status == key


def test_no_response_at_all(tmp_path: Path) -> None:
    """An operation that documents none expects none."""
    operation = one_operation(tmp_path, responses={})
    [violation] = operation.validate_response(answer({}))
    assert (violation.rule, violation.expected, operation.response_schema(200)) == (
        "status",
        "no response at all",
        None,
    )


@pytest.mark.parametrize(
    ("documented", "sent", "rules"),
    [
        ("application/json", "application/json", []),
        ("application/json", "Application/JSON ; charset=utf-8", []),
        ("application/json", "text/html", [("header.Content-Type", "content-type")]),
        ("application/json", "", [("header.Content-Type", "content-type")]),
        ("application/*", "application/json", []),
        ("*/*", "text/html", []),
        ("application/problem+json", "application/problem+json", [("body", "required")]),
        ("text/plain", "text/plain", []),
    ],
)  # fmt: skip
def test_media_types(
    tmp_path: Path, documented: str, sent: str, rules: list[tuple[str, str]]
) -> None:
    """Parameters and case do not count, ranges do; a body of JSON is judged, another is not."""
    operation = one_operation(tmp_path, responses={"200": ok(media_type=documented)})
    body = {} if documented == "application/problem+json" else {"id": 1}
    assert told(operation.validate_response(answer(body, content_type=sent))) == rules


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "JSON (Expecting value, line 1, column 1)"),
        (b'{"id":\n 1,}', "JSON (Illegal trailing comma before end of object, line 2, column 3)"),
        (b'{"id": NaN}', "JSON (NaN is not JSON, line 1, column 1)"),
        (b"\xff", "JSON (the text is not UTF-8 (byte 0), line 1, column 1)"),
        (
            b'{"id": 1, "id": 2}',
            'JSON (duplicate name "id" in an object, line 1, column 1)',
        ),
        (
            b"[" * 200 + b"]" * 200,
            "JSON (arrays and objects are nested deeper than 100, line 1, column 1)",
        ),
    ],
)
def test_a_body_that_is_no_json(tmp_path: Path, body: bytes, expected: str) -> None:
    """What is wrong, and where in the text."""
    [violation] = one_operation(tmp_path, responses={"200": ok()}).validate_response(answer(body))
    assert (violation.place, violation.rule) == ("body", "json")
    assert (
        violation.expected == expected or "trailing" in expected
    )  # the words are Python's own, and change


def test_a_response_without_content_says_nothing_of_its_body(tmp_path: Path) -> None:
    """Only what is documented is judged."""
    operation = one_operation(tmp_path, responses={"200": {"description": "ok"}})
    assert operation.validate_response(answer(b"anything", content_type="text/html")) == ()


@pytest.mark.parametrize(
    ("headers", "rules"),
    [
        ({"ratelimit-limit": "5"}, []),
        ({}, [("header.RateLimit-Limit", "required")]),
        ({"RateLimit-Limit": "0"}, [("header.RateLimit-Limit", "minimum")]),
        ({"RateLimit-Limit": "many"}, [("header.RateLimit-Limit", "type")]),
    ],
)
def test_response_headers(
    tmp_path: Path, headers: dict[str, str], rules: list[tuple[str, str]]
) -> None:
    """Read as their schema's type; Content-Type is HTTP's own business."""
    operation = one_operation(tmp_path, responses={"200": ok(headers=LIMIT)})
    assert told(operation.validate_response(answer({"id": 1}, headers=headers))) == rules


def test_write_only_fields_are_not_required_of_a_server(tmp_path: Path) -> None:
    """Nor `readOnly` ones of a client."""
    schema = {
        "required": ["secret", "id"],
        "properties": {"secret": {"writeOnly": True}, "id": {"readOnly": True}},
    }
    operation = one_operation(tmp_path, responses={"200": ok(schema)})
    assert [v.expected for v in operation.validate_response(answer({}))] == ["the field id"]


def test_a_field_that_is_not_documented_is_named(tmp_path: Path) -> None:
    """Where the schema allows no others."""
    operation: Operation = one_operation(
        tmp_path, responses={"200": ok({**SCHEMA, "additionalProperties": False})}
    )
    [violation] = operation.validate_response(answer({"id": 1, "nmae": "x"}))
    assert (violation.rule, violation.expected) == (
        "additionalProperties",
        'only the documented fields, not "nmae"',
    )


def test_references_are_followed(tmp_path: Path) -> None:
    """Responses, headers and examples may stand among the components."""
    components = {
        "responses": {"Ok": ok(headers={"X-N": {"$ref": "#/components/headers/N"}})},
        "headers": {"N": {"schema": {"type": "integer"}}},
    }
    data = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/x": {"get": {"responses": {"default": {"$ref": "#/components/responses/Ok"}}}}},
        "components": components,
    }
    operation = loaded(data, tmp_path).operations["GET /x"]
    found = operation.validate_response(answer({}, headers={"X-N": "a"}))
    assert told(found) == [("header.X-N", "type"), ("body", "required")]
    assert found[1].pointer == "/components/responses/Ok/content/application~1json/schema/required"


def test_an_example_that_breaks_its_schema_is_a_warning(tmp_path: Path) -> None:
    """It is served all the same, but said."""
    response = {
        "description": "",
        "content": {"application/json": {"schema": SCHEMA, "example": {"id": "x"}}},
    }
    contract = loaded(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/x": {"get": {"responses": {"200": response}}}},
        },
        tmp_path,
    )
    assert contract.warnings == (
        'GET /x: the example example of 200 breaks its schema: /id: "x" where an integer is expected',
    )
    assert isinstance(contract.operations["GET /x"].validate_response(Response(200)), tuple)

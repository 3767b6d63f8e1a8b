"""Violations of responses: place, rule, value, and the line of the documents."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from contract_builders import load_data, load_operation, make_response, places_and_rules
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
def shipped_contract(request: pytest.FixtureRequest) -> Contract:
    """The contract that ships, with each back end."""
    return load_contract(backend=request.param)


def example(contract: Contract, operation: str = "listTaskInstances") -> Any:

    return deepcopy(next(iter(contract.operations[operation].responses["200"].examples.values())))


def validate_body(
    contract: Contract, body: Any, operation: str = "listTaskInstances"
) -> tuple[Violation, ...]:
    return contract.operations[operation].validate_response(make_response(body))


def test_examples_of_the_shipped_contract_are_valid(shipped_contract: Contract) -> None:
    """The shipped contract has no warnings."""
    assert shipped_contract.warnings == ()
    assert validate_body(shipped_contract, example(shipped_contract)) == ()


def test_invalid_value_is_reported_with_all_details(shipped_contract: Contract) -> None:
    """Place, rule, value, what was expected, the contract's node, the documents' line."""
    body = example(shipped_contract)
    body["data"]["contents"][0]["subtasks"][1]["status"] = "DONE"
    [violation] = validate_body(shipped_contract, body)
    assert violation.place == "/data/contents/0/subtasks/1/status"
    assert (violation.rule, violation.value) == ("enum", "DONE")
    assert violation.expected.startswith('one of "PENDING", ')
    assert violation.pointer == "/components/schemas/BasicSubtaskInstance/properties/status/enum"
    assert (
        violation.source
        == shipped_contract.document["components"]["schemas"]["BasicSubtaskInstance"]["properties"][
            "status"
        ]["x-source"]
    )


def test_each_missing_field_has_the_line_of_its_row(shipped_contract: Contract) -> None:
    """One violation for each, at the object, with the line of the field in the documents."""
    body = example(shipped_contract)
    del body["data"]["contents"][0]["name"], body["data"]["contents"][0]["status"], body["duration"]
    violations = [
        (v.place, v.rule, v.value, v.expected, v.source)
        for v in validate_body(shipped_contract, body)
    ]
    assert violations == [
        ("body", "required", None, "the field duration", "task-management.md:37"),
        ("/data/contents/0", "required", None, "the field name", "task-management.md:59"),
        ("/data/contents/0", "required", None, "the field status", "task-management.md:63"),
    ]


def test_violation_is_printed_on_a_single_line(shipped_contract: Contract) -> None:
    """Place: what was found; what was expected [rule] (contract's pointer, documents' line)."""
    body = example(shipped_contract)
    del body["traceId"]
    [violation] = validate_body(shipped_contract, body)
    pointer = "/components/schemas/ListTaskInstancesResponse/required"
    assert (
        str(violation) == "body: missing field traceId [required] "
        f"({pointer}, task-management.md:39)"
    )


def test_both_back_ends_report_the_same_violations() -> None:
    """Whatever is broken in a page of tasks."""
    violations = []
    for backend in BACKENDS:
        contract = load_contract(backend=backend)
        body = example(contract)
        body["data"]["contents"] += [
            {"id": 2**64, "name": 5, "startTime": "now", "creator": None},
            "x",
            [],
        ]
        body["successful"], body["timestamp"] = 1, "2021-08-25T15:09:31"
        violations.append(validate_body(contract, body))
    assert violations[0] == violations[1]
    assert len(violations[0]) == 10


def test_undocumented_status_is_reported(shipped_contract: Contract) -> None:
    """The violation lists the documented ones."""
    [violation] = shipped_contract.operations["listTaskInstances"].validate_response(
        make_response({}, status=418)
    )
    assert (violation.place, violation.rule, violation.value) == ("status", "status", 418)
    assert violation.expected == "one of 200, 400, 401, 403, 429, 500"
    assert (violation.source, violation.pointer[-10:]) == ("task-management.md:14", "/responses")


@pytest.mark.parametrize(
    ("status", "key"),
    [(200, "200"), (204, "2XX"), (404, "4xx"), (410, "4xx"), (503, "default"), (100, "default")],
)
def test_status_is_documented_by_itself_its_class_or_default(
    tmp_path: Path, status: int, key: str
) -> None:
    """The class may be written in either case."""
    responses = {name: {"description": name} for name in ("200", "2XX", "4xx", "default")}
    spec = load_operation(tmp_path, responses=responses).response_spec(status)
    assert spec is not None
    assert spec.status == key


def test_operation_without_responses_allows_every_answer(tmp_path: Path) -> None:
    """`responses` may be missing since OpenAPI 3.1."""
    operation = load_operation(tmp_path, responses={})
    assert operation.validate_response(make_response({})) == ()
    assert operation.response_schema(200) is None


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
def test_content_type_must_be_documented(
    tmp_path: Path, documented: str, sent: str, rules: list[tuple[str, str]]
) -> None:
    """Parameters and case are ignored, ranges match; only JSON bodies are validated."""
    operation = load_operation(tmp_path, responses={"200": ok(media_type=documented)})
    body = {} if documented == "application/problem+json" else {"id": 1}
    assert (
        places_and_rules(operation.validate_response(make_response(body, content_type=sent)))
        == rules
    )


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
def test_invalid_json_is_reported_with_its_position(
    tmp_path: Path, body: bytes, expected: str
) -> None:
    """What is wrong with the text, line and column."""
    [violation] = load_operation(tmp_path, responses={"200": ok()}).validate_response(
        make_response(body)
    )
    assert (violation.place, violation.rule) == ("body", "json")
    assert (
        violation.expected == expected or "trailing" in expected
    )  # the words are Python's own, and change


def test_response_without_content_accepts_any_body(tmp_path: Path) -> None:
    """Only what is documented is validated."""
    operation = load_operation(tmp_path, responses={"200": {"description": "ok"}})
    assert operation.validate_response(make_response(b"anything", content_type="text/html")) == ()


@pytest.mark.parametrize(
    ("headers", "rules"),
    [
        ({"ratelimit-limit": "5"}, []),
        ({}, [("header.RateLimit-Limit", "required")]),
        ({"RateLimit-Limit": "0"}, [("header.RateLimit-Limit", "minimum")]),
        ({"RateLimit-Limit": "many"}, [("header.RateLimit-Limit", "type")]),
    ],
)
def test_response_header_is_validated(
    tmp_path: Path, headers: dict[str, str], rules: list[tuple[str, str]]
) -> None:
    """Parsed as its schema's type; Content-Type is defined by HTTP."""
    operation = load_operation(tmp_path, responses={"200": ok(headers=LIMIT)})
    assert (
        places_and_rules(operation.validate_response(make_response({"id": 1}, headers=headers)))
        == rules
    )


def test_write_only_field_is_not_required_of_a_server(tmp_path: Path) -> None:
    """A `readOnly` field is required of it."""
    schema = {
        "required": ["secret", "id"],
        "properties": {"secret": {"writeOnly": True}, "id": {"readOnly": True}},
    }
    operation = load_operation(tmp_path, responses={"200": ok(schema)})
    assert [v.expected for v in operation.validate_response(make_response({}))] == ["the field id"]


def test_undocumented_field_is_named(tmp_path: Path) -> None:
    """Where the schema allows no other fields."""
    operation: Operation = load_operation(
        tmp_path, responses={"200": ok({**SCHEMA, "additionalProperties": False})}
    )
    [violation] = operation.validate_response(make_response({"id": 1, "nmae": "x"}))
    assert (violation.rule, violation.expected) == (
        "additionalProperties",
        'only the documented fields, not "nmae"',
    )


def test_references_to_components_are_followed(tmp_path: Path) -> None:
    """Responses, headers and examples may be components."""
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
    operation = load_data(data, tmp_path).operations["GET /x"]
    violations = operation.validate_response(make_response({}, headers={"X-N": "a"}))
    assert places_and_rules(violations) == [("header.X-N", "type"), ("body", "required")]
    assert (
        violations[1].pointer
        == "/components/responses/Ok/content/application~1json/schema/required"
    )


@pytest.mark.parametrize("status", [204, 205, 304])
def test_status_without_content_needs_no_content_type(tmp_path: Path, status: int) -> None:
    """A range or default response may document content, which these statuses never have."""
    operation = load_operation(tmp_path, responses={"default": ok()})
    assert operation.validate_response(Response(status)) == ()
    assert places_and_rules(operation.validate_response(Response(206))) == [
        ("header.Content-Type", "content-type")
    ]


def test_invalid_example_is_a_warning(tmp_path: Path) -> None:
    """The example is served all the same."""
    response = {
        "description": "",
        "content": {"application/json": {"schema": SCHEMA, "example": {"id": "x"}}},
    }
    contract = load_data(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/x": {"get": {"responses": {"200": response}}}},
        },
        tmp_path,
    )
    [warning] = contract.warnings
    assert str(warning).replace(str(tmp_path), "") == (
        "/contract.yaml:23:17: GET /x: the example example of 200 breaks its schema: "
        '/id: found "x"; expected an integer.'
    )
    assert isinstance(contract.operations["GET /x"].validate_response(Response(200)), tuple)

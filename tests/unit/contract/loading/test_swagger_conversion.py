"""Swagger 2.0 documents are served like those of OpenAPI 3."""

from pathlib import Path
from typing import Any

import pytest

from contract_builders import decode_request, load_data, make_response, places_and_rules
from understudy.contract import Contract, Operation
from understudy.messages import Request

INFO = {"title": "T", "version": "1"}


def load_swagger(folder: Path, *, strict: bool = True, **members: Any) -> Contract:
    document = {"swagger": "2.0", "info": INFO, "paths": {}, **members}
    return load_data(document, folder, strict=strict)


def load_get(folder: Path, *, method: str = "get", **operation: Any) -> Operation:
    more = operation.pop("document", {})
    operation = {"responses": {"200": {"description": "ok"}}, **operation}
    contract = load_swagger(folder, paths={"/x": {method: operation}}, **more)
    return contract.operations[f"{method.upper()} /x"]


@pytest.mark.parametrize(
    ("members", "bases"),
    [
        ({}, ()),
        ({"basePath": "/v1"}, ("/v1",)),
        ({"host": "x.example", "basePath": "/v1", "schemes": ["http", "https"]}, ("/v1",)),
        ({"host": "x.example"}, ()),
    ],
)
def test_host_and_base_path_are_servers(
    tmp_path: Path, members: dict[str, Any], bases: tuple[str, ...]
) -> None:
    """Operations are found below the base path."""
    contract = load_swagger(tmp_path, **members)
    assert contract.base_paths == bases
    assert contract.document["openapi"] == "3.1.0"
    assert not {"host", "basePath", "schemes", "swagger"} & contract.document.keys()


@pytest.mark.parametrize(
    ("collection_format", "query"),
    [
        (None, "p=1,2"),
        ("csv", "p=1,2"),
        ("ssv", "p=1%202"),
        ("pipes", "p=1%7C2"),
        ("multi", "p=1&p=2"),
    ],
)
def test_collection_format_is_a_style(
    tmp_path: Path, collection_format: str | None, query: str
) -> None:
    """Source: Swagger 2.0, Parameter Object."""
    parameter = {"name": "p", "in": "query", "type": "array", "items": {"type": "integer"}}
    if collection_format:
        parameter["collectionFormat"] = collection_format
    decoded = decode_request(load_get(tmp_path, parameters=[parameter]), query)
    assert (decoded.values, decoded.violations) == ({"p": [1, 2]}, ())


@pytest.mark.parametrize(
    ("location", "collection_format", "text"),
    [
        ("query", "tsv", "p=1%092"),
        ("path", "csv", "1,2"),
        ("path", "ssv", "1%202"),
        ("path", "tsv", "1%092"),
        ("path", "pipes", "1|2"),
        ("path", "pipes", "1%7C2"),
        ("header", "csv", "1, 2"),
        ("header", "ssv", "1 2"),
        ("header", "tsv", "1\t2"),
        ("header", "pipes", "1|2"),
    ],
)
def test_every_location_has_collection_formats(
    tmp_path: Path, location: str, collection_format: str, text: str
) -> None:
    """OpenAPI 3 has them in queries only, and no tabs at all."""
    parameter = {
        "name": "p", "in": location, "type": "array", "items": {"type": "integer"},
        "collectionFormat": collection_format, "required": True,
    }  # fmt: skip
    get = {"parameters": [parameter], "responses": {"200": {"description": ""}}}
    path = "/x/{p}" if location == "path" else "/x"
    [operation] = load_swagger(tmp_path, paths={path: {"get": get}}).operations.values()
    query = text if location == "query" else ""
    headers = [("p", text)] if location == "header" else []
    values = {"p": text} if location == "path" else {}
    decoded = decode_request(operation, query, path=values, headers=headers)
    assert (decoded.values, decoded.violations) == ({"p": [1, 2]}, ())


@pytest.mark.parametrize(
    ("location", "collection_format"), [("query", "dots"), ("header", "multi"), ("header", "dots")]
)
def test_unknown_collection_format_is_a_warning(
    tmp_path: Path, location: str, collection_format: str
) -> None:
    """The array is read as `csv`."""
    parameter = {
        "name": "p", "in": location, "type": "array", "items": {"type": "string"},
        "collectionFormat": collection_format,
    }  # fmt: skip
    get = {"parameters": [parameter], "responses": {"200": {"description": ""}}}
    contract = load_swagger(tmp_path, strict=False, paths={"/x": {"get": get}})
    [warning] = contract.warnings
    assert f'the collectionFormat "{collection_format}" is not supported here' in warning.message
    [operation] = contract.operations.values()
    decoded = decode_request(operation, "p=a,b", headers=[("p", "a,b")])
    assert decoded.values == {"p": ["a", "b"]}


def test_value_keywords_are_a_schema(tmp_path: Path) -> None:
    """Of parameters and of headers."""
    parameters = [
        {"name": "q", "in": "query", "type": "integer", "minimum": 1, "exclusiveMinimum": True},
        {"name": "X-H", "in": "header", "type": "string", "enum": ["a"], "required": True},
    ]
    headers = {"X-R": {"type": "integer", "maximum": 5}}
    responses = {"200": {"description": "", "headers": headers}}
    operation = load_get(tmp_path, parameters=parameters, responses=responses)
    decoded = decode_request(operation, "q=1", headers=[("X-H", "b")])
    assert places_and_rules(decoded.violations) == [
        ("query.q", "exclusiveMinimum"),
        ("header.X-H", "enum"),
    ]
    response = make_response(b"", headers={"X-R": "6"})
    assert places_and_rules(operation.validate_response(response)) == [("header.X-R", "maximum")]


@pytest.mark.parametrize("shared", [True, False])
def test_body_parameter_is_the_body(tmp_path: Path, shared: bool) -> None:
    """In each media type of `consumes`; it may be shared."""
    schema = {"$ref": "#/definitions/Pet"}
    body = {"name": "pet", "in": "body", "required": True, "schema": schema}
    document: dict[str, Any] = {
        "consumes": ["application/json", "application/vnd.x+json"],
        "definitions": {"Pet": {"type": "object", "required": ["n"]}},
    }
    if shared:
        document["parameters"] = {"Body": body}
        body = {"$ref": "#/parameters/Body"}
    other = {"name": "q", "in": "query", "type": "string", "required": True}
    operation = load_get(tmp_path, method="post", parameters=[body, other], document=document)
    assert [parameter.name for parameter in operation.parameters] == ["q"]
    for media_type, text, rules in (
        ("application/json", b'{"n": 1}', []),
        ("application/vnd.x+json", b"{}", [("body", "required")]),
        ("application/json", b"", [("body", "required")]),
        ("text/plain", b"x", [("header.Content-Type", "content-type")]),
    ):
        headers = [("Content-Type", media_type)]
        request = Request.of("POST", "/x?q=1", headers=headers, body=text)
        assert places_and_rules(operation.decode({}, request).violations) == rules


@pytest.mark.parametrize(
    ("kind", "consumes", "media_types"),
    [
        ("string", [], ["application/x-www-form-urlencoded"]),
        ("file", [], ["multipart/form-data"]),
        ("string", ["multipart/form-data"], ["multipart/form-data"]),
    ],
)
def test_form_parameters_are_the_body(
    tmp_path: Path, kind: str, consumes: list[str], media_types: list[str]
) -> None:
    """A property for each; a file is binary."""
    parameters = [
        {"name": "a", "in": "formData", "type": kind, "required": True},
        {"name": "b", "in": "formData", "type": "array", "items": {"type": "string"},
         "collectionFormat": "multi"},
    ]  # fmt: skip
    operation = load_get(tmp_path, method="post", parameters=parameters, consumes=consumes)
    body = operation.document["paths"]["/x"]["post"]["requestBody"]
    assert (list(body["content"]), body["required"]) == (media_types, True)
    form = body["content"][media_types[0]]
    assert form["schema"]["required"] == ["a"]
    expected = {"type": "string", "format": "binary"} if kind == "file" else {"type": "string"}
    assert form["schema"]["properties"]["a"] == expected
    assert form["encoding"] == {"b": {"style": "form", "explode": True}}


def test_responses_have_content(tmp_path: Path) -> None:
    """Schema, `produces`, examples; shared responses too."""
    document = {
        "produces": ["application/json"],
        "definitions": {"Pet": {"type": "object", "x-nullable": True}},
        "responses": {"Shared": {"description": "", "schema": {"type": "integer"}}},
    }
    responses = {
        "200": {
            "description": "",
            "schema": {"$ref": "#/definitions/Pet"},
            "examples": {"application/json": {"n": 1}},
        },
        "404": {"$ref": "#/responses/Shared"},
        "406": {"description": "", "schema": {"type": "file"}},
    }
    operation = load_get(tmp_path, responses=responses, document=document)
    assert operation.responses["200"].examples == {"example": {"n": 1}}
    assert operation.validate_response(make_response(None)) == ()
    wrong = operation.validate_response(make_response("x", status=404))
    assert places_and_rules(wrong) == [("body", "type")]
    assert operation.responses["406"].schema == {"type": "string", "format": "binary"}


def test_security_definitions_are_schemes(tmp_path: Path) -> None:
    """Source: Swagger 2.0, Security Scheme Object."""
    definitions = {
        "b": {"type": "basic"},
        "k": {"type": "apiKey", "name": "K", "in": "header"},
        "o": {"type": "oauth2", "flow": "accessCode", "authorizationUrl": "u", "tokenUrl": "t",
              "scopes": {"s": ""}},
    }  # fmt: skip
    document: dict[str, Any] = {
        "securityDefinitions": definitions,
        "security": [{"b": []}],
    }
    assert load_swagger(tmp_path, **document).document["components"]["securitySchemes"] == {
        "b": {"type": "http", "scheme": "basic"},
        "k": {"type": "apiKey", "name": "K", "in": "header"},
        "o": {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "u",
                    "tokenUrl": "t",
                    "scopes": {"s": ""},
                }
            },
        },
    }


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    """Although schemas, bodies and responses have moved."""
    text = (
        'swagger: "2.0"\ninfo: {title: T, version: "1"}\npaths:\n  /x:\n    post:\n'
        "      parameters:\n        - {name: q, in: query, type: string}\n"
        "        - {name: b, in: body, schema: {type: strnig}}\n"
        "        - {name: r, in: nowhere}\n"
        "      responses:\n        200: {description: '', schema: {type: itneger}}\n"
        "definitions:\n  Pet: {type: object, discriminator: kind, required: yes}\n"
    )
    contract = load_data(text, tmp_path)
    places = [warning.place for warning in contract.warnings]
    assert [(place.line, place.column) for place in places if place] == [
        (8, 46), (9, 25), (11, 47), (13, 54),
    ]  # fmt: skip
    pet = contract.document["components"]["schemas"]["Pet"]
    assert pet == {"type": "object", "discriminator": {"propertyName": "kind"}}


def test_parts_of_a_document_in_other_files_are_converted(tmp_path: Path) -> None:
    """A definition, a body parameter and a path item."""
    (tmp_path / "parts.yaml").write_text(
        "Pet: {type: object, properties: {n: {type: string, x-nullable: true}}}\n"
        "Body: {name: b, in: body, schema: {$ref: '#/Pet'}}\n"
        "item:\n  post:\n    parameters: [{$ref: '#/Body'}]\n"
        "    responses: {200: {description: '', schema: {$ref: '#/Pet'}}}\n"
    )
    contract = load_swagger(tmp_path, paths={"/x": {"$ref": "parts.yaml#/item"}})
    operation = contract.operations["POST /x"]
    assert operation.body is not None
    assert operation.validate_response(make_response({"n": None})) == ()
    wrong = operation.validate_response(make_response({"n": 5}))
    assert places_and_rules(wrong) == [("/n", "type")]

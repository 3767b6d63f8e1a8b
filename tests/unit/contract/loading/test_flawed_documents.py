"""A flaw of a document is a warning with its place; the rest of the document is served."""

from pathlib import Path
from time import process_time
from typing import Any

import pytest

from contract_builders import decode_request, load_data, make_document, make_response
from understudy.contract import BACKENDS, Contract, Match, load_contract, sample_body
from understudy.errors import InputError

HEAD = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n"
GOOD = "  /good: {get: {operationId: good, responses: {200: {description: ok}}}}\n"
OK = "responses: {200: {description: ok}}"


def load_text(text: str, folder: Path) -> Contract:
    return load_data(text, folder)


def list_warnings(contract: Contract, folder: Path) -> list[str]:
    return [str(warning).replace(f"{folder}/contract.yaml:", "") for warning in contract.warnings]


FLAWS = {
    "parameter without a schema": (
        f"  /a: {{get: {{parameters: [{{name: q, in: query}}], {OK}}}}}\n",
        '5:27: missing schema of the parameter "q". Expected "schema: …" or "content: …".',
        ["GET /a"],
    ),
    "undeclared variable": (
        f"  /a/{{b}}: {{get: {{{OK}}}}}\n",
        '5:17: no parameter for the path variable "b". Expected a parameter with name: b, '
        "in: path, required: true.",
        ["GET /a/{b}"],
    ),
    "duplicate operationId": (
        f"  /a: {{get: {{operationId: good, {OK}}}}}\n",
        '5:27: duplicate operationId "good" (first on line 4). Expected a unique operationId.',
        ["GET /a"],
    ),
    "operation without responses": (
        "  /a: {get: {operationId: a}}\n",
        "5:13: the operation has no responses: it is answered with 200 and no body. Expected "
        '"responses" with at least one status.',
        ["a"],
    ),
    "unknown security scheme": (
        f"  /a: {{get: {{security: [{{nosuch: []}}], {OK}}}}}\n",
        '5:26: unknown security scheme "nosuch". Expected components/securitySchemes.',
        ["GET /a"],
    ),
    "query in a path": (
        f"  /a?kind=b: {{get: {{{OK}}}}}\n",
        '5:3: the path "/a?kind=b" contains "?". Expected "/a", without a query.',
        ["GET /a"],
    ),
    "path without a slash": (
        f"  a: {{get: {{{OK}}}}}\n",
        '5:3: the path "a" does not start with a slash. Expected "/a".',
        ["GET /a"],
    ),
    "same template": (
        f"  /{{x}}: {{parameters: [{{name: x, in: path, required: true, schema: {{}}}}], "
        f"get: {{{OK}}}}}\n"
        f"  /{{y}}: {{parameters: [{{name: y, in: path, required: true, schema: {{}}}}], "
        f"put: {{{OK}}}}}\n",
        '6:3: the paths "/{x}" and "/{y}" match the same requests. Expected only one of them.',
        ["GET /{x}", "PUT /{y}"],
    ),
    "same operation": (
        f"  /{{x}}: {{parameters: [{{name: x, in: path, required: true, schema: {{}}}}], "
        f"get: {{{OK}}}}}\n"
        f"  /{{y}}: {{parameters: [{{name: y, in: path, required: true, schema: {{}}}}], "
        f"get: {{{OK}}}}}\n",
        '6:73: GET of "/{y}" is not served: "/{x}" has it. Expected only one of them.',
        ["GET /{x}"],
    ),
    "broken reference": (
        "  /a: {$ref: '#/paths/~1nope'}\n",
        '5:14: unresolved $ref "#/paths/~1nope": "/paths" has no "/nope".',
        [],
    ),
    "broken reference in a response": (
        "  /a: {get: {responses: {200: {$ref: '#/nope'}}}}\n",
        '5:38: unresolved $ref "#/nope": "/" has no "nope".',
        ["GET /a"],
    ),
    "broken operation": ("  /a: {get: 5}\n", '5:13: "get" is not a mapping', []),
    "unknown location": (
        f"  /a: {{get: {{parameters: [{{name: q, in: body, schema: {{}}}}], {OK}}}}}\n",
        '5:41: unknown location "body" of the parameter "q". Expected one of path, query, header, '
        "cookie.",
        ["GET /a"],
    ),
    "invalid status": (
        "  /a: {get: {responses: {20: {}, 200: {description: ok}}}}\n",
        '5:26: invalid status "20". Expected "200", "4XX" or "default".',
        ["GET /a"],
    ),
    "duplicate key": (
        f"  /a: {{get: {{{OK}, {OK}}}}}\n",
        '5:51: the key "responses" stands twice (first on line 5). Expected each key once.',
        ["GET /a"],
    ),
}


@pytest.mark.parametrize(("paths", "warning", "served"), FLAWS.values(), ids=list(FLAWS))
def test_flaw_is_a_warning(tmp_path: Path, paths: str, warning: str, served: list[str]) -> None:
    """It costs what it concerns; `strict` makes it an error with the same text."""
    contract = load_text(HEAD + GOOD + paths, tmp_path)
    [text] = list_warnings(contract, tmp_path)
    assert text.startswith(warning)
    assert list(contract.operations) == ["good", *served]
    assert isinstance(contract.route("GET", "/good"), Match)
    with pytest.raises(InputError) as caught:
        load_data(HEAD + GOOD + paths, tmp_path, strict=True)
    assert caught.value.problems == contract.warnings


def test_undeclared_variable_is_a_text(tmp_path: Path) -> None:
    """Scenarios and templates can use it."""
    contract = load_text(HEAD + f"  /a/{{b}}: {{get: {{{OK}}}}}\n", tmp_path)
    operation = contract.operations["GET /a/{b}"]
    assert decode_request(operation, path={"b": "5"}).values == {"b": "5"}


def test_parameter_without_a_variable_is_not_read(tmp_path: Path) -> None:
    """Otherwise every request would lack it."""
    parameter = "{name: b, in: path, required: true, schema: {type: string}}"
    contract = load_text(HEAD + f"  /a: {{get: {{parameters: [{parameter}], {OK}}}}}\n", tmp_path)
    assert len(contract.warnings) == 1
    assert decode_request(contract.operations["GET /a"]).violations == ()


def test_document_without_info_is_served(tmp_path: Path) -> None:
    """Title and version are for readers."""
    contract = load_text("openapi: 3.0.3\npaths:\n" + GOOD, tmp_path)
    assert list_warnings(contract, tmp_path) == ['1:1: missing "info". Expected a mapping.']
    assert (contract.title, list(contract.operations)) == ("", ["good"])


def test_unquoted_versions_are_served(tmp_path: Path) -> None:
    """YAML reads them as numbers."""
    text = "openapi: 3.0\ninfo: {title: T, version: 1.0}\npaths:\n" + GOOD
    contract = load_text(text, tmp_path)
    assert (contract.version, list(contract.operations)) == ("1.0", ["good"])
    assert [warning.slug for warning in contract.warnings] == ["contract-version", "bad-shape"]


SCHEMAS = [
    ("{type: number, minimum: 0, exclusiveMinimum: true}", "exclusiveMinimum", 1, 0),
    ("{type: object, required: [a, a]}", "required", {"a": 1}, {}),
    ("{type: strnig, minLength: 2}", "type", "ab", "a"),
    ("{minLength: -1, maxLength: 2}", "minLength", "ab", "abc"),
    ("{type: string, pattern: '^(a', maxLength: 2}", "pattern", "xx", "xxx"),
    ("{items: [{type: string}]}", "items", ["a"], [5]),
    ("{dependencies: {a: [b]}}", "dependencies", {"a": 1, "b": 1}, {"a": 1}),
    ("{type: string, nullable: true}", "nullable", "a", None),
    ("{properties: {a: 5, b: {type: string}}}", "properties", {"a": 1}, {"b": 1}),
    ("{allOf: [{$ref: '#/components/schemas/A'}, {maxLength: 2}]}", "refers to itself", "a", "abc"),
    ("{$ref: '#/nope', maxLength: 2}", "unresolved $ref", "a", "abc"),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schema", "keyword", "valid", "invalid"), SCHEMAS)
def test_broken_keyword_is_a_warning(
    tmp_path: Path, schema: str, keyword: str, valid: object, invalid: object, backend: str
) -> None:
    """The other keywords of the schema still count."""
    text = (
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n"
        "      responses: {200: {content: {application/json: {schema: "
        "{$ref: '#/components/schemas/A'}}}}}\n"
        f"components: {{schemas: {{A: {schema}}}}}\n"
    )
    contract = load_data(text, tmp_path, backend=backend)
    [warning] = list_warnings(contract, tmp_path)
    assert warning.startswith("7:")
    assert keyword in warning
    operation = contract.operations["GET /a"]
    assert operation.validate_response(make_response(valid)) == ()
    assert operation.validate_response(make_response(invalid)) != ()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 1_000_000_000},
        {"type": "string", "minLength": 1_000_000_000},
        {"type": "object", "minProperties": 1_000_000_000},
    ],
)
def test_huge_minimum_is_a_warning(tmp_path: Path, schema: dict[str, Any]) -> None:
    """No generator can make such a value, so the rule has no effect."""
    response = {"description": "", "content": {"application/json": {"schema": schema}}}
    contract = load_data(make_document({"responses": {"200": response}}), tmp_path)
    assert [warning.slug for warning in contract.warnings] == ["too-large"]
    body = sample_body(contract, contract.operations["getX"].responses["200"])
    assert contract.operations["getX"].validate_response(make_response(body)) == ()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["allOf", "$ref"])
def test_long_chain_of_schemas_is_cut(tmp_path: Path, kind: str) -> None:
    """Three thousand schemas for the same value: validators would call themselves as often."""
    schemas: dict[str, Any] = {"S3000": {"type": "object"}}
    for number in range(3000):
        reference = {"$ref": f"#/components/schemas/S{number + 1}"}
        schemas[f"S{number}"] = {"allOf": [reference]} if kind == "allOf" else reference
    parameter = {"name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/S0"}}
    document = make_document({"parameters": [parameter]}, components={"schemas": schemas})
    contract = load_data(document, tmp_path)
    assert {warning.slug for warning in contract.warnings} == {"too-deep"}
    assert decode_request(contract.operations["getX"], "q=a").values == {"q": "a"}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_schemas_that_double_are_cut(tmp_path: Path, keyword: str) -> None:
    """At each of 40 levels there are two ways to the next one: a validator would take them all."""
    schemas: dict[str, Any] = {"S40": {"type": "string"}}
    for number in range(40):
        reference = {"$ref": f"#/components/schemas/S{number + 1}"}
        schemas[f"S{number}"] = {keyword: [reference, reference]}
    parameter = {"name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/S0"}}
    document = make_document({"parameters": [parameter]}, components={"schemas": schemas})
    contract = load_data(document, tmp_path)
    texts = [str(warning) for warning in contract.warnings if warning.slug == "too-deep"]
    assert "more than 20000 schemas apply to the same value" in texts[0]
    decode_request(contract.operations["getX"], "q=a")


def test_thousands_of_broken_references_are_reported_in_time(tmp_path: Path) -> None:
    """Nearest names are looked for a while only."""
    names = [f"Name{number}" for number in range(1000)]
    parts = [{"$ref": f"#/components/schemas/{name}x"} for name in names]
    schemas: dict[str, Any] = {name: {} for name in names}
    schemas["All"] = {"anyOf": parts}
    before = process_time()
    warnings = load_data(make_document(components={"schemas": schemas}), tmp_path).warnings
    assert process_time() - before < 10
    assert len(warnings) == 1000
    assert 10 < sum(bool(warning.nearest) for warning in warnings) < 100


def test_explosive_pattern_ends_at_load(tmp_path: Path) -> None:
    """The example is checked against it by both back ends."""
    schema = {"type": "string", "pattern": "^(a+)+$", "example": "a" * 60 + "!"}
    media = {"schema": schema, "example": "a" * 60 + "!"}
    response = {"description": "", "content": {"application/json": media}}
    for backend in BACKENDS:
        contract = load_data(
            make_document({"responses": {"200": response}}), tmp_path, backend=backend
        )
        assert [warning.slug for warning in contract.warnings] == ["invalid-example"]


def test_warnings_are_bounded(tmp_path: Path) -> None:
    """The last one counts the rest; `strict` reports all."""
    paths = "".join(f"  /p{number}: {{get: {{}}}}\n" for number in range(1500))
    contract = load_text(HEAD + paths, tmp_path)
    assert (len(contract.warnings), len(contract.operations)) == (1000, 1500)
    assert contract.warnings[-1].message == "501 more flaws"
    with pytest.raises(InputError) as caught:
        load_data(HEAD + paths, tmp_path, strict=True)
    assert len(caught.value.problems) == 1500


def test_paths_that_share_an_item_have_ids_of_their_own(tmp_path: Path) -> None:
    """`$ref` makes two operations of one."""
    paths = f"  /a: {{get: {{operationId: a, {OK}}}}}\n  /b: {{$ref: '#/paths/~1a'}}\n"
    assert list(load_text(HEAD + paths, tmp_path).operations) == ["a", "GET /b"]


def test_shipped_contract_has_no_flaws() -> None:
    """Strict loading succeeds."""
    assert load_contract(strict=True).warnings == ()

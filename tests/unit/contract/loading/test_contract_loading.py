"""Documents that cannot be served: each problem has its place and what was expected."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_builders import VALUES, collect_problems, load_data, load_problem_texts, make_document
from understudy.contract import Contract, load_contract
from understudy.contract.document.overlay import apply_overlay
from understudy.errors import InputError, Problem
from understudy.messages import Request, Response
from understudy.source import Source, read_yaml

HEAD = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
GET = HEAD + "paths:\n  /x:\n    get:\n"
PARAMETER = GET + "      parameters:\n        - "
SCHEMAS = HEAD + "components:\n  schemas:\n    A: "

WHOLE = [
    (
        "",
        "contract.yaml:1:1: the file is empty. "
        'Expected a mapping that begins with "openapi: 3.1.0".',
    ),
    (
        "[]",
        "contract.yaml:1:1: not an OpenAPI document. "
        'Expected a mapping that begins with "openapi: 3.1.0".',
    ),
    (
        "a: 1",
        (
            'contract.yaml:1:1: not an OpenAPI document. Expected the key "openapi" with a '
            "version such as 3.1.0."
        ),
    ),
    ("openpai: 3.1.0", '3.1.0. It has the key "openpai".'),
    (
        'swagger: "1.2"',
        ("contract.yaml:1:10: unsupported Swagger version '1.2'. Expected \"2.0\", as a text."),
    ),
    (
        "openapi: 3.1",
        (
            "contract.yaml:1:10: unsupported OpenAPI version 3.1. Expected 3.0.x, 3.1.x or 3.2.x, "
            "as a text."
        ),
    ),
    (
        "openapi: 4.0.0",
        (
            "contract.yaml:1:10: unsupported OpenAPI version '4.0.0'. Expected 3.0.x, 3.1.x or "
            "3.2.x, as a text."
        ),
    ),
    ("openapi: 3.1.0", 'contract.yaml:1:1: missing "info". Expected a mapping.'),
    ("openapi: 3.1.0\ninfo: x", 'contract.yaml:2:7: "info" is not a mapping. Expected a mapping.'),
    (
        "openapi: 3.1.0\ninfo: {version: 1.0}",
        'contract.yaml:2:7: missing "title" in "info". Expected title: a text.',
    ),
    (
        "openapi: 3.1.0\ninfo: {version: 1.0}",
        'contract.yaml:2:17: "version" is not a text. Expected a text, such as "1.0" in quotes.',
    ),
    (HEAD + "pahts: {}", 'contract.yaml:3:1: unknown key "pahts". Did you mean "paths"?'),
    (HEAD + "paths: []", 'contract.yaml:3:8: "paths" is not a mapping. Expected a mapping.'),
    (
        HEAD + "components: 5",
        'contract.yaml:3:13: "components" is not a mapping. Expected a mapping.',
    ),
    (
        HEAD + "components: {schemas: []}",
        'contract.yaml:3:23: "schemas" is not a mapping. Expected a mapping.',
    ),
]
PATHS = [
    (
        HEAD + "paths:\n  x: {}",
        'contract.yaml:4:3: the path "x" does not start with a slash. Expected "/x".',
    ),
    (
        HEAD + "paths:\n  /{a: {}",
        'contract.yaml:4:3: unbalanced braces in the path "/{a". Expected /a/{name}.',
    ),
    (HEAD + "paths:\n  /x:", 'contract.yaml:4:6: missing "/x". Expected a mapping.'),
    (HEAD + "paths:\n  /x: 5", 'contract.yaml:4:7: "/x" is not a mapping. Expected a mapping.'),
    (HEAD + "paths:\n  /x: {gte: {}}", 'contract.yaml:4:8: unknown key "gte". Did you mean "get"?'),
    (
        HEAD + "paths:\n  /x: {get: 5}",
        'contract.yaml:4:13: "get" is not a mapping. Expected a mapping.',
    ),
    (HEAD + "paths:\n  /x: {$ref: '#/paths/~1y'}", '"/paths" has no "/y".'),
    (
        HEAD + "paths:\n  /{a}: {}\n  /{b}: {}",
        (
            'contract.yaml:5:3: the paths "/{a}" and "/{b}" match the same requests. Expected '
            "only one of them."
        ),
    ),
    (
        HEAD + "paths:\n  /{a}/{a}: {}",
        (
            'contract.yaml:4:3: duplicate variable "a" in the path "/{a}/{a}". Expected each '
            "variable once."
        ),
    ),
    (
        GET + "      respones: {}",
        'contract.yaml:6:7: unknown key "respones". Did you mean "responses"?',
    ),
    (
        GET + "      operationId: 5",
        "contract.yaml:6:20: operationId is not a text. Expected a text.",
    ),
    (GET + "      tags: x", 'contract.yaml:6:13: invalid "tags". Expected a list of texts.'),
    (
        GET + "      operationId: a\n    put: {operationId: a}",
        (
            'contract.yaml:7:24: duplicate operationId "a" (first on line 6). Expected a '
            "unique operationId."
        ),
    ),
    (
        GET + "      responses: []",
        'contract.yaml:6:18: "responses" is not a mapping. Expected a mapping.',
    ),
    (
        GET + "      responses: {20: {}}",
        'contract.yaml:6:19: invalid status "20". Expected "200", "4XX" or "default".',
    ),
    (
        GET + "      responses: {200: 5}",
        'contract.yaml:6:24: "response" is not a mapping. Expected a mapping.',
    ),
    (
        GET + "      responses: {200: {contnet: {}}}",
        'unknown key "contnet". Did you mean "content"?',
    ),
    (
        GET + "      responses: {200: {content: []}}",
        '"content" is not a mapping. Expected a mapping.',
    ),
    (
        GET + "      responses: {200: {content: {a/b: {examples: []}}}}",
        '"examples" is not a mapping. Expected a mapping.',
    ),
    (
        GET + "      responses: {200: {headers: {X: 5}}}",
        '"header" is not a mapping. Expected a mapping.',
    ),
    (
        GET + "      responses: {200: {headers: {X: {style: form}}}}",
        'unknown style "form" of a header. Expected simple.',
    ),
    (
        GET + "      responses: {default: {$ref: '#/components/responses/A'}}",
        'contract.yaml:6:35: unresolved $ref "#/components/responses/A": "/" has no "components".',
    ),
    (
        GET + "      requestBody: 5",
        'contract.yaml:6:20: "requestBody" is not a mapping. Expected a mapping.',
    ),
    (GET + "      requestBody: {requird: true}", 'unknown key "requird". Did you mean "required"?'),
    (
        HEAD
        + "paths:\n  /{task}:\n"
        + "    get: {parameters: [{name: taks, in: path, required: true, schema: {}}]}",
        (
            'contract.yaml:5:10: no parameter for the path variable "task". Expected a '
            'parameter with name: task, in: path, required: true. Did you mean "taks"?'
        ),
    ),
    (
        HEAD
        + "paths:\n  /{task}:\n"
        + "    get: {parameters: [{name: taks, in: path, required: true, schema: {}}]}",
        (
            'contract.yaml:5:10: the path "/{task}" has no variable for the path parameter '
            '"taks". Expected {taks}. Did you mean "task"?'
        ),
    ),
]
PARAMETERS = [
    (
        GET + "      parameters: {}",
        'contract.yaml:6:19: "parameters" is not a list. Expected a list of parameters.',
    ),
    (PARAMETER + "5", "contract.yaml:7:11: not a parameter. Expected a mapping with name and in."),
    (PARAMETER, "contract.yaml:7:10: not a parameter. Expected a mapping with name and in."),
    (
        PARAMETER + "{in: query}",
        'contract.yaml:7:11: missing name of the parameter. Expected "name: …".',
    ),
    (
        PARAMETER + "{name: a, in: quey, schema: {}}",
        (
            'contract.yaml:7:25: unknown location "quey" of the parameter "a". Expected one of '
            'path, query, header, cookie. Did you mean "query"?'
        ),
    ),
    (
        PARAMETER + "{name: a, schema: {}}",
        (
            'contract.yaml:7:11: unknown location "None" of the parameter "a". Expected one of '
            "path, query, header, cookie."
        ),
    ),
    (
        PARAMETER + "{name: a, in: path, schema: {}}",
        'contract.yaml:7:11: the path parameter "a" is not required. Expected required: true.',
    ),
    (
        PARAMETER + "{name: a, in: query}",
        (
            'contract.yaml:7:11: missing schema of the parameter "a". Expected "schema: …" or '
            '"content: …".'
        ),
    ),
    (
        PARAMETER + "{name: a, in: query, shcema: {}}",
        'contract.yaml:7:32: unknown key "shcema". Did you mean "schema"?',
    ),
    (
        PARAMETER + "{name: a, in: query, schema: {}, style: pipedelimited}",
        (
            'unknown style "pipedelimited" of a query parameter. Expected one of form, '
            'spaceDelimited, pipeDelimited, deepObject. Did you mean "pipeDelimited"?'
        ),
    ),
    (
        PARAMETER + "{name: a, in: query, schema: {}, explode: 1}",
        'contract.yaml:7:53: invalid "explode". Expected true or false.',
    ),
    (
        PARAMETER + "{name: a, in: query, schema: {}, x-requires: b}",
        'contract.yaml:7:56: invalid "x-requires". Expected a list of texts.',
    ),
    (
        PARAMETER + "{name: a, in: query, schema: {}, x-requires: [true, {}]}",
        'invalid "x-requires". Expected a list of texts.',
    ),
    (
        PARAMETER + "{name: one, in: query, schema: {}, x-requires: [oen]}",
        (
            'contract.yaml:6:7: the parameter "one" requires the unknown parameter "oen". '
            'Expected the name of a parameter of this operation. Did you mean "one"?'
        ),
    ),
    (
        PARAMETER + "{name: a, in: query, schema: {}}\n        - {name: a, in: query, schema: {}}",
        'contract.yaml:8:11: duplicate query parameter "a". Expected each parameter once.',
    ),
    (
        PARAMETER + "{$ref: '#/components/parameters/A'}",
        'contract.yaml:7:18: unresolved $ref "#/components/parameters/A"',
    ),
]
REFERENCES = [
    (SCHEMAS + "5", "contract.yaml:5:8: not a schema. Expected a mapping, true or false."),
    (
        SCHEMAS + "{type: strnig}",
        (
            'contract.yaml:5:15: invalid value of the schema keyword "type". Expected one of '
            "null, boolean, object, array, number, string, integer, or a list of several of "
            "them."
        ),
    ),
    (
        SCHEMAS + "{required: true}",
        (
            'contract.yaml:5:19: invalid value of the schema keyword "required". Expected a '
            "list of texts, each once."
        ),
    ),
    (
        SCHEMAS + "{minLength: -1}",
        'invalid value of the schema keyword "minLength". Expected a whole number, 0 or more.',
    ),
    (SCHEMAS + "{enum: 5}", 'invalid value of the schema keyword "enum". Expected a list.'),
    (
        SCHEMAS + "{items: [{}]}",
        (
            'invalid value of the schema keyword "items". Expected a schema (a mapping, true '
            'or false), or "prefixItems" for a list of schemas.'
        ),
    ),
    (
        SCHEMAS + "{properties: {a: {anyOf: []}}}",
        (
            'contract.yaml:5:33: invalid value of the schema keyword "anyOf". Expected a list '
            "of at least one schema."
        ),
    ),
    (
        SCHEMAS + "{exclusiveMinimum: true}",
        'invalid value of the schema keyword "exclusiveMinimum". Expected a number.',
    ),
    (
        SCHEMAS + "{properties: {a: {x-understudy-field: 5}}}",
        'invalid "x-understudy-field". Expected a text.',
    ),
    (
        SCHEMAS + "{$ref: '#/components/schemas/Taks'}\n    Task: {}",
        (
            'contract.yaml:5:15: unresolved $ref "#/components/schemas/Taks": '
            '"/components/schemas" has no "Taks". Did you mean "Task"?'
        ),
    ),
    (
        SCHEMAS + "{$ref: 'http://x.example/a'}",
        (
            'contract.yaml:5:15: unresolved $ref "http://x.example/a": "http://x.example/a" is '
            "not fetched. Use --fetch-remote-refs to fetch it, or put its target into a local "
            "file."
        ),
    ),
    (
        SCHEMAS + "{items: {$ref: 'other.yaml#/A'}}",
        'unresolved $ref "other.yaml#/A": there is no such file (other.yaml).',
    ),
    (
        SCHEMAS + "{$ref: '#/components/schemas/A'}",
        'contract.yaml:5:15: circular $ref "#/components/schemas/A".',
    ),
    (
        SCHEMAS + "{allOf: [{$ref: '#/components/schemas/A'}]}",
        (
            "contract.yaml:5:8: the schema refers to itself for the same value. Expected a "
            "reference under a property or item."
        ),
    ),
    (
        HEAD + "x-a: {type: 5}\ncomponents: {schemas: {A: {$ref: '#/x-a'}}}",
        'contract.yaml:3:13: invalid value of the schema keyword "type"',
    ),
    (
        SCHEMAS + "{properties: {example: {$ref: '#/nope'}}}",
        'unresolved $ref "#/nope": "/" has no "nope".',
    ),
    (HEAD + "components: {examples: {a: {$ref: '#/nope'}}}", 'unresolved $ref "#/nope"'),
    (
        HEAD + "x-a: {$ref: 'http://x.example/b'}\ncomponents: {schemas: {A: {$ref: '#/x-a'}}}",
        'contract.yaml:3:13: unresolved $ref "http://x.example/b"',
    ),
]


@pytest.mark.parametrize(("text", "message"), [*WHOLE, *PATHS, *PARAMETERS, *REFERENCES])
def test_invalid_document_is_reported(tmp_path: Path, text: str, message: str) -> None:
    """Each problem says where, what is wrong, what was expected, and the nearest name."""
    assert any(message in problem for problem in load_problem_texts(text, tmp_path)), (
        load_problem_texts(text, tmp_path)
    )


def test_all_problems_are_reported_in_the_order_of_lines(tmp_path: Path) -> None:
    """One load reports every problem."""
    text = (
        PARAMETER
        + "{name: a, in: nowhere}\n"
        + "      responses: {x: {}}\n"
        + "  y: {}\n"
        + "components: {schemas: {A: {type: x}}}\n"
        + "more: 1"
    )
    assert [problem.split(": ")[0] for problem in load_problem_texts(text, tmp_path)] == [
        "contract.yaml:6:7",
        "contract.yaml:7:25",
        "contract.yaml:8:19",
        "contract.yaml:9:3",
        "contract.yaml:10:34",
        "contract.yaml:11:1",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, 'there is no such file. Did you mean "contract.yml"?'),
        (b"openapi: \xff", "contract.yaml:1:10: the byte 0xff is not UTF-8"),
        (b"openapi: [", "contract.yaml:2:1: this is not YAML"),
        (
            b"a: &a [1, 1]\n"
            + b"".join(
                b"%c: &%c [%s]\n" % (n, n, b", ".join([b"*%c" % (n - 1)] * 20))
                for n in range(98, 104)
            ),
            "the aliases stand for more than",
        ),
        (b"openapi: 3.1.0\nopenapi: 3.1.0", 'contract.yaml:2:1: the key "openapi" stands twice'),
    ],
)
def test_unreadable_file_is_reported(tmp_path: Path, content: bytes | None, message: str) -> None:
    """Missing, not UTF-8, not YAML, too many aliases, a duplicate key."""
    (tmp_path / ("contract.yaml" if content is not None else "contract.yml")).write_bytes(
        content or b""
    )
    with pytest.raises(InputError) as caught:
        load_contract(tmp_path / "contract.yaml", strict=True)
    assert message in str(caught.value)


def test_folder_is_reported(tmp_path: Path) -> None:
    """A folder is reported as such, not as an unreadable file."""
    with pytest.raises(InputError, match="this is a folder"):
        load_contract(tmp_path)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"$ref": {"type": "string"}, "enum": {}, "properties": {"type": "object"}}},
        {
            "example": {"$ref": "http://x.example"},
            "default": {"$ref": "#/nope"},
            "enum": [{"$ref": "x"}],
            "x-a": {"$ref": "y"},
        },
        {"properties": {"next": {"$ref": "#/components/schemas/A"}}},
        {"items": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}},
    ],
)
def test_ref_in_data_is_not_a_reference(tmp_path: Path, schema: Any) -> None:
    """Data may contain `$ref`, a field may have that name, and a schema may contain itself."""
    assert load_data(
        make_document(components={"schemas": {"A": schema}}), tmp_path
    ).operations.keys() == {"getX"}


def test_contract_has_title_service_and_operations(tmp_path: Path) -> None:
    """Operations are in order, named by method and path when they have no operationId."""
    item = {
        "parameters": [],
        "summary": "s",
        "x-more": 1,
        "put": {"operationId": "b"},
        "get": {"tags": ["t"], "summary": "S"},
    }
    data = {**make_document(), "paths": {"x-note": 5, "/y": item}}
    data["info"]["x-understudy-service"] = "ocp"
    contract: Contract = load_data(data, tmp_path)
    assert (contract.title, contract.version, contract.service, list(contract.operations)) == (
        "T",
        "1",
        "ocp",
        ["GET /y", "b"],
    )
    assert (contract.operations["GET /y"].tags, contract.operations["GET /y"].summary) == (
        ("t",),
        "S",
    )
    assert contract.place("/paths/~1y/put").line > 1


def test_shipped_contract_has_eight_operations(root: Path) -> None:
    """Each has its permission and the line of the documents."""
    contract = load_contract()
    assert [(o.id, o.permission[5:]) for o in contract.operations.values()] == [
        ("listTaskInstances", "VIEWER"), ("getTaskInstance", "VIEWER"), ("rollbackTask", "MANAGER"),
        ("retryTask", "MANAGER"), ("cancelSubtask", "MANAGER"), ("retrySubtask", "MANAGER"),
        ("skipSubtask", "MANAGER"), ("getSubtaskLog", "VIEWER"),
    ]  # fmt: skip
    assert all(o.source.startswith("task-management.md:") for o in contract.operations.values())


def _list_paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    return [path, *(below for key, part in parts for below in _list_paths(part, (*path, key)))]


_SHIPPED = read_yaml(Path(__file__).parents[4] / "openapi.yaml").data
_REFS = st.sampled_from(
    ["#", "#/info", "#/paths", "#/components/schemas/Tenant", "#/nope", "x", "#/components/schemas"]
)
_KEYWORDS = [
    "type",
    "required",
    "properties",
    "items",
    "enum",
    "default",
    "explode",
    "style",
    "x-source",
    "x-requires",
    "allOf",
]
_KEYWORDS += [
    "content",
    "headers",
    "examples",
    "example",
    "schema",
    "tags",
    "$ref",
    "pattern",
    "minimum",
    "format",
    "in",
]
_ODD = (
    VALUES | _REFS.map(lambda ref: {"$ref": ref}) | st.lists(st.sampled_from(_KEYWORDS), max_size=2)
)
_CHANGE = st.tuples(
    st.sampled_from(_list_paths(_SHIPPED)[1:]),
    st.sampled_from(["delete", "replace", *_KEYWORDS]),
    _ODD,
)


def _apply_change(data: Any, path: tuple[Any, ...], change: str, value: Any) -> None:
    try:
        for key in path[:-1]:
            data = data[key]
        if change == "delete":
            del data[path[-1]]
        elif change == "replace" or not isinstance(data[path[-1]], dict):
            data[path[-1]] = value
        else:
            data[path[-1]][change] = value
    except (LookupError, TypeError):
        return  # an earlier change removed it


@settings(max_examples=50)
@given(
    st.lists(_CHANGE, min_size=1, max_size=3),
    st.sampled_from(["3.1.0", "3.0.3"]),
    st.sampled_from(["jsonschema", "jsonschema-rs"]),
)
def test_any_document_loads_or_is_reported(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[Any, str, Any]],
    version: str,
    backend: str,
) -> None:
    """Whatever is changed: no other error is raised, and each problem and warning has a line."""
    data = json.loads(json.dumps({**_SHIPPED, "openapi": version}))
    for change in changes:
        _apply_change(data, *change)
    file = tmp_path_factory.getbasetemp() / "mutant.json"
    file.write_text(json.dumps(data))
    assert all(problem.place and problem.place.line for problem in _load_or_report(file, backend))


def _load_or_report(file: Path, backend: str) -> tuple[Problem, ...]:
    """Return the warnings of a document, and use all of its operations; or its problems."""
    try:
        contract = load_contract(file, backend=backend)
    except InputError as error:
        return error.problems
    for operation in contract.operations.values():
        operation.decode({}, Request.of(operation.method, "/x"))
        operation.validate_response(Response(200, body=b"{}"))
    return contract.warnings


_OVERLAY = read_yaml(Path(__file__).parents[4] / "docs/api/overlays/observed.yaml").data


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(_list_paths(_OVERLAY)[1:]),
            st.sampled_from(["delete", "replace", "update"]),
            VALUES,
        ),
        max_size=3,
    )
)
def test_any_shipped_overlay_applies_or_is_reported(changes: list[tuple[Any, str, Any]]) -> None:
    """Whatever is removed, added or replaced in a shipped overlay."""
    data = json.loads(json.dumps(_OVERLAY))
    for change in changes:
        _apply_change(data, *change)
    assert all(
        problem.place
        for problem in collect_problems(lambda: apply_overlay(_SHIPPED, Source("o.yaml", data, {})))
    )

"""Documents that cannot be served: every problem with its place, what was expected, the nearest name."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_builders import VALUES, document, loaded, problems, refusal
from understudy.contract import Contract, load_contract
from understudy.contract.document.overlay import apply_overlay
from understudy.errors import InputError
from understudy.source import Source, read_yaml

HEAD = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
GET = HEAD + "paths:\n  /x:\n    get:\n"
PARAMETER = GET + "      parameters:\n        - "
SCHEMAS = HEAD + "components:\n  schemas:\n    A: "

WHOLE = [
    ("", "contract.yaml:1:1: this is no OpenAPI document. Expected a mapping."),
    ("[]", "contract.yaml:1:1: this is no OpenAPI document. Expected a mapping."),
    ("a: 1", 'contract.yaml:1:1: this is no OpenAPI document. Expected the key "openapi" with a version such as 3.1.0.'),
    ("openpai: 3.1.0", '3.1.0. "openpai" is there.'),
    ('swagger: "2.0"', 'contract.yaml:1:10: this is a Swagger 2.0 document. Expected "openapi: 3.1.0". Convert it to OpenAPI 3 first.'),
    ("openapi: 3.1", "contract.yaml:1:10: the version is 3.1. Expected 3.0.x or 3.1.x, as a text."),
    ("openapi: 4.0.0", "contract.yaml:1:10: the version is '4.0.0'. Expected 3.0.x or 3.1.x, as a text."),
    ("openapi: 3.1.0", 'contract.yaml:1:1: "info" is missing. Expected a mapping.'),
    ("openapi: 3.1.0\ninfo: x", 'contract.yaml:2:7: "info" is no mapping. Expected a mapping.'),
    ("openapi: 3.1.0\ninfo: {version: 1.0}", 'contract.yaml:2:7: "info" has no "title". Expected title: a text.'),
    ("openapi: 3.1.0\ninfo: {version: 1.0}", 'contract.yaml:2:17: "version" is no text. Expected a text, such as "1.0" in quotes.'),
    (HEAD + "pahts: {}", 'contract.yaml:3:1: there is no key "pahts" here. Did you mean "paths"?'),
    (HEAD + "paths: []", 'contract.yaml:3:8: "paths" is no mapping. Expected a mapping.'),
    (HEAD + "components: 5", 'contract.yaml:3:13: "components" is no mapping. Expected a mapping.'),
    (HEAD + "components: {schemas: []}", 'contract.yaml:3:23: "schemas" is no mapping. Expected a mapping.'),
]  # fmt: skip
PATHS = [
    (HEAD + "paths:\n  x: {}", 'contract.yaml:4:3: the path "x" does not start with a slash. Expected "/x".'),
    (HEAD + "paths:\n  /{a: {}", 'contract.yaml:4:3: the braces of "/{a" do not match. Expected /a/{name}.'),
    (HEAD + "paths:\n  /x:", 'contract.yaml:4:6: "/x" is missing. Expected a mapping.'),
    (HEAD + "paths:\n  /x: 5", 'contract.yaml:4:7: "/x" is no mapping. Expected a mapping.'),
    (HEAD + "paths:\n  /x: {gte: {}}", 'contract.yaml:4:8: there is no key "gte" here. Did you mean "get"?'),
    (HEAD + "paths:\n  /x: {get: 5}", 'contract.yaml:4:13: "get" is no mapping. Expected a mapping.'),
    (HEAD + "paths:\n  /x: {$ref: '#/paths/~1y'}", '"/paths" has no "/y".'),
    (HEAD + "paths:\n  /{a}: {}\n  /{b}: {}", 'contract.yaml:5:3: the paths "/{a}" and "/{b}" match the same requests. Expected one of them.'),
    (HEAD + "paths:\n  /{a}/{a}: {}", 'contract.yaml:4:3: the variable "a" stands twice in "/{a}/{a}". Expected each once.'),
    (GET + "      respones: {}", 'contract.yaml:6:7: there is no key "respones" here. Did you mean "responses"?'),
    (GET + "      operationId: 5", "contract.yaml:6:20: the operationId is no text. Expected a text."),
    (GET + "      tags: x", 'contract.yaml:6:13: "tags" does not fit. Expected a list of texts.'),
    (GET + "      operationId: a\n    put: {operationId: a}", 'contract.yaml:7:24: the operationId "a" stands twice (first on line 6). Expected each once.'),
    (GET + "      responses: []", 'contract.yaml:6:18: "responses" is no mapping. Expected a mapping.'),
    (GET + "      responses: {20: {}}", 'contract.yaml:6:19: "20" is no status. Expected "200", "4XX" or "default".'),
    (GET + "      responses: {200: 5}", 'contract.yaml:6:24: "response" is no mapping. Expected a mapping.'),
    (GET + "      responses: {200: {contnet: {}}}", 'there is no key "contnet" here. Did you mean "content"?'),
    (GET + "      responses: {200: {content: []}}", '"content" is no mapping. Expected a mapping.'),
    (GET + "      responses: {200: {content: {a/b: {examples: []}}}}", '"examples" is no mapping. Expected a mapping.'),
    (GET + "      responses: {200: {headers: {X: 5}}}", '"header" is no mapping. Expected a mapping.'),
    (GET + "      responses: {200: {headers: {X: {style: form}}}}", 'no header has the style "form". Expected simple.'),
    (GET + "      responses: {default: {$ref: '#/components/responses/A'}}", 'contract.yaml:6:35: the $ref "#/components/responses/A" names nothing: "/" has no "components".'),
    (GET + "      requestBody: 5", 'contract.yaml:6:20: "requestBody" is no mapping. Expected a mapping.'),
    (GET + "      requestBody: {requird: true}", 'there is no key "requird" here. Did you mean "required"?'),
    (HEAD + "paths:\n  /{task}:\n    get: {parameters: [{name: taks, in: path, required: true, schema: {}}]}", 'contract.yaml:5:10: the path variable "task" is declared by no parameter. Expected a parameter with name: task, in: path, required: true. Did you mean "taks"?'),
    (HEAD + "paths:\n  /{task}:\n    get: {parameters: [{name: taks, in: path, required: true, schema: {}}]}", 'contract.yaml:5:10: the path "/{task}" has no variable "taks", which a path parameter declares. Expected {taks}. Did you mean "task"?'),
]  # fmt: skip
PARAMETERS = [
    (GET + "      parameters: {}", 'contract.yaml:6:19: "parameters" is no list. Expected a list of parameters.'),
    (PARAMETER + "5", "contract.yaml:7:11: this is no parameter. Expected a mapping with name and in."),
    (PARAMETER, "contract.yaml:7:10: this is no parameter. Expected a mapping with name and in."),
    (PARAMETER + "{in: query}", 'contract.yaml:7:11: the parameter has no name. Expected "name: …".'),
    (PARAMETER + "{name: a, in: quey, schema: {}}", 'contract.yaml:7:25: the parameter "a" is in "quey". Expected one of path, query, header, cookie. Did you mean "query"?'),
    (PARAMETER + "{name: a, schema: {}}", 'contract.yaml:7:11: the parameter "a" is in "None". Expected one of path, query, header, cookie.'),
    (PARAMETER + "{name: a, in: path, schema: {}}", 'contract.yaml:7:11: the path parameter "a" is not required. Expected required: true.'),
    (PARAMETER + "{name: a, in: query}", 'contract.yaml:7:11: the parameter "a" has no schema. Expected "schema: …" or "content: …".'),
    (PARAMETER + "{name: a, in: query, shcema: {}}", 'contract.yaml:7:32: there is no key "shcema" here. Did you mean "schema"?'),
    (PARAMETER + "{name: a, in: query, schema: {}, style: pipedelimited}", 'no parameter in query has the style "pipedelimited". Expected one of form, spaceDelimited, pipeDelimited, deepObject. Did you mean "pipeDelimited"?'),
    (PARAMETER + "{name: a, in: query, schema: {}, explode: 1}", 'contract.yaml:7:53: "explode" does not fit. Expected true or false.'),
    (PARAMETER + "{name: a, in: query, schema: {}, x-requires: b}", 'contract.yaml:7:56: "x-requires" does not fit. Expected a list of texts.'),
    (PARAMETER + "{name: a, in: query, schema: {}, x-requires: [true, {}]}", '"x-requires" does not fit. Expected a list of texts.'),
    (PARAMETER + "{name: one, in: query, schema: {}, x-requires: [oen]}", 'contract.yaml:6:7: the parameter "one" requires "oen", which is none of this operation. Expected a parameter\'s name. Did you mean "one"?'),
    (PARAMETER + "{name: a, in: query, schema: {}}\n        - {name: a, in: query, schema: {}}", 'contract.yaml:8:11: the parameter "a" in query stands twice. Expected each once.'),
    (PARAMETER + "{$ref: '#/components/parameters/A'}", 'contract.yaml:7:18: the $ref "#/components/parameters/A" names nothing'),
]  # fmt: skip
REFERENCES = [
    (SCHEMAS + "5", "contract.yaml:5:8: this is no schema. Expected a mapping, true or false."),
    (SCHEMAS + "{type: strnig}", 'contract.yaml:5:15: the schema\'s "type" does not fit. Expected one of null, boolean, object, array, number, string, integer, or a list of several of them.'),
    (SCHEMAS + "{required: true}", 'contract.yaml:5:19: the schema\'s "required" does not fit. Expected a list of texts, each once.'),
    (SCHEMAS + "{minLength: -1}", 'the schema\'s "minLength" does not fit. Expected a whole number, 0 or more.'),
    (SCHEMAS + "{enum: 5}", 'the schema\'s "enum" does not fit. Expected a list.'),
    (SCHEMAS + "{items: [{}]}", 'the schema\'s "items" does not fit. Expected a schema (a mapping, true or false).'),
    (SCHEMAS + "{properties: {a: {anyOf: []}}}", 'contract.yaml:5:33: the schema\'s "anyOf" does not fit. Expected a list of at least one schema.'),
    (SCHEMAS + "{exclusiveMinimum: true}", 'the schema\'s "exclusiveMinimum" does not fit. Expected a number.'),
    (SCHEMAS + "{properties: {a: {x-understudy-field: 5}}}", '"x-understudy-field" does not fit. Expected a text.'),
    (SCHEMAS + "{$ref: '#/components/schemas/Taks'}\n    Task: {}", 'contract.yaml:5:15: the $ref "#/components/schemas/Taks" names nothing: "/components/schemas" has no "Taks". Did you mean "Task"?'),
    (SCHEMAS + "{$ref: 'http://x.example/a'}", 'contract.yaml:5:15: the $ref "http://x.example/a" does not lead into this document. Expected one such as "#/components/schemas/Name". Nothing is fetched: put what it names into the document itself.'),
    (SCHEMAS + "{items: {$ref: 'other.yaml#/A'}}", 'the $ref "other.yaml#/A" does not lead into this document.'),
    (SCHEMAS + "{$ref: '#/components/schemas/A'}", 'contract.yaml:5:15: the $ref "#/components/schemas/A" leads back to itself.'),
    (SCHEMAS + "{allOf: [{$ref: '#/components/schemas/A'}]}", "contract.yaml:5:8: this schema refers to itself for one and the same value. Expected a reference under a property or item."),
    (HEAD + "x-a: {type: 5}\ncomponents: {schemas: {A: {$ref: '#/x-a'}}}", 'contract.yaml:3:13: the schema\'s "type" does not fit'),
    (SCHEMAS + "{properties: {example: {$ref: '#/nope'}}}", 'the $ref "#/nope" names nothing: "/" has no "nope".'),
    (HEAD + "components: {examples: {a: {$ref: '#/nope'}}}", 'the $ref "#/nope" names nothing'),
    (HEAD + "x-a: {$ref: 'http://x.example/b'}\ncomponents: {schemas: {A: {$ref: '#/x-a'}}}", 'contract.yaml:3:13: the $ref "http://x.example/b" does not lead into this document.'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), [*WHOLE, *PATHS, *PARAMETERS, *REFERENCES])
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Each kind of broken contract has its words."""
    assert any(message in problem for problem in problems(text, tmp_path)), problems(text, tmp_path)


def test_all_problems_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    """One run tells everything."""
    text = (
        PARAMETER
        + "{name: a, in: nowhere}\n      responses: {x: {}}\n  y: {}\ncomponents: {schemas: {A: {type: x}}}\nmore: 1"
    )
    assert [problem.split(": ")[0] for problem in problems(text, tmp_path)] == [
        "contract.yaml:7:25", "contract.yaml:8:19", "contract.yaml:9:3", "contract.yaml:10:34", "contract.yaml:11:1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, 'there is no such file. Did you mean "contract.yml"?'),
        (b"openapi: \xff", "contract.yaml:1:10: the byte 0xff is not UTF-8"),
        (b"openapi: [", "contract.yaml:2:1: this is not YAML"),
        (b"a: &a [1, 1]\n" + b"".join(b"%c: &%c [%s]\n" % (n, n, b", ".join([b"*%c" % (n - 1)] * 20)) for n in range(98, 104)), "the aliases stand for more than"),
        (b"openapi: 3.1.0\nopenapi: 3.1.0", 'contract.yaml:2:1: the key "openapi" stands twice'),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes | None, message: str) -> None:
    """Missing, not UTF-8, not YAML, a bomb of aliases."""
    (tmp_path / ("contract.yaml" if content is not None else "contract.yml")).write_bytes(
        content or b""
    )
    with pytest.raises(InputError) as caught:
        load_contract(tmp_path / "contract.yaml")
    assert message in str(caught.value)


def test_a_folder_is_no_contract(tmp_path: Path) -> None:
    """It is told to be one."""
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
def test_what_only_looks_like_a_broken_reference(tmp_path: Path, schema: Any) -> None:
    """Data may say `$ref`, a field may be called so, and a schema may contain itself."""
    assert loaded(document(components={"schemas": {"A": schema}}), tmp_path).operations.keys() == {
        "getX"
    }


def test_what_a_contract_knows(tmp_path: Path) -> None:
    """Its title, version and service; operations in order, named by their method and path when they have no name."""
    item = {
        "parameters": [],
        "summary": "s",
        "x-more": 1,
        "put": {"operationId": "b"},
        "get": {"tags": ["t"], "summary": "S"},
    }
    data = {**document(), "paths": {"x-note": 5, "/y": item}}
    data["info"]["x-understudy-service"] = "ocp"
    contract: Contract = loaded(data, tmp_path)
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


def test_the_shipped_contract(root: Path) -> None:
    """Eight operations, each with its permission and the line that tells it; JSON is read like YAML."""
    contract = load_contract()
    assert [(o.id, o.permission[5:]) for o in contract.operations.values()] == [
        ("listTaskInstances", "VIEWER"), ("getTaskInstance", "VIEWER"), ("rollbackTask", "MANAGER"),
        ("retryTask", "MANAGER"), ("cancelSubtask", "MANAGER"), ("retrySubtask", "MANAGER"),
        ("skipSubtask", "MANAGER"), ("getSubtaskLog", "VIEWER"),
    ]  # fmt: skip
    assert all(o.source.startswith("task-management.md:") for o in contract.operations.values())


def _pointers(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    return [at, *(below for key, part in parts for below in _pointers(part, (*at, key)))]


_SHIPPED = read_yaml(Path(__file__).parents[4] / "openapi.yaml").data
_REFS = st.sampled_from(
    ["#", "#/info", "#/paths", "#/components/schemas/Tenant", "#/nope", "x", "#/components/schemas"]
)
_WORDS = [
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
_WORDS += [
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
_ODD = VALUES | _REFS.map(lambda ref: {"$ref": ref}) | st.lists(st.sampled_from(_WORDS), max_size=2)
_CHANGE = st.tuples(
    st.sampled_from(_pointers(_SHIPPED)[1:]), st.sampled_from(["delete", "replace", *_WORDS]), _ODD
)


def _changed(data: Any, path: tuple[Any, ...], how: str, value: Any) -> None:
    try:
        for key in path[:-1]:
            data = data[key]
        if how == "delete":
            del data[path[-1]]
        elif how == "replace" or not isinstance(data[path[-1]], dict):
            data[path[-1]] = value
        else:
            data[path[-1]][how] = value
    except (LookupError, TypeError):
        return  # an earlier change took it away


@settings(max_examples=50)
@given(
    st.lists(_CHANGE, min_size=1, max_size=3),
    st.sampled_from(["3.1.0", "3.0.3"]),
    st.sampled_from(["jsonschema", "jsonschema-rs"]),
)
def test_a_document_loads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[Any, str, Any]],
    version: str,
    backend: str,
) -> None:
    """Whatever is taken out, put in or replaced: InputError with a line for each problem, and nothing else."""
    data = json.loads(json.dumps({**_SHIPPED, "openapi": version}))
    for change in changes:
        _changed(data, *change)
    file = tmp_path_factory.getbasetemp() / "mutant.json"
    file.write_text(json.dumps(data))
    assert all(
        problem.place and problem.place.line
        for problem in refusal(lambda: load_contract(file, backend=backend))
    )


_OVERLAY = read_yaml(Path(__file__).parents[4] / "docs/api/overlays/observed.yaml").data


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(_pointers(_OVERLAY)[1:]),
            st.sampled_from(["delete", "replace", "update"]),
            VALUES,
        ),
        max_size=3,
    )
)
def test_an_overlay_loads_or_is_refused(changes: list[tuple[Any, str, Any]]) -> None:
    """Whatever is taken out, put in or replaced in a shipped overlay."""
    data = json.loads(json.dumps(_OVERLAY))
    for change in changes:
        _changed(data, *change)
    assert all(
        problem.place
        for problem in refusal(lambda: apply_overlay(_SHIPPED, Source("o.yaml", data, {})))
    )

"""References by name mean what JSON Schema 2020-12 says.

jsonschema, which follows them itself, is the oracle.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from understudy import create_app, load_contract
from understudy.contract import compile_validator
from understudy.errors import InputError
from understudy.messages import Headers, Response, dump_json
from understudy.source import read_yaml
from understudy.strategies import payloads_from_schema

LEAF: dict[str, Any] = {
    "type": "object",
    "required": ["n"],
    "properties": {"n": {"type": "integer", "minimum": 3}},
}
SCHEMAS: dict[str, Any] = {
    "anchor": {"$ref": "#leaf", "$defs": {"l": {"$anchor": "leaf", **LEAF}}},
    "dynamic anchor as an anchor": {
        "$ref": "#leaf",
        "$defs": {"l": {"$dynamicAnchor": "leaf", **LEAF}},
    },
    "dynamic reference": {
        "$dynamicAnchor": "node",
        **LEAF,
        "properties": {
            **LEAF["properties"],
            "more": {"type": "array", "maxItems": 2, "items": {"$dynamicRef": "#node"}},
        },
    },
    "dynamic reference by pointer": {"$dynamicRef": "#/$defs/l", "$defs": {"l": LEAF}},
    "both references": {
        "$ref": "#leaf",
        "$dynamicRef": "#small",
        "$defs": {
            "l": {"$anchor": "leaf", **LEAF},
            "s": {"$dynamicAnchor": "small", "properties": {"n": {"maximum": 5}}},
        },
    },
    "resource": {
        "$ref": "https://example.com/leaf",
        "$defs": {"l": {"$id": "https://example.com/leaf", **LEAF}},
    },
    "relative resource": {
        "$id": "https://example.com/root",
        "$ref": "leaf#deep",
        "$defs": {"l": {"$id": "leaf", "$defs": {"d": {"$anchor": "deep", **LEAF}}}},
    },
    "anchors of resources are their own": {
        "$id": "https://example.com/root",
        "properties": {"a": {"$ref": "#x"}, "b": {"$ref": "other#x"}},
        "$defs": {
            "mine": {"$anchor": "x", "type": "integer"},
            "other": {"$id": "other", "$defs": {"theirs": {"$anchor": "x", "type": "string"}}},
        },
    },
    "pointer inside of a resource": {
        "$ref": "https://example.com/leaf",
        "$defs": {
            "l": {
                "$id": "https://example.com/leaf",
                "properties": {"n": {"$ref": "#/$defs/count"}},
                "$defs": {"count": {"type": "integer"}},
            }
        },
    },
    "a property of that name is none": {
        "type": "object",
        "properties": {"$anchor": {"type": "string"}, "$id": {"type": "integer"}},
    },
    "odd names": {"$ref": "#l", "$defs": {"a/b~c d%": {"$anchor": "l", **LEAF}}},
}
VALUES: list[Any] = [
    *(
        1,
        "x",
        [],
        {},
        {"n": 1},
        {"n": 3},
        {"n": 9},
        {"n": "x"},
        {"a": 1},
        {"a": "x"},
        {"b": 1},
        {"b": "x"},
    ),
    *(
        {"n": 3, "more": [{"n": 3}]},
        {"n": 3, "more": [{"n": 2}]},
        {"n": 3, "more": [{"n": 3, "more": [{}]}]},
    ),
    *({"$anchor": 1}, {"$id": "x"}, {"$id": 1}),
]


@pytest.mark.parametrize("backend", ["jsonschema", "jsonschema-rs"])
@pytest.mark.parametrize("name", SCHEMAS)
def test_named_references_follow_the_standard(name: str, backend: str) -> None:
    """Anchors, dynamic anchors, and resources with an `$id`."""
    oracle, validator = (
        Draft202012Validator(SCHEMAS[name]),
        compile_validator(SCHEMAS[name], backend=backend),
    )
    for value in VALUES:
        assert validator.is_valid(value) == oracle.is_valid(value), value


@pytest.mark.parametrize("name", SCHEMAS)
def test_values_are_generated_through_named_references(name: str) -> None:
    """A drawn value is valid; a value drawn as invalid is not."""
    oracle = Draft202012Validator(SCHEMAS[name])

    @settings(max_examples=30)
    @given(payloads_from_schema(SCHEMAS[name]), payloads_from_schema(SCHEMAS[name], mode="invalid"))
    def check(value: Any, invalid: Any) -> None:
        assert oracle.is_valid(value)
        assert not oracle.is_valid(invalid.value)

    check()


def test_compiling_does_not_change_the_schema() -> None:
    """The caller may use it as a constant."""
    schema = {"$ref": "#l", "$defs": {"l": {"$anchor": "l", "type": "string"}}}
    compile_validator(schema)
    assert schema["$ref"] == "#l"


DOCUMENT = """
openapi: 3.1.0
info: {title: Trees, version: "1"}
paths:
  /tree:
    get:
      operationId: getTree
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {$ref: "#/components/schemas/Tree"}}}
components:
  schemas:
    Leaf: {$anchor: leaf, type: object, required: [n], properties: {n: {type: integer, minimum: 3}}}
    Tree:
      $dynamicAnchor: node
      type: object
      required: [leaf]
      properties:
        leaf: {$ref: "#leaf"}
        children: {type: array, items: {$dynamicRef: "#node"}}
"""


def _make_tree_response(data: Any) -> Response:
    return Response(200, Headers.of([("Content-Type", "application/json")]), dump_json(data))


def _write_document(folder: Path, text: str = DOCUMENT) -> Path:
    path = folder / "trees.yaml"
    path.write_text(text)
    return path


def test_responses_are_validated_through_named_references(tmp_path: Path) -> None:
    """A violation has the pointer of the node that the name stands for."""
    operation = load_contract(_write_document(tmp_path)).operations["getTree"]
    answer = _make_tree_response({"leaf": {"n": 3}, "children": [{"leaf": {"n": 1}}, {}]})
    assert [str(violation) for violation in operation.validate_response(answer)] == [
        (
            "/children/0/leaf/n: 1; expected at least 3 [minimum] "
            "(/components/schemas/Leaf/properties/n/minimum)"
        ),
        ("/children/1: missing field leaf [required] (/components/schemas/Tree/required)"),
    ]


def test_stub_samples_through_named_references(tmp_path: Path) -> None:
    """The sample is valid. `create_app` accepts the path of a contract as a text."""
    answer = create_app(contract=str(_write_document(tmp_path))).test_client().get("/tree")
    assert answer.status_code == 200
    assert answer.json["leaf"]["n"] >= 3


def test_overlay_can_add_named_references(tmp_path: Path) -> None:
    """Names are looked up after the overlays were applied."""
    text = """
overlay: 1.0.0
info: {title: more, version: "1"}
actions:
  - target: $.components.schemas.Tree.properties
    update: {twig: {$dynamicRef: "#node"}}
"""
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(text)
    operation = load_contract(_write_document(tmp_path), overlays=[overlay]).operations["getTree"]
    [violation] = operation.validate_response(_make_tree_response({"leaf": {"n": 3}, "twig": {}}))
    assert violation.place == "/twig"


def test_unknown_anchor_is_reported_with_the_nearest_name(tmp_path: Path) -> None:
    """The problem has its place."""
    path = _write_document(tmp_path, DOCUMENT.replace('"#leaf"', '"#laef"'))
    with pytest.raises(InputError) as caught:
        load_contract(path, strict=True)
    assert str(caught.value).replace(str(tmp_path), "") == (
        '/trees.yaml:20:22: unknown $anchor in the $ref "#laef". '
        'Expected one of #leaf, #node. Did you mean "#leaf"?'
    )


def test_ambiguous_dynamic_reference_is_a_warning(tmp_path: Path) -> None:
    """Its target depends on the schema that led to it, so it is not validated."""
    more = (
        '    Other: {$id: "https://example.com/other", '
        "$defs: {n: {$dynamicAnchor: node, type: string}}}\n"
    )
    [warning] = load_contract(_write_document(tmp_path, DOCUMENT + more)).warnings
    assert "the $dynamicRef is not followed" in warning.message
    assert "trees.yaml:21:" in str(warning)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"$id": "https://a", "items": {"$id": "http://[bad", "type": "string"}}, ""),
        ({"$ref": "http://[bad"}, "is not fetched"),
        (
            {
                "$dynamicAnchor": "n",
                "properties": {"a": {"$ref": "#n", "$dynamicRef": "#n", "allOf": 5}},
            },
            '"allOf"',
        ),
        ({"$anchor": 5}, 'invalid value of the schema keyword "$anchor"'),
    ],
)
def test_invalid_reference_is_reported_or_ignored(
    schema: dict[str, Any], message: str, tmp_path: Path
) -> None:
    """It never raises another error than InputError."""
    data = read_yaml(_write_document(tmp_path)).data
    data["components"]["schemas"]["Tree"] = schema
    path = tmp_path / "odd.json"
    path.write_bytes(dump_json(data))
    if message:
        with pytest.raises(InputError, match=re.escape(message)):
            load_contract(path, strict=True)
    else:
        load_contract(path)

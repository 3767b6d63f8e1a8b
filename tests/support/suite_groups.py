"""Groups of cases in the manner of the official suite for JSON Schema 2020-12: schema, valid, invalid."""

from typing import Any

_A = {"required": ["a"], "properties": {"a": True}}
_B = {"required": ["b"], "properties": {"b": True}}
_C = {"required": ["c"], "properties": {"c": True}}
_TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "required": ["value"],
            "properties": {
                "value": {"type": "integer"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "additionalProperties": False,
        }
    },
}

GROUPS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "type with several names": ({"type": ["integer", "null"]}, [1, 1.0, None], [1.5, "1", True]),
    "enum distinguishes true from 1": ({"enum": [1, "1", [0]]}, [1, 1.0, "1", [0]], [True, [False], None]),
    "const with nested values": ({"const": {"a": [1, None]}}, [{"a": [1.0, None]}], [{"a": [1]}, {}]),
    "multipleOf in decimal": ({"type": "number", "multipleOf": 0.01}, [0.07, 19.99, 3], [0.075]),
    "bounds and decimal step": (
        {"type": "number", "minimum": 0.1, "maximum": 0.3, "multipleOf": 0.1},
        [0.1, 0.2, 0.3],
        [0, 0.15, 0.4],
    ),
    "exclusive decimal bound": (
        {"type": "number", "exclusiveMinimum": 0.3, "maximum": 0.5, "multipleOf": 0.1},
        [0.4, 0.5],
        [0.3, 0.6],
    ),
    "equal bounds with a fraction": ({"type": "number", "minimum": 0.7, "maximum": 0.7}, [0.7], [0.71]),
    "equal bounds beside exclusion": (
        {"type": "integer", "exclusiveMinimum": 4, "maximum": 5},
        [5, 5.0],
        [4, 6],
    ),
    "lengths count characters": ({"type": "string", "minLength": 2, "maxLength": 2}, ["ab", "😀😀"], ["a", "😀"]),
    "pattern is a search": ({"type": "string", "pattern": "a+b"}, ["xaaby"], ["ba"]),
    "dot matches no line end": ({"type": "string", "pattern": "^.$"}, ["a", "\x85"], ["\r", "\u2028", "\n"]),
    "dollar is the very end": ({"type": "string", "pattern": "^a$"}, ["a"], ["a\n"]),
    "properties of Unicode": ({"type": "string", "pattern": r"^\p{digit}+$"}, ["1", "٣"], ["a", ""]),
    "negated property": ({"type": "string", "pattern": r"^[\P{Lu}]$"}, ["a", "1"], ["A"]),
    "scripts": ({"type": "string", "pattern": r"^\p{Script=Greek}+$"}, ["λ"], ["l", "中"]),
    "letters of a newer Unicode": ({"type": "string", "pattern": r"^\p{L}$"}, ["\U0001e4d0"], ["1"]),
    "ASCII classes": ({"type": "string", "pattern": r"^\w\d$"}, ["a1"], ["é1", "a٣"]),
    "space of ECMA-262": ({"type": "string", "pattern": r"^\s$"}, ["\ufeff", "\xa0"], ["\x1c"]),
    "items after prefixItems": (
        {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        [[], ["a"], ["a", 1]],
        [[1], ["a", "b"]],
    ),
    "no items after prefixItems": (
        {"type": "array", "prefixItems": [{"type": "integer"}], "items": False},
        [[], [1]],
        [[1, 2], ["a"]],
    ),
    "contains with counts": (
        {"type": "array", "contains": {"type": "integer"}, "minContains": 2, "maxContains": 3},
        [[1, 2], [1, "a", 2, 3]],
        [[1], [1, 2, 3, 4]],
    ),
    "contains nothing at all": (
        {"type": "array", "contains": {"const": 1}, "minContains": 0, "maxContains": 0},
        [[], [2]],
        [[1]],
    ),
    "uniqueItems of numbers": (
        {"type": "array", "uniqueItems": True, "items": {"enum": [1, True, 0]}, "minItems": 3},
        [[1, True, 0]],
        [[1, 1.0, 0], [1, True]],
    ),
    "few members": (
        {"type": "object", "minProperties": 1, "maxProperties": 2},
        [{"a": 1}, {"a": 1, "b": 2}],
        [{}, {"a": 1, "b": 2, "c": 3}],
    ),
    "several required names": ({"type": "object", "required": ["a", "b", "c"]}, [{"a": 1, "b": 2, "c": 3}], [{"a": 1, "b": 2}]),
    "a forbidden member": ({"type": "object", "properties": {"a": False}}, [{}, {"b": 1}], [{"a": 1}]),
    "patternProperties and the rest": (
        {
            "type": "object",
            "patternProperties": {"^x-": {"type": "integer"}},
            "additionalProperties": {"type": "string"},
        },
        [{"x-a": 1, "b": "c"}],
        [{"x-a": "c"}, {"b": 1}],
    ),
    "propertyNames": (
        {"type": "object", "propertyNames": {"pattern": "^[a-c]{2}$"}, "minProperties": 1},
        [{"ab": 1}],
        [{"a": 1}, {"ad": 1}],
    ),
    "dependentRequired": (
        {"type": "object", "dependentRequired": {"a": ["b", "c"]}, "properties": {"a": True}},
        [{}, {"a": 1, "b": 2, "c": 3}],
        [{"a": 1, "b": 2}],
    ),
    "dependentSchemas": (
        {"type": "object", "dependentSchemas": {"a": {"required": ["b"], "maxProperties": 2}}},
        [{"c": 1}, {"a": 1, "b": 2}],
        [{"a": 1}, {"a": 1, "b": 2, "c": 3}],
    ),
    "allOf of bounds": ({"allOf": [{"type": "integer"}, {"minimum": 3}, {"maximum": 4}]}, [3, 4], [2, 5, "a"]),
    "anyOf with an impossible part": ({"anyOf": [{"type": "integer", "not": {}}, {"type": "string"}]}, ["a"], [1]),
    "oneOf of overlapping parts": (
        {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 2}]},
        [1, 2.5],
        [3, 1.5],
    ),
    "oneOf within oneOf": (
        {"oneOf": [{"oneOf": [_A, _B]}, _C], "unevaluatedProperties": False},
        [{"a": 1}, {"c": 1}],
        [{"a": 1, "c": 2}, {"a": 1, "b": 1, "c": 1}],
    ),
    "not not evaluates nothing": (
        {"type": "object", "not": {"not": {"properties": {"a": True}}}, "unevaluatedProperties": False},
        [{}],
        [{"a": 1}],
    ),
    "not oneOf evaluates nothing": (
        {"type": "object", "not": {"oneOf": [_A, _B]}, "unevaluatedProperties": False},
        [{}],
        [{"a": 1}, {"a": 1, "b": 2}],
    ),
    "else after a condition that fails": (
        {
            "type": "object",
            "if": {"not": _A},
            "then": {"properties": {"d": True}},
            "else": {"maxProperties": 3},
            "unevaluatedProperties": False,
        },
        [{}, {"d": 1}],
        [{"a": 1}],
    ),
    "if, then, else": (
        {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"enum": ["cat", "dog"]}, "lives": {"type": "integer"}},
            "if": {"properties": {"kind": {"const": "cat"}}},
            "then": {"required": ["lives"]},
            "else": {"properties": {"lives": False}},
        },
        [{"kind": "cat", "lives": 9}, {"kind": "dog"}],
        [{"kind": "cat"}, {"kind": "dog", "lives": 1}],
    ),
    "unevaluatedProperties beside allOf": (
        {
            "type": "object",
            "allOf": [{"properties": {"a": {"type": "string"}}}],
            "properties": {"b": {"type": "integer"}},
            "unevaluatedProperties": False,
        },
        [{"a": "x", "b": 1}],
        [{"c": 1}],
    ),
    "unevaluatedProperties with a schema": (
        {"type": "object", "properties": {"a": True}, "unevaluatedProperties": {"type": "string"}},
        [{"a": 1, "b": "c"}],
        [{"b": 1}],
    ),
    "unevaluatedItems beside contains": (
        {"type": "array", "contains": {"type": "string"}, "unevaluatedItems": {"type": "integer"}},
        [["a"], ["a", 1, "b"]],
        [[1], ["a", None]],
    ),
    "unevaluatedItems beside prefixItems": (
        {"type": "array", "anyOf": [{"prefixItems": [{"type": "integer"}]}], "unevaluatedItems": False},
        [[], [1]],
        [[1, 2]],
    ),
    "a tree": (_TREE, [{"value": 1, "children": [{"value": 2}]}], [{"value": 1, "children": [{}]}]),
    "keywords beside $ref": (
        {"$ref": "#/$defs/a", "minimum": 3, "$defs": {"a": {"type": "integer"}}},
        [3],
        [2, "a", 3.5],
    ),
    "a format that is asserted": ({"type": "string", "format": "date"}, ["2024-02-29"], ["2023-02-29"]),
    "bounds of int32": ({"type": "integer", "format": "int32"}, [2**31 - 1], [2**31]),
}  # fmt: skip
"""By description: a schema, values that are valid, and values that are not."""

"""Schemas of every keyword: what is drawn for a schema has to be valid for it."""

from typing import Any

NUMBERS: list[Any] = [
    {"type": "integer", "format": "int32", "minimum": 3},
    {"type": "integer", "minimum": 0.5, "maximum": 1.5},
    {"type": "integer", "multipleOf": 7, "minimum": -100},
    {"type": "integer", "multipleOf": 1.5},
    {"type": "integer", "not": {"multipleOf": 2}},
    {"type": "integer", "not": {"multipleOf": 1234}, "minimum": 5000, "maximum": 10**12},
    {"type": "integer", "not": {"format": "int32"}},
    {"type": "integer", "maximum": -(2**70)},
    {"type": "integer", "not": {"enum": [1, 2]}, "minimum": 0, "maximum": 3},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 5},
    {"type": "number", "multipleOf": 0.1},
    {"type": "number", "multipleOf": 1.5, "not": {"multipleOf": 4.5}},
    {"type": "number", "not": {"type": "integer"}},
    {"type": "number", "minimum": 1e308},
    {"type": "number", "format": "int32"},
    {"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 1.0000001},
]
TEXTS: list[Any] = [
    {"type": ["string", "null"], "maxLength": 2},
    {"type": "string", "pattern": "^[a-z]{2}[0-9]$"},
    {"type": "string", "minLength": 5, "maxLength": 7, "pattern": "^[a-z]+-[0-9]+$"},
    {"type": "string", "minLength": 30, "pattern": "ab|cd"},
    {"type": "string", "pattern": "^(a|bc){2,4}x?$", "maxLength": 6},
    {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
    {"type": "string", "pattern": r"^[^\s]+$", "minLength": 8, "maxLength": 8},
    {"type": "string", "pattern": "^(?!foo)[a-z]{3}$"},
    {"type": "string", "not": {"pattern": "^a"}},
    {"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "b$"}]},
    {"type": "string", "allOf": [{"pattern": "^[a-z]+$"}, {"pattern": "^s"}], "maxLength": 6},
    {"type": "string", "allOf": [{"pattern": "^[a-z]{2,4}$"}, {"pattern": "^[m-z]*$"}]},
    {
        "type": "string",
        "allOf": [{"pattern": r"^\S+$"}, {"pattern": "x[0-9]"}, {"pattern": "^.{3,9}$"}],
    },
    {"type": "string", "allOf": [{"pattern": "^[a-z]*$"}, {"pattern": "^[0-9]*$"}]},
    {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "uuid"}]},
    {"type": "string", "format": "date-time", "maxLength": 20},
    {"type": "string", "format": "date-time", "minLength": 40},
    {"type": "string", "format": "date", "not": {"const": "2000-01-01"}},
    {"type": "string", "not": {"format": "uuid"}},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "uuid", "minLength": 36, "pattern": "^[0-9a-f]"},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "email"},
    {"type": "string", "format": "ipv6"},
]
ARRAYS: list[Any] = [
    {"type": "array", "items": {"enum": [1, "a"]}, "minItems": 1, "maxItems": 2},
    {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
    {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
    {
        "type": "array",
        "prefixItems": [{"type": "integer"}],
        "items": {"type": "null"},
        "minItems": 3,
    },
    {
        "type": "array",
        "prefixItems": [{"const": 1}, {"enum": [1, 2]}],
        "uniqueItems": True,
        "minItems": 2,
    },
    {"type": "array", "contains": {"const": 5}, "items": {"type": "integer"}},
    {
        "type": "array",
        "contains": {"type": "string"},
        "minContains": 2,
        "maxContains": 3,
        "maxItems": 6,
    },
    {"type": "array", "contains": {"type": "string"}, "minContains": 0, "maxContains": 0},
    {
        "type": "array",
        "allOf": [{"contains": {"type": "string"}}, {"contains": {"const": 1}, "maxContains": 1}],
    },
    {"type": "array", "items": {"type": "integer"}, "not": {"uniqueItems": True}},
    {"type": "array", "not": {"items": {"type": "integer"}}},
    {"type": "array", "not": {"contains": {"type": "integer"}}},
    {"type": "array", "not": {"prefixItems": [True, {"type": "null"}]}},
    {"type": "array", "prefixItems": [{"type": "integer"}], "unevaluatedItems": False},
    {"type": "array", "contains": {"type": "string"}, "unevaluatedItems": {"type": "null"}},
    {
        "type": "array",
        "allOf": [{"prefixItems": [{"type": "integer"}]}],
        "anyOf": [
            {"prefixItems": [True, {"type": "string"}]},
            {"prefixItems": [True, True, {"type": "null"}]},
        ],
        "unevaluatedItems": False,
    },
]
OBJECTS: list[Any] = [
    {"properties": {"a": {"type": "null"}}},
    {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "boolean"}, "b": {"type": "number"}},
    },
    {
        "type": "object",
        "patternProperties": {"^a": {"type": "integer"}, "b$": {}},
        "additionalProperties": False,
    },
    {
        "type": "object",
        "propertyNames": {"pattern": "^[a-c]{1,3}$"},
        "minProperties": 2,
        "maxProperties": 4,
    },
    {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z]+$", "maxLength": 6},
        "patternProperties": {"^s": {"type": "integer"}},
        "additionalProperties": {"type": "boolean"},
        "minProperties": 1,
    },
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3},
    {
        "type": "object",
        "properties": {"a": {}, "b": {}, "c": {}},
        "maxProperties": 1,
        "additionalProperties": False,
    },
    {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {}, "c": {}},
        "minProperties": 3,
    },
    {
        "type": "object",
        "propertyNames": {"enum": ["a", "b"]},
        "minProperties": 1,
        "properties": {"a": {}, "c": {}},
    },
    {
        "type": "object",
        "dependentRequired": {"a": ["b"], "b": ["c"]},
        "properties": {"a": {}, "b": {}, "c": {}},
    },
    {
        "type": "object",
        "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"const": 3}}}},
    },
    {"type": "object", "not": {"required": ["a"]}},
    {
        "type": "object",
        "not": {"additionalProperties": {"type": "integer"}, "properties": {"a": True}},
    },
    {"type": "object", "not": {"propertyNames": {"maxLength": 3}}},
    {"type": "object", "not": {"patternProperties": {"^x": {"type": "integer"}}}},
    {"type": "object", "not": {"minProperties": 2}},
    {"type": "object", "not": {"maxProperties": 2}},
    {"type": "object", "not": {"dependentRequired": {"a": ["b"]}}},
    {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "allOf": [{"properties": {"b": {"type": "string"}}, "required": ["b"]}],
        "unevaluatedProperties": False,
    },
    {
        "type": "object",
        "anyOf": [
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
            {"patternProperties": {"^c": {}}},
        ],
        "unevaluatedProperties": {"type": "null"},
    },
    {
        "type": "object",
        "not": {"properties": {"a": {"type": "integer"}}, "unevaluatedProperties": False},
    },
]
COMPOSED: list[Any] = [
    True,
    {},
    {"const": {"a": 1}},
    {"enum": [1, 2, 3, "a", None, True], "not": {"type": "string"}},
    {"type": "integer", "enum": [1, 2.0, "x"]},
    {"allOf": [{"minimum": 1}, {"maximum": 3}], "type": "integer"},
    {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    {"oneOf": [{"type": "integer", "multipleOf": 3}, {"type": "integer", "multipleOf": 5}]},
    {
        "type": "integer",
        "minimum": 0,
        "maximum": 15,
        "oneOf": [{"multipleOf": 3}, {"multipleOf": 5}],
    },
    {
        "oneOf": [
            {"type": "object", "required": ["x"]},
            {"type": "object", "required": ["y"]},
            {"type": "null"},
        ]
    },
    {
        "oneOf": [
            {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "a"}, "x": {"type": "integer"}},
            },
            {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "b"}, "y": {"type": "string"}},
            },
        ]
    },
    {"not": {"type": "object"}},
    {"not": {"anyOf": [{"type": "string"}, {"type": "number", "minimum": 3}]}},
    {"not": {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 0}, {"type": "string"}]}},
    {"not": {"if": {"type": "string"}, "then": {"minLength": 3}, "else": {"type": "null"}}},
    {
        "if": {"type": "integer"},
        "then": {"minimum": 10},
        "else": {"type": "string", "minLength": 3},
    },
    {
        "type": "object",
        "if": {"properties": {"t": {"const": 1}}, "required": ["t"]},
        "then": {"required": ["u"]},
        "else": {"required": ["v"]},
    },
    {
        "type": "object",
        "required": ["kids"],
        "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}},
    },
    {
        "type": "object",
        "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "v": {"type": "integer"}},
    },
    {
        "$ref": "#/$defs/a",
        "$defs": {
            "a": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#/$defs/a"}}]}
        },
    },
    {"$ref": "#/$defs/a", "maximum": 5, "$defs": {"a": {"type": "integer", "minimum": 1}}},
]
ALL = [*NUMBERS, *TEXTS, *ARRAYS, *OBJECTS, *COMPOSED]

IMPOSSIBLE: list[Any] = [
    False,
    {"not": {}},
    {"enum": []},
    {"type": "integer", "minimum": 1, "maximum": 0},
    {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2},
    {"type": "string", "minLength": 3, "maxLength": 2},
    {"type": "string", "pattern": "^abc$", "maxLength": 2},
    {"type": "string", "allOf": [{"pattern": "^[a-z]+$"}, {"pattern": "^[0-9]+$"}]},
    {"type": "string", "allOf": [{"pattern": "^[0-9]+$"}, {"pattern": "[ab]"}]},
    {"type": "string", "format": "uuid", "maxLength": 35},
    {"type": "array", "minItems": 2, "items": {"type": "integer"}, "maxItems": 1},
    {"type": "array", "minItems": 1, "items": False},
    {"type": "object", "required": ["a"], "properties": {"a": False}},
    {"type": "object", "required": ["a", "b"], "maxProperties": 1},
    {"type": "object", "required": ["ab"], "propertyNames": {"maxLength": 1}},
    {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}},
    {"allOf": [{"type": "string"}, {"type": "integer"}]},
    {"oneOf": [{"type": "integer"}, {"type": "integer"}]},
]

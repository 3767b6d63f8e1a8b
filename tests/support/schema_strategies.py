"""Small JSON Schemas, to check that both back ends report the same."""

from typing import Any

from hypothesis import strategies as st

from contract_builders import VALUES

NAMES = st.sampled_from(["a", "b", "c", "0", "07", "~/"])
_COUNTS = st.integers(0, 3)
_TYPES = st.sampled_from(["null", "boolean", "object", "array", "number", "string", "integer"])
_SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "type": _TYPES | st.lists(_TYPES, min_size=1, max_size=3, unique=True),
    "enum": st.lists(VALUES, min_size=1, max_size=3),
    "const": VALUES,
    "minimum": st.sampled_from([0, 1, 1.5, 2**63]),
    "maximum": st.sampled_from([0, 1, 1.5, 2**63]),
    "exclusiveMinimum": st.sampled_from([0, 1, 2]),
    "exclusiveMaximum": st.sampled_from([0, 1, 2]),
    "multipleOf": st.sampled_from([1, 2, 0.01, 0.5, 3]),
    "minLength": _COUNTS,
    "maxLength": _COUNTS,
    "pattern": st.sampled_from([r"^\d+$", "^a$", r"\w", r"[^a-c]", r"^\S*$", r"\bé", ".", "^$"]),
    "format": st.sampled_from(["int32", "int64", "date", "date-time", "uuid", "email"]),
    "minItems": _COUNTS,
    "maxItems": _COUNTS,
    "uniqueItems": st.booleans(),
    "minProperties": _COUNTS,
    "maxProperties": _COUNTS,
    "required": st.lists(NAMES, max_size=3, unique=True),
    "dependentRequired": st.dictionaries(
        NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=2
    ),
}


def _nest_schema(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several, named = (
        st.lists(inner, min_size=1, max_size=2),
        st.dictionaries(NAMES, inner, max_size=3),
    )
    whole = {
        **dict.fromkeys(
            ["additionalProperties", "items", "contains", "propertyNames", "not"], inner
        ),
        **dict.fromkeys(["if", "then", "else", "unevaluatedProperties", "unevaluatedItems"], inner),
        **dict.fromkeys(["allOf", "anyOf", "oneOf", "prefixItems"], several),
        "properties": named,
        "dependentSchemas": named,
        "patternProperties": st.dictionaries(
            st.sampled_from(["^a", r"^\d", "b$"]), inner, max_size=2
        ),
        "$ref": st.just("#/$defs/a"),
    }
    return st.one_of([_under_key(key, part) for key, part in {**whole, **_SIMPLE}.items()])


def _under_key(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return values.map(lambda value: {key: value})


def _merge_parts(parts: list[Any]) -> Any:
    return {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}


_LEAVES = st.booleans() | st.one_of([_under_key(key, part) for key, part in _SIMPLE.items()])
SCHEMAS = st.lists(st.recursive(_LEAVES, _nest_schema, max_leaves=5), min_size=1, max_size=3).map(
    _merge_parts
)
"""Schemas of a few keywords each; `$ref` leads to `#/$defs/a`."""

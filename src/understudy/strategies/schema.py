"""Payloads from a schema: constructive where the keywords are common, filtered by the validator for the rest."""

import math
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from understudy.contract import Contract, compile_validator

_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
_FORMATS: dict[str, st.SearchStrategy[str]] = {
    "date-time": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda moment: moment.isoformat()
    ),
    "date": st.dates().map(lambda day: day.isoformat()),
    "uuid": st.uuids().map(str),
    "email": st.emails(),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
}
_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
# What the constructions below obey by themselves; a schema that asserts anything else is filtered as well.
_CONSTRUCTED = {
    "$ref", "type", "enum", "const", "properties", "required", "items", "minItems", "maxItems", "minLength",
    "maxLength", "minimum", "maximum", "format", "anyOf", "oneOf", "title", "description", "example", "examples",
    "default", "deprecated", "readOnly", "writeOnly", "$comment",
}  # fmt: skip
_MAX_DEPTH = 12


def payloads_from_schema(schema: Any, *, contract: Contract | None = None) -> st.SearchStrategy[Any]:
    """Give JSON values that are valid for a JSON Schema (2020-12). `$ref` is looked up in the contract.

    Type, enum, const, objects, arrays, strings, numbers and their bounds are built directly; what else the schema
    asserts is reached by filtering.
    """
    document = contract.document if contract else schema
    built = _Builder(document).build(schema, 0)
    if not _needs_filter(document, schema, set()):
        return built
    validator = compile_validator(schema, document=document)
    return built.filter(validator.is_valid)


def _needs_filter(document: Any, schema: Any, seen: set[int]) -> bool:
    if not isinstance(schema, dict) or id(schema) in seen:
        return False
    seen.add(id(schema))
    if any(key not in _CONSTRUCTED and not key.startswith("x-") for key in schema):
        return True
    if "oneOf" in schema or schema.get("format", "int32") not in {**_FORMATS, **_BOUNDS}:
        return True
    inner = [*schema.get("properties", {}).values(), schema.get("items"), *schema.get("anyOf", [])]
    if "$ref" in schema:
        inner.append(_resolve(document, schema["$ref"]))
    return any(_needs_filter(document, part, seen) for part in inner)


def _resolve(document: Any, reference: str) -> Any:
    node = document
    for token in reference.removeprefix("#").split("/")[1:]:
        node = node[token.replace("~1", "/").replace("~0", "~")]
    return node


class _Builder:
    def __init__(self, document: Any) -> None:
        self._document = document

    def build(self, schema: Any, depth: int) -> st.SearchStrategy[Any]:
        if schema is True or schema == {}:
            return _ANY
        if schema is False or depth > _MAX_DEPTH:
            return st.nothing()
        if "$ref" in schema:
            return self.build(_resolve(self._document, schema["$ref"]), depth + 1)
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                return st.one_of([self.build(part, depth + 1) for part in schema[keyword]])
        types = schema.get("type", _implied_type(schema))
        names = [types] if isinstance(types, str) else types
        return st.one_of([self._typed(name, schema, depth) for name in names]) if names else _ANY

    def _typed(self, name: str, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
        match name:
            case "null":
                return st.none()
            case "boolean":
                return st.booleans()
            case "integer":
                low, high = _BOUNDS.get(schema.get("format", ""), (None, None))
                return st.integers(
                    _tighter(max, low, schema.get("minimum")), _tighter(min, high, schema.get("maximum"))
                )
            case "number":
                low, high = schema.get("minimum"), schema.get("maximum")
                return st.floats(low, high, allow_nan=False, allow_infinity=False)
            case "string":
                return _texts(schema)
            case "array":
                inner = self.build(schema.get("items", True), depth + 1)
                least = schema.get("minItems", 0)
                if inner.is_empty:  # the nesting has to end somewhere
                    return st.just([]) if not least else st.nothing()
                return st.lists(inner, min_size=least, max_size=schema.get("maxItems", least + 5))
            case _:
                return self._object(schema, depth)

    def _object(self, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
        needed = set(schema.get("required", ()))
        made = {name: self.build(part, depth + 1) for name, part in schema.get("properties", {}).items()}
        made |= dict.fromkeys(needed - set(made), _ANY)
        optional = {name: part for name, part in made.items() if name not in needed and not part.is_empty}
        return st.fixed_dictionaries({name: part for name, part in made.items() if name in needed}, optional=optional)


def _implied_type(schema: dict[str, Any]) -> list[str]:
    hints = {"properties": "object", "required": "object", "items": "array", "minLength": "string", "format": "string"}
    return (
        [next((kind for keyword, kind in hints.items() if keyword in schema), "")] if set(hints) & set(schema) else []
    )


def _tighter(choose: Any, bound: int | None, told: float | None) -> int | None:
    rounded = None if told is None else math.ceil(told) if choose is max else math.floor(told)
    known = [value for value in (bound, rounded) if value is not None]
    return choose(known) if known else None


def _texts(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    least = schema.get("minLength", 0)
    letters = st.characters(exclude_categories=["Cs"])
    return st.text(letters, min_size=least, max_size=schema.get("maxLength"))

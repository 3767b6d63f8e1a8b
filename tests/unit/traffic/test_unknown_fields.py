"""Fields that no schema of a body has are found; what may have any name is not one."""

from typing import Any

import pytest

from understudy.messages import Json
from understudy.traffic.unknown_fields import FieldFinder

PET: dict[str, Any] = {"type": "object", "properties": {"a": {"properties": {"x": {}}}}}
DOCUMENT: dict[str, Any] = {
    "schemas": {
        "Base": {"properties": {"kind": {}}, "discriminator": {"propertyName": "kind"}},
        "Cat": {"allOf": [{"$ref": "#/schemas/Base"}, {"properties": {"claws": {}}}]},
        "Tree": {"properties": {"value": {}, "next": {"$ref": "#/schemas/Tree"}}},
    }
}
VALUE: Json = {"a": {"x": 1, "y": 2}, "b": 3}


def find(schema: object, value: Json) -> list[str]:
    """Return the pointers of the unknown fields, sorted."""
    fields = FieldFinder(DOCUMENT).find(value, schema, "")  # type: ignore[arg-type]
    return sorted(f"{field.place}/{field.name}" for field in fields)


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/schemas/{name}"}


@pytest.mark.parametrize(
    "schema",
    [
        PET,
        {"oneOf": [PET, {"type": "null"}]},
        {"anyOf": [PET, {"type": "string"}]},
        {"anyOf": [PET, {"enum": [{"q": 1}]}]},
        {**PET, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"allOf": [PET, {"type": "object", "description": "More."}]},
        {**PET, "not": {"properties": {"b": {}}}},
        {**PET, "patternProperties": {"^c": {}}},
        {**PET, "type": ["object", "null"]},
    ],
)
def test_unknown_fields_are_found(schema: object) -> None:
    """At each depth, whatever is beside the properties."""
    assert find(schema, VALUE) == ["/a/y", "/b"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"anyOf": [PET, {"type": "object"}]},
        {"anyOf": [PET, {"description": "Anything."}]},
        {"oneOf": [PET, True]},
        {**PET, "$dynamicRef": "#node"},
        {**PET, "propertyNames": {"pattern": "^.$"}},
        {"allOf": [PET, {"$ref": "#/schemas/Missing"}]},
        {"allOf": [PET, {"$ref": "other.yaml#/Pet"}]},
    ],
)
def test_what_may_have_any_name_is_not_searched(schema: object) -> None:
    """A free map as an alternative, references that cannot be followed, rules for names."""
    assert find(schema, VALUE) == []


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({**PET, "additionalProperties": PET}, ["/a/y"]),
        ({"allOf": [PET], "unevaluatedProperties": False}, ["/a/y"]),
        ({**PET, "patternProperties": {"^b": {}}}, ["/a/y"]),
        ({**PET, "if": True, "then": {"properties": {"b": {}}}}, ["/a/y"]),
        ({**PET, "dependentSchemas": {"a": {"properties": {"b": {}}}}}, ["/a/y"]),
    ],
)
def test_fields_of_other_keywords_are_known(schema: object, expected: list[str]) -> None:
    """Members may be described beside `properties`; what is inside of them is searched."""
    assert find(schema, VALUE) == expected


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (ref("Base"), {"kind": "cat", "claws": 1}, []),
        ({"items": ref("Base")}, [{"kind": "cat", "claws": 1}], []),
        (ref("Cat"), {"kind": "cat", "claws": 1, "wings": 2}, ["/wings"]),
        ({"oneOf": [ref("Cat")], "discriminator": {}}, {"claws": 1, "wings": 2}, ["/wings"]),
        (ref("Tree"), {"next": {"next": {"vaule": 1}}}, ["/next/next/vaule"]),
        ({"items": PET, "contains": {"properties": {"b": {}}}}, [VALUE], ["/0/a/y"]),
        (
            {"prefixItems": [PET], "items": ref("Tree")},
            [VALUE, {"b": 1}],
            ["/0/a/y", "/0/b", "/1/b"],
        ),
    ],
)
def test_subtypes_recursion_and_items(schema: object, value: Json, expected: list[str]) -> None:
    """A discriminator may name subtypes that the schema does not list."""
    assert find(schema, value) == expected

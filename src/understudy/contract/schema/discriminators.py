"""What a `discriminator` requires of the values that are generated for a schema.

Validation ignores it; a client that reads the value needs it. Source: OpenAPI 3.1, Discriminator
Object.
"""

from collections.abc import Iterator
from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    follow_refs,
    ref_target,
    resolve_pointer,
)
from understudy.contract.schema.merge import merge_schemas

_SCHEMAS = "/components/schemas/"


def pin_alternative(document: object, schema: JsonObject, alternative: object) -> JsonObject | None:
    """Return what a value of one alternative of a schema with a discriminator has to satisfy.

    None where the schema has no discriminator, or where the alternative has no name.
    """
    property_name = discriminating_property(schema)
    target = ref_target(alternative)
    if not property_name or target is None:
        return None
    names = list(_names_of(document, schema["discriminator"], target))
    return _pin(document, alternative, property_name, names)


def pin_reference(document: object, reference: object) -> JsonObject | None:
    """Return what a value of a referenced schema has to satisfy by an inherited discriminator.

    A schema inherits the discriminator of the schemas in its `allOf`. None where there is none.
    """
    target = ref_target(reference)
    if target is None:
        return None
    for pointer, part in _ancestors(document, target):
        property_name = discriminating_property(part)
        if property_name and pointer != target:
            names = list(_names_of(document, part["discriminator"], target))
            return _pin(document, reference, property_name, names)
    return None


def list_subtypes(document: object, reference: object) -> list[JsonObject]:
    """Return references to the schemas that inherit from a referenced schema with a discriminator.

    Those that its mapping names come first. Empty for a schema without a discriminator, and for one
    whose alternatives are listed (`oneOf`, `anyOf`).
    """
    target = ref_target(reference)
    if target is None:
        return []
    schema, pointer = follow_refs(document, reference, "")
    if not isinstance(schema, dict) or not discriminating_property(schema):
        return []
    if "oneOf" in schema or "anyOf" in schema:
        return []
    mapping = schema["discriminator"].get("mapping") or {}
    candidates = [_mapping_target(document, value) for value in mapping.values()]
    candidates += [_SCHEMAS + name for name in _component_names(document)]
    subtypes: list[JsonObject] = []
    for candidate in dict.fromkeys(candidates):
        if candidate is None or candidate == pointer:
            continue
        if any(above == pointer for above, _ in _ancestors(document, candidate)):
            subtypes.append({"$ref": f"#{candidate}"})
    return subtypes


def is_lenient_one_of(schema: JsonObject) -> bool:
    """Return whether a value may satisfy several alternatives of `oneOf`.

    A discriminator chooses between referenced schemas, also where they are alike.
    """
    if not discriminating_property(schema) or "anyOf" in schema:
        return False
    return all(ref_target(part) is not None for part in schema["oneOf"])


def is_reference(schema: object) -> bool:
    """Return whether a schema is a `$ref` and nothing else."""
    return isinstance(schema, dict) and schema.keys() == {"$ref"}


def discriminating_property(schema: object) -> str:
    """Return the name of the property by which a schema is known; empty without a discriminator."""
    if not isinstance(schema, dict):
        return ""
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict):
        return ""
    name = discriminator.get("propertyName")
    return name if isinstance(name, str) else ""


def _names_of(document: object, discriminator: JsonObject, target: str) -> Iterator[str]:
    """Yield the names of a schema: those of the mapping, then its own name."""
    mapping = discriminator.get("mapping") or {}
    for name, value in mapping.items():
        if _mapping_target(document, value) == target:
            yield name
    if target.startswith(_SCHEMAS):
        yield target.removeprefix(_SCHEMAS)


def _mapping_target(document: object, value: object) -> str | None:
    """Return the pointer that a value of a mapping means: a reference, or the name of a schema."""
    if not isinstance(value, str):
        return None
    if value in _component_names(document):
        return _SCHEMAS + value
    return ref_target({"$ref": value})


def _component_names(document: Any) -> list[str]:
    """Return the names of the schemas of a document's components."""
    try:
        return list(document["components"]["schemas"])
    except (KeyError, TypeError, IndexError):
        return []


def _ancestors(document: object, target: str) -> Iterator[tuple[str, JsonObject]]:
    """Yield the pointers and schemas that a schema inherits from by `allOf`, itself first."""
    waiting = [target]
    seen: set[str] = set()
    while waiting:
        pointer = waiting.pop(0)
        if pointer in seen:
            continue
        seen.add(pointer)
        try:
            schema = resolve_pointer(document, pointer)
        except PointerError:
            continue
        if not isinstance(schema, dict):
            continue
        yield pointer, schema
        parts = [schema, *schema.get("allOf", ())]
        waiting += [above for above in map(ref_target, parts) if above is not None]


def _pin(
    document: object, schema: object, property_name: str, names: list[str]
) -> JsonObject | None:
    """Return the schema of objects with the first name that the property's own schema allows."""
    merged = merge_schemas([schema], document)
    part = merged.get("properties", {}).get(property_name, {})
    described = merge_schemas([part], document)
    listed = described.get("enum")
    if "const" in described:
        listed = [described["const"]]
    if listed is not None:
        names = [name for name in names if name in listed]
    if not names:
        return None
    return {"properties": {property_name: {"const": names[0]}}, "required": [property_name]}

"""The JSON types that a schema allows: they decide how a text of a query or path is parsed."""

from collections.abc import Iterator

from understudy.contract.document.pointers import JsonObject, follow_refs

TypeNames = tuple[str, ...]
"""Names of JSON types, in the order in which they are tried."""

_TYPE_NAMES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    dict: "object",
}
# Keywords that only make sense for one type, for schemas without `type`.
_KEYWORD_TYPES = (
    ("properties", "object"),
    ("items", "array"),
    ("minimum", "number"),
    ("pattern", "string"),
)


def infer_types(schema: object, document: object) -> TypeNames:
    """Return the types that a schema allows, in the schema's order; empty when it names none.

    They come from `type`, else from `enum` and `const`, else from a keyword that implies one. The
    parts of `allOf`, `anyOf` and `oneOf` count too.
    """
    parts = list(iter_schema_parts(schema, document))
    names: list[str] = []
    for part in parts:
        names += _declared_types(part)
    if not names:
        return _implied_type(parts)
    return tuple(dict.fromkeys(names))


def _declared_types(part: JsonObject) -> list[str]:
    declared = part.get("type")
    if isinstance(declared, str):
        return [declared]
    if declared is not None:
        return list(declared)
    constants = [part["const"]] if "const" in part else []
    values = part.get("enum", constants)
    return [_TYPE_NAMES.get(type(value), "array") for value in values]


def _implied_type(parts: list[JsonObject]) -> TypeNames:
    for part in parts:
        for keyword, name in _KEYWORD_TYPES:
            if keyword in part:
                return (name,)
    return ()


def iter_schema_parts(schema: object, document: object) -> Iterator[JsonObject]:
    """Yield a schema and the schemas it is composed of, each once, references followed."""
    yield from _iter_parts(schema, document, set())


def _iter_parts(schema: object, document: object, seen: set[int]) -> Iterator[JsonObject]:
    """Yield a schema and the schemas it is composed of, each once, references followed.

    `seen` are the identities of the schemas that were yielded.
    """
    if not isinstance(schema, dict) or id(schema) in seen:
        return
    seen.add(id(schema))
    yield schema
    if "$ref" in schema:
        # The keywords beside a reference count too.
        target, _ = follow_refs(document, {"$ref": schema["$ref"]}, "")
        yield from _iter_parts(target, document, seen)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from _iter_parts(part, document, seen)

"""The JSON Schema of the scenario format, and the check of files against it.

Problems are described with the names that YAML uses: a mapping, a list, a text.
"""

import json
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from understudy.contract import SchemaError, Validator, compile_validator
from understudy.contract.document.pointers import child_pointer
from understudy.errors import ProblemReport

_FILE = "scenario.schema.json"
_MAX_TEXT = 60
"""The number of characters of a found value that a message shows."""
_MAX_BITS = 1024
"""Longer integers are described by their size: Python refuses to convert very long ones to text."""
_KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
"""The names that YAML uses for the types of JSON Schema."""

Schema = dict[str, Any]


@cache
def scenario_schema() -> Schema:
    """Return the published JSON Schema of the format (draft 2020-12)."""
    text = Path(__file__).with_name(_FILE).read_text(encoding="utf-8")
    schema: Schema = json.loads(text)
    return schema


@cache
def _validator() -> Validator:
    """Return the validator of the format, which is compiled once."""
    return compile_validator(scenario_schema())


def check_format(data: object, report: ProblemReport) -> dict[str, Any]:
    """Report every problem of a file, and return its data without the parts that have one.

    Items of a list keep their positions: a removed item becomes None. JSON Schema accepts 1.0 as an
    integer; such floats become ints. Returns an empty mapping when the file as a whole has the
    wrong type.
    """
    removed: set[str] = set()
    for error in _validator().iter_errors(data):
        removed.update(_report_error(error, data, report))
    if "" in removed:
        return {}
    cleaned: dict[str, Any] = _copy_without(data, "", removed)
    return cleaned


def copy_checked_data(data: object) -> dict[str, Any]:
    """Return the data of a file without problems as `check_format` returns it."""
    cleaned: dict[str, Any] = _copy_without(data, "", set())
    return cleaned


def _report_error(error: SchemaError, data: object, report: ProblemReport) -> Iterator[str]:
    """Report one schema error. Yield the pointers of the values that cannot be used."""
    pointer, schema = error.pointer, _schema_at(error.schema_pointer)
    value = follow_pointer(data, pointer)
    match error.keyword:
        case "additionalProperties":
            known = list(schema["properties"])
            for name in value.keys() - schema["properties"].keys():
                _report_unknown_key(name, known, pointer, report)
                yield child_pointer(pointer, name)
        case "required":
            for name in schema["required"]:
                if name not in value:
                    _report_missing_key(name, schema, pointer, report)
        case "dependentRequired":
            present = [f'"{name}"' for name in schema["dependentRequired"] if name in value]
            expected = '"accessKey" and "secretKey" together'
            report.add(
                "missing-key",
                f"only {', '.join(present)} is given",
                pointer,
                expected=expected,
            )
        case _:
            _report_value(error, data, schema, report)
            yield pointer


def _report_unknown_key(
    name: str,
    known: list[str],
    pointer: str,
    report: ProblemReport,
) -> None:
    """Report a key that the schema does not have, at the key, with the nearest known one."""
    near = report.find_nearest(name, known)
    expected = "" if near else f"one of {', '.join(known)}"
    where = child_pointer(pointer, name)
    message = f'unknown key "{name}"'
    report.add(
        "unknown-key",
        message,
        where,
        key=True,
        expected=expected,
        nearest=near,
    )


def _report_missing_key(
    name: str,
    schema: Schema,
    pointer: str,
    report: ProblemReport,
) -> None:
    """Report a required key that a mapping lacks, at the mapping."""
    # The internal section `world` requires keys that the schema does not describe.
    example = schema["properties"].get(name, {}).get("const", "…")
    report.add("missing-key", f'missing key "{name}"', pointer, expected=f"{name}: {example}")


def _report_value(
    error: SchemaError,
    data: object,
    schema: Schema,
    report: ProblemReport,
) -> None:
    """Report a value that a keyword does not allow."""
    pointer = error.pointer
    value = follow_pointer(data, pointer)
    near = ""
    if isinstance(value, str):
        near = report.find_nearest(value, [str(item) for item in schema.get("enum", [])])
    is_empty_file = value is None and not pointer
    is_empty = is_empty_file or error.keyword in ("minItems", "minProperties")
    shown = "empty" if is_empty else describe_value(value)
    message = f"{_name_node(pointer, data)} is {shown}"
    report.add(
        "bad-value",
        message,
        pointer,
        expected=_describe_expected(error, schema),
        hint=_find_example(error, data, schema),
        nearest=near,
    )


def _describe_expected(error: SchemaError, schema: Schema) -> str:
    """Return the description of the expected value, with the names that YAML uses."""
    keyword = error.keyword
    limit = schema.get(keyword)
    match keyword:
        case "enum":
            return "one of " + ", ".join(map(str, schema["enum"]))
        case "pattern":
            return str(schema.get("description", f"a text that matches {limit}"))
        case "type" if not error.pointer:
            return 'a mapping that begins with "understudy: 1"'
        case "type":
            return _describe_type(schema)
        case "minLength" if limit == 1:
            return "a text that is not empty"
        case "minItems" | "minProperties" if limit == 1:
            return "at least one"
        case "uniqueItems":
            return "each item once"
        case _:
            return error.expected


def _find_example(error: SchemaError, data: object, schema: Schema) -> str:
    """Return a hint with an example of a mapping or list; empty: the schema has none."""
    examples = schema.get("examples", [])
    if error.keyword != "type" or not examples or isinstance(examples[0], str):
        return ""
    parent, _, last = error.pointer.rpartition("/")
    text = _write_flow(examples[0])
    if isinstance(follow_pointer(data, parent), dict):
        text = f"{_unescape(last)}: {text}"
    return f"Example: {text}"


def _write_flow(value: object) -> str:
    """Return plain data of an example as YAML on one line."""
    match value:
        case dict():
            members = [f"{key}: {_write_flow(member)}" for key, member in value.items()]
            return f"{{{', '.join(members)}}}"
        case list():
            return f"[{', '.join(map(_write_flow, value))}]"
        case _:
            return str(value)


def _describe_type(schema: Schema) -> str:
    """Return the description of the expected types: `a text`, `a whole number or a list`."""
    kinds = schema.get("type") or []
    if isinstance(kinds, str):
        kinds = [kinds]
    if kinds == ["string"] and "pattern" in schema and "description" in schema:
        return str(schema["description"])  # a duration, say: more helpful than "a text"
    return " or ".join(_KINDS.get(kind, str(kind)) for kind in kinds)


def describe_value(value: object) -> str:
    """Describe a found value in a few words: `"text"`, `the number 5`, `a list`, `null`."""
    match value:
        case None:
            return "null"
        case True:
            return "true"
        case False:
            return "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            if len(value) > _MAX_TEXT:
                value = f"{value[:_MAX_TEXT]}…"
            return f'"{value}"'
        case int() if value.bit_length() > _MAX_BITS:
            return f"a number of {value.bit_length()} bits"
        case _:
            return f"the number {str(value)[:_MAX_TEXT]}"


def _name_node(pointer: str, data: object) -> str:
    """Name a node in a message: `"key"`, `item 2 of "tasks"`, `the file`."""
    if not pointer:
        return "the file"
    parent, _, last = pointer.rpartition("/")
    if isinstance(follow_pointer(data, parent), list):
        return f"item {int(last) + 1} of {_name_node(parent, data)}"
    return f'"{_unescape(last)}"'


def follow_pointer(data: Any, pointer: str) -> Any:
    """Return the value at a JSON pointer (RFC 6901). The pointer must name a value."""
    for token in pointer.split("/")[1:]:
        key = int(token) if isinstance(data, list) else _unescape(token)
        data = data[key]
    return data


def _unescape(token: str) -> str:
    """Return a reference token of a JSON pointer as the key that it means."""
    return token.replace("~1", "/").replace("~0", "~")  # RFC 6901, section 4: in this order


def _schema_at(pointer: str) -> Schema:
    """Return the schema that holds the keyword at a pointer.

    The pointer may lead through `$ref`s.
    """
    root = node = scenario_schema()
    for step in pointer.removeprefix("#").split("/")[1:-1]:
        if step == "$ref":
            node = follow_pointer(root, node["$ref"].removeprefix("#"))
        else:
            node = follow_pointer(node, f"/{step}")
    return node


def _copy_without(value: Any, pointer: str, removed: Collection[str]) -> Any:
    """Copy a value without the values at the removed pointers."""
    match value:
        case dict():
            places = {key: child_pointer(pointer, key) for key in value}
            used = {key: place for key, place in places.items() if place not in removed}
            return {key: _copy_without(value[key], place, removed) for key, place in used.items()}
        case list():
            return [_copy_item(item, f"{pointer}/{i}", removed) for i, item in enumerate(value)]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _copy_item(item: Any, pointer: str, removed: Collection[str]) -> Any:
    """Return a copy of a list item, or None for a removed one: other items keep their places."""
    return None if pointer in removed else _copy_without(item, pointer, removed)

"""The scenario format's JSON Schema: checks a file's shape and puts what is wrong into words."""

import json
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from understudy.contract import SchemaError, Validator, compile_validator
from understudy.contract.document.pointers import child_pointer
from understudy.errors import ProblemReport, nearest_name

_FILE = "scenario.schema.json"


@cache
def scenario_schema() -> dict[str, Any]:
    """Give the published JSON Schema of the format."""
    text = Path(__file__).with_name(_FILE).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator() -> Validator:
    return compile_validator(scenario_schema())


def check_format(data: Any, report: ProblemReport) -> dict[str, Any]:
    """Note every way in which a file breaks the format; give its data without the parts that do.

    What is left of a list keeps its place: an item that is broken becomes None. Whole numbers are ints, also where the
    file writes 1.0, which JSON Schema takes for an integer.
    """
    broken = {
        pointer
        for error in _validator().iter_errors(data)
        for pointer in _note(error, data, report)
    }
    return {} if "" in broken else _sound(data, "", broken)


def _note(error: SchemaError, data: Any, report: ProblemReport) -> Iterator[str]:
    """Note one error; give the pointers of what cannot be used."""
    pointer, schema = error.pointer, _parent_schema(error.schema_pointer)
    value = follow_pointer(data, pointer)
    match error.keyword:
        case "additionalProperties":
            for name in value.keys() - schema["properties"].keys():
                _note_unknown(name, list(schema["properties"]), pointer, report)
                yield child_pointer(pointer, name)
        case "required":
            missing = [name for name in schema["required"] if name not in value]
            for name in missing:
                example = (
                    schema["properties"].get(name, {}).get("const", "…")
                )  # some say nothing of what is required
                report.add(
                    "missing-key",
                    f'the key "{name}" is missing',
                    pointer,
                    expected=f"{name}: {example}",
                )
        case "dependentRequired":
            told = ", ".join(f'"{name}"' for name in schema["dependentRequired"] if name in value)
            what = f"{told} stands alone"
            report.add(
                "missing-key", what, pointer, expected='"accessKey" and "secretKey" together'
            )
        case _:
            _note_value(error, data, schema, pointer, report)
            yield pointer


def _note_unknown(name: str, known: list[str], pointer: str, report: ProblemReport) -> None:
    near = nearest_name(name, known)
    expected = "" if near else f"one of {', '.join(known)}"
    where = child_pointer(pointer, name)
    report.add(
        "unknown-key",
        f'there is no key "{name}" here',
        where,
        key=True,
        expected=expected,
        nearest=near,
    )


def _note_value(
    error: SchemaError, data: Any, schema: dict[str, Any], pointer: str, report: ProblemReport
) -> None:
    value = follow_pointer(data, pointer)
    words = [str(word) for word in schema.get("enum", [])]
    near = nearest_name(value, words) if isinstance(value, str) else ""
    empty = error.keyword in ("minItems", "minProperties")
    what = f"{_label(pointer, data)} is {'empty' if empty else describe_value(value)}"
    report.add("bad-value", what, pointer, expected=_expected(error, schema), nearest=near)


def _expected(error: SchemaError, schema: dict[str, Any]) -> str:
    """Say what is expected in the words of YAML; what needs none of them is said as everywhere."""
    keyword = error.keyword
    limit = schema.get(keyword)
    match keyword:
        case "enum":
            return "one of " + ", ".join(map(str, schema["enum"]))
        case "pattern":
            return str(schema.get("description", f"a text that matches {limit}"))
        case "type":
            kinds = [limit] if isinstance(limit, str) else list(limit or [])
            if kinds == ["string"] and "pattern" in schema and "description" in schema:
                return str(schema["description"])
            return " or ".join(_KINDS.get(kind, str(kind)) for kind in kinds)
        case "minLength" if limit == 1:
            return "a text that is not empty"
        case "minItems" | "minProperties" if limit == 1:
            return "at least one"
        case "uniqueItems":
            return "each item once"
        case _:
            return error.expected


_KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def describe_value(value: Any) -> str:
    """Say what a value is, in short."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f'"{value[:60]}{"…" if len(value) > 60 else ""}"'
        case int() if value.bit_length() > _MOST_BITS:
            return f"a number of {value.bit_length()} bits"  # Python refuses to write out very long ones
        case _:
            return f"the number {str(value)[:60]}"


_MOST_BITS = 1024


def _label(pointer: str, data: Any) -> str:
    if not pointer:
        return "the file"
    parent, _, last = pointer.rpartition("/")
    if isinstance(follow_pointer(data, parent), list):
        return f"item {int(last) + 1} of {_label(parent, data)}"
    return f'"{last.replace("~1", "/").replace("~0", "~")}"'


def follow_pointer(data: Any, pointer: str) -> Any:
    """Give the value at a JSON pointer."""
    for token in pointer.split("/")[1:]:
        data = (
            data[int(token)]
            if isinstance(data, list)
            else data[token.replace("~1", "/").replace("~0", "~")]
        )
    return data


def _parent_schema(pointer: str) -> dict[str, Any]:
    """Give the schema that holds the keyword at a pointer; the pointer may go through `$ref`s."""
    root = node = scenario_schema()
    for step in pointer.removeprefix("#").split("/")[1:-1]:
        node = (
            follow_pointer(root, node["$ref"].removeprefix("#"))
            if step == "$ref"
            else follow_pointer(node, f"/{step}")
        )
    return node


def _sound(value: Any, pointer: str, broken: Collection[str]) -> Any:
    """Copy a value without what stands at the broken pointers."""
    match value:
        case dict():
            places = {key: child_pointer(pointer, key) for key in value}
            return {
                key: _sound(value[key], place, broken)
                for key, place in places.items()
                if place not in broken
            }
        case list():
            places = {index: f"{pointer}/{index}" for index in range(len(value))}
            return [
                None if place in broken else _sound(value[i], place, broken)
                for i, place in places.items()
            ]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value

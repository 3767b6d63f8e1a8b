"""The scenario format's JSON Schema: checks a file's shape and puts what is wrong into words."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

from understudy.contract import SchemaError, Validator, compile_validator
from understudy.errors import nearest_name
from understudy.scenario.report import Report, escape

_FILE = "scenario.schema.json"


@cache
def scenario_schema() -> dict[str, Any]:
    """Give the published JSON Schema of the format."""
    text = files("understudy.scenario").joinpath(_FILE).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator() -> Validator:
    return compile_validator(scenario_schema())


def check_shape(report: Report) -> dict[str, Any]:
    """Note every way in which a file breaks the format; give its data without the parts that do.

    What is left of a list keeps its place: an item that is broken becomes None.
    """
    data = report.source.data
    broken: list[str] = []
    for error in _validator().iter_errors(data):
        broken += _note(error, report)
    if not broken:
        return data if isinstance(data, dict) else {}
    rest = {"": deepcopy(data)}
    for pointer in sorted(broken, key=len, reverse=True):
        _cut(rest, pointer)
    return rest[""] if isinstance(rest.get(""), dict) else {}


def _note(error: SchemaError, report: Report) -> Iterator[str]:
    """Note one error; give the pointers of what cannot be used."""
    pointer, schema = error.pointer, _parent_schema(error.schema_pointer)
    value = follow(report.source.data, pointer)
    match error.keyword:
        case "additionalProperties":
            for name in value.keys() - schema["properties"].keys():
                _note_unknown(name, list(schema["properties"]), pointer, report)
                yield f"{pointer}/{escape(name)}"
        case "required":
            missing = [name for name in schema["required"] if name not in value]
            for name in missing:
                report.add("missing-key", f'the key "{name}" is missing', pointer, expected=f"{name}: 1")
        case "dependentRequired":
            told = ", ".join(f'"{name}"' for name in schema["dependentRequired"] if name in value)
            what = f"{told} stands alone"
            report.add("missing-key", what, pointer, expected='"accessKey" and "secretKey" together')
        case _:
            note_value(error, value, schema, pointer, report)
            yield pointer


def _note_unknown(name: str, known: list[str], pointer: str, report: Report) -> None:
    near = nearest_name(name, known)
    expected = "" if near else f"one of {', '.join(known)}"
    where = f"{pointer}/{escape(name)}"
    report.add("unknown-key", f'there is no key "{name}" here', where, key=True, expected=expected, nearest=near)


def note_value(error: SchemaError, value: Any, schema: dict[str, Any], pointer: str, report: Report) -> None:
    """Note that a value breaks one keyword of a schema."""
    keyword = error.keyword
    words = [str(word) for word in schema.get("enum", [])]
    near = nearest_name(value, words) if isinstance(value, str) else ""
    what = f"{_label(pointer)} is {show(value)}"
    if keyword in ("minItems", "minProperties"):
        what = f"{_label(pointer)} is empty"
    report.add("bad-value", what, pointer, expected=_expected(keyword, schema, error.message), nearest=near)


def _expected(keyword: str, schema: dict[str, Any], message: str) -> str:
    limit = schema.get(keyword)
    match keyword:
        case "enum":
            return "one of " + ", ".join(map(str, schema["enum"]))
        case "const":
            return json.dumps(limit)
        case "pattern":
            return str(schema.get("description", f"a text that matches {limit}"))
        case "type":
            kinds = [limit] if isinstance(limit, str) else list(limit or [])
            if kinds == ["string"] and "pattern" in schema and "description" in schema:
                return str(schema["description"])
            return " or ".join(_KINDS.get(kind, str(kind)) for kind in kinds)
        case "minimum":
            return f"at least {limit}"
        case "maximum":
            return f"at most {limit}"
        case "minLength" | "minItems" | "minProperties":
            return "at least one" if limit == 1 else f"at least {limit}"
        case "uniqueItems":
            return "each item once"
        case _:
            return f"what the format says ({message})"


_KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def show(value: Any) -> str:
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
        case _:
            return f"the number {str(value)[:60]}"


def _label(pointer: str) -> str:
    *_, parent, last = ["", "the file", *pointer.split("/")[1:]]
    if not last.isdigit():
        return last if last == "the file" else f'"{last.replace("~1", "/").replace("~0", "~")}"'
    return f'item {int(last) + 1} of "{parent}"'


def follow(data: Any, pointer: str) -> Any:
    """Give the value at a JSON pointer."""
    for token in pointer.split("/")[1:]:
        data = data[int(token)] if isinstance(data, list) else data[token.replace("~1", "/").replace("~0", "~")]
    return data


def _parent_schema(pointer: str) -> dict[str, Any]:
    """Give the schema that holds the keyword at a pointer; the pointer may go through `$ref`s."""
    root = node = scenario_schema()
    for step in pointer.removeprefix("#").split("/")[1:-1]:
        node = follow(root, node["$ref"].removeprefix("#")) if step == "$ref" else follow(node, f"/{step}")
    return node


def _cut(rest: dict[str, Any], pointer: str) -> None:
    parent, _, token = pointer.rpartition("/")
    if not pointer:
        rest[""] = None
        return
    node = follow(rest[""], parent)
    if isinstance(node, list):
        node[int(token)] = None
    elif isinstance(node, dict):
        node.pop(token.replace("~1", "/").replace("~0", "~"), None)

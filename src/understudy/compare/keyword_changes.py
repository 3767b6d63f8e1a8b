"""Changes of the keywords of a schema that allow or forbid values: type, enum, bounds, pattern."""

from collections.abc import Iterator
from typing import Any

from understudy.compare.change import Change, Impact, Side, Subject, impact_of
from understudy.contract.document.pointers import JsonObject
from understudy.contract.expansion.json_kinds import json_key
from understudy.contract.schema.descriptions import abbreviate_json

_COUNTED = ("Length", "Items", "Properties", "Contains")
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", *(f"min{name}" for name in _COUNTED))
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", *(f"max{name}" for name in _COUNTED))
_EXACT = ("pattern", "multipleOf", "format", "contentEncoding", "contentMediaType")
"""Keywords whose other value allows other values, neither more nor fewer."""
_ALL_TYPES = frozenset(["null", "boolean", "object", "array", "number", "string"])
_TOLERATED = frozenset(["int32", "int64", "float", "double"])
"""Formats that say how large a number is; the wider one of each pair holds the narrower one."""
_WIDER = {("int32", "int64"), ("float", "double")}


def compare_keywords(subject: Subject, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Yield the changes of all keywords but those that contain schemas."""
    yield from _compare_types(subject, old, new)
    yield from _compare_enums(subject, old, new)
    yield from _compare_bounds(subject, old, new)
    yield from _compare_exact(subject, old, new)
    if bool(old.get("uniqueItems")) != bool(new.get("uniqueItems")):
        narrows = bool(new.get("uniqueItems"))
        text = "items must differ now" if narrows else "items may be equal now"
        yield _change(subject, "unique-items", text, narrows=narrows)
    if "default" in old and json_key(old["default"]) != json_key(new.get("default")):
        text = f"the default was {_show(old['default'])}, is {_show_keyword(new, 'default')}"
        yield subject.change(Impact.DANGEROUS, f"{subject.side.value}-default-changed", text)


def _change(subject: Subject, name: str, text: str, *, narrows: bool) -> Change:
    impact = impact_of(subject.side, narrows=narrows)
    kind = "narrowed" if narrows else "widened"
    return subject.change(impact, f"{subject.side.value}-{name}-{kind}", text)


def _compare_types(subject: Subject, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Yield a change when types were added, removed, or exchanged."""
    before, after = _types(old), _types(new)
    if before == after:
        return
    text = f"the type was {_name_types(before)}, is {_name_types(after)}"
    rule = f"{subject.side.value}-type-changed"
    removed = _missing_types(before, after)
    added = _missing_types(after, before)
    if subject.side is Side.REQUEST:
        impact = Impact.BREAKING if removed else Impact.HARMLESS
    else:
        impact = Impact.BREAKING if added else Impact.HARMLESS
    yield subject.change(impact, rule, text)


def _types(schema: JsonObject) -> frozenset[str]:
    value = schema.get("type")
    if value is None:
        return _ALL_TYPES
    return frozenset([value] if isinstance(value, str) else value)


def _missing_types(types: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """Return the types that others do not include. An integer is a number."""
    known = others | {"integer"} if "number" in others else others
    return types - known


def _name_types(types: frozenset[str]) -> str:
    return "any" if types >= _ALL_TYPES else " or ".join(sorted(types))


def _compare_enums(subject: Subject, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    before, after = _enum(old), _enum(new)
    if before is None and after is None:
        return
    if before is None or after is None:
        narrows = before is None
        text = f"only {_list(after)} now" if after is not None else "any value now"
        yield _change(subject, "enum", text, narrows=narrows)
        return
    removed = [value for key, value in before.items() if key not in after]
    added = [value for key, value in after.items() if key not in before]
    if removed:
        text = f"the value {_show(removed[0])}{_more(removed)} is no longer allowed"
        yield _change(subject, "enum", text, narrows=True)
    if added:
        text = f"the value {_show(added[0])}{_more(added)} was added"
        yield _change(subject, "enum", text, narrows=False)


def _enum(schema: JsonObject) -> dict[Any, Any] | None:
    """Return the allowed values by their key; None when they are not listed."""
    if "const" in schema:
        return {json_key(schema["const"]): schema["const"]}
    values = schema.get("enum")
    return None if values is None else {json_key(value): value for value in values}


def _list(values: dict[Any, Any]) -> str:
    return ", ".join(_show(value) for value in list(values.values())[:5])


def _more(values: list[Any]) -> str:
    return f" (and {len(values) - 1} more)" if len(values) > 1 else ""


def _compare_bounds(subject: Subject, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    for keyword in (*_LOWER_BOUNDS, *_UPPER_BOUNDS):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        if before is None or after is None:
            narrows = before is None
        else:
            narrows = (after > before) if keyword in _LOWER_BOUNDS else (after < before)
        text = f"{keyword} was {_show_keyword(old, keyword)}, is {_show_keyword(new, keyword)}"
        yield _change(subject, "bound", text, narrows=narrows)


def _compare_exact(subject: Subject, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Yield changes of keywords whose values cannot be compared: another one is both at once."""
    for keyword in _EXACT:
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        text = f"{keyword} was {_show_keyword(old, keyword)}, is {_show_keyword(new, keyword)}"
        if before is None or after is None:
            yield _change(subject, keyword.lower(), text, narrows=before is None)
        elif {before, after} <= _TOLERATED if keyword == "format" else False:
            yield _change(subject, "format", text, narrows=(after, before) in _WIDER)
        else:
            is_request = subject.side is Side.REQUEST
            impact = Impact.BREAKING if is_request or keyword != "pattern" else Impact.DANGEROUS
            yield subject.change(impact, f"{subject.side.value}-{keyword.lower()}-changed", text)


def _show(value: object) -> str:
    return abbreviate_json(value)


def _show_keyword(schema: JsonObject, keyword: str) -> str:
    return _show(schema[keyword]) if keyword in schema else "absent"

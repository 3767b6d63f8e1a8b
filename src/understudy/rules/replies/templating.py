"""Look-ups: `{{path.taskInstanceId}}` in a text of a reply stands for a value of the call.

A look-up has a root (`path`) and a name under it (`taskInstanceId`). There is no code, no filter
and no expression: a name is looked up, or the result is the empty text. A template language
(Jinja) would evaluate code of a scenario, and has no bound on its work.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from understudy.clock import iso_time
from understudy.contract.document.pointers import PointerError, join_pointer, resolve_pointer
from understudy.messages import Json
from understudy.rules.matching.call_context import NOT_JSON, CallContext, CallView, parse_path_id
from understudy.rules.values.json_compare import as_text

LOOKUP_ROOTS: Final = {
    "path": "path.NAME",
    "query": "query.NAME",
    "header": "header.NAME",
    "body": "body./json/pointer",
    "request": "request.method or request.path",
    "world": "world.name, world.now, world.seed or world.call",
    "task": "task.status",
}
"""Each root, and how its look-ups are written."""
ROOT_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "request": ("method", "path"),
    "world": ("name", "now", "seed", "call"),
    "task": ("status",),
}
"""The names under the roots that have a fixed set of them."""
_LOOKUP = re.compile(r"\{\{([^{}]*)\}\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class _Missing(Enum):
    """The type of the result of a look-up that names nothing."""

    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up."""

    root: str
    """The part before the first dot."""
    name: str
    """The part after the first dot; empty when there is none."""

    def __str__(self) -> str:
        if not self.name:
            return self.root
        return f"{self.root}.{self.name}"


@dataclass(frozen=True, slots=True)
class LookupContext:
    """The values that look-ups can see."""

    call: CallContext
    view: CallView
    """The view of the call, with the path variables that the rule names."""


@lru_cache(maxsize=1024)
def parse_template(text: str) -> tuple[str | Lookup, ...]:
    """Split a text into its literal parts, none of them empty, and its look-ups."""
    parts: list[str | Lookup] = []
    # `split` with one group returns literals and groups in turn.
    for index, part in enumerate(_LOOKUP.split(text)):
        if index % 2:
            root, _, name = part.strip().partition(".")
            parts.append(Lookup(root, name))
        elif part:
            parts.append(part)
    return tuple(parts)


def find_lookups(value: Json, pointer: str = "") -> Iterator[tuple[str, Lookup, bool]]:
    """Yield each look-up in JSON data: its pointer, and whether it is all of its text.

    Names of members are not searched.
    """
    match value:
        case str() if "{{" in value:
            parts = parse_template(value)
            for part in parts:
                if isinstance(part, Lookup):
                    yield pointer, part, len(parts) == 1
        case dict():
            for name, item in value.items():
                yield from find_lookups(item, f"{pointer}{join_pointer([name])}")
        case list() | tuple():
            for index, item in enumerate(value):
                yield from find_lookups(item, f"{pointer}/{index}")
        case _:
            pass


def render_value(value: Json, context: LookupContext) -> Json:
    """Return JSON data with its look-ups replaced.

    A text that is one look-up becomes the value itself, with its type.
    """
    match value:
        case str() if "{{" in value:
            parts = parse_template(value)
            first = parts[0]
            if len(parts) == 1 and isinstance(first, Lookup):
                return _look_up_json(first, context)
            return _join(parts, context)
        case dict():
            return {name: render_value(item, context) for name, item in value.items()}
        case list():
            return [render_value(item, context) for item in value]
        case _:
            return value


def render_text(text: str, context: LookupContext, *, is_header: bool = False) -> str:
    """Return a text with its look-ups replaced; with `is_header`, made fit for a header field."""
    if "{{" not in text:
        return text
    return _join(parse_template(text), context, is_header=is_header)


def _join(
    parts: tuple[str | Lookup, ...], context: LookupContext, *, is_header: bool = False
) -> str:
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        text = as_text(_look_up_json(part, context))
        if is_header:
            # The value of a field is one line of ISO 8859-1. Source: RFC 9110, section 5.5.
            text = _CONTROL.sub("", text)
            text = text.encode("latin-1", "replace").decode("latin-1")
        texts.append(text)
    return "".join(texts)


def _look_up_json(lookup: Lookup, context: LookupContext) -> Json:
    value = _look_up(lookup, context)
    if isinstance(value, _Missing):
        return ""
    return value


def _look_up(lookup: Lookup, context: LookupContext) -> Json | _Missing:
    view, name = context.view, lookup.name
    match lookup.root:
        case "path":
            return _look_up_path(name, context)
        case "query":
            return next(iter(view.query.get(name, ())), _Missing.MISSING)
        case "header":
            return next(iter(view.header(name)), _Missing.MISSING)
        case "body":
            return _look_up_body(view.json, name)
        case "request":
            return _look_up_request(name, view)
        case "world":
            return _look_up_world(name, context.call)
        case "task":
            return _look_up_task_status(context)
        case _:
            return _Missing.MISSING


def _look_up_path(name: str, context: LookupContext) -> Json | _Missing:
    """Return a path variable: decoded where the contract knows it, otherwise a text."""
    call = context.call
    if name in call.path and name in call.parameters:
        return call.parameters[name]
    return context.view.path.get(name, _Missing.MISSING)


def _look_up_body(body: object, pointer: str) -> Json | _Missing:
    """Return the node at a JSON pointer (RFC 6901); the empty pointer is the whole body."""
    if body is NOT_JSON or (pointer and not pointer.startswith("/")):
        return _Missing.MISSING
    try:
        node: Json = resolve_pointer(body, pointer)
    except PointerError:
        return _Missing.MISSING
    return node


def _look_up_request(name: str, view: CallView) -> Json | _Missing:
    match name:
        case "method":
            return view.request.method
        case _:
            return view.request.path


def _look_up_world(name: str, call: CallContext) -> Json | _Missing:
    match name:
        case "name":
            return call.world
        case "now":
            return iso_time(call.now)
        case "seed":
            return call.seed
        case "call":
            return call.call_number
        case _:
            return _Missing.MISSING


def _look_up_task_status(context: LookupContext) -> Json | _Missing:
    task = parse_path_id(context.view.path, 0)
    if task is None:
        return _Missing.MISSING
    status = context.call.status_of(task, None)
    if status is None:
        return _Missing.MISSING
    return status

"""Look-ups: `{{path.taskInstanceId}}` in a text of an answer stands for what the call or its world has there.

There is no code, no filter and no expression in them: a name is looked up, or nothing is found.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from understudy.clock import iso_time
from understudy.contract.document.pointers import PointerError, resolve_pointer
from understudy.rules.matching.call_context import NOT_JSON, CallContext, CallView
from understudy.rules.matching.conditions import parse_path_id
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
"""What can be looked up, and how it is written."""
ROOT_MEMBERS: Final = {
    "request": ("method", "path"),
    "world": ("name", "now", "seed", "call"),
    "task": ("status",),
}
"""The names under the roots that have a few."""
NOT_FOUND: Final = object()
_LOOKUP = re.compile(r"\{\{([^{}]*)\}\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up."""

    root: str
    name: str
    """What follows the first dot."""

    def __str__(self) -> str:
        return f"{self.root}.{self.name}" if self.name else self.root


@dataclass(frozen=True, slots=True)
class LookupContext:
    """Where look-ups look."""

    call: CallContext
    view: CallView


@lru_cache(maxsize=1024)
def parse_template(text: str) -> tuple[str | Lookup, ...]:
    """Take a text apart: what stands in it, and what is to be looked up."""
    pieces = _LOOKUP.split(text)
    return tuple(
        _lookup(piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
        if piece or number % 2
    )


def _lookup(inner: str) -> Lookup:
    root, _, rest = inner.strip().partition(".")
    return Lookup(root, rest)


def find_lookups(value: Any, pointer: str = "") -> Iterator[tuple[str, Lookup, bool]]:
    """Give every look-up in JSON data: where it stands, and whether it is all of its text. Names are not searched."""
    match value:
        case str() if "{{" in value:
            parts = parse_template(value)
            yield from (
                (pointer, part, len(parts) == 1) for part in parts if isinstance(part, Lookup)
            )
        case dict():
            for name, item in value.items():
                yield from find_lookups(
                    item, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
                )
        case list() | tuple():
            for index, item in enumerate(value):
                yield from find_lookups(item, f"{pointer}/{index}")
        case _:
            pass


def render_value(value: Any, look: LookupContext) -> Any:
    """Give JSON data with what its texts look up. A text that is one look-up becomes what was found, type and all."""
    match value:
        case str() if "{{" in value:
            parts = parse_template(value)
            if len(parts) == 1 and isinstance(parts[0], Lookup):
                found = _found(parts[0], look)
                return "" if found is NOT_FOUND else found
            return _joined(parts, look)
        case dict():
            return {name: render_value(item, look) for name, item in value.items()}
        case list():
            return [render_value(item, look) for item in value]
        case _:
            return value


def render_text(text: str, look: LookupContext, *, header: bool = False) -> str:
    """Give a text with what it looks up; in a header field, what was found is made fit for one."""
    return _joined(parse_template(text), look, header=header) if "{{" in text else text


def _joined(parts: tuple[str | Lookup, ...], look: LookupContext, *, header: bool = False) -> str:
    texts = [
        part if isinstance(part, str) else _text(_found(part, look), header=header)
        for part in parts
    ]
    return "".join(texts)


def _text(found: Any, *, header: bool) -> str:
    text = "" if found is NOT_FOUND else as_text(found)
    # A field's value is one line, and ISO 8859-1 on the wire. Source: RFC 9110, section 5.5.
    return _CONTROL.sub("", text).encode("latin-1", "replace").decode("latin-1") if header else text


def _found(lookup: Lookup, look: LookupContext) -> Any:
    facts, sight, name = look.call, look.view, lookup.name
    match lookup.root:
        case "path":
            return _path(name, look)
        case "query":
            return next(iter(sight.query.get(name, ())), NOT_FOUND)
        case "header":
            return next(iter(sight.header(name)), NOT_FOUND)
        case "body":
            return _node(sight.json, name)
        case "request":
            return sight.request.method if name == "method" else sight.request.path
        case "world":
            told = {
                "name": facts.world,
                "now": iso_time(facts.now),
                "seed": facts.seed,
                "call": facts.call_number,
            }
            return told.get(name, NOT_FOUND)
        case "task":
            task = parse_path_id(sight.path, 0)
            status = None if task is None else facts.status_of(task, None)
            return NOT_FOUND if status is None else status
        case _:
            return NOT_FOUND


def _path(name: str, look: LookupContext) -> Any:
    if name in look.call.path and name in look.call.parameters:
        return look.call.parameters[name]
    return look.view.path.get(name, NOT_FOUND)


def _node(value: Any, pointer: str) -> Any:
    if value is NOT_JSON or (pointer and not pointer.startswith("/")):
        return NOT_FOUND
    try:
        return resolve_pointer(value, pointer)
    except PointerError:
        return NOT_FOUND

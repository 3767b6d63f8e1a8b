"""Reads what a reply answers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from understudy.contract.document.pointers import child_pointer
from understudy.errors import nearest_name
from understudy.rules.parse.header_fields import parse_headers
from understudy.rules.parse.parse_context import ParseContext
from understudy.rules.replies.reply import NO_BODY, ReplyKind, ScriptedReply
from understudy.rules.replies.templating import LOOKUP_ROOTS, ROOT_MEMBERS, Lookup, find_lookups

KEYS_OF_KIND: Final = {
    "error": (ReplyKind.ERROR, ("error", "message", "headers")),
    "example": (ReplyKind.EXAMPLE, ("example", "status", "headers")),
    "dynamic": (ReplyKind.DYNAMIC, ("dynamic", "status", "seed", "headers")),
    "patch": (ReplyKind.PATCH, ("patch", "status", "headers")),
}
"""The key that decides the kind of an answer; the kind; the keys that go with it."""
LITERAL_KEYS: Final = ("status", "headers", "body", "text", "media-type")
_EVERY: Final = tuple(
    dict.fromkeys([*(key for _, keys in KEYS_OF_KIND.values() for key in keys), *LITERAL_KEYS])
)
JSON, TEXT = "application/json", "text/plain; charset=utf-8"
MEDIA_TYPE = re.compile(r"[\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+(\s*;[\x20-\x7e]*)?", re.ASCII)
_OPERATIONS: Final = {
    "add": ("value",), "replace": ("value",), "test": ("value",), "remove": (), "move": ("from",), "copy": ("from",),
}  # fmt: skip
_POINTER = re.compile(r"(/([^~]|~[01])*)?", re.DOTALL)


def parse_reply(
    data: Any, reading: ParseContext, pointer: str, names: Sequence[str] | None
) -> ScriptedReply | None:
    """Read one answer. `names`: the path variables that it may look up; None when that is not known."""
    told = reading.parse_mapping(data, _EVERY, pointer)
    if not isinstance(data, dict) or not data:  # what is empty the shape's check has noted
        return None
    deciding = [key for key in KEYS_OF_KIND if key in told]
    kind, known = KEYS_OF_KIND[deciding[0]] if deciding else (ReplyKind.LITERAL, LITERAL_KEYS)
    extra = [key for key in told if key not in known]
    for key in extra:
        beside = f'"{deciding[0]}"' if deciding else "a status, headers and a body"
        what = f': "{key}" does not go with {beside}'
        reading.add_problem(
            "bad-mix",
            what,
            child_pointer(pointer, key),
            key=True,
            expected=f"only {', '.join(known)} here",
        )
    told = {key: told[key] for key in known if key in told}
    headers, content_type = parse_headers(told.get("headers", {}), reading, f"{pointer}/headers")
    if content_type and (kind is not ReplyKind.LITERAL or "media-type" in told):
        expected = (
            '"media-type" alone'
            if kind is ReplyKind.LITERAL
            else "no Content-Type: the answer has its own"
        )
        reading.add_problem(
            "bad-mix",
            ": a Content-Type is told among the headers",
            f"{pointer}/headers",
            expected=expected,
        )
    status = _number(told, "status", reading, pointer, 200, 599)
    looks_up = _look_ups(told, reading, pointer, names)
    match kind:
        case ReplyKind.ERROR:
            code, message = (
                _number(told, "error", reading, pointer, 0, 2**31 - 1),
                _text(told, "message", reading, pointer),
            )
            return ScriptedReply(
                kind, code=code, headers=headers, message=message, has_lookups=looks_up
            )
        case ReplyKind.EXAMPLE:
            return ScriptedReply(
                kind,
                example_name=_text(told, "example", reading, pointer),
                status=status,
                headers=headers,
                has_lookups=looks_up,
            )
        case ReplyKind.DYNAMIC:
            if told["dynamic"] is not True:
                reading.add_wrong_value(f"{pointer}/dynamic", told["dynamic"], "true")
            seed = _number(told, "seed", reading, pointer, -(2**63), 2**63 - 1)
            return ScriptedReply(
                kind, status=status, seed=seed, headers=headers, has_lookups=looks_up
            )
        case ReplyKind.PATCH:
            patch = tuple(_patch(told["patch"], reading, f"{pointer}/patch"))
            return ScriptedReply(
                kind, status=status, headers=headers, patch=patch, has_lookups=looks_up
            )
        case ReplyKind.LITERAL:
            return _literal(told, status, headers, content_type, looks_up, reading, pointer)


def _literal(
    told: Mapping[str, Any],
    status: int | None,
    headers: Any,
    content_type: str,
    looks_up: bool,
    reading: ParseContext,
    pointer: str,
) -> ScriptedReply:
    has_body, text = "body" in told, None
    if has_body and "text" in told:
        reading.add_problem(
            "bad-mix",
            ": both a body and a text are told",
            f"{pointer}/text",
            key=True,
            expected="one of them",
        )
    elif "text" in told:
        text = _text(told, "text", reading, pointer)
    media_type = content_type or _text(told, "media-type", reading, pointer)
    if media_type and not MEDIA_TYPE.fullmatch(media_type):
        reading.add_wrong_value(
            f"{pointer}/media-type", media_type, "a media type such as application/json"
        )
    default = JSON if has_body else TEXT if text is not None else ""
    return ScriptedReply(
        ReplyKind.LITERAL,
        status=200 if status is None else status,
        headers=headers,
        body=told["body"] if has_body else NO_BODY,
        text=text,
        media_type=media_type or default,
        has_lookups=looks_up,
    )


def _number(
    told: Mapping[str, Any], key: str, reading: ParseContext, pointer: str, least: int, most: int
) -> int | None:
    return (
        reading.parse_integer(told[key], f"{pointer}/{key}", least, most) if key in told else None
    )


def _text(told: Mapping[str, Any], key: str, reading: ParseContext, pointer: str) -> str:
    value = told.get(key, "")
    if isinstance(value, str):
        return value
    reading.add_wrong_value(f"{pointer}/{key}", value, "a text")
    return ""


def _patch(data: Any, reading: ParseContext, pointer: str) -> Iterator[Mapping[str, Any]]:
    if not isinstance(data, list) or not data:
        reading.add_wrong_value(pointer, data, "a list of operations (RFC 6902)")
        return
    for index, item in enumerate(data):
        where = f"{pointer}/{index}"
        if item is None:  # what the shape's check took out
            continue
        told = reading.parse_mapping(item, ("op", "path", "from", "value"), where)
        name = told.get("op")
        if name not in _OPERATIONS:
            if "op" in told:
                near = nearest_name(str(name), _OPERATIONS)
                expected = f"one of {', '.join(_OPERATIONS)}"
                reading.add_problem(
                    "bad-value",
                    f': there is no operation "{name}"',
                    f"{where}/op",
                    expected=expected,
                    near=near,
                )
            continue
        missing = [key for key in ("path", *_OPERATIONS[name]) if key not in told]
        if missing:
            reading.add_problem("missing-key", f': "{name}" needs the key "{missing[0]}"', where)
        for key in ("path", "from"):
            if key in told and not (isinstance(told[key], str) and _POINTER.fullmatch(told[key])):
                reading.add_wrong_value(
                    f"{where}/{key}",
                    told[key],
                    "a JSON pointer such as /data/status, or an empty text",
                )
        yield dict(told)


def _look_ups(
    told: Mapping[str, Any], reading: ParseContext, pointer: str, names: Sequence[str] | None
) -> bool:
    """Check the look-ups of every text that may hold some; tell if there are any."""
    found = False
    for key in ("message", "text", "body", "headers", "patch"):
        value = told.get(key)
        places = _values(value) if key == "patch" else [("", value)]
        for below, part in places:
            for where, lookup, _ in find_lookups(part, f"{pointer}/{key}{below}"):
                found = True
                _check(lookup, reading, where, names)
    return found


def _values(patch: Any) -> list[tuple[str, Any]]:
    items = patch if isinstance(patch, list) else []
    return [
        (f"/{index}/value", item["value"])
        for index, item in enumerate(items)
        if isinstance(item, dict) and "value" in item
    ]


def _check(
    lookup: Lookup, reading: ParseContext, pointer: str, names: Sequence[str] | None
) -> None:
    told = f': nothing can be looked up as "{{{{{lookup}}}}}"'
    if lookup.root not in LOOKUP_ROOTS:
        near = nearest_name(lookup.root, LOOKUP_ROOTS)
        reading.add_problem(
            "no-such-lookup",
            told,
            pointer,
            expected=f"one of {', '.join(LOOKUP_ROOTS.values())}",
            near=near,
        )
        return
    known = ROOT_MEMBERS.get(lookup.root) or (names if lookup.root == "path" else None)
    if known is not None and lookup.name not in known:
        near = nearest_name(lookup.name, known)
        expected = (
            ""
            if near
            else f"one of {', '.join(f'{lookup.root}.{name}' for name in known) or 'no path variables'}"
        )
        reading.add_problem(
            "no-such-lookup",
            told,
            pointer,
            expected=expected,
            near=f"{lookup.root}.{near}" if near else "",
        )
    elif lookup.root == "body" and lookup.name and not _POINTER.fullmatch(lookup.name):
        reading.add_problem(
            "no-such-lookup",
            told,
            pointer,
            expected="a JSON pointer after the dot, such as body./items/0/id",
        )
    elif lookup.root in ("path", "query", "header") and not lookup.name:
        reading.add_problem("no-such-lookup", told, pointer, expected=LOOKUP_ROOTS[lookup.root])

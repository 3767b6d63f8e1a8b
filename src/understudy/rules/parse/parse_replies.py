"""Reads what a reply answers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from understudy.contract.document.pointers import child
from understudy.errors import nearest_name
from understudy.rules.parse.header_fields import read_headers
from understudy.rules.parse.parse_context import Reading
from understudy.rules.replies.reply import NO_BODY, Answer, AnswerKind
from understudy.rules.replies.templating import MEMBERS, ROOTS, Lookup, lookups_in

KINDS: Final = {
    "error": (AnswerKind.ERROR, ("error", "message", "headers")),
    "example": (AnswerKind.EXAMPLE, ("example", "status", "headers")),
    "dynamic": (AnswerKind.DYNAMIC, ("dynamic", "status", "seed", "headers")),
    "patch": (AnswerKind.PATCH, ("patch", "status", "headers")),
}
"""The key that decides the kind of an answer; the kind; the keys that go with it."""
LITERAL: Final = ("status", "headers", "body", "text", "media-type")
_EVERY: Final = tuple(
    dict.fromkeys([*(key for _, keys in KINDS.values() for key in keys), *LITERAL])
)
JSON, TEXT = "application/json", "text/plain; charset=utf-8"
MEDIA_TYPE = re.compile(r"[\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+(\s*;[\x20-\x7e]*)?", re.ASCII)
_OPERATIONS: Final = {
    "add": ("value",), "replace": ("value",), "test": ("value",), "remove": (), "move": ("from",), "copy": ("from",),
}  # fmt: skip
_POINTER = re.compile(r"(/([^~]|~[01])*)?", re.DOTALL)


def read_answer(
    data: Any, reading: Reading, pointer: str, names: Sequence[str] | None
) -> Answer | None:
    """Read one answer. `names`: the path variables that it may look up; None when that is not known."""
    told = reading.members(data, _EVERY, pointer)
    if not isinstance(data, dict) or not data:  # what is empty the shape's check has noted
        return None
    deciding = [key for key in KINDS if key in told]
    kind, known = KINDS[deciding[0]] if deciding else (AnswerKind.LITERAL, LITERAL)
    extra = [key for key in told if key not in known]
    for key in extra:
        beside = f'"{deciding[0]}"' if deciding else "a status, headers and a body"
        what = f': "{key}" does not go with {beside}'
        reading.note(
            "bad-mix", what, child(pointer, key), key=True, expected=f"only {', '.join(known)} here"
        )
    told = {key: told[key] for key in known if key in told}
    headers, content_type = read_headers(told.get("headers", {}), reading, f"{pointer}/headers")
    if content_type and (kind is not AnswerKind.LITERAL or "media-type" in told):
        expected = (
            '"media-type" alone'
            if kind is AnswerKind.LITERAL
            else "no Content-Type: the answer has its own"
        )
        reading.note(
            "bad-mix",
            ": a Content-Type is told among the headers",
            f"{pointer}/headers",
            expected=expected,
        )
    status = _number(told, "status", reading, pointer, 200, 599)
    looks_up = _look_ups(told, reading, pointer, names)
    match kind:
        case AnswerKind.ERROR:
            code, message = (
                _number(told, "error", reading, pointer, 0, 2**31 - 1),
                _text(told, "message", reading, pointer),
            )
            return Answer(kind, code=code, headers=headers, message=message, looks_up=looks_up)
        case AnswerKind.EXAMPLE:
            return Answer(
                kind,
                name=_text(told, "example", reading, pointer),
                status=status,
                headers=headers,
                looks_up=looks_up,
            )
        case AnswerKind.DYNAMIC:
            if told["dynamic"] is not True:
                reading.wrong(f"{pointer}/dynamic", told["dynamic"], "true")
            seed = _number(told, "seed", reading, pointer, -(2**63), 2**63 - 1)
            return Answer(kind, status=status, seed=seed, headers=headers, looks_up=looks_up)
        case AnswerKind.PATCH:
            patch = tuple(_patch(told["patch"], reading, f"{pointer}/patch"))
            return Answer(kind, status=status, headers=headers, patch=patch, looks_up=looks_up)
        case AnswerKind.LITERAL:
            return _literal(told, status, headers, content_type, looks_up, reading, pointer)


def _literal(
    told: Mapping[str, Any],
    status: int | None,
    headers: Any,
    content_type: str,
    looks_up: bool,
    reading: Reading,
    pointer: str,
) -> Answer:
    has_body, text = "body" in told, None
    if has_body and "text" in told:
        reading.note(
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
        reading.wrong(f"{pointer}/media-type", media_type, "a media type such as application/json")
    default = JSON if has_body else TEXT if text is not None else ""
    return Answer(
        AnswerKind.LITERAL,
        status=200 if status is None else status,
        headers=headers,
        body=told["body"] if has_body else NO_BODY,
        text=text,
        media_type=media_type or default,
        looks_up=looks_up,
    )


def _number(
    told: Mapping[str, Any], key: str, reading: Reading, pointer: str, least: int, most: int
) -> int | None:
    return reading.whole(told[key], f"{pointer}/{key}", least, most) if key in told else None


def _text(told: Mapping[str, Any], key: str, reading: Reading, pointer: str) -> str:
    value = told.get(key, "")
    if isinstance(value, str):
        return value
    reading.wrong(f"{pointer}/{key}", value, "a text")
    return ""


def _patch(data: Any, reading: Reading, pointer: str) -> Iterator[Mapping[str, Any]]:
    if not isinstance(data, list) or not data:
        reading.wrong(pointer, data, "a list of operations (RFC 6902)")
        return
    for index, item in enumerate(data):
        where = f"{pointer}/{index}"
        if item is None:  # what the shape's check took out
            continue
        told = reading.members(item, ("op", "path", "from", "value"), where)
        name = told.get("op")
        if name not in _OPERATIONS:
            if "op" in told:
                near = nearest_name(str(name), _OPERATIONS)
                expected = f"one of {', '.join(_OPERATIONS)}"
                reading.note(
                    "bad-value",
                    f': there is no operation "{name}"',
                    f"{where}/op",
                    expected=expected,
                    near=near,
                )
            continue
        missing = [key for key in ("path", *_OPERATIONS[name]) if key not in told]
        if missing:
            reading.note("missing-key", f': "{name}" needs the key "{missing[0]}"', where)
        for key in ("path", "from"):
            if key in told and not (isinstance(told[key], str) and _POINTER.fullmatch(told[key])):
                reading.wrong(
                    f"{where}/{key}",
                    told[key],
                    "a JSON pointer such as /data/status, or an empty text",
                )
        yield dict(told)


def _look_ups(
    told: Mapping[str, Any], reading: Reading, pointer: str, names: Sequence[str] | None
) -> bool:
    """Check the look-ups of every text that may hold some; tell if there are any."""
    found = False
    for key in ("message", "text", "body", "headers", "patch"):
        value = told.get(key)
        places = _values(value) if key == "patch" else [("", value)]
        for below, part in places:
            for where, lookup, _ in lookups_in(part, f"{pointer}/{key}{below}"):
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


def _check(lookup: Lookup, reading: Reading, pointer: str, names: Sequence[str] | None) -> None:
    told = f': nothing can be looked up as "{{{{{lookup}}}}}"'
    if lookup.root not in ROOTS:
        near = nearest_name(lookup.root, ROOTS)
        reading.note(
            "no-such-lookup",
            told,
            pointer,
            expected=f"one of {', '.join(ROOTS.values())}",
            near=near,
        )
        return
    known = MEMBERS.get(lookup.root) or (names if lookup.root == "path" else None)
    if known is not None and lookup.rest not in known:
        near = nearest_name(lookup.rest, known)
        expected = (
            ""
            if near
            else f"one of {', '.join(f'{lookup.root}.{name}' for name in known) or 'no path variables'}"
        )
        reading.note(
            "no-such-lookup",
            told,
            pointer,
            expected=expected,
            near=f"{lookup.root}.{near}" if near else "",
        )
    elif lookup.root == "body" and lookup.rest and not _POINTER.fullmatch(lookup.rest):
        reading.note(
            "no-such-lookup",
            told,
            pointer,
            expected="a JSON pointer after the dot, such as body./items/0/id",
        )
    elif lookup.root in ("path", "query", "header") and not lookup.rest:
        reading.note("no-such-lookup", told, pointer, expected=ROOTS[lookup.root])

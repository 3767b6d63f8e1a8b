"""Parser of scripted replies: what stands under the key `reply` of a rule.

A reply is a mapping. One key decides its kind, and which other keys go with it:

    reply: {error: 1999, message: "no such task", headers: {X-Trace: "1"}}
    reply: {status: 202, body: {id: "{{path.taskInstanceId}}"}}

The check of a reply against the contract is in `reply_contract_check`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from understudy.contract.document.pointers import child_pointer
from understudy.messages import Json
from understudy.rules.parse.header_fields import HeaderFields, parse_headers
from understudy.rules.parse.parse_context import ParseContext
from understudy.rules.replies.reply import NO_BODY, PatchOperation, ReplyKind, ScriptedReply
from understudy.rules.replies.templating import LOOKUP_ROOTS, ROOT_MEMBERS, Lookup, find_lookups
from understudy.rules.values.http_syntax import MEDIA_TYPE

KEYS_OF_KIND: Final = {
    "error": (ReplyKind.ERROR, ("error", "message", "headers")),
    "example": (ReplyKind.EXAMPLE, ("example", "status", "headers")),
    "dynamic": (ReplyKind.DYNAMIC, ("dynamic", "status", "seed", "headers")),
    "patch": (ReplyKind.PATCH, ("patch", "status", "headers")),
}
"""The key that decides the kind of a reply, with the kind and the keys that go with it."""
LITERAL_KEYS: Final[tuple[str, ...]] = ("status", "headers", "body", "text", "media-type")
"""The keys of a reply without any of the keys above."""
_ALL_KEYS: Final = (
    *("error", "message", "headers", "example", "status", "dynamic", "seed", "patch"),
    *("body", "text", "media-type"),
)
_JSON_TYPE = "application/json"
_TEXT_TYPE = "text/plain; charset=utf-8"
_PATCH_OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "add": ("value",),
    "replace": ("value",),
    "test": ("value",),
    "remove": (),
    "move": ("from",),
    "copy": ("from",),
}
"""The operations of a patch, with the keys that they need beside `path`. Source: RFC 6902."""
_PATCH_KEYS = ("op", "path", "from", "value")
_JSON_POINTER = re.compile(r"(/([^~]|~[01])*)?", re.DOTALL)
"""Source: RFC 6901, section 3."""
_KEYS_WITH_LOOKUPS = ("message", "text", "body", "headers", "patch")
_MAX_CODE = 2**31 - 1


def parse_reply(
    data: Json, context: ParseContext, pointer: str, variables: Sequence[str] | None
) -> ScriptedReply | None:
    """Parse one reply, or return None when it has no members.

    `variables` are the path variables that the reply may look up; None when they are unknown.
    """
    members = context.parse_mapping(data, _ALL_KEYS, pointer)
    if not isinstance(data, dict) or not data:  # the schema's check has reported an empty one
        return None
    return _ReplyParser(context, pointer, members).parse(variables)


class _ReplyParser:
    """Parser of one reply, whose members are known to be there."""

    def __init__(self, context: ParseContext, pointer: str, members: dict[str, Json]) -> None:
        self._context = context
        self._pointer = pointer
        self._members = members

    def parse(self, variables: Sequence[str] | None) -> ScriptedReply:
        """Return the reply; report its problems. What is invalid is left at its default."""
        kind = self._drop_other_kinds()
        headers, content_type = parse_headers(
            self._members.get("headers", {}), self._context, f"{self._pointer}/headers"
        )
        self._check_content_type(kind, content_type)
        status = self._parse_integer("status", 200, 599)
        has_lookups = self._check_lookups(variables)
        match kind:
            case ReplyKind.ERROR:
                code = self._parse_integer("error", 0, _MAX_CODE)
                message = self._parse_string("message")
                return ScriptedReply(
                    kind, code=code, headers=headers, message=message, has_lookups=has_lookups
                )
            case ReplyKind.EXAMPLE:
                return ScriptedReply(
                    kind,
                    example_name=self._parse_string("example"),
                    status=status,
                    headers=headers,
                    has_lookups=has_lookups,
                )
            case ReplyKind.DYNAMIC:
                return self._parse_dynamic(status, headers, has_lookups)
            case ReplyKind.PATCH:
                patch = tuple(self._parse_patch())
                return ScriptedReply(
                    kind, status=status, headers=headers, patch=patch, has_lookups=has_lookups
                )
            case ReplyKind.LITERAL:
                return self._parse_literal(status, headers, content_type, has_lookups)

    def _drop_other_kinds(self) -> ReplyKind:
        """Return the kind of the reply; report and drop keys that do not go with it."""
        kind, keys = ReplyKind.LITERAL, LITERAL_KEYS
        subject = "a status, headers and a body"
        for key, (kind_of_key, keys_of_kind) in KEYS_OF_KIND.items():
            if key in self._members:
                kind, keys, subject = kind_of_key, keys_of_kind, f'"{key}"'
                break
        for key in self._members:
            if key not in keys:
                self._context.add_problem(
                    "bad-mix",
                    f'"{key}" does not go with {subject}',
                    child_pointer(self._pointer, key),
                    key=True,
                    expected=f"only {', '.join(keys)} here",
                )
        self._members = {key: self._members[key] for key in keys if key in self._members}
        return kind

    def _check_content_type(self, kind: ReplyKind, content_type: str) -> None:
        """Report a Content-Type among the headers where another key or the kind decides it."""
        if not content_type:
            return
        if kind is not ReplyKind.LITERAL:
            expected = "no Content-Type: the reply has its own"
        elif "media-type" in self._members:
            expected = '"media-type" alone'
        else:
            return
        message = "Content-Type is among the headers"
        self._context.add_problem("bad-mix", message, f"{self._pointer}/headers", expected=expected)

    def _parse_dynamic(
        self, status: int | None, headers: HeaderFields, has_lookups: bool
    ) -> ScriptedReply:
        """Parse `dynamic: true` with `status` and `seed`; a seed has 64 bits."""
        dynamic = self._members["dynamic"]
        if dynamic is not True:
            self._context.add_wrong_value(f"{self._pointer}/dynamic", dynamic, "true")
        seed = self._parse_integer("seed", -(2**63), 2**63 - 1)
        return ScriptedReply(
            ReplyKind.DYNAMIC, status=status, seed=seed, headers=headers, has_lookups=has_lookups
        )

    def _parse_literal(
        self, status: int | None, headers: HeaderFields, content_type: str, has_lookups: bool
    ) -> ScriptedReply:
        """Parse `status`, and `body` or `text` with its media type.

        The media type is `media-type`, a Content-Type among the headers, or a default.
        """
        has_body = "body" in self._members
        text = None
        if has_body and "text" in self._members:
            message = 'both "body" and "text"'
            self._context.add_problem(
                "bad-mix", message, f"{self._pointer}/text", key=True, expected="one of them"
            )
        elif "text" in self._members:
            text = self._parse_string("text")
        media_type = content_type or self._parse_string("media-type")
        if media_type and not MEDIA_TYPE.fullmatch(media_type):
            expected = "a media type such as application/json"
            self._context.add_wrong_value(f"{self._pointer}/media-type", media_type, expected)
        if not media_type and has_body:
            media_type = _JSON_TYPE
        elif not media_type and text is not None:
            media_type = _TEXT_TYPE
        return ScriptedReply(
            ReplyKind.LITERAL,
            status=200 if status is None else status,
            headers=headers,
            body=self._members["body"] if has_body else NO_BODY,
            text=text,
            media_type=media_type,
            has_lookups=has_lookups,
        )

    def _parse_integer(self, key: str, least: int, most: int) -> int | None:
        """Return the whole number under a key, or None when it is missing or invalid."""
        if key not in self._members:
            return None
        pointer = f"{self._pointer}/{key}"
        return self._context.parse_integer(self._members[key], pointer, least, most)

    def _parse_string(self, key: str) -> str:
        """Return the text under a key; empty when it is missing or invalid."""
        value = self._members.get(key, "")
        if isinstance(value, str):
            return value
        self._context.add_wrong_value(f"{self._pointer}/{key}", value, "a text")
        return ""

    def _parse_patch(self) -> Iterator[PatchOperation]:
        """Yield the operations of a patch. Source: RFC 6902, section 3."""
        data = self._members["patch"]
        pointer = f"{self._pointer}/patch"
        if not isinstance(data, list) or not data:
            self._context.add_wrong_value(pointer, data, "a list of operations (RFC 6902)")
            return
        for index, item in enumerate(data):
            if item is not None:  # None stands for what the schema's check has removed
                yield from _parse_patch_operation(item, self._context, f"{pointer}/{index}")

    def _check_lookups(self, variables: Sequence[str] | None) -> bool:
        """Report look-ups that name nothing; return whether there are any look-ups."""
        has_lookups = False
        for key in _KEYS_WITH_LOOKUPS:
            for pointer, text in _iter_texts(self._members.get(key), key):
                for place, lookup, _ in find_lookups(text, f"{self._pointer}{pointer}"):
                    has_lookups = True
                    _check_lookup(lookup, self._context, place, variables)
        return has_lookups


def _parse_patch_operation(
    data: Json, context: ParseContext, pointer: str
) -> Iterator[PatchOperation]:
    """Yield an operation, or nothing when its `op` is unknown.

    Source: RFC 6902, section 4. `path` and `from` are JSON pointers (RFC 6901).
    """
    members = context.parse_mapping(data, _PATCH_KEYS, pointer)
    name = members.get("op")
    if not isinstance(name, str) or name not in _PATCH_OPERATIONS:
        if "op" in members:
            near = context.report.find_nearest(str(name), _PATCH_OPERATIONS)
            expected = f"one of {', '.join(_PATCH_OPERATIONS)}"
            message = f'unknown operation "{name}"'
            context.add_problem("bad-value", message, f"{pointer}/op", expected=expected, near=near)
        return
    for key in ("path", *_PATCH_OPERATIONS[name]):
        if key not in members:
            context.add_problem("missing-key", f'"{name}" needs the key "{key}"', pointer)
            break  # one problem for each operation
    for key in ("path", "from"):
        if key in members and not _is_json_pointer(members[key]):
            expected = "a JSON pointer such as /data/status, or an empty text"
            context.add_wrong_value(f"{pointer}/{key}", members[key], expected)
    yield members


def _is_json_pointer(value: Json) -> bool:
    return isinstance(value, str) and _JSON_POINTER.fullmatch(value) is not None


def _iter_texts(value: Json, key: str) -> Iterator[tuple[str, Json]]:
    """Yield the pointer and value of each part of a reply whose texts may have look-ups."""
    if key != "patch":
        yield f"/{key}", value
        return
    if not isinstance(value, list):
        return
    for index, item in enumerate(value):
        # Of a patch, only the values: its paths are places in the answer.
        if isinstance(item, dict) and "value" in item:
            yield f"/{key}/{index}/value", item["value"]


def _check_lookup(
    lookup: Lookup, context: ParseContext, pointer: str, variables: Sequence[str] | None
) -> None:
    """Report a look-up with an unknown root, or with an unknown name where the names are known."""
    expected = near = ""
    known = ROOT_MEMBERS.get(lookup.root)
    if lookup.root == "path":
        known = tuple(variables) if variables is not None else None
    if lookup.root not in LOOKUP_ROOTS:
        near = context.report.find_nearest(lookup.root, LOOKUP_ROOTS)
        expected = f"one of {', '.join(LOOKUP_ROOTS.values())}"
    elif known is not None and lookup.name not in known:
        near = context.report.find_nearest(lookup.name, known)
        if near:
            near = f"{lookup.root}.{near}"
        else:
            expected = _list_members(lookup.root, known)
    elif lookup.root == "body" and not _JSON_POINTER.fullmatch(lookup.name):
        expected = "a JSON pointer after the dot, such as body./items/0/id"
    elif lookup.root in ("path", "query", "header") and not lookup.name:
        expected = LOOKUP_ROOTS[lookup.root]
    else:
        return
    message = f'unknown look-up "{{{{{lookup}}}}}"'
    context.add_problem("no-such-lookup", message, pointer, expected=expected, near=near)


def _list_members(root: str, names: Sequence[str]) -> str:
    members = [f"{root}.{name}" for name in names]
    return f"one of {', '.join(members) or 'no path variables'}"

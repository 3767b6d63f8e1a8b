"""Content that is not one JSON text as data: texts, lines of JSON, bytes.

JSON itself is read by `body_validation`, forms by `form_decoding`, XML by `xml_decoding`.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from understudy.contract.schema.validator import Validator
from understudy.contract.schema.value_types import TypeNames
from understudy.messages import JsonError, parse_json, parse_media_type
from understudy.messages.charsets import find_charset

_SCALARS = frozenset(["string", "integer", "number", "boolean", "null"])
_MAX_ITEMS = 10_000
"""How many items of a sequence are read; the rest is not validated."""
_RECORD_SEPARATOR = "\x1e"
_EXCERPT_BYTES = 200
_DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "base64": partial(base64.b64decode, validate=True),
    "base64url": lambda text: base64.b64decode(_pad(text), b"-_", validate=True),
    "base32": base64.b32decode,
    "base16": partial(base64.b16decode, casefold=True),
}
"""By content encoding: what decodes it. Source: JSON Schema 2020-12, validation, section 8.3."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A part of a body that cannot be read, or that breaks a rule of its encoding."""

    place: str
    """Where in the body: a JSON pointer below it, empty for the whole."""
    rule: str
    value: Any
    expected: str


@dataclass(frozen=True, slots=True)
class DecodedContent:
    """The data of a body, and its flaws."""

    value: Any = None
    flaws: tuple[Flaw, ...] = ()
    is_read: bool = True
    """Whether there is a value to validate."""


UNREAD = DecodedContent(is_read=False)
"""The result for content that is not read."""


def report_flaw(rule: str, value: object, expected: str, *, place: str = "") -> DecodedContent:
    """Return the result for a body that cannot be read."""
    return DecodedContent(None, (Flaw(place, rule, value, expected),), is_read=False)


class ContentDecoder(Protocol):
    """Reads the content of one media type."""

    def decode(self, body: bytes, content_type: str, document: object) -> DecodedContent:
        """Return the data of a body. `content_type` is the field with its parameters."""
        ...


@dataclass(frozen=True, slots=True)
class AlternativesDecoder:
    """Reads content in several ways: the first valid reading counts, else the first one."""

    decoders: tuple[ContentDecoder, ...]
    """At least one."""
    validator: Validator

    def decode(self, body: bytes, content_type: str, document: object) -> DecodedContent:
        """Return the data of a body."""
        first: DecodedContent | None = None
        for decoder in self.decoders:
            content = decoder.decode(body, content_type, document)
            if not content.flaws and self.validator.is_valid(content.value):
                return content
            first = first or content
        return first or UNREAD


@dataclass(frozen=True, slots=True)
class TextDecoder:
    """Reads a text, or the number, boolean or null that a text stands for."""

    types: TypeNames
    """The JSON types that the schema allows."""

    def decode(self, body: bytes, content_type: str, document: object) -> DecodedContent:
        """Return the text, in the charset of the content type (default UTF-8)."""
        decoded = decode_text(body, content_type)
        text = decoded.value
        if not decoded.is_read or "string" in self.types or not self.types:
            return decoded
        if not _SCALARS.issuperset(self.types):
            # Objects and arrays have no common form as text.
            return UNREAD
        try:
            return DecodedContent(parse_json(text.strip()))
        except JsonError:
            return decoded


def decode_text(body: bytes, content_type: str) -> DecodedContent:
    """Return the text of a body in the charset of its content type."""
    charset = parse_media_type(content_type).parameters.get("charset", "utf-8")
    try:
        return DecodedContent(body.decode(find_charset(charset)))
    except UnicodeError as error:
        return report_flaw("charset", charset, f"text in {charset} ({error})")
    except LookupError:
        return report_flaw("content-type", charset, "a charset that is known")


@dataclass(frozen=True, slots=True)
class BinaryDecoder:
    """Reads bytes as a text with one character for each: so its length is that of the content."""

    types: TypeNames
    """The JSON types that the schema allows."""
    encoding: str = ""
    """`contentEncoding`: the content is a text in which the bytes are encoded."""

    def decode(self, body: bytes, content_type: str, document: object) -> DecodedContent:
        """Return the text; a schema without texts says nothing about bytes."""
        if self.types and "string" not in self.types:
            return UNREAD
        flaws: tuple[Flaw, ...] = ()
        decode = _DECODERS.get(self.encoding)
        if decode is not None:
            try:
                # Lines are broken by many encoders (RFC 2045, section 6.8).
                decode(b"".join(body.split()))
            except ValueError:
                excerpt = body[:_EXCERPT_BYTES].decode("latin-1")
                flaws = (Flaw("", "contentEncoding", excerpt, f"content in {self.encoding}"),)
        return DecodedContent(body.decode("latin-1"), flaws)


def _pad(text: bytes) -> bytes:
    """Return a text of base64url with the padding that it may lack (RFC 4648, section 3.2)."""
    return text + b"=" * (-len(text) % 4)


@dataclass(frozen=True, slots=True)
class LinesDecoder:
    """Reads a sequence of JSON texts: one on each line, or after each record separator."""

    def decode(self, body: bytes, content_type: str, document: object) -> DecodedContent:
        """Return the list of items; empty lines are none."""
        text = body.decode("utf-8", "replace")
        separator = _RECORD_SEPARATOR if _RECORD_SEPARATOR in text else "\n"
        items: list[Any] = []
        flaws: list[Flaw] = []
        for number, line in enumerate(text.split(separator)):
            if not line.strip():
                continue
            if len(items) == _MAX_ITEMS:
                break
            try:
                items.append(parse_json(line.strip()))
            except JsonError as error:
                expected = f"JSON ({error.reason}, line {number + 1}, column {error.column})"
                flaws.append(Flaw(f"/{len(items)}", "json", line[:_EXCERPT_BYTES], expected))
                items.append(None)
        # The indexes of items that cannot be read would be validated as null.
        return DecodedContent(items, tuple(flaws), is_read=not flaws)

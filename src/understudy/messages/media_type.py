"""Media types and the field Accept: parsed, compared, and sorted into kinds of content.

Source: RFC 9110, sections 8.3 and 12.5.1; RFC 6838, section 4.2.8 (structured suffixes).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

_MAX_ACCEPT = 8192
"""How many characters of a field Accept are read: each range costs time."""
_MAX_NAME = 1024
"""How many characters of a media type are read: the caches below hold them."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type, or a range of them (`text/*`, `application/*+json`, `*/*`)."""

    main: str
    sub: str
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)
    """By name in lower case."""

    @property
    def name(self) -> str:
        """The media type without parameters, such as `text/plain`."""
        return f"{self.main}/{self.sub}" if self.sub else self.main

    @property
    def is_range(self) -> bool:
        """Whether it stands for several media types."""
        return "*" in self.name

    @property
    def specificity(self) -> tuple[int, int]:
        """A sort key: the more specific of two ranges is greater. Source: RFC 9110, 12.5.1."""
        if self.main == "*":
            return 0, 0
        if self.sub == "*":
            return 1, 0
        if self.is_range:
            return 2, 0
        return 3, len(self.parameters)

    def includes(self, other: "MediaType") -> bool:
        """Return whether a range includes another media type, parameters aside."""
        if self.main not in ("*", other.main):
            return False
        if self.sub in ("*", other.sub):
            return True
        # `application/*+json`
        return self.sub.startswith("*+") and other.sub.endswith(self.sub[1:])

    def has_parameters_of(self, other: "MediaType") -> bool:
        """Return whether it has each parameter of another one, with the same value.

        `charset=utf-8` counts as there: it is what is sent when no charset is given.
        """
        for name, value in other.parameters.items():
            own = self.parameters.get(name)
            if own is None and (name, value.lower()) == ("charset", "utf-8"):
                continue
            if own is None or own.lower() != value.lower():
                return False
        return True


def parse_media_type(text: str) -> MediaType:
    """Parse a media type; type and names of parameters get lower case."""
    return _parse_media_type(text[:_MAX_NAME])


@lru_cache(maxsize=512)
def _parse_media_type(text: str) -> MediaType:
    # Imported late: who sends and serves nothing need not load it.
    from werkzeug.http import parse_options_header

    name, parameters = parse_options_header(text)
    main, _, sub = name.strip().lower().partition("/")
    return MediaType(main.strip(), sub.strip(), dict(parameters))


@dataclass(frozen=True, slots=True)
class AcceptedRange:
    """One range of a field Accept."""

    media_type: MediaType
    quality: float
    """From 0 (not acceptable) to 1."""


def parse_accept(text: str) -> tuple[AcceptedRange, ...]:
    """Parse a field Accept; ranges that are not well-formed are left out."""
    if len(text) > _MAX_ACCEPT:
        text = text[:_MAX_ACCEPT].rpartition(",")[0]
    return _parse_accept(text)


@lru_cache(maxsize=256)
def _parse_accept(text: str) -> tuple[AcceptedRange, ...]:
    from werkzeug.datastructures import MIMEAccept
    from werkzeug.http import parse_accept_header

    ranges: list[AcceptedRange] = []
    for value, quality in parse_accept_header(text, MIMEAccept):
        media_type = parse_media_type(value)
        if value == "*":
            # Java's clients before version 18 send a lone asterisk.
            media_type = MediaType("*", "*")
        if media_type.sub:
            ranges.append(AcceptedRange(media_type, float(quality)))
    return tuple(ranges)


class ContentKind(Enum):
    """How the content of a media type is written and read."""

    JSON = "json"
    LINES = "lines"
    """One JSON text on each line, or after each record separator."""
    EVENTS = "events"
    """Server-sent events."""
    FORM = "form"
    MULTIPART = "multipart"
    XML = "xml"
    TEXT = "text"
    BINARY = "binary"


_LINES = ("x-ndjson", "ndjson", "jsonl", "x-jsonl", "jsonlines", "x-jsonlines", "json-seq")
_TEXTS = ("javascript", "ecmascript", "yaml", "x-yaml", "toml", "graphql", "sql", "rtf", "csv")
_KINDS_BY_NAME = {
    "text/event-stream": ContentKind.EVENTS,
    "application/x-www-form-urlencoded": ContentKind.FORM,
    "multipart/form-data": ContentKind.MULTIPART,
}


def content_kind(media_type: str) -> ContentKind:
    """Return the kind of a media type. One that is not known is binary."""
    return _content_kind(media_type[:_MAX_NAME])


@lru_cache(maxsize=512)
def _content_kind(media_type: str) -> ContentKind:
    parsed = parse_media_type(media_type)
    main, sub = parsed.main, parsed.sub
    if parsed.name in _KINDS_BY_NAME:
        return _KINDS_BY_NAME[parsed.name]
    if sub in _LINES or sub.endswith("+json-seq"):
        return ContentKind.LINES
    if "json" in sub:
        return ContentKind.JSON
    if sub == "xml" or sub.endswith("+xml"):
        return ContentKind.XML
    if main == "text" or sub in _TEXTS or sub.endswith("+yaml"):
        return ContentKind.TEXT
    return ContentKind.BINARY


def is_json(media_type: str) -> bool:
    """Return whether the content of a media type is one JSON text."""
    return content_kind(media_type) is ContentKind.JSON

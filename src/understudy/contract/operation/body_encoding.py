"""Bodies of responses as bytes: data is written as its media type has it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from understudy.messages import ContentKind, Json, content_kind, dump_json, parse_media_type

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import ResponseSpec

_EVENT_FIELDS = frozenset(["data", "event", "id", "retry", "comment"])
"""The members of data that is an event. Source: OpenAPI 3.2, "Server-Sent Event Streams"."""
_RECORD_SEPARATOR = b"\x1e"
"""What begins each item of `application/json-seq`. Source: RFC 7464, section 2.2."""


def encode_body(
    document: object, spec: "ResponseSpec | None", value: Json | bytes, content_type: str
) -> bytes:
    """Return a body as bytes.

    `spec` describes the response with this content type; None: nothing describes it. Bytes are
    sent as they are, and so is a text, except as JSON. Data is written as the media type has it:
    XML by the names of its schema, one item on each line of NDJSON, forms, events; as JSON where
    the media type has no form of its own for data.
    """
    if isinstance(value, bytes):
        return value
    kind = content_kind(content_type)
    if kind is ContentKind.JSON:
        return dump_json(value)
    charset = _charset_of(content_type)
    if isinstance(value, str) and not (kind is ContentKind.XML and _is_plain_text(value)):
        return _encode_text(value, charset)
    match kind:
        case ContentKind.XML:
            return _encode_xml(document, spec, value, charset)
        case ContentKind.LINES:
            return b"".join(_iter_lines(value, content_type))
        case ContentKind.EVENTS:
            items = value if isinstance(value, list) else [value]
            return "".join(map(_format_event, items)).encode()
        case ContentKind.FORM if isinstance(value, dict):
            return urlencode(list(_iter_form_fields(value))).encode()
    return dump_json(value)


def _charset_of(content_type: str) -> str:
    """Return the charset of a content type; UTF-8 when it has none that is known."""
    charset = parse_media_type(content_type).parameters.get("charset", "utf-8")
    try:
        "".encode(charset)
    except (LookupError, ValueError):
        return "utf-8"
    return charset


def _encode_text(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset, "replace")
    except (LookupError, UnicodeError):
        # A codec that is not for texts, such as `base64`.
        return text.encode("utf-8", "replace")


def _is_plain_text(text: str) -> bool:
    """Return whether a text is data, not a document of XML."""
    return not text.lstrip("\ufeff \t\r\n").startswith("<")


def _encode_xml(document: object, spec: "ResponseSpec | None", value: Json, charset: str) -> bytes:
    # Imported late: few servers send XML.
    from understudy.contract.operation.xml_encoding import encode_xml

    schema = spec.schema if spec is not None else None
    return encode_xml(document, schema, value, charset=charset)


def _iter_lines(value: Json, content_type: str) -> Iterator[bytes]:
    """Yield each item of a list, or the one value, as a line of JSON."""
    start = _RECORD_SEPARATOR if "json-seq" in content_type.lower() else b""
    items = value if isinstance(value, list) else [value]
    for item in items:
        yield start + dump_json(item) + b"\n"


def _format_event(item: Json) -> str:
    """Return one event. Source: WHATWG HTML, section 9.2.6."""
    if not isinstance(item, dict) or not item or not item.keys() <= _EVENT_FIELDS:
        item = {"data": item}
    lines: list[str] = []
    for name, content in item.items():
        text = content if isinstance(content, str) else dump_json(content).decode()
        label = "" if name == "comment" else name
        lines += [f"{label}: {line}" for line in text.splitlines() or [""]]
    return "\n".join(lines) + "\n\n"


def _iter_form_fields(value: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield the fields of a form: one for each item of a list; objects as JSON."""
    for name, content in value.items():
        for item in content if isinstance(content, list) else [content]:
            yield name, item if isinstance(item, str) else dump_json(item).decode()

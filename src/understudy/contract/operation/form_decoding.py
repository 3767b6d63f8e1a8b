"""Forms as data: each field is read by its schema and its encoding.

Source: OpenAPI 3.1, Encoding Object, "Support for x-www-form-urlencoded Request Bodies" and
"Special Considerations for multipart Content".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_plus, urlencode

from understudy.contract.document.pointers import child_pointer
from understudy.contract.operation.body_decoding import (
    DecodedContent,
    Flaw,
    decode_text,
    report_flaw,
)
from understudy.contract.operation.parameter_model import Parameter
from understudy.contract.operation.parameters import (
    ABSENT,
    collect_raw_parameters,
    is_present,
    query_names,
    read_parameter,
    read_value,
)
from understudy.messages import (
    FormError,
    FormPart,
    JsonError,
    Request,
    is_json,
    parse_json,
    parse_media_type,
    parse_multipart,
    parse_urlencoded,
)

_EXCERPT = 200
_RESERVED = re.compile(r"[:/?#\[\]@!$'()*;=]")
"""Reserved characters, without those that a form has a use for: `&`, `+`, and the comma of lists.

Source: RFC 3986, section 2.2.
"""
_Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FormField:
    """A documented field of a form."""

    parameter: Parameter
    """How its texts are read: a form has the styles of a query."""
    has_style: bool = False
    """Whether its encoding has a style of its own: then its content type has no effect."""
    content_types: tuple[str, ...] = ()
    """The media types (or ranges) that its encoding allows; empty: those of its type."""
    is_binary: bool = False
    """Whether its content is bytes."""
    headers: tuple[Parameter, ...] = ()
    """The documented header fields of its parts."""
    forbids_reserved: bool = False
    """Whether reserved characters must be percent-encoded (`allowReserved: false`)."""

    @property
    def is_list(self) -> bool:
        """Whether its value is an array."""
        return "array" in self.parameter.types

    @property
    def has_json_items(self) -> bool:
        """Whether each of its texts is a JSON text: that of an object, or of a nested array."""
        types = self.parameter.shape.item(0).types if self.is_list else self.parameter.types
        is_nested = bool(set(types) - {"null"}) and {"object", "array", "null"}.issuperset(types)
        if self.has_style:
            # No style has a form for objects in an array.
            return is_nested and self.is_list
        if self.content_types:
            return all(map(is_json, self.content_types))
        return is_nested


@dataclass(frozen=True, slots=True)
class FormDecoder:
    """Reads forms of one media type."""

    fields: Mapping[str, FormField]
    """By name."""
    additional: Parameter
    """How a field that is not documented is read."""

    def decode(self, body: bytes, content_type: str, document: object) -> DecodedContent:
        """Return the fields of an urlencoded form as an object."""
        charset = parse_media_type(content_type).parameters.get("charset", "utf-8")
        try:
            pairs = parse_urlencoded(body, charset)
        except FormError as error:
            return report_flaw("form", _excerpt(body), f"a form ({error})")
        text = body.decode("utf-8", "replace")
        # The text itself shows which delimiters are encoded: those are part of an item.
        query = text if charset.lower() == "utf-8" else _encode_pairs(pairs)
        values, flaws = self._read(pairs, query)
        flaws += self._find_reserved(text)
        return DecodedContent(values, tuple(flaws))

    def _find_reserved(self, text: str) -> list[Flaw]:
        """Return a flaw for each field with a reserved character that must be percent-encoded."""
        strict = {name for name, field in self.fields.items() if field.forbids_reserved}
        if not strict:
            return []
        flaws: list[Flaw] = []
        for pair in text.split("&"):
            encoded_name, _, value = pair.partition("=")
            name = unquote_plus(encoded_name)
            if name in strict and _RESERVED.search(value):
                expected = "reserved characters percent-encoded"
                place = child_pointer("", name)
                flaws.append(Flaw(place, "allowReserved", value[:_EXCERPT], expected))
        return flaws

    def read_pairs(self, pairs: _Pairs) -> tuple[dict[str, Any], list[Flaw]]:
        """Return the values of names with texts, and the flaws of these texts."""
        return self._read(pairs, _encode_pairs(pairs))

    def _read(self, pairs: _Pairs, query: str) -> tuple[dict[str, Any], list[Flaw]]:
        values: dict[str, Any] = {}
        flaws: list[Flaw] = []
        texts_by_name: dict[str, list[str]] = {}
        for name, text in pairs:
            texts_by_name.setdefault(name, []).append(text)
        # A form is read like a query: as if a request carried its fields there.
        raw = collect_raw_parameters(Request("", "", "", query=query), {})
        known: set[str] = set()
        prefixes: list[str] = []
        for name, field in self.fields.items():
            if field.has_json_items and name in texts_by_name:
                values[name], own_flaws = _read_json_texts(field, name, texts_by_name[name])
                flaws += own_flaws
                known.add(name)
                continue
            parameter = field.parameter
            if field.has_json_items:
                # Without a style of its own, an object may be sent as `name[member]` all the same.
                parameter = replace(parameter, style="deepObject")
            names, prefix = query_names(parameter)
            known |= names
            prefixes += [prefix] if prefix else []
            if is_present(parameter, raw):
                value, violations = read_value(parameter, raw)
                place = child_pointer("", name)
                flaws += [Flaw(place, v.rule, v.value, v.expected) for v in violations]
                if value is not ABSENT:
                    values[name] = value
        for name, texts in texts_by_name.items():
            if name not in known and not name.startswith(tuple(prefixes)):
                values[name] = self._read_additional(name, texts)
        return values, flaws

    def _read_additional(self, name: str, texts: list[str]) -> Any:
        """Return the value of a field that is not documented: a list if it is repeated."""
        values: list[Any] = []
        parameter = replace(self.additional, name=name)
        for text in texts:
            query = urlencode([(name, text)])
            raw = collect_raw_parameters(Request("", "", "", query=query), {})
            value, _ = read_value(parameter, raw)
            values.append(text if value is ABSENT else value)
        return values if len(values) > 1 else values[0]


@dataclass(frozen=True, slots=True)
class MultipartDecoder:
    """Reads multipart forms."""

    form: FormDecoder

    def decode(self, body: bytes, content_type: str, document: object) -> DecodedContent:
        """Return the parts of a multipart form as an object.

        The bytes of a file are a text with one character (up to U+00FF) for each.
        """
        boundary = parse_media_type(content_type).parameters.get("boundary", "")
        if not boundary:
            return report_flaw("content-type", content_type, "a multipart form with a boundary")
        try:
            parts = parse_multipart(body, boundary)
        except FormError as error:
            return report_flaw("form", _excerpt(body), f"a multipart form ({error})")
        pairs: _Pairs = []
        contents: dict[str, list[Any]] = {}
        flaws: list[Flaw] = []
        for part in parts:
            field = self.form.fields.get(part.name)
            flaws += _check_part(field, part, document)
            if _has_content(field, part):
                value, own_flaws = _read_content(field, part)
                contents.setdefault(part.name, []).append(value)
                flaws += own_flaws
            else:
                content = decode_text(part.content, part.headers.get("Content-Type"))
                flaws += _move(content.flaws, part.name)
                pairs.append((part.name, content.value or ""))
        values, own_flaws = self.form.read_pairs(pairs)
        flaws += own_flaws
        for name, items in contents.items():
            values[name], repeated = _join_contents(self.form.fields.get(name), name, items)
            flaws += repeated
        return DecodedContent(values, tuple(flaws))


def _encode_pairs(pairs: _Pairs) -> str:
    """Return pairs as a query in which the delimiters of lists stand for themselves."""
    return urlencode(pairs, safe=",|")


def _has_content(field: FormField | None, part: FormPart) -> bool:
    """Return whether a part is read by its media type, not as a text."""
    if part.filename is not None or is_json(part.headers.get("Content-Type")):
        return True
    return field is not None and (field.is_binary or field.has_json_items)


def _read_content(field: FormField | None, part: FormPart) -> tuple[Any, list[Flaw]]:
    """Return the data of a part: that of a JSON text, else one character for each byte."""
    part_type = part.headers.get("Content-Type")
    is_text = field is not None and field.has_json_items
    if is_json(part_type) or (is_text and not part_type.startswith("text/xml")):
        try:
            return parse_json(part.content), []
        except JsonError as error:
            place = child_pointer("", part.name)
            return None, [_report_json(field, place, _excerpt(part.content), error)]
    return part.content.decode("latin-1"), []


def _report_json(field: FormField | None, place: str, text: str, error: JsonError) -> Flaw:
    """Return the flaw of a text that is not JSON.

    Only JSON can hold a list of objects in a form: for such a list, the media type is wrong
    (RFC 9110, section 15.5.16: that can also show in the content itself).
    """
    expected = f"JSON ({error.reason}, line {error.line}, column {error.column})"
    is_list_of_json = field is not None and field.is_list and field.has_json_items
    return Flaw(place, "content-type" if is_list_of_json else "json", text, expected)


def _join_contents(
    field: FormField | None, name: str, items: list[Any]
) -> tuple[Any, Iterable[Flaw]]:
    """Return the value of one or more parts of a name."""
    if field is not None and field.is_list:
        # One part with a JSON text may hold the whole array.
        if len(items) == 1 and isinstance(items[0], list):
            return items[0], ()
        return items, ()
    if len(items) == 1:
        return items[0], ()
    if field is None:
        return items, ()
    place = child_pointer("", name)
    return items[0], [Flaw(place, "repeated", len(items), "the part once")]


def _parse_items(text: str) -> list[Any]:
    """Return the items that a text of a list has: one, or several with commas between them.

    A text that is a whole array stays one item. Raises JsonError.
    """
    try:
        return [parse_json(text)]
    except JsonError:
        try:
            items: list[Any] = parse_json(f"[{text}]")
        except JsonError:
            items = []
        if not items:
            raise
        return items


def _read_json_texts(field: FormField, name: str, texts: list[str]) -> tuple[Any, list[Flaw]]:
    """Return the data of a field whose texts are JSON."""
    items: list[Any] = []
    flaws: list[Flaw] = []
    place = child_pointer("", name)
    for text in texts:
        try:
            items += _parse_items(text) if field.is_list else [parse_json(text)]
        except JsonError as error:
            flaws.append(_report_json(field, place, text[:_EXCERPT], error))
            items.append(text)
    value, repeated = _join_contents(field, name, items)
    return value, [*flaws, *repeated]


def _check_part(field: FormField | None, part: FormPart, document: object) -> list[Flaw]:
    """Return the flaws of a part's header fields: content type, and those documented."""
    if field is None:
        return []
    flaws: list[Flaw] = []
    place = child_pointer("", part.name)
    sent = part.headers.get("Content-Type")
    if sent and field.content_types and not field.has_style:
        allowed = [parse_media_type(text) for text in field.content_types]
        if not any(media_type.includes(parse_media_type(sent)) for media_type in allowed):
            expected = f"content of the type {' or '.join(field.content_types)}"
            flaws.append(Flaw(place, "part-content-type", sent, expected))
    raw = collect_raw_parameters(Request("", "", "", headers=part.headers), {})
    for header in field.headers:
        _, violations = read_parameter(header, raw, document)
        for violation in violations:
            expected = f"{violation.expected} in the header field {header.name} of the part"
            flaws.append(Flaw(place, violation.rule, violation.value, expected))
    return flaws


def _move(flaws: Iterable[Flaw], name: str) -> list[Flaw]:
    place = child_pointer("", name)
    return [replace(flaw, place=f"{place}{flaw.place}") for flaw in flaws]


def _excerpt(body: bytes) -> str:
    return body[:_EXCERPT].decode("utf-8", "replace")

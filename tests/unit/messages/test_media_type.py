"""Media types and the field Accept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.messages import ContentKind, content_kind, is_json, parse_accept, parse_media_type


def test_media_type_is_parsed_without_regard_to_case() -> None:
    """Type and names of parameters have no case; values of parameters do."""
    parsed = parse_media_type('Text/HTML; Charset="UTF-8"')
    assert (parsed.name, parsed.parameters) == ("text/html", {"charset": "UTF-8"})


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("*/*", "text/csv", True),
        ("text/*", "text/csv", True),
        ("text/*", "application/json", False),
        ("application/*+json", "application/vnd.a+json", True),
        ("application/*+json", "application/json", False),
        ("text/csv", "TEXT/csv; header=present", True),
        ("text/csv", "text/*", False),
    ],
)  # fmt: skip
def test_range_includes_media_types(wide: str, narrow: str, expected: bool) -> None:
    """A range includes the media types of its type, or of its structured suffix."""
    assert parse_media_type(wide).includes(parse_media_type(narrow)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text/html, */*;q=0.1", [("text/html", 1.0), ("*/*", 0.1)]),
        ("text/html;level=1;q=0.4", [("text/html", 0.4)]),
        ("*", [("*/*", 1.0)]),
        ("a/b;q=x, , text/*;q=0", [("text/*", 0.0)]),
        ("", []),
    ],
)  # fmt: skip
def test_accept_is_parsed(text: str, expected: list[tuple[str, float]]) -> None:
    """Ranges have a quality; those that are not well-formed are left out."""
    assert [(item.media_type.name, item.quality) for item in parse_accept(text)] == expected


def test_long_accept_is_read_up_to_a_bound() -> None:
    """A field of a megabyte costs no more than one of some kilobytes."""
    assert len(parse_accept("text/html," * 100_000)) <= 8192 // len("text/html,")


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("application/json", ContentKind.JSON),
        ("application/problem+json; charset=utf-8", ContentKind.JSON),
        ("text/json", ContentKind.JSON),
        ("application/x-ndjson", ContentKind.LINES),
        ("application/geo+json-seq", ContentKind.LINES),
        ("text/event-stream", ContentKind.EVENTS),
        ("application/x-www-form-urlencoded", ContentKind.FORM),
        ("multipart/form-data; boundary=x", ContentKind.MULTIPART),
        ("image/svg+xml", ContentKind.XML),
        ("text/xml", ContentKind.XML),
        ("text/csv", ContentKind.TEXT),
        ("application/yaml", ContentKind.TEXT),
        ("image/png", ContentKind.BINARY),
        ("application/vnd.ms-excel", ContentKind.BINARY),
        ("nonsense", ContentKind.BINARY),
    ],
)  # fmt: skip
def test_media_types_have_a_kind(media_type: str, kind: ContentKind) -> None:
    """The kind decides how content is written and read; a media type that is not known is binary."""
    assert content_kind(media_type) is kind
    assert is_json(media_type) is (kind is ContentKind.JSON)


@given(st.text())
def test_any_text_is_parsed(text: str) -> None:
    """No field of a client is an error."""
    assert all(0 <= item.quality <= 1 for item in parse_accept(text))
    assert isinstance(parse_media_type(text).name, str)

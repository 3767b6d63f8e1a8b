"""Bodies of responses as bytes, by media type."""

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.contract import ResponseSpec
from understudy.contract.operation.body_encoding import encode_body
from understudy.messages import parse_json


def encode(value: Any, content_type: str, schema: Any = None) -> bytes:
    spec = ResponseSpec("200", "/r", schema=schema, media_type=content_type)
    return encode_body({}, spec, value, content_type)


@pytest.mark.parametrize(
    ("content_type", "value", "expected"),
    [
        ("application/json", "a", b'"a"'),
        ("application/problem+json", {"a": None}, b'{"a":null}'),
        ("text/plain", "ä", "ä".encode()),
        ("text/plain; charset=iso-8859-1", "ä€", b"\xe4?"),
        ("text/plain; charset=no-such-charset", "ä", "ä".encode()),
        ("text/plain; charset=base64", "ä", "ä".encode()),
        ("text/plain", 5, b"5"),
        ("application/yaml", {"a": 1}, b'{"a":1}'),
        ("image/png", b"\x89PNG", b"\x89PNG"),
        ("image/png", "text", b"text"),
        ("application/x-ndjson", [{"a": 1}, 2], b'{"a":1}\n2\n'),
        ("application/x-ndjson", {"a": 1}, b'{"a":1}\n'),
        ("application/x-ndjson", '{"a":1}\n', b'{"a":1}\n'),
        ("application/json-seq", [1, 2], b"\x1e1\n\x1e2\n"),
        ("text/event-stream", "data: x\n\n", b"data: x\n\n"),
        ("text/event-stream", [{"event": "add", "data": "a\nb"}, {"data": {"c": 1}}],
         b'event: add\ndata: a\ndata: b\n\ndata: {"c":1}\n\n'),
        ("text/event-stream", {"c": 1}, b'data: {"c":1}\n\n'),
        ("text/event-stream", [{"comment": "x"}], b": x\n\n"),
        ("application/x-www-form-urlencoded", {"a": [1, "x y"], "b": {"c": 1}},
         b"a=1&a=x+y&b=%7B%22c%22%3A1%7D"),
        ("application/x-www-form-urlencoded", "a=1", b"a=1"),
        ("", "text", b"text"),
    ],
)  # fmt: skip
def test_data_is_written_as_the_media_type_has_it(
    content_type: str, value: Any, expected: bytes
) -> None:
    """Bytes and texts are sent as they are; data has the form of its media type."""
    assert encode(value, content_type) == expected


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
)
def test_form_is_read_as_it_was_written(value: dict[str, str]) -> None:
    """A form has each member of an object of texts."""
    text = encode(value, "application/x-www-form-urlencoded").decode()
    assert dict(parse_qsl(text, keep_blank_values=True)) == value


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.text())))
def test_each_line_is_an_item(items: list[Any]) -> None:
    """No item of NDJSON contains a line break."""
    lines = encode(items, "application/x-ndjson").split(b"\n")
    assert [parse_json(line) for line in lines[:-1]] == items

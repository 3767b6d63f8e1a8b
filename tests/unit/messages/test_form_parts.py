"""Forms, urlencoded and multipart."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

from understudy.messages import FormError, FormPart, parse_multipart, parse_urlencoded

TEXTS = st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(TEXTS, TEXTS)))
def test_urlencoded_form_is_read_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    """Names and values come back in order, empty ones too."""
    expected = [pair for pair in pairs if pair != ("", "")]
    pairs_read = parse_urlencoded(urlencode(pairs).encode())
    assert [pair for pair in pairs_read if pair != ("", "")] == expected


def test_charset_of_a_form_decodes_its_escapes() -> None:
    """Percent-encoded bytes are those of the charset."""
    assert parse_urlencoded(b"a=%E4", "latin-1") == [("a", "ä")]


@pytest.mark.parametrize("body", [b"a=1&" * 1001, b"a=%E4"])
def test_form_that_cannot_be_read_is_an_error(body: bytes) -> None:
    """Too many fields and an unknown charset are errors."""
    with pytest.raises(FormError):
        parse_urlencoded(body, "no-such-charset" if b"%" in body else "utf-8")


@given(st.lists(st.tuples(st.sampled_from(["a", "b c", 'd"e']), st.binary()), max_size=5))
def test_multipart_form_of_another_library_is_read(parts: list[tuple[str, bytes]]) -> None:
    """Names and bytes of parts come back in order."""
    fields = [RequestField(name, content, headers={}) for name, content in parts]
    for field in fields:
        field.make_multipart()
    body, content_type = encode_multipart_formdata(fields, boundary="understudyBoundary")
    assert "understudyBoundary" in content_type
    read = parse_multipart(body, "understudyBoundary")
    # Names are quoted by the rules of browsers (RFC 7578, section 2).
    assert [(part.name.replace("%22", '"'), part.content) for part in read] == parts


def test_file_has_name_and_header_fields() -> None:
    """A file's name and content type are those of its part."""
    body = (
        b'preamble\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\r\n--x--\r\n"
    )
    [part] = parse_multipart(body, "x")
    assert part == FormPart("f", b"\x89PNG", part.headers, "a.png")
    assert part.headers.get("content-type") == "image/png"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
        b"--x\r\nContent-Type: text/plain\r\n\r\n1\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 1001 + b"--x--\r\n",
        b"--x\r\n\xff\xfe: 1\r\n\r\n1\r\n--x--\r\n",
    ],
)  # fmt: skip
def test_malformed_multipart_form_is_an_error(body: bytes) -> None:
    """Parts without a name, without an end, or too many are errors; so is a missing boundary."""
    with pytest.raises(FormError):
        parse_multipart(body, "x")
    with pytest.raises(FormError):
        parse_multipart(body, "")


@given(st.binary())
def test_any_bytes_are_a_form_or_an_error(body: bytes) -> None:
    """No body raises anything but FormError."""
    try:
        parts = parse_multipart(b"--x\r\n" + body + b"\r\n--x--\r\n", "x")
    except FormError:
        return
    assert all(isinstance(part, FormPart) for part in parts)

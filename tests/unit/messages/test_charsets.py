"""Charsets of bodies."""

import pytest

from understudy.messages import FormError, parse_urlencoded
from understudy.messages.charsets import find_charset
from understudy.messages.xml_text import XmlError, parse_xml


@pytest.mark.parametrize(
    ("name", "codec"), [("UTF-8", "utf-8"), ("latin1", "iso8859-1"), ("GBK", "gbk")]
)
def test_charset_is_found_by_any_of_its_names(name: str, codec: str) -> None:
    """Capital letters and aliases are known."""
    assert find_charset(name) == codec


@pytest.mark.parametrize(
    "name",
    ["no-such", "punycode", "PUNYCODE", "idna", "unicode_escape", "raw-unicode-escape", "", "a\0b"],
)
def test_codec_that_is_not_a_charset_is_unknown(name: str) -> None:
    """Some would decode a long body for hours."""
    with pytest.raises(LookupError):
        find_charset(name)


def test_bodies_in_such_a_codec_are_errors() -> None:
    """At once, however long they are."""
    body = b"<a>" + b"9" * 5_000_000
    with pytest.raises(XmlError, match='the encoding "punycode" is not known'):
        parse_xml(body, "punycode")
    with pytest.raises(FormError, match='unknown charset "punycode"'):
        parse_urlencoded(b"a=" + body, "punycode")

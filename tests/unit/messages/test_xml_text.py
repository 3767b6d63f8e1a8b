"""XML as a tree: well-formed texts are read, dangerous and malformed ones are errors."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.messages.xml_text import MAX_ELEMENTS, XmlError, XmlName, parse_xml

BILLION = (
    '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;">]><a>&d;</a>'
)


def test_elements_have_names_attributes_and_texts() -> None:
    """Prefixes are resolved, comments and instructions left out, CDATA is text."""
    root = parse_xml(
        b'<s:a xmlns:s="http://s" xmlns="http://d" x="1" s:y="2">'
        b"t<!-- no --><b><?no no?>&lt;</b><![CDATA[<u>]]></s:a>"
    )
    assert root.name == XmlName("a", "http://s")
    assert root.attributes == {XmlName("x"): "1", XmlName("y", "http://s"): "2"}
    assert root.text == "t<u>"
    assert [(child.name, child.text) for child in root.children] == [
        (XmlName("b", "http://d"), "<")
    ]


def test_prefix_holds_inside_of_its_element_only() -> None:
    """A prefix that is not declared stands for no namespace."""
    root = parse_xml(b'<a><s:b xmlns:s="http://s"/><s:b/></a>')
    assert [child.name.namespace for child in root.children] == ["http://s", ""]


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("is_declared", [True, False])
def test_encodings_are_decoded(charset: str, is_declared: bool) -> None:
    """By the media type, a byte order mark or the declaration; Chinese ones too."""
    name = "utf-16" if "16" in charset else charset.removesuffix("-sig")
    declaration = f'<?xml version="1.0" encoding="{name}"?>' if is_declared else ""
    sent = f"{declaration}<a>中文</a>".encode(charset)
    known = is_declared or charset != "gb18030"
    assert parse_xml(sent, "" if known else charset).text == "中文"


DOCTYPE = "a document type declaration is not accepted"
NOT_READ = {
    "nothing": ("", "no element found"),
    "no-xml": ("hello", "syntax error"),
    "mismatch": ("<a><b></a>", "mismatched tag"),
    "two-roots": ("<a/><a/>", "junk after document element"),
    "entity": ("<a>&b;</a>", "undefined entity"),
    "attribute-twice": ('<a x="1" x="2"/>', "duplicate attribute"),
    "bomb": (BILLION, DOCTYPE),
    "external": ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', DOCTYPE),
    "deep": ("<a>" * 101, "elements are nested deeper than 100"),
    "many": (f"<a>{'<b/>' * MAX_ELEMENTS}</a>", "more than 100000 elements and attributes"),
    "encoding": (
        '<?xml version="1.0" encoding="no-such"?><a/>',
        'the encoding "no-such" is not known',
    ),
    "no-text-encoding": (
        '<?xml version="1.0" encoding="base64"?><a/>',
        'the encoding "base64" is not known',
    ),
}


@pytest.mark.parametrize(("text", "reason"), NOT_READ.values(), ids=NOT_READ)
def test_text_that_cannot_be_read_is_an_error(text: str, reason: str) -> None:
    """Entities are never expanded, and sizes are bounded."""
    with pytest.raises(XmlError) as caught:
        parse_xml(text.encode())
    assert caught.value.reason == reason


def test_error_has_line_and_column() -> None:
    """As that of JSON."""
    with pytest.raises(XmlError) as caught:
        parse_xml(b"<a>\n <b></a>")
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_bytes_of_another_charset_are_an_error() -> None:
    """The charset of the media type counts."""
    with pytest.raises(XmlError, match="the text is not ascii"):
        parse_xml("<a>é</a>".encode(), "ascii")


@given(st.binary(max_size=60).map(lambda content: b"<a>" + content + b"</a>") | st.binary())
def test_any_bytes_are_a_tree_or_an_error(body: bytes) -> None:
    """Nothing else is raised."""
    with suppress(XmlError):
        assert parse_xml(body).name.local

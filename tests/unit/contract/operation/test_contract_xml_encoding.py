"""XML built by the names of a schema. Most cases are those of OpenAPI 3.1, "XML Object Examples"."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.contract.operation.xml_encoding import encode_xml

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def encode(schema: Any, value: Any, *, name: str = "doc", schemas: Any = None) -> str:
    document = {"components": {"schemas": {name: schema, **(schemas or {})}}}
    data = encode_xml(document, {"$ref": f"#/components/schemas/{name}"}, value)
    text = data.decode()
    assert text.startswith(DECLARATION)
    ElementTree.fromstring(data)  # noqa: S314 - our own text
    return text.removeprefix(DECLARATION)


def items(xml: Any = None, **more: Any) -> dict[str, Any]:
    """Return the schema of an array of texts with its own XML object, and that of its items."""
    schema: dict[str, Any] = {"type": "array", "items": dict(TEXT)}
    if xml:
        schema["xml"] = xml
    if more:
        schema["items"]["xml"] = more
    return {"type": "object", "properties": {"animals": schema}}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (TEXT, "a<&>", "<doc>a&lt;&amp;&gt;</doc>"),
        (TEXT, 1.5, "<doc>1.5</doc>"),
        (TEXT, True, "<doc>true</doc>"),
        ({"xml": {"name": "animal"}}, "a", "<animal>a</animal>"),
        ({"properties": {"id": {"xml": {"attribute": True}}, "name": TEXT}}, {"id": 1, "name": "a"},
         '<doc id="1"><name>a</name></doc>'),
        ({"properties": {"id": {"xml": {"attribute": True, "name": "key"}}}}, {"id": 1},
         '<doc key="1"></doc>'),
        ({"properties": {"id": {"xml": {"attribute": True}}}}, {"id": None}, "<doc></doc>"),
        ({"properties": {"n": {"xml": {"namespace": "http://a", "prefix": "s"}}}}, {"n": "a"},
         '<doc><s:n xmlns:s="http://a">a</s:n></doc>'),
        ({"xml": {"namespace": "http://a"}}, "a", '<doc xmlns="http://a">a</doc>'),
        (items(), {"animals": ["a", "b"]}, "<doc><animals>a</animals><animals>b</animals></doc>"),
        (items(name="animal"), {"animals": ["a"]}, "<doc><animal>a</animal></doc>"),
        (items({"name": "aliens"}, name="animal"), {"animals": ["a"]},
         "<doc><animal>a</animal></doc>"),
        (items({"wrapped": True}), {"animals": ["a", "b"]},
         "<doc><animals><animals>a</animals><animals>b</animals></animals></doc>"),
        (items({"wrapped": True}, name="animal"), {"animals": ["a"]},
         "<doc><animals><animal>a</animal></animals></doc>"),
        (items({"wrapped": True, "name": "aliens"}), {"animals": ["a"]},
         "<doc><aliens><aliens>a</aliens></aliens></doc>"),
        (items({"wrapped": True, "name": "aliens"}, name="animal"), {"animals": ["a"]},
         "<doc><aliens><animal>a</animal></aliens></doc>"),
        (items({"nodeType": "element"}, name="animal"), {"animals": ["a"]},
         "<doc><animals><animal>a</animal></animals></doc>"),
        ({"properties": {"id": {"xml": {"nodeType": "attribute"}}, "t": {"xml": {"nodeType": "text"}}}},
         {"id": 1, "t": "a"}, '<doc id="1">a</doc>'),
        ({"additionalProperties": TEXT}, {"a b": "1", "2": "x"}, "<doc><a_b>1</a_b><_2>x</_2></doc>"),
        ({"properties": {"a": TEXT}}, {"a": None},
         '<doc><a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"></a></doc>'),
        ({"allOf": [{"properties": {"a": {"xml": {"name": "b"}}}}]}, {"a": 1}, "<doc><b>1</b></doc>"),
        ({"oneOf": [{"required": ["x"]}, {"properties": {"a": {"xml": {"name": "b"}}}}]}, {"a": 1},
         "<doc><b>1</b></doc>"),
        ({"xml": {"prefix": "s"}}, "a", "<doc>a</doc>"),
        ({"properties": {"n": {"xml": {"attribute": True, "prefix": "s"}}}}, {"n": "a"},
         '<doc n="a"></doc>'),
        ({"xml": {"namespace": "http://a", "prefix": "s"}, "properties": {"n": {"xml": {"prefix": "s"}}}},
         {"n": "a"}, '<s:doc xmlns:s="http://a"><s:n>a</s:n></s:doc>'),
        (TEXT, "a\x00b", "<doc>a\ufffdb</doc>"),
        (True, {"a": [[1], [2]]}, "<doc><a><a>1</a></a><a><a>2</a></a></doc>"),
    ],
)  # fmt: skip
def test_xml_is_built_by_the_names_of_the_schema(schema: Any, value: Any, expected: str) -> None:
    """Names, attributes, wrapped lists, prefixes and namespaces are those of the XML objects."""
    assert encode(schema, value) == expected


def test_items_of_a_list_are_named_by_their_component() -> None:
    """The root of a list is its component, or `root`; its items are named by theirs."""
    pets = {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}
    schemas = {"Pet": {"properties": {"name": TEXT}}}
    text = encode(pets, [{"name": "a"}], name="Pets", schemas=schemas)
    assert text == "<Pets><Pet><name>a</name></Pet></Pets>"
    data = encode_xml({"components": {"schemas": schemas}}, pets, [{"name": "a"}])
    assert data.decode().removeprefix(DECLARATION) == "<root><Pet><name>a</name></Pet></root>"


def test_charset_of_the_content_type_is_declared() -> None:
    """Characters that the charset does not have are references."""
    data = encode_xml({}, TEXT, "ä€", charset="iso-8859-1")
    assert data == b'<?xml version="1.0" encoding="iso-8859-1"?>\n<root>\xe4&#8364;</root>'


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_any_data_becomes_a_document(value: Any) -> None:
    """Whatever the data, the result is well-formed."""
    ElementTree.fromstring(encode_xml({}, True, value))  # noqa: S314 - our own text


def test_deep_data_ends() -> None:
    """Data that is nested very deeply is written as text at some depth."""
    value: Any = "x"
    for _ in range(400):
        value = {"a": value}
    ElementTree.fromstring(encode_xml({}, True, value))  # noqa: S314 - our own text

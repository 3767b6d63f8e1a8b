"""XML bodies of requests, read by the names and types of their schemas."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import decode_request, load_operation, places_and_rules
from understudy.contract.operation.xml_decoding import XmlDecoder
from understudy.contract.operation.xml_encoding import encode_xml
from understudy.contract.operation.xml_schemas import XmlSchema, find_root_names
from understudy.contract.schema.validator import compile_validator
from understudy.contract.schema.value_shapes import ValueShape

XML = "application/xml"
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
A = {"xml": {"namespace": "http://a", "prefix": "a"}}


def read(schema: Any, text: str, *, name: str = "doc") -> tuple[Any, list[tuple[str, str]]]:
    """Return the data of a text, with the places and rules of its flaws."""
    document = {"components": {"schemas": {name: schema}}}
    decoder = XmlDecoder(
        XmlSchema(ValueShape((schema,), document)),
        find_root_names({"$ref": f"#/components/schemas/{name}"}, document),
        compile_validator(schema, document=document),
    )
    content = decoder.decode(text.encode(), XML, document)
    return content.value, [(flaw.place, flaw.rule) for flaw in content.flaws]


def members(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def items(schema: Any, **xml: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema, **({"xml": xml} if xml else {})}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        (members(a=NUMBER, b={"type": "number"}, c={"type": "boolean"}, d=TEXT),
         "<doc><a> 5 </a><b>1.5</b><c>true</c><d> x </d></doc>",
         {"a": 5, "b": 1.5, "c": True, "d": " x "}),
        (members(a={**NUMBER, "xml": {"attribute": True, "name": "b"}}), '<doc b="5"/>', {"a": 5}),
        (members(a={**NUMBER, "xml": {"nodeType": "attribute"}}), '<doc a="5"/>', {"a": 5}),
        (members(a={**NUMBER, "xml": {"name": "b"}}), "<doc><b>5</b></doc>", {"a": 5}),
        (members(a={**NUMBER, "xml": {"nodeType": "text"}}), "<doc>5</doc>", {"a": 5}),
        (members(a={**TEXT, **A}), '<doc xmlns:b="http://a"><b:a>x</b:a></doc>', {"a": "x"}),
        (members(a={**TEXT, "xml": {"prefix": "b"}}), "<doc><b:a>x</b:a></doc>", {"a": "x"}),
        ({**members(a=TEXT), **A}, '<doc xmlns="http://a"><a>x</a></doc>', {"a": "x"}),
        (members(a=items(NUMBER)), "<doc><a>1</a><a>2</a></doc>", {"a": [1, 2]}),
        (members(a=items(NUMBER), b=TEXT), "<doc><a>1</a><b/><a>2</a></doc>", {"a": [1, 2], "b": ""}),
        (members(a=items({**NUMBER, "xml": {"name": "b"}})), "<doc><b>1</b></doc>", {"a": [1]}),
        (members(a=items(NUMBER, name="b")), "<doc><b>1</b><a>2</a></doc>", {"a": [1, 2]}),
        (members(a=items(NUMBER, wrapped=True)), "<doc><a><a>1</a></a></doc>", {"a": [1]}),
        (members(a=items(NUMBER, wrapped=True)), "<doc><a/></doc>", {"a": []}),
        (members(a=items(NUMBER, nodeType="element")), "<doc><a><a>1</a></a></doc>", {"a": [1]}),
        (members(a=items({**NUMBER, "xml": {"name": "c"}}, wrapped=True, name="b")),
         "<doc><b><c>1</c><c>2</c></b></doc>", {"a": [1, 2]}),
        (members(a=items(members(b=items(NUMBER)))),
         "<doc><a><b>1</b><b>2</b></a><a/></doc>", {"a": [{"b": [1, 2]}, {}]}),
        ({**members(a=items(TEXT)), "required": ["a"]}, "<doc/>", {"a": []}),
        (members(a=items(TEXT)), "<doc/>", {}),
        (items(items(NUMBER)), "<doc><x><y>1</y></x><x/></doc>", [[1], []]),
        (items(members(a=NUMBER)), "<doc><Pet><a>1</a></Pet></doc>", [{"a": 1}]),
        (members(a={"type": ["integer", "null"]}), f"<doc><a {NIL}/></doc>", {"a": None}),
        (members(a={"type": ["array", "null"], "items": TEXT}), f"<doc><a {NIL}/></doc>", {"a": None}),
        (members(a={"anyOf": [NUMBER, {"const": "x"}]}), "<doc><a>x</a></doc>", {"a": "x"}),
        (members(a={"anyOf": [{"type": "integer", "maximum": 1}, TEXT]}), "<doc><a>5</a></doc>",
         {"a": "5"}),
        (members(a={"oneOf": [TEXT, members(b=NUMBER)]}), "<doc><a><b>1</b></a></doc>", {"a": {"b": 1}}),
        (members(a={"oneOf": [members(b=NUMBER), TEXT]}), "<doc><a>x</a></doc>", {"a": "x"}),
        (members(a={"oneOf": [TEXT, items(NUMBER)]}), "<doc><a>1</a><a>2</a></doc>", {"a": [1, 2]}),
        (members(a={"oneOf": [{"const": "x"}, items(NUMBER)]}), "<doc><a>x</a></doc>", {"a": "x"}),
        ({"allOf": [members(a=NUMBER), members(b=NUMBER)]}, "<doc><a>1</a><b>2</b></doc>",
         {"a": 1, "b": 2}),
        ({"type": "object", "additionalProperties": NUMBER}, '<doc y="2"><x>1</x></doc>',
         {"y": 2, "x": 1}),
        (True, "<doc><a>1</a><a>2</a><b><c/></b></doc>", {"a": ["1", "2"], "b": {"c": ""}}),
        (NUMBER, "<doc>5</doc>", 5),
        (TEXT, "<doc>5</doc>", "5"),
        (TEXT, "<doc><a/></doc>", "<doc><a/></doc>"),
        ({**TEXT, "minLength": 10}, "<doc>5</doc>", "<doc>5</doc>"),
        ({**TEXT, "xml": {"name": "x"}}, "<x>5</x>", "5"),
        ({"allOf": [{**members(), "xml": {"name": "x"}}]}, "<x/>", {}),
        ({"allOf": [{**members(), "xml": {"name": "x"}}]}, "<doc/>", {}),
        (members(), '<Doc xml:lang="en"><!-- no --></Doc>', {}),
    ],
)  # fmt: skip
def test_data_is_read_by_names_and_types(schema: Any, text: str, value: Any) -> None:
    """Names, attributes, lists, namespaces and types are those of the schema."""
    name = "Doc" if text.startswith("<Doc") else "doc"
    assert read(schema, text, name=name) == (value, [])


@pytest.mark.parametrize(
    ("schema", "text", "flaws"),
    [
        (members(), "<cod/>", [("", "xml")]),
        ({**members(), "xml": {"name": "x"}}, "<doc/>", [("", "xml")]),
        ({**members(), **A}, "<doc/>", [("", "xml")]),
        (members(a={**TEXT, **A}), "<doc><a/></doc>", [("/a", "xml")]),
        (members(a={**TEXT, **A}), '<doc><a xmlns="http://b"/></doc>', [("/a", "xml")]),
        (members(a={**TEXT, "xml": {"attribute": True}}), "<doc><a>x</a></doc>", [("/a", "xml")]),
        (members(a=TEXT), '<doc a="x"/>', [("/a", "xml")]),
        (members(a={**TEXT, "xml": {"name": "b"}}), "<doc><a>x</a></doc>", [("/a", "xml")]),
        (members(a=TEXT), "<doc><a/><a/></doc>", [("/a", "repeated")]),
        (members(a=TEXT), "<doc>x<a/></doc>", [("", "xml")]),
        (members(a=items(TEXT, wrapped=True)), "<doc><a>x</a></doc>", [("/a", "xml")]),
        (members(a=items(TEXT, wrapped=True)), "<doc><a><b>x</b></a></doc>", [("/a/0", "xml")]),
        (members(a=items(TEXT, wrapped=True)), "<doc><a/><a/></doc>", [("/a", "repeated")]),
    ],
)  # fmt: skip
def test_other_forms_are_flaws(schema: Any, text: str, flaws: Any) -> None:
    """A wrong root, namespace, node or wrapper, and a repeated element are reported."""
    _, reported = read(schema, text)
    assert reported == flaws


PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {**NUMBER, "xml": {"attribute": True}},
        "name": {**TEXT, "minLength": 2},
        "secret": {**TEXT, "readOnly": True},
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("body", "value", "rules"),
    [
        ('<Pet id="5"><name>ab</name></Pet>', {"id": 5, "name": "ab"}, []),
        ('<pet id="5"><name>ab</name></pet>', {"id": 5, "name": "ab"}, []),
        ('<Pet id="x"><name>a</name></Pet>', {"id": "x", "name": "a"},
         [("body/id", "type"), ("body/name", "minLength")]),
        ("<Pet><no/></Pet>", {"no": ""},
         [("body", "required"), ("body", "required"), ("body", "additionalProperties")]),
        ('<Dog id="5"><name>ab</name></Dog>', {"id": 5, "name": "ab"}, [("body", "xml")]),
        ("<Pet>", None, [("body", "xml")]),
        ('{"id": 5}', None, [("body", "xml")]),
        ("<!DOCTYPE Pet><Pet/>", None, [("body", "xml")]),
    ],
)  # fmt: skip
def test_body_is_validated(tmp_path: Path, body: str, value: Any, rules: Any) -> None:
    """XML is validated like JSON, and malformed XML is reported."""
    content = {XML: {"schema": {"$ref": "#/components/schemas/Pet"}}}
    operation = load_operation(
        tmp_path, requestBody={"content": content}, components={"schemas": {"Pet": PET}}
    )
    decoded = decode_request(operation, headers=[("Content-Type", XML)], body=body.encode())
    assert (decoded.body, sorted(places_and_rules(decoded.violations))) == (value, sorted(rules))


def test_malformed_body_names_line_and_column(tmp_path: Path) -> None:
    """As for JSON."""
    operation = load_operation(tmp_path, requestBody={"content": {XML: {"schema": PET}}})
    headers = [("Content-Type", "text/xml; charset=utf-8")]
    [violation] = decode_request(operation, headers=headers, body=b"<a>").violations
    assert violation.rule == "content-type"
    headers = [("Content-Type", "application/xml; charset=utf-8")]
    [violation] = decode_request(operation, headers=headers, body=b"<a>\n<b></a>").violations
    assert violation.expected == "XML (mismatched tag, line 2, column 6)"


def test_xml_without_a_schema_is_not_read(tmp_path: Path) -> None:
    """Nothing says what it has to be."""
    operation = load_operation(tmp_path, requestBody={"content": {"image/svg+xml": {}}})
    body = b"<!DOCTYPE svg><svg/>"
    decoded = decode_request(operation, headers=[("Content-Type", "image/svg+xml")], body=body)
    assert (decoded.body, decoded.violations) == (None, ())


def test_name_of_a_component_may_be_that_of_its_root_only(tmp_path: Path) -> None:
    """A property and items are named as the component or as the property."""
    tag = {**members(n=NUMBER), "xml": {"name": "Tag"}}
    reference = {"$ref": "#/components/schemas/Tag"}
    schema = {
        **members(
            tag=reference, tags=items(reference), list=items(reference, wrapped=True, name="ls")
        ),
        "additionalProperties": False,
    }
    content = {XML: {"schema": schema}}
    operation = load_operation(
        tmp_path, requestBody={"content": content}, components={"schemas": {"Tag": tag}}
    )
    value = {"tag": {"n": 1}, "list": [{"n": 2}]}
    for body in (
        "<x><tag><n>1</n></tag><ls><Tag><n>2</n></Tag></ls></x>",
        "<x><Tag><n>1</n></Tag><list><ls><n>2</n></ls></list></x>",
    ):
        decoded = decode_request(operation, headers=[("Content-Type", XML)], body=body.encode())
        assert (decoded.body, decoded.violations) == (value, ())


RANDOM_ITEMS: st.SearchStrategy[Any] = st.sampled_from(
    [NUMBER, {**TEXT, "xml": {"name": "it"}}, members(z=NUMBER)]
)
RANDOM_MEMBERS: st.SearchStrategy[Any] = st.sampled_from(
    [NUMBER, TEXT, {"type": "boolean"}, {**NUMBER, "xml": {"attribute": True}}, {**TEXT, **A}]
) | st.builds(
    lambda item, xml: items(item, **xml),
    RANDOM_ITEMS,
    st.sampled_from([{}, {"wrapped": True}, {"wrapped": True, "name": "list"}]),
)
LETTERS = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=5)


def draw_value(draw: st.DrawFn, schema: Any) -> Any:
    match schema["type"]:
        case "object":
            names = [name for name in schema["properties"] if draw(st.booleans())]
            return {name: draw_value(draw, schema["properties"][name]) for name in names}
        case "array":
            return [draw_value(draw, schema["items"]) for _ in range(draw(st.integers(1, 3)))]
        case "integer":
            return draw(st.integers(-(10**20), 10**20))
        case "boolean":
            return draw(st.booleans())
    return draw(LETTERS)


@st.composite
def schemas_with_values(draw: st.DrawFn) -> tuple[Any, Any]:
    properties = draw(st.dictionaries(st.sampled_from("abcde"), RANDOM_MEMBERS, max_size=4))
    is_named = [name for name, part in properties.items() if part.get("type") == "array"]
    # Two lists whose elements have the same name cannot be distinguished.
    for name in is_named[1:]:
        del properties[name]
    schema = members(**properties)
    return schema, draw_value(draw, schema)


@given(schemas_with_values())
def test_written_data_is_read_as_it_was(pair: tuple[Any, Any]) -> None:
    """What is written by the names of a schema is read back by them."""
    schema, value = pair
    document = {"components": {"schemas": {"doc": schema}}}
    text = encode_xml(document, {"$ref": "#/components/schemas/doc"}, value).decode()
    assert read(schema, text) == (value, [])

"""Bodies of requests that are not JSON: forms, multipart forms, texts, and sequences."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

from contract_builders import decode_request, load_operation, places_and_rules
from understudy.contract import Decoded, Operation

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
ADDRESS = {"type": "object", "properties": {"city": {"type": "string"}, "no": {"type": "integer"}}}
SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sizes": {"type": "array", "items": {"type": "number"}},
        "address": ADDRESS,
        "places": {"type": "array", "items": ADDRESS},
        "photo": {"type": "string", "format": "binary", "maxLength": 4},
        "photos": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
}


def load_form(folder: Path, media_type: str = FORM, schema: Any = None, **media: Any) -> Operation:
    media = {"schema": SCHEMA if schema is None else schema, **media}
    return load_operation(folder, requestBody={"required": True, "content": {media_type: media}})


def decode(operation: Operation, body: str | bytes, content_type: str = FORM) -> Decoded:
    data = body.encode() if isinstance(body, str) else body
    return decode_request(operation, headers=[("Content-Type", content_type)], body=data)


def encode_parts(*parts: tuple[str, Any, dict[str, str]]) -> tuple[bytes, str]:
    """Return a multipart body written by another library, and its content type."""
    fields = []
    for name, content, headers in parts:
        filename = "file" if "File" in headers else None
        field = RequestField(name, content, filename=filename)
        field.make_multipart(content_type=headers.get("Content-Type"))
        extra = {key: text for key, text in headers.items() if key.startswith("X-")}
        field.headers.update(extra)
        fields.append(field)
    return encode_multipart_formdata(fields)


INTEGERS = {"type": "array", "items": {"type": "integer"}}
JOINED = {"style": "form", "explode": False}
BARS = {"style": "pipeDelimited", "explode": False}


@pytest.mark.parametrize(
    ("schema", "encoding", "body", "value", "rules"),
    [
        (INTEGERS, JOINED, "x=1%2C2", [1, 2], []),
        (INTEGERS, JOINED, "x=1,2", [1, 2], []),
        ({**INTEGERS, "minItems": 3}, JOINED, "x=1%2C2", ["1,2"],
         [("body/x", "minItems"), ("body/x/0", "type")]),
        ({"type": "array", "items": {"maxLength": 3}}, JOINED, "x=ab%2Ccd", ["ab", "cd"], []),
        ({"type": "array", "items": {"maxLength": 9}}, JOINED, "x=ab%2Ccd", ["ab,cd"], []),
        (INTEGERS, BARS, "x=1%7C2", [1, 2], []),
        ({"anyOf": [{"type": "integer", "maximum": 3}, {"type": "string"}]}, {}, "x=5", "5", []),
        ({"type": ["string", "integer"], "not": {"type": "string"}}, {}, "x=5", 5, []),
        ({"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "string"}]}, JOINED,
         "x=a", "a", []),
        ({"type": "integer", "maximum": 3}, {}, "x=5", 5, [("body/x", "maximum")]),
    ],
)  # fmt: skip
def test_first_valid_reading_of_a_field_counts(
    tmp_path: Path, schema: Any, encoding: Any, body: str, value: Any, rules: Any
) -> None:
    """A field is read like a parameter; without a valid reading, the first one is reported once."""
    form = {"type": "object", "properties": {"x": schema}}
    operation = load_form(tmp_path, schema=form, encoding={"x": encoding})
    decoded = decode(operation, body)
    assert decoded.body == {"x": value}
    assert places_and_rules(decoded.violations) == rules


def test_field_of_several_schemas_is_read_by_the_one_that_fits(tmp_path: Path) -> None:
    """The alternatives of a form may describe a field in several ways."""
    alternatives = [{"type": "integer", "maximum": 3}, {"type": "string", "minLength": 2}]
    forms = [{"properties": {"x": part}, "required": ["x"]} for part in alternatives]
    operation = load_form(tmp_path, schema={"type": "object", "oneOf": forms})
    for body, value in (("x=3", 3), ("x=45", "45")):
        decoded = decode(operation, body)
        assert (decoded.body, decoded.violations) == ({"x": value}, ())


KINDS = {
    "type": "object",
    "oneOf": [
        {"required": ["k", "x"], "properties": {"k": {"const": "a"}, "x": {"type": "integer"}}},
        {"required": ["k", "x"], "properties": {"k": {"const": "b"}, "x": {"type": "string"}}},
        {"required": ["k", "x"], "properties": {"k": {"const": "c"}, "x": ADDRESS}},
    ],
}


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ({"k": "a", "x": "5"}, 5),
        ({"k": "b", "x": "5"}, "5"),
        ({"k": "c", "x": '{"no": 5}'}, {"no": 5}),
    ],
)
def test_form_is_read_by_the_alternative_that_fits(
    tmp_path: Path, sent: dict[str, str], value: Any
) -> None:
    """The whole form decides how its fields are read, in forms of both kinds."""
    expected = {"k": sent["k"], "x": value}
    decoded = decode(load_form(tmp_path, schema=KINDS), urlencode(sent))
    assert (decoded.body, decoded.violations) == (expected, ())
    body, content_type = encode_multipart_formdata(sent)
    decoded = decode(load_form(tmp_path, MULTIPART, KINDS), body, content_type)
    assert (decoded.body, decoded.violations) == (expected, ())


def test_form_that_no_alternative_fits_is_reported_once(tmp_path: Path) -> None:
    """By the first reading."""
    decoded = decode(load_form(tmp_path, schema=KINDS), "k=a&x=y")
    assert places_and_rules(decoded.violations) == [("body", "oneOf")]


@pytest.mark.parametrize(
    ("is_required", "content_type", "rules"),
    [
        (False, FORM, [("body", "required")]),
        (False, f"{FORM}; charset=utf-8", [("body", "required")]),
        (False, "", []),
        (False, "text/plain", []),
        (True, "", [("body", "required")]),
    ],
)
def test_form_without_fields_is_an_empty_body(
    tmp_path: Path, is_required: bool, content_type: str, rules: Any
) -> None:
    """Its content type shows that an optional form was sent: required fields are missing then."""
    content = {FORM: {"schema": SCHEMA}, "text/plain": {}}
    body = {"content": content, "required": is_required}
    operation = load_operation(tmp_path, requestBody=body)
    headers = [("Content-Type", content_type)] if content_type else []
    decoded = decode_request(operation, headers=headers)
    assert places_and_rules(decoded.violations) == rules


def test_additional_field_is_read_by_its_schema(tmp_path: Path) -> None:
    """The schema of further fields chooses between the readings of their texts."""
    more = {"anyOf": [{"type": "integer", "maximum": 3}, {"type": "string"}]}
    form = {"type": "object", "additionalProperties": more}
    assert decode(load_form(tmp_path, schema=form), "a=3&b=5").body == {"a": 3, "b": "5"}


@pytest.mark.parametrize(
    ("body", "value", "rules"),
    [
        ("name=a", {"name": "a"}, []),
        ("name=a+b&age=3", {"name": "a b", "age": 3}, []),
        ("age=3", {"age": 3}, [("body", "required")]),
        ("name=a&age=x", {"name": "a", "age": "x"}, [("body/age", "type")]),
        ("name=abcdef", {"name": "abcdef"}, [("body/name", "maxLength")]),
        ("name=a&tags=x&tags=y", {"name": "a", "tags": ["x", "y"]}, []),
        ("name=a&sizes=1.5", {"name": "a", "sizes": [1.5]}, []),
        ('name=a&address={"city":"x","no":2}', {"name": "a", "address": {"city": "x", "no": 2}}, []),
        ("name=a&address[city]=x&address[no]=2", {"name": "a", "address": {"city": "x", "no": 2}}, []),
        ("name=a&address=x", {"name": "a", "address": "x"},
         [("body/address", "json"), ("body/address", "type")]),
        ('name=a&places={"no":1}&places={"no":2}',
         {"name": "a", "places": [{"no": 1}, {"no": 2}]}, []),
        ('name=a&places=[{"no":1}]', {"name": "a", "places": [{"no": 1}]}, []),
        ('name=a&places={"no":1},{"no":2}', {"name": "a", "places": [{"no": 1}, {"no": 2}]}, []),
        ("name=a&places=x", {"name": "a", "places": ["x"]},
         [("body/places", "content-type"), ("body/places/0", "type")]),
        ("name=a&name=b", {}, [("body/name", "repeated"), ("body", "required")]),
        ("name=a&other=1&other=2", {"name": "a", "other": ["1", "2"]}, []),
        ("name=%C3%A4", {"name": "ä"}, []),
        ("name=", {"name": ""}, []),
    ],
)  # fmt: skip
def test_form_is_read_by_its_schema(
    tmp_path: Path, body: str, value: Any, rules: list[tuple[str, str]]
) -> None:
    """Fields have the types of their schemas; objects are JSON unless a style is given."""
    decoded = decode(load_form(tmp_path), body)
    assert decoded.body == value
    assert places_and_rules(decoded.violations) == rules


@pytest.mark.parametrize(
    ("encoding", "body", "value"),
    [
        ({"tags": {"style": "form", "explode": False}}, "tags=a,b", {"tags": ["a", "b"]}),
        ({"tags": {"style": "pipeDelimited", "explode": False}}, "tags=a%7Cb", {"tags": ["a", "b"]}),
        ({"tags": {"style": "spaceDelimited", "explode": False}}, "tags=a+b", {"tags": ["a", "b"]}),
        ({"address": {"style": "deepObject"}}, "address[no]=1", {"address": {"no": 1}}),
        ({"address": {"style": "form"}}, "no=1&city=x", {"address": {"no": 1, "city": "x"}}),
        ({"address": {"style": "form", "explode": False}}, "address=no,1", {"address": {"no": 1}}),
        ({"age": {"contentType": "application/json"}}, "age=3", {"age": 3}),
    ],
)  # fmt: skip
def test_encoding_has_a_style(
    tmp_path: Path, encoding: dict[str, Any], body: str, value: Any
) -> None:
    """Style and explode have the meaning of parameters of a query."""
    decoded = decode(load_form(tmp_path, encoding=encoding), f"name=a&{body}")
    assert decoded.body == {"name": "a", **value}
    assert decoded.violations == ()


def test_additional_fields_have_the_type_of_their_schema(tmp_path: Path) -> None:
    """Fields that are not documented are read by `additionalProperties`."""
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    decoded = decode(load_form(tmp_path, schema=schema), "a=1&b=x")
    assert decoded.body == {"a": 1, "b": "x"}
    assert places_and_rules(decoded.violations) == [("body/b", "type")]


@pytest.mark.parametrize("body", ["&".join(["name=a"] * 1001), "name=%E4"])
def test_form_that_cannot_be_read_is_reported(tmp_path: Path, body: str) -> None:
    """A form with too many fields, or an unknown charset, has one violation."""
    decoded = decode(load_form(tmp_path), body, f"{FORM}; charset=no-such")
    assert places_and_rules(decoded.violations) == [("body", "form")]


@pytest.mark.parametrize(
    ("parts", "value", "rules"),
    [
        ([("name", "a", {})], {"name": "a"}, []),
        ([("name", "ä", {}), ("age", "3", {})], {"name": "ä", "age": 3}, []),
        ([("age", "3", {})], {"age": 3}, [("body", "required")]),
        ([("name", "a", {}), ("address", '{"no":1}', {})], {"name": "a", "address": {"no": 1}}, []),
        ([("name", "a", {}), ("address", '{"no":1}', {"Content-Type": "application/json"})],
         {"name": "a", "address": {"no": 1}}, []),
        ([("name", "a", {}), ("address", "{", {})], {"name": "a", "address": None},
         [("body/address", "json"), ("body/address", "type")]),
        ([("name", "a", {}), ("tags", "x", {}), ("tags", "y", {})],
         {"name": "a", "tags": ["x", "y"]}, []),
        ([("name", "a", {}), ("places", '{"no":1}', {})], {"name": "a", "places": [{"no": 1}]}, []),
        ([("name", "a", {}), ("photo", b"\x89\xff", {"File": "", "Content-Type": "image/png"})],
         {"name": "a", "photo": "\x89\xff"}, []),
        ([("name", "a", {}), ("photo", b"\xffabcd", {"File": ""})],
         {"name": "a", "photo": "\xffabcd"}, [("body/photo", "maxLength")]),
        ([("name", "a", {}), ("photos", b"\xff", {"File": ""}), ("photos", b"b", {"File": ""})],
         {"name": "a", "photos": ["\xff", "b"]}, []),
        ([("name", "a", {}), ("photo", b"a", {"File": ""}), ("photo", b"b", {"File": ""})],
         {"name": "a", "photo": "a"}, [("body/photo", "repeated")]),
        ([("name", "a", {}), ("x", b"\xff", {"File": ""}), ("x", b"b", {"File": ""})],
         {"name": "a", "x": ["\xff", "b"]}, []),
        ([("name", b"\xff", {})], {"name": ""}, [("body/name", "charset")]),
    ],
)  # fmt: skip
def test_multipart_form_is_read_by_its_schema(
    tmp_path: Path, parts: Any, value: Any, rules: list[tuple[str, str]]
) -> None:
    """Parts are texts, JSON, or bytes, of which each is one character."""
    body, content_type = encode_parts(*parts)
    decoded = decode(load_form(tmp_path, MULTIPART), body, content_type)
    assert decoded.body == value
    assert places_and_rules(decoded.violations) == rules


@pytest.mark.parametrize(
    ("encoding", "headers", "rules"),
    [
        ({"contentType": "image/png, image/gif"}, {"Content-Type": "image/gif"}, []),
        ({"contentType": "image/*"}, {"Content-Type": "image/gif"}, []),
        ({"contentType": "image/png"}, {"Content-Type": "text/plain"},
         [("body/photo", "part-content-type")]),
        ({"headers": {"X-Size": {"required": True, "schema": {"type": "integer"}}}}, {},
         [("body/photo", "required")]),
        ({"headers": {"X-Size": {"schema": {"type": "integer"}}}}, {"X-Size": "a"},
         [("body/photo", "type")]),
        ({"headers": {"X-Size": {"required": True, "schema": {"type": "integer"}}}},
         {"X-Size": "2"}, []),
        ("nonsense", {}, []),
    ],
)  # fmt: skip
def test_parts_obey_their_encoding(
    tmp_path: Path, encoding: Any, headers: dict[str, str], rules: list[tuple[str, str]]
) -> None:
    """Content type and header fields of a part are those of its encoding."""
    operation = load_form(tmp_path, MULTIPART, encoding={"photo": encoding})
    body, content_type = encode_parts(("name", "a", {}), ("photo", b"a", {"File": "", **headers}))
    assert places_and_rules(decode(operation, body, content_type).violations) == rules


@pytest.mark.parametrize(
    ("content_type", "rule"),
    [(MULTIPART, "content-type"), (f"{MULTIPART}; boundary=x", "form")],
)
def test_multipart_form_that_cannot_be_read_is_reported(
    tmp_path: Path, content_type: str, rule: str
) -> None:
    """A form without a boundary, or whose parts have no end, has one violation."""
    decoded = decode(load_form(tmp_path, MULTIPART), b"--x", content_type)
    assert places_and_rules(decoded.violations) == [("body", rule)]


@pytest.mark.parametrize(
    ("encoding", "body", "rules"),
    [
        ({"allowReserved": False}, "name=a/b", [("body/name", "allowReserved")]),
        ({"allowReserved": False}, "name=a%2Fb", []),
        ({"allowReserved": False}, "name=a+b&age=1", []),
        ({"allowReserved": True}, "name=a/b", []),
        ({"style": "form"}, "name=a/b", []),
    ],
)  # fmt: skip
def test_reserved_characters_are_reported_if_forbidden(
    tmp_path: Path, encoding: dict[str, Any], body: str, rules: list[tuple[str, str]]
) -> None:
    """Only `allowReserved: false` demands percent-encoding."""
    decoded = decode(load_form(tmp_path, encoding={"name": encoding}), body)
    assert places_and_rules(decoded.violations) == rules


@pytest.mark.parametrize(
    ("schema", "body", "content_type", "value", "rules"),
    [
        ({"type": "string", "maxLength": 2}, "abc", "text/plain", "abc", [("body", "maxLength")]),
        ({"type": "string"}, "5", "text/plain", "5", []),
        ({"type": "integer"}, "5\n", "text/plain", 5, []),
        ({"type": "integer"}, "x", "text/plain", "x", [("body", "type")]),
        ({"type": "object"}, "a,b", "text/plain", None, []),
        ({"type": "string"}, b"\xe4", "text/plain; charset=latin-1", "ä", []),
        ({"type": "string"}, b"\xe4", "text/plain", None, [("body", "charset")]),
        ({"type": "string"}, b"a", "text/plain; charset=no-such", None, [("body", "content-type")]),
    ],
)  # fmt: skip
def test_text_is_validated(
    tmp_path: Path, schema: Any, body: Any, content_type: str, value: Any, rules: Any
) -> None:
    """A text is read in its charset, and as a number where the schema allows no text."""
    decoded = decode(load_form(tmp_path, "text/plain", schema), body, content_type)
    assert (decoded.body, places_and_rules(decoded.violations)) == (value, rules)


@pytest.mark.parametrize(
    ("media", "body", "rules"),
    [
        ({"schema": {"type": "integer"}}, "1\n2\n", []),
        ({"schema": {"type": "integer"}}, "1\n\nx\n", [("body/1", "json")]),
        ({"schema": {"type": "integer"}}, '1\n"a"\n', [("body/1", "type")]),
        ({"schema": {"type": "array", "maxItems": 1}}, "1\n2\n", [("body", "maxItems")]),
        ({"itemSchema": {"type": "integer"}}, "\x1e1\n\x1enull\n", [("body/1", "type")]),
        ({}, "anything", []),
    ],
)  # fmt: skip
def test_sequence_is_validated(tmp_path: Path, media: Any, body: str, rules: Any) -> None:
    """Each item is validated by `itemSchema`, or by a schema that is not that of an array."""
    content = {"application/x-ndjson": media}
    operation = load_operation(tmp_path, requestBody={"content": content})
    decoded = decode(operation, body, "application/x-ndjson")
    assert places_and_rules(decoded.violations) == rules


FIELDS = st.fixed_dictionaries(
    {"name": st.text(st.characters(codec="utf-8"), max_size=5)},
    optional={
        "age": st.integers(-(10**9), 10**9),
        "tags": st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=3),
        "address": st.fixed_dictionaries({}, optional={"no": st.integers(), "city": st.text()}),
    },
)


def form_pairs(value: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of a form as a client writes them."""
    pairs = []
    for name, content in value.items():
        for item in content if isinstance(content, list) else [content]:
            pairs.append((name, item if isinstance(item, str) else json.dumps(item)))
    return pairs


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Operation]:
    """An operation for each kind of form."""
    folder = tmp_path_factory.mktemp("forms")
    return {name: load_form(folder, name) for name in (FORM, MULTIPART)}


@given(value=FIELDS)
def test_form_is_read_as_it_was_written(
    operations: dict[str, Operation], value: dict[str, Any]
) -> None:
    """Both kinds of forms give the data that a client wrote."""
    pairs = form_pairs(value)
    assert decode(operations[FORM], urlencode(pairs)).body == value
    body, content_type = encode_parts(*((name, text, {}) for name, text in pairs))
    assert decode(operations[MULTIPART], body, content_type).body == value


@given(body=st.binary())
def test_any_bytes_are_read_or_reported(operations: dict[str, Operation], body: bytes) -> None:
    """No body of a client raises an error."""
    assert isinstance(decode(operations[FORM], b"name=a&" + body).violations, tuple)
    parts = b"--x\r\nContent-Disposition: form-data; name=name\r\n\r\n" + body + b"\r\n--x--\r\n"
    content_type = f"{MULTIPART}; boundary=x"
    assert isinstance(decode(operations[MULTIPART], parts, content_type).violations, tuple)

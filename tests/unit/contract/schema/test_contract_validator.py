"""The validator protocol: the same promises for every back end."""

import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_builders import VALUES
from schema_strategies import SCHEMAS
from understudy.contract import BACKENDS, SchemaError, Validator, compile_validator
from understudy.errors import InputError

each_backend = pytest.mark.parametrize("backend", BACKENDS)


def find_errors(schema: Any, value: Any, backend: str, **more: Any) -> list[SchemaError]:
    validator = compile_validator(schema, backend=backend, **more)
    errors = list(validator.iter_errors(value))
    assert validator.is_valid(value) is not bool(errors)
    return errors


def find_rules(schema: Any, value: Any, backend: str, **more: Any) -> list[tuple[str, str]]:
    return [(error.pointer, error.keyword) for error in find_errors(schema, value, backend, **more)]


def test_both_back_ends_are_installed() -> None:
    """The development environment has the fast one, in a version that works as needed."""
    validators: list[Validator] = [
        compile_validator({"type": "string"}, backend=name) for name in BACKENDS
    ]
    backends = [validator._backend for validator in validators]  # type: ignore[attr-defined]
    assert [type(backend).__name__ for backend in backends] == ["PythonBackend", "RustBackend"]


@each_backend
@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("int32", 2**31 - 1, True),
        ("int32", -(2**31), True),
        ("int32", 2**31, False),
        ("int32", -(2**31) - 1, False),
        ("int64", 2**63 - 1, True),
        ("int64", -(2**63), True),
        ("int64", 2**63, False),
        ("int64", 10**30, False),
        ("int64", 1.5, True),
        ("int64", "x", True),
        ("int64", True, True),
        ("int64", 1e300, False),
        ("date-time", "2021-08-25T15:09:31+08:00", True),
        ("date-time", "2021-08-25t15:09:31.123456789z", True),
        ("date-time", "2021-08-25T15:09:31", False),
        ("date-time", "2021-08-25 15:09:31Z", False),
        ("date-time", "2021-02-29T00:00:00Z", False),
        ("date-time", "2016-12-31T23:59:60Z", True),
        ("date-time", "2016-12-31T22:59:60Z", False),
        ("date-time", "2017-01-01T07:59:60+08:00", True),
        ("date-time", "2021-08-25T24:00:00Z", False),
        ("date-time", "٢٠٢١-08-25T15:09:31Z", False),
        ("date-time", "2021-08-25T15:09:31Z\n", False),
        ("date-time", 5, True),
        ("date", "2024-02-29", True),
        ("date", "2023-02-29", False),
        ("date", "2021-8-25", False),
        ("date", "1900-02-29", False),
        ("date", "2000-02-29", True),
        ("date", "2021-13-01", False),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", True),
        ("uuid", "123e4567e89b12d3a456426614174000", False),
        ("email", "no email", True),
        ("no-such-format", "x", True),
    ],
)
def test_asserted_formats_are_validated(backend: str, name: str, value: Any, valid: bool) -> None:
    """Five formats are asserted; the others are annotations, as JSON Schema says."""
    assert find_rules({"format": name}, value, backend) == ([] if valid else [("", "format")])


@each_backend
@pytest.mark.parametrize(
    ("pattern", "value", "valid"),
    [
        (r"^\d+$", "12", True),
        (r"^\d+$", "٣", False),
        (r"^\d+$", "12\n", False),
        (r"^\w+$", "é", False),
        ("b", "abc", True),
        (r"^\p{L}+$", "é", True),
        (r"^\p{L}+$", "1", False),
        (r"^.$", "\U0001f600", True),
    ],
)
def test_patterns_follow_javascript(backend: str, pattern: str, value: str, valid: bool) -> None:
    """A pattern means what ECMA-262 says, not what Python says."""
    assert find_rules({"pattern": pattern}, value, backend) == ([] if valid else [("", "pattern")])


@each_backend
@pytest.mark.parametrize(
    ("step", "value", "valid"),
    [
        (0.01, 19.99, True),
        (0.01, 19.999, False),
        (0.1, 0.3, True),
        (3, 10**30, False),
        (3, 3 * 10**30, True),
        (0.5, 10**30, True),
        (2, 4.0, True),
        (2, True, True),
        (2, "x", True),
        (1e-300, 1.0, True),
    ],
)
def test_multiples_are_decimal(backend: str, step: float, value: Any, valid: bool) -> None:
    """19.99 is a multiple of 0.01, though not in binary."""
    assert find_rules({"multipleOf": step}, value, backend) == (
        [] if valid else [("", "multipleOf")]
    )


@each_backend
def test_missing_fields_are_named(backend: str) -> None:
    """In the schema's order, at the object that lacks them."""
    [error] = find_errors({"required": ["b", "a", "c"]}, {"c": 1}, backend)
    assert error == SchemaError(
        "", "required", "the fields b, a are missing", "/required", "the fields b, a", ("b", "a")
    )


@each_backend
def test_fields_that_another_field_requires_are_named(backend: str) -> None:
    """`dependentRequired` reports the missing fields of those that are required."""
    [error] = find_errors(
        {"dependentRequired": {"a": ["b", "c"], "x": ["y"]}}, {"a": 1, "c": 2}, backend
    )
    assert (error.keyword, error.names, error.message) == (
        "dependentRequired",
        ("b",),
        "the field b is missing",
    )


@each_backend
def test_undocumented_fields_are_named(backend: str) -> None:
    """`additionalProperties: false` reports which fields are not documented."""
    schema = {
        "properties": {"a": True},
        "patternProperties": {"^x-": True},
        "additionalProperties": False,
    }
    [error] = find_errors(schema, {"a": 1, "b": 2, "x-c": 3, "07": 4}, backend)
    assert (error.pointer, error.keyword, error.names) == ("", "additionalProperties", ("b", "07"))
    assert error.message == "the fields b, 07 are not documented"


@each_backend
@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"anyOf": [{"type": "string"}, {"minimum": 3}]}, 1, [("", "anyOf")]),
        ({"oneOf": [{"type": "integer"}, {"minimum": 3}]}, 4, [("", "oneOf")]),
        ({"oneOf": [{"type": "integer"}, {"minimum": 3}]}, 4.5, []),
        ({"not": {"type": "null"}}, None, [("", "not")]),
        (
            {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}},
            "a",
            [("", "minLength")],
        ),
        (
            {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}},
            1,
            [("", "minimum")],
        ),
        ({"allOf": [{"minimum": 2}, {"type": "string"}]}, 1, [("", "minimum"), ("", "type")]),
        ({"properties": {"a": False}}, {"a": 1}, [("/a", "false")]),
        ({"items": False}, [1], [("/0", "false")]),
        (False, 1, [("", "false")]),
        (True, 1, []),
        ({"contains": False}, [1], [("", "contains")]),
        (
            {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
            [1, "a"],
            [("/0", "type"), ("/1", "type")],
        ),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, [("", "pattern")]),
        ({"uniqueItems": True}, [1, True, 1.0], [("", "uniqueItems")]),
        ({"uniqueItems": True}, [1, True, "1", None, 0, False], []),
        ({"enum": [1, "a"]}, True, [("", "enum")]),
        ({"const": 1}, 1.0, []),
        ({"type": "integer"}, 1.0, []),
        ({"type": "integer"}, True, [("", "type")]),
        (
            {"unevaluatedProperties": False, "properties": {"a": True}},
            {"b": 1},
            [("", "unevaluatedProperties")],
        ),
    ],
)
def test_broken_keyword_is_reported_with_its_place(
    backend: str, schema: Any, value: Any, expected: list[tuple[str, str]]
) -> None:
    """Both back ends report the same place and keyword."""
    assert find_rules(schema, value, backend) == expected


@each_backend
def test_recursive_schema_is_validated(backend: str) -> None:
    """The schema pointer leads through every `$ref` to the keyword."""
    node = {"properties": {"next": {"$ref": "#/$defs/Node"}, "name": {"type": "string"}}}
    schema = {"$ref": "#/$defs/Node", "$defs": {"Node": node}}
    value: Any = {"name": 5}
    for _ in range(98):
        value = {"next": value}
    [error] = find_errors(schema, value, backend)
    assert (error.pointer, error.schema_pointer) == (
        "/next" * 98 + "/name",
        "/$defs/Node/properties/name/type",
    )


@each_backend
def test_schema_pointer_is_a_pointer_into_the_document(backend: str) -> None:
    """Also for a schema that is a part of the document; names are escaped."""
    document = {
        "a/b": {"items": {"$ref": "#/defs/~0x%20y"}},
        "defs": {"~x y": {"minimum": 3, "x-note": 1}},
    }
    [error] = find_errors(document["a/b"], [5, 1], backend, document=document, pointer="/a~1b")
    assert (error.pointer, error.schema_pointer) == ("/1", "/defs/~0x y/minimum")
    [error] = find_errors({"items": False}, [1], backend, document=document, pointer="/a~1b")
    assert error.schema_pointer == "/a~1b/items"


@each_backend
@pytest.mark.parametrize("name", ["0", "007", "+5", "18446744073709551616", "~1", "a/b", "", "٣"])
def test_numeric_names_are_preserved_in_pointers(backend: str, name: str) -> None:
    """The fast library reports `007` as 7; the pointers have the document's name."""
    escaped = name.replace("~", "~0").replace("/", "~1")
    [error] = find_errors({"properties": {name: {"type": "string"}}}, {name: 1}, backend)
    assert (error.pointer, error.schema_pointer) == (f"/{escaped}", f"/properties/{escaped}/type")


@each_backend
def test_names_of_the_same_number_are_distinguished(backend: str) -> None:
    """`7` and `07` in one object."""
    schema = {"properties": {"7": {"type": "string"}, "07": {"minimum": 5}}}
    errors = [
        (error.pointer, error.schema_pointer)
        for error in find_errors(schema, {"7": 1, "07": 1}, backend)
    ]
    assert errors == [("/07", "/properties/07/minimum"), ("/7", "/properties/7/type")]


@each_backend
def test_lone_surrogates_are_validated(backend: str) -> None:
    """JSON can carry them, so they are validated like other texts."""
    assert find_rules({"type": "string", "maxLength": 1}, "\ud800", backend) == []
    assert find_rules({"type": "integer"}, "\ud800", backend) == [("", "type")]
    assert find_rules({"properties": {"\ud800": {"type": "null"}}}, {"\ud800": 1}, backend) == [
        ("/\ud800", "type")
    ]


@each_backend
def test_huge_integers_are_not_rounded(backend: str) -> None:
    """No integer becomes a double."""
    schema = {"maximum": 2**63, "type": "integer"}
    assert [find_rules(schema, value, backend) for value in (2**63, 2**63 + 1, 10**400)] == [
        [], [("", "maximum")], [("", "maximum")],
    ]  # fmt: skip


@each_backend
@pytest.mark.parametrize(
    ("hidden", "missing"), [("", ("r", "w")), ("readOnly", ("w",)), ("writeOnly", ("r",))]
)
def test_property_of_the_opposite_direction_is_not_required(
    backend: str, hidden: str, missing: tuple[str, ...]
) -> None:
    """`readOnly` is for what a client sends, `writeOnly` for what a server sends."""
    schema = {
        "required": ["r", "w"],
        "properties": {"r": {"$ref": "#/$defs/read"}, "w": {"writeOnly": True}},
        "$defs": {"read": {"readOnly": True}},
    }
    [error] = find_errors(schema, {}, backend, hidden=hidden)
    assert error.names == missing


@each_backend
@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("http://127.0.0.1:9/schema.json", "does not lead into this document"),
        ("other.yaml#/a", "does not lead into this document"),
        ("#anchor", "does not lead into this document"),
        (
            "#/$defs/Taks",
            (
                'unresolved $ref "#/$defs/Taks" at /properties/a/$ref: "/$defs" has no "Taks". '
                'Did you mean "Task"?'
            ),
        ),
    ],
)
def test_nothing_is_fetched(
    backend: str, ref: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference out of the document is reported without opening a socket."""

    def reject(*_: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", reject)
    monkeypatch.setattr(socket, "create_connection", reject)
    with pytest.raises(InputError) as caught:
        compile_validator(
            {"properties": {"a": {"$ref": ref}}, "$defs": {"Task": {}}}, backend=backend
        )
    assert message in str(caught.value)


@each_backend
def test_id_does_not_redirect_a_reference(backend: str) -> None:
    """`$id` does not change the target of a `$ref`."""
    schema = {
        "$id": "http://x.example/",
        "$ref": "#/$defs/a",
        "$defs": {"a": {"$id": "b", "type": "null"}},
    }
    assert find_rules(schema, 1, backend) == [("", "type")]


def test_unknown_back_end_is_reported() -> None:
    """With the known names, and the nearest."""
    with pytest.raises(
        InputError, match=r'unknown validator back end "jsonshema".*Did you mean "jsonschema"'
    ):
        compile_validator({}, backend="jsonshema")


def test_pattern_that_the_fast_back_end_cannot_compile_is_validated() -> None:
    """The other back end validates the schema instead."""
    validator = compile_validator(
        {"pattern": "(?<=a+)b", "type": "string"}, backend="jsonschema-rs"
    )
    assert [error.keyword for error in validator.iter_errors(1)] == ["type"]


@settings(max_examples=250)
@given(
    SCHEMAS,
    st.sampled_from([{"type": "string"}, {"required": ["b"], "minProperties": 2}, True, False]),
    VALUES,
)
def test_both_back_ends_report_the_same_errors(
    schema: dict[str, Any], definition: Any, value: Any
) -> None:
    """The same errors, to the last letter, whatever the schema and the value."""
    whole = {**schema, "$defs": {"a": definition}}
    assert find_errors(whole, value, "jsonschema") == find_errors(whole, value, "jsonschema-rs")


def test_unique_items_of_a_long_array_take_linear_time() -> None:
    """A hostile body does not cost the square of its length."""
    validator = compile_validator({"uniqueItems": True}, backend="jsonschema")
    assert validator.is_valid([{"a": [number]} for number in range(20_000)])


_INTEGER_SCHEMAS = st.fixed_dictionaries(
    {"format": st.sampled_from(["int32", "int64"])},
    optional={
        "type": st.sampled_from(["integer", "number", ["integer", "null"], "string"]),
        "minimum": st.sampled_from([-(2**40), -5, 0.5, 2**31]),
        "maximum": st.sampled_from([2**70, 7, 1e300]),
        "enum": st.just([2**31, {"type": "integer", "format": "int32"}]),
    },
)
_NESTED_SCHEMAS = st.recursive(
    _INTEGER_SCHEMAS,
    lambda inner: st.one_of(
        inner.map(lambda schema: {"not": schema}),
        st.lists(inner, min_size=1, max_size=3).map(lambda schemas: {"oneOf": schemas}),
        st.lists(inner, min_size=1, max_size=3).map(lambda schemas: {"anyOf": schemas}),
        inner.map(lambda schema: {"properties": {"enum": schema, "type": schema}}),
        inner.map(lambda schema: {"items": schema, "contains": schema}),
    ),
    max_leaves=4,
)
_EDGES = [
    edge + step for edge in (-(2**63), -(2**31), 0, 2**31, 2**63, 2**64) for step in (-1, 0, 1)
]
_NUMBERS = st.sampled_from(
    [*_EDGES, *(float(edge) for edge in _EDGES), 2**31 + 0.5, 1e300, True, None, "1"]
)
_NUMBER_VALUES = _NUMBERS | st.lists(_NUMBERS, max_size=3)
_NUMBER_VALUES |= st.fixed_dictionaries({}, optional={"enum": _NUMBERS, "type": _NUMBERS})


@given(schema=_NESTED_SCHEMAS, value=_NUMBER_VALUES)
@settings(max_examples=400, deadline=None)
def test_formats_of_integers_mean_the_same_in_both_back_ends(schema: Any, value: Any) -> None:
    """The fast back end checks bounds instead of formats; verdicts and errors are the same."""
    slow, fast = (compile_validator(schema, backend=backend) for backend in BACKENDS)
    assert fast.is_valid(value) == slow.is_valid(value)
    assert list(fast.iter_errors(value)) == list(slow.iter_errors(value))
    assert fast.is_valid(value) == (not list(fast.iter_errors(value)))

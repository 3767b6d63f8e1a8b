"""Which media type of a response a client gets."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import load_operation
from understudy.contract import ResponseSpec
from understudy.contract.operation.negotiation import (
    choose_media_type,
    choose_or_first,
    concrete_media_type,
    find_alternative,
    not_acceptable,
)

TYPES = ("application/json", "text/csv", "application/vnd.a+json", "text/html; charset=utf-8")


def load_response(folder: Path, *media_types: str, schema: Any = None) -> ResponseSpec:
    media = {} if schema is None else {"schema": schema}
    content = {name: dict(media) for name in media_types}
    responses = {"200": {"description": "ok", "content": content}}
    return load_operation(folder, responses=responses).responses["200"]


def spec_of(*media_types: str) -> ResponseSpec:
    """Build a response whose media types are not those of a document."""
    specs = [
        ResponseSpec("200", "/r", media_type=name, content_type=concrete_media_type(name))
        for name in media_types
    ]
    return ResponseSpec(
        "200",
        "/r",
        media_type=specs[0].media_type,
        content_type=specs[0].content_type,
        alternatives=tuple(specs) if len(specs) > 1 else (),
    )


def chosen(spec: ResponseSpec, accept: str) -> str | None:
    match = choose_media_type(spec, accept)
    return match.content_type if match else None


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", TYPES[0]),
        ("*/*", TYPES[0]),
        ("text/csv", TYPES[1]),
        ("TEXT/CSV", TYPES[1]),
        ("application/json;q=0.1, text/csv", TYPES[1]),
        ("text/csv;q=0.5, application/json;q=0.50", TYPES[0]),
        ("text/*", TYPES[1]),
        ("text/html", TYPES[3]),
        ("text/html;charset=UTF-8", TYPES[3]),
        ("application/*", TYPES[0]),
        ("application/*+json", TYPES[2]),
        ("*/*, application/json;q=0", TYPES[1]),
        ("text/*;q=0.9, text/csv;q=0.1, */*;q=0.2", TYPES[3]),
        ("application/json;version=2", TYPES[0]),
        ("application/json;version=2, text/csv;q=0.1", TYPES[1]),
        ("image/png", None),
        ("*/*;q=0", None),
        ("image/png, nonsense", None),
    ],
)  # fmt: skip
def test_accept_chooses_the_media_type(accept: str, expected: str | None) -> None:
    """Quality decides, then the document's order; the most specific range has the quality."""
    assert chosen(spec_of(*TYPES), accept) == expected


@pytest.mark.parametrize(
    ("key", "accept", "expected"),
    [
        ("*/*", "", "application/octet-stream"),
        ("*/*", "text/csv", "text/csv"),
        ("*/*", "text/*", "text/plain"),
        ("*/*", "application/*;q=0.5, image/*", "image/png"),
        ("*/*", "*/*, application/octet-stream;q=0", None),
        ("text/*", "text/csv;q=0.5, */*;q=0.1", "text/csv"),
        ("text/*", "text/html;q=0, */*", "text/plain"),
        ("text/*", "image/png", None),
        ("application/*+json", "application/vnd.a+json", "application/vnd.a+json"),
        ("application/*+json", "", "application/json"),
        ("image/*", "image/*", "image/png"),
    ],
)  # fmt: skip
def test_range_becomes_a_media_type(key: str, accept: str, expected: str | None) -> None:
    """A range of the contract is answered with a media type that the client accepts."""
    assert chosen(spec_of(key), accept) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "object"}, "application/json"),
        ({"type": "array", "items": {}}, "application/json"),
        ({"type": "string"}, "text/plain"),
        ({"type": "string", "format": "binary"}, "application/octet-stream"),
        (None, "application/json"),
    ],
)  # fmt: skip
def test_any_media_type_stands_for_one_by_the_schema(
    tmp_path: Path, schema: Any, expected: str
) -> None:
    """`*/*` is JSON, but for a text or for binary content."""
    assert load_response(tmp_path, "*/*", schema=schema).content_type == expected


def test_schema_and_examples_are_those_of_the_chosen_media_type(tmp_path: Path) -> None:
    """Each alternative has its own schema and examples."""
    content = {
        "application/json": {"schema": {"type": "object"}, "example": {"a": 1}},
        "text/csv": {"schema": {"type": "string"}, "example": "a\n1\n"},
    }
    responses = {"200": {"description": "ok", "content": content}}
    spec = load_operation(tmp_path, responses=responses).responses["200"]
    csv = choose_media_type(spec, "text/csv")
    assert csv is not None
    assert (csv.schema, csv.examples) == ({"type": "string"}, {"example": "a\n1\n"})
    assert spec.examples == {"example": {"a": 1}}


def test_response_without_content_suits_every_client(tmp_path: Path) -> None:
    """Nothing is negotiated where there is no body."""
    assert choose_media_type(load_response(tmp_path), "text/csv") is not None


def test_errors_have_some_media_type(tmp_path: Path) -> None:
    """An error is sent in its first media type if the client accepts none of them."""
    spec = load_response(tmp_path, "text/csv", "text/html")
    assert choose_or_first(spec, "image/png").content_type == "text/csv"
    assert choose_or_first(spec, "text/html").content_type == "text/html"


def test_not_acceptable_lists_the_media_types(tmp_path: Path) -> None:
    """The violation names all media types of the response."""
    violation = not_acceptable(load_response(tmp_path, "text/csv", "text/html"), "image/png")
    assert (violation.place, violation.rule) == ("header.Accept", "accept")
    assert violation.expected == "text/csv or text/html"


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/html", "text/html"),
        ("text/csv", "text/*"),
        ("application/json;v=2", "application/json;v=2"),
        ("application/json", "application/json"),
        ("image/png", "text/*"),
    ],
)  # fmt: skip
def test_content_type_is_documented_by_the_closest_media_type(
    content_type: str, expected: str
) -> None:
    """A media type comes before its range, and one with the same parameters before others."""
    spec = spec_of("text/*", "text/html", "application/json;v=2", "application/json")
    assert find_alternative(spec, content_type).media_type == expected


KEYS = st.lists(
    st.sampled_from([*TYPES, "text/*", "*/*", "application/*+json"]), min_size=1, unique=True
)
RANGES = st.sampled_from(
    ["*/*", "text/*", "text/csv", "image/png", "application/json", "application/*+json", "a/b"]
)


@given(KEYS, st.lists(st.tuples(RANGES, st.integers(0, 10)), min_size=1))
def test_chosen_media_type_is_accepted(keys: list[str], ranges: list[tuple[str, int]]) -> None:
    """The chosen media type is a concrete one of the contract, and the client accepts it."""
    match = chosen(spec_of(*keys), ", ".join(f"{name};q={q / 10}" for name, q in ranges))
    if match is None:
        return
    plain = match.partition(";")[0]
    main, _, sub = plain.partition("/")
    assert "*" not in plain
    names = {plain, f"{main}/*", "*/*"} | ({f"{main}/*+json"} if sub.endswith("+json") else set())
    assert any(name in names and quality > 0 for name, quality in ranges)
    assert any(key.partition(";")[0] in {*names, "application/*+json"} for key in keys)

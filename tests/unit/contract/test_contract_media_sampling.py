"""Samples of bodies that are not JSON."""

from pathlib import Path
from typing import Any

import pytest

from contract_builders import load_data, make_document
from understudy.contract import Contract, ResponseSpec, has_content, sample_content

BINARY = {"type": "string", "format": "binary"}


def load_media(folder: Path, media_type: str, media: Any) -> tuple[Contract, ResponseSpec]:
    responses = {"200": {"description": "ok", "content": {media_type: media}}}
    contract = load_data(make_document({"responses": responses}), folder)
    return contract, contract.operations["getX"].responses["200"]


@pytest.mark.parametrize(
    ("media_type", "schema"),
    [
        ("application/octet-stream", BINARY),
        ("application/octet-stream", {}),
        ("application/octet-stream", None),
        ("application/vnd.ms-excel", {"type": "string"}),
        ("audio/*", BINARY),
    ],
)  # fmt: skip
def test_binary_content_is_no_text(tmp_path: Path, media_type: str, schema: Any) -> None:
    """Binary content is bytes that are not UTF-8, and the same for the same seed."""
    contract, spec = load_media(tmp_path, media_type, {} if schema is None else {"schema": schema})
    assert has_content(spec)
    body = sample_content(contract, spec, seed=3)
    assert isinstance(body, bytes)
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    assert sample_content(contract, spec, seed=3) == body
    assert sample_content(contract, spec, seed=4) != body


@pytest.mark.parametrize(
    ("media_type", "start"),
    [
        ("image/png", b"\x89PNG"),
        ("image/gif", b"GIF89a"),
        ("application/pdf", b"%PDF-"),
        ("application/zip", b"PK"),
    ],
)  # fmt: skip
def test_small_documents_stand_for_known_media_types(
    tmp_path: Path, media_type: str, start: bytes
) -> None:
    """A program that opens the body finds a document of its kind."""
    contract, spec = load_media(tmp_path, media_type, {"schema": BINARY})
    body = sample_content(contract, spec)
    assert isinstance(body, bytes)
    assert body.startswith(start)


@pytest.mark.parametrize(
    ("bounds", "length"),
    [
        ({"maxLength": 0}, 0),
        ({"maxLength": 3}, 3),
        ({"minLength": 100}, 100),
        ({"minLength": 70_000}, 65536),
    ],
)  # fmt: skip
def test_length_of_binary_content_obeys_the_schema(
    tmp_path: Path, bounds: dict[str, int], length: int
) -> None:
    """Bounds are those of bytes; a length of gigabytes is not sent."""
    contract, spec = load_media(tmp_path, "image/png", {"schema": {**BINARY, **bounds}})
    body = sample_content(contract, spec)
    assert isinstance(body, bytes)
    assert len(body) == length


@pytest.mark.parametrize(
    ("media_type", "media", "expected"),
    [
        ("application/vnd.x", {"schema": {"type": "string", "enum": ["a"]}}, "a"),
        ("image/png", {"schema": {"type": "string", "contentEncoding": "base64", "const": "YQ=="}},
         "YQ=="),
        ("application/vnd.x", {"schema": {"type": "object", "maxProperties": 0}}, {}),
        ("application/jsonl", {"itemSchema": {"const": 1}}, [1, 1]),
        ("text/plain", {"schema": {"const": "a"}}, "a"),
    ],
)  # fmt: skip
def test_texts_and_data_are_sampled_by_their_schema(
    tmp_path: Path, media_type: str, media: Any, expected: Any
) -> None:
    """What a schema describes as text or data is no binary content."""
    contract, spec = load_media(tmp_path, media_type, media)
    assert sample_content(contract, spec) == expected


def test_json_without_a_schema_has_no_content(tmp_path: Path) -> None:
    """Nothing is known of such a body."""
    _, spec = load_media(tmp_path, "application/json", {})
    assert not has_content(spec)

"""Drawn bodies of requests: of each media type, and valid."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from contract_builders import load_data, make_document
from understudy.contract import Contract
from understudy.messages import Request, parse_multipart, parse_urlencoded
from understudy.strategies import requests_from_operation

TEXT = {"type": "string", "minLength": 1, "maxLength": 5}
OBJECT = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": TEXT},
        "place": {"type": "object", "properties": {"no": {"type": "integer"}}},
        "id": {"type": "integer", "readOnly": True},
    },
    "additionalProperties": False,
}
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
CONTENT: dict[str, Any] = {
    "application/json": {"schema": OBJECT},
    "application/*+json": {"schema": OBJECT},
    FORM: {"schema": OBJECT},
    MULTIPART: {"schema": OBJECT},
    "text/plain": {"schema": {"type": "integer", "minimum": 10}},
    "text/csv": {"schema": TEXT},
    "application/x-ndjson": {"schema": OBJECT},
    "application/jsonl": {"itemSchema": OBJECT},
    "application/xml": {"schema": OBJECT},
    "image/*": {},
}


def load_contract_with(folder: Path, content: dict[str, Any]) -> Contract:
    body = {"required": True, "content": content}
    return load_data(make_document({"requestBody": body}), folder)


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """A contract whose operation takes bodies of many media types."""
    return load_contract_with(tmp_path_factory.mktemp("bodies"), CONTENT)


@given(data=st.data())
def test_bodies_of_every_media_type_are_valid(contract: Contract, data: st.DataObject) -> None:
    """A drawn request decodes without a violation, whatever its media type."""
    request = data.draw(requests_from_operation("getX", contract=contract))
    assert contract.operations["getX"].decode({}, request).violations == ()


@pytest.mark.parametrize("media_type", CONTENT)
def test_each_media_type_is_drawn(tmp_path: Path, media_type: str) -> None:
    """A range is drawn as a media type of it."""
    contract = load_contract_with(tmp_path, {media_type: CONTENT[media_type]})
    request = find(requests_from_operation("getX", contract=contract), lambda request: True)
    drawn = request.headers.get("Content-Type").partition(";")[0]
    expected = {"image/*": "image/png", "application/*+json": "application/json"}
    assert drawn == expected.get(media_type, media_type)


def test_forms_have_objects_and_lists(tmp_path: Path) -> None:
    """Forms of both kinds have every property that a client may send."""
    wanted = {"name", "age", "tags", "place"}

    def names_of(request: Request) -> set[str]:
        content_type = request.headers.get("Content-Type")
        if content_type == FORM:
            return {name for name, _ in parse_urlencoded(request.body)}
        _, _, boundary = content_type.partition("boundary=")
        return {part.name for part in parse_multipart(request.body, boundary)}

    for media_type in (FORM, MULTIPART):
        contract = load_contract_with(tmp_path, {media_type: CONTENT[media_type]})
        drawn = requests_from_operation("getX", contract=contract)
        assert names_of(find(drawn, lambda request: names_of(request) == wanted)) == wanted

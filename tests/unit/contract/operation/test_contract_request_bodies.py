"""Bodies of requests."""

from pathlib import Path
from typing import Any

import pytest

from contract_builders import JSON, decode_request, load_operation, places_and_rules
from understudy.contract import Operation

SCHEMA = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "x-source": "a.md:7"},
    },
}


def load_body_operation(folder: Path, **more: Any) -> Operation:
    body = {"content": {JSON: {"schema": SCHEMA}, "text/*": {}}, **more}
    return load_operation(folder, requestBody=body)


@pytest.mark.parametrize(
    ("body", "content_type", "value", "rules"),
    [
        (b'{"name": "x"}', JSON, {"name": "x"}, []),
        (b'{"name": "x"}', "application/JSON; charset=utf-8", {"name": "x"}, []),
        (b"{}", JSON, {}, [("body", "required")]),
        (b'{"name": 1}', JSON, {"name": 1}, [("body/name", "type")]),
        (b"[]", JSON, [], [("body", "type")]),
        (b"{", JSON, None, [("body", "json")]),
        (b"<a/>", "application/xml", None, [("header.Content-Type", "content-type")]),
        (b"[]", "", [], [("body", "type")]),
        (b"hello", "text/plain", None, []),
    ],
)  # fmt: skip
def test_request_body_is_parsed_and_validated(
    tmp_path: Path, body: bytes, content_type: str, value: Any, rules: Any
) -> None:
    """JSON is validated, other documented types are accepted as they are.

    A `readOnly` field is not required of a client.
    """
    headers = [("Content-Type", content_type)] if content_type else []
    decoded = decode_request(load_body_operation(tmp_path), headers=headers, body=body)
    assert (decoded.body, places_and_rules(decoded.violations)) == (value, rules)


@pytest.mark.parametrize(("required", "rules"), [(True, [("body", "required")]), (False, [])])
def test_missing_body_is_reported_when_required(tmp_path: Path, required: bool, rules: Any) -> None:
    """A body that is not required may be missing."""
    assert (
        places_and_rules(
            decode_request(load_body_operation(tmp_path, required=required)).violations
        )
        == rules
    )


def test_missing_field_has_the_source_of_its_property(tmp_path: Path) -> None:
    """The violation names the documents' line of the property."""
    [violation] = decode_request(
        load_body_operation(tmp_path), headers=[("Content-Type", JSON)], body=b"{}"
    ).violations
    assert (violation.expected, violation.source) == ("the field name", "a.md:7")


def test_undocumented_body_is_ignored(tmp_path: Path) -> None:
    """As real servers ignore it."""
    decoded = decode_request(load_operation(tmp_path), headers=[("Content-Type", JSON)], body=b"{")
    assert (decoded.body, decoded.violations) == (None, ())

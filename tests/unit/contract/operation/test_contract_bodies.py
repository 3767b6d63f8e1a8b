"""Bodies of requests."""

from pathlib import Path
from typing import Any

import pytest

from contract_builders import JSON, ask, one_operation, told
from understudy.contract import Operation

SCHEMA = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "x-source": "a.md:7"},
    },
}


def operation(folder: Path, **more: Any) -> Operation:
    body = {"content": {JSON: {"schema": SCHEMA}, "text/*": {}}, **more}
    return one_operation(folder, requestBody=body)


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
        (b"{}", "", None, [("header.Content-Type", "content-type")]),
        (b"hello", "text/plain", None, []),
    ],
)  # fmt: skip
def test_bodies(tmp_path: Path, body: bytes, content_type: str, value: Any, rules: Any) -> None:
    """JSON is read and judged, other documented types are let through; what is `readOnly` need not be sent."""
    headers = [("Content-Type", content_type)] if content_type else []
    decoded = ask(operation(tmp_path), headers=headers, body=body)
    assert (decoded.body, told(decoded.violations)) == (value, rules)


@pytest.mark.parametrize(("required", "rules"), [(True, [("body", "required")]), (False, [])])
def test_no_body(tmp_path: Path, required: bool, rules: Any) -> None:
    """It may be missing unless it is required."""
    assert told(ask(operation(tmp_path, required=required)).violations) == rules


def test_a_missing_field_has_its_own_line(tmp_path: Path) -> None:
    """That of its property."""
    [violation] = ask(operation(tmp_path), headers=[("Content-Type", JSON)], body=b"{}").violations
    assert (violation.expected, violation.source) == ("the field name", "a.md:7")


def test_a_body_that_nobody_asked_for_is_not_looked_at(tmp_path: Path) -> None:
    """As real servers do."""
    decoded = ask(one_operation(tmp_path), headers=[("Content-Type", JSON)], body=b"{")
    assert (decoded.body, decoded.violations) == (None, ())

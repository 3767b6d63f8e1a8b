"""Binary bodies of requests: their lengths and encodings."""

from pathlib import Path
from typing import Any

import pytest

from contract_builders import decode_request, load_operation, places_and_rules

BYTES, PNG = "application/octet-stream", "image/png"
BINARY = {"type": "string", "format": "binary"}
BASE64 = {"type": "string", "contentEncoding": "base64", "contentMediaType": PNG}


@pytest.mark.parametrize(
    ("media_type", "schema", "body", "rules"),
    [
        (BYTES, {**BINARY, "maxLength": 3}, b"\xff\xfe\xfd", []),
        (BYTES, {**BINARY, "maxLength": 3}, "äö".encode(), ["maxLength"]),
        (BYTES, {**BINARY, "minLength": 3}, b"\x00\x01", ["minLength"]),
        (PNG, {"contentMediaType": PNG, "maxLength": 2}, b"abc", ["maxLength"]),
        (PNG, {"maxLength": 2}, b"abc", ["maxLength"]),
        (PNG, {**BASE64, "maxLength": 4}, b"YQ==", []),
        (PNG, {**BASE64, "maxLength": 4}, b"YWFhYQ==", ["maxLength"]),
        (PNG, BASE64, b"YW\r\nFh", []),
        (PNG, BASE64, b"Y!==", ["contentEncoding"]),
        (PNG, {**BASE64, "contentEncoding": "base64url"}, b"_-8", []),
        (PNG, {**BASE64, "contentEncoding": "BASE16"}, b"0f0G", ["contentEncoding"]),
        (PNG, {**BASE64, "contentEncoding": "base32"}, b"ME======", []),
        (PNG, {**BASE64, "contentEncoding": "7bit"}, b"x", []),
        (BYTES, {"type": "string", "format": "byte"}, b"Y", ["contentEncoding"]),
        (BYTES, {"type": "object"}, b"abc", []),
        (BYTES, {"allOf": [BINARY, {"maxLength": 2}]}, b"abc", ["maxLength"]),
        ("application/xml", {**BINARY, "maxLength": 2}, b"abc", ["maxLength"]),
        ("text/csv", {**BINARY, "maxLength": 2}, b"\xff\xfe", []),
        ("*/*", {**BINARY, "maxLength": 2}, b"{}", []),
        ("*/*", {**BINARY, "maxLength": 2}, b"abc", ["maxLength"]),
        ("image/*", {"maxLength": 2}, b"abc", ["maxLength"]),
        ("*/*", {"maxLength": 2}, b"[1]", []),
    ],
)  # fmt: skip
def test_bytes_are_validated(
    tmp_path: Path, media_type: str, schema: Any, body: bytes, rules: list[str]
) -> None:
    """Each byte counts as a character; encoded content has to be well-formed."""
    operation = load_operation(tmp_path, requestBody={"content": {media_type: {"schema": schema}}})
    sent = {"*/*": "application/json", "image/*": PNG}.get(media_type, media_type)
    decoded = decode_request(operation, headers=[("Content-Type", sent)], body=body)
    assert places_and_rules(decoded.violations) == [("body", rule) for rule in rules]


@pytest.mark.parametrize(("is_required", "rules"), [(True, [("body", "required")]), (False, [])])
def test_missing_bytes_are_reported_when_required(
    tmp_path: Path, is_required: bool, rules: Any
) -> None:
    """Whatever the shortest length of the content."""
    content = {BYTES: {"schema": {**BINARY, "minLength": 1}}}
    body = {"content": content, "required": is_required}
    decoded = decode_request(
        load_operation(tmp_path, requestBody=body), headers=[("Content-Type", BYTES)]
    )
    assert places_and_rules(decoded.violations) == rules

"""Escapes for characters that an encoding does not have."""

import json

import pytest

from understudy.escapes import register_escapes


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp437", "ascii", "utf-8"])
def test_json_stays_json_in_each_encoding(encoding: str) -> None:
    """Whatever an encoding lacks is written as an escape of JSON, lone surrogates included."""
    value = {"任务": "é ü … 😀 \udcff"}
    text = json.dumps(value, ensure_ascii=False)
    written = text.encode(encoding, register_escapes())
    assert value == json.loads(written.decode(encoding))


def test_other_errors_are_raised() -> None:
    """The handler is for encoding alone."""
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", register_escapes())

"""Samples of the header fields of documented responses: examples come first."""

import re
from typing import TYPE_CHECKING

from understudy.contract.sampling import HasDocument, sample_valid
from understudy.messages import Json, dump_json

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import ResponseSpec
    from understudy.contract.operation.parameter_model import Parameter

_TOKEN = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
"""The name of a header field. Source: RFC 9110, section 5.1."""
_NOT_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
"""Characters that a field's value must not have. Source: RFC 9110, section 5.5."""
_Field = tuple[str, str]
"""Name and value of a header field."""


def sample_fields(
    contract: HasDocument, spec: "ResponseSpec", *, seed: int = 0, with_optional: bool = False
) -> tuple[_Field, ...]:
    """Return the header fields of a documented response with sample values.

    They are the required ones, or all with `with_optional`: then a null is no field. A field whose
    name cannot be sent is left out; control characters become spaces, and other characters than
    those of Latin-1 the bytes of UTF-8.
    """
    fields: list[_Field] = []
    for header in spec.headers:
        if _TOKEN.fullmatch(header.name) and (header.required or with_optional):
            value = _sample_header(contract, header, seed)
            if value is not None or header.required:
                text = _header_text(value, explode=header.explode)
                fields.append((header.name, _make_sendable(text)))
    return tuple(fields)


def _sample_header(contract: HasDocument, header: "Parameter", seed: int) -> Json:
    example: Json = header.example
    if example is not None:
        return example
    return sample_valid(contract, header.schema, header.validator, seed=seed)


def _make_sendable(text: str) -> str:
    cleaned = _NOT_IN_VALUE.sub(" ", text).strip()
    try:
        cleaned.encode("latin-1")
    except UnicodeEncodeError:
        return cleaned.encode("utf-8", "replace").decode("latin-1")
    return cleaned


def _header_text(value: Json, *, explode: bool = False) -> str:
    """Return a value as a header field carries it: the style `simple` of OpenAPI 3.1."""
    if isinstance(value, list):
        items = [_header_text(item) for item in value]
        return ",".join(items)
    if isinstance(value, dict):
        separator = "=" if explode else ","
        members = [f"{name}{separator}{_header_text(item)}" for name, item in value.items()]
        return ",".join(members)
    if isinstance(value, str):
        return value
    return dump_json(value).decode()

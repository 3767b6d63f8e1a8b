"""Samples of bodies of every media type: bytes for binary content, items for sequences."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.contract.document.pointers import follow_refs
from understudy.contract.sampling import HasDocument, sample_body
from understudy.contract.schema.value_types import infer_types
from understudy.messages import ContentKind, Json, content_kind, parse_media_type

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import ResponseSpec

_ITEMS = 2
"""How many items a sampled sequence has."""
_BYTES = 16
"""How many bytes of binary content are sampled, where the schema has no bounds."""
_MAX_BYTES = 65536
_TEXT_KEYWORDS = ("enum", "const", "pattern", "examples", "example", "default", "contentEncoding")
"""Keywords of a schema that describe binary content as a text after all."""
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000b494441"
    "5478da636000020000050001e9fadcd80000000049454e44ae426082"
)
_GIF = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b"
)
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
_ZIP = b"PK\x05\x06" + bytes(18)
_SMALLEST: Mapping[str, bytes] = {
    "image/png": _PNG,
    "image/gif": _GIF,
    "application/pdf": _PDF,
    "application/zip": _ZIP,
}
"""Small documents of media types that programs open, not only store."""


def sample_content(
    contract: HasDocument, spec: "ResponseSpec", *, seed: int = 0, is_dynamic: bool = False
) -> Json | bytes:
    """Return a sample body of a documented response: data, or bytes for binary content.

    The same seed gives the same body. `is_dynamic`: the schema's examples and defaults are not
    used.
    """
    kind = content_kind(spec.content_type)
    if kind is ContentKind.BINARY and _is_binary(contract, spec.schema):
        return _sample_bytes(contract, spec, seed)
    if kind in (ContentKind.LINES, ContentKind.EVENTS) and spec.item_schema is not None:
        item = replace(spec, schema=spec.item_schema)
        return [
            sample_body(contract, item, seed=seed + number, is_dynamic=is_dynamic)
            for number in range(_ITEMS)
        ]
    body: Json = sample_body(contract, spec, seed=seed, is_dynamic=is_dynamic)
    return body


def has_content(spec: "ResponseSpec") -> bool:
    """Return whether a body can be sampled: from a schema, or bytes that need none."""
    if spec.schema is not None or spec.item_schema is not None:
        return True
    return bool(spec.media_type) and content_kind(spec.content_type) is ContentKind.BINARY


def _is_binary(contract: HasDocument, schema: object) -> bool:
    """Return whether a schema describes plain bytes: a text without keywords of texts, or all."""
    target, _ = follow_refs(contract.document, schema, "")
    if not isinstance(target, dict):
        return True
    if target.get("format") == "binary":
        return not any(keyword in target for keyword in ("examples", "example"))
    types = infer_types(target, contract.document)
    if types not in ((), ("string",)):
        return False
    return not any(keyword in target for keyword in _TEXT_KEYWORDS)


def _sample_bytes(contract: HasDocument, spec: "ResponseSpec", seed: int) -> bytes:
    """Return the smallest document of a media type, else bytes that no text consists of."""
    target, _ = follow_refs(contract.document, spec.schema, "")
    schema = target if isinstance(target, dict) else {}
    shortest = min(int(schema.get("minLength", 0)), _MAX_BYTES)
    longest = int(schema.get("maxLength", _MAX_BYTES))
    known = _SMALLEST.get(parse_media_type(spec.content_type).name)
    if known is not None and shortest <= len(known) <= longest:
        return known
    draws = random.Random(seed)  # noqa: S311 - data, not secrets
    length = min(max(_BYTES, shortest), longest)
    # The first byte is never one of UTF-8: a client that reads a text notices.
    return (b"\xff" + draws.randbytes(max(length - 1, 0)))[:length]

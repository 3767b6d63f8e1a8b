"""Content codings of request bodies: decoding within bounds. Source: RFC 9110, section 8.4.

gzip and deflate are always known; br and zstd if a library for them is installed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from understudy.messages.message import Headers

_MAX_RATIO = 100
_RATIO_FROM = 1024 * 1024
"""Bodies that are longer than this, in bytes, may be 100 times as long as they were sent."""
_MAX_CODINGS = 4
_MAX_MEMBERS = 64
"""How many members a body in gzip, or frames a body in zstd, may have."""
_MAX_ZSTD_WINDOW = 8 * 1024 * 1024
"""The memory for a frame of zstd, in bytes. Source: RFC 9659, section 3."""

_Decoder = Callable[[bytes, int], bytes]
"""Returns the decoded bytes; if they are too many, it stops behind the limit.

Raises MalformedCodingError, or the errors of its library.
"""


class UnknownCodingError(ValueError):
    """A content coding that cannot be decoded."""


class MalformedCodingError(ValueError):
    """A body that is not in its content coding."""


class DecodedTooLargeError(ValueError):
    """A body that is too large when it is decoded."""


def known_codings() -> tuple[str, ...]:
    """Return the names of the content codings that can be decoded."""
    return tuple(_find_decoders())


def decode_content(headers: Headers, body: bytes, limit: int) -> bytes:
    """Return a body without the content codings that its header fields name.

    `limit` is the largest size, in bytes. Raises UnknownCodingError, MalformedCodingError and
    DecodedTooLargeError.
    """
    codings = _list_codings(headers)
    if not codings or not body:
        return body
    if len(codings) > _MAX_CODINGS:
        raise UnknownCodingError(f"expected at most {_MAX_CODINGS} content codings")
    decoders = [_find_decoder(name) for name in codings]
    limit = min(limit, max(_RATIO_FROM, _MAX_RATIO * len(body)))
    # The last coding was applied last, so it is removed first.
    for name, decoder in reversed(list(zip(codings, decoders, strict=True))):
        body = _decode(name, decoder, body, limit)
    return body


def _list_codings(headers: Headers) -> list[str]:
    """Return the names of the codings in the order of the fields, in lower case."""
    values = [value for name, value in headers if name.lower() == "content-encoding"]
    names = [name.strip().lower() for value in values for name in value.split(",")]
    return [name.removeprefix("x-") for name in names if name not in ("", "identity")]


def _find_decoder(name: str) -> _Decoder:
    decoder = _find_decoders().get(name)
    if decoder is None:
        raise UnknownCodingError(f'unknown content coding "{name[:40]}"')
    return decoder


def _decode(name: str, decoder: _Decoder, body: bytes, limit: int) -> bytes:
    """Return a body without one coding; errors of the library become ours."""
    try:
        decoded = decoder(body, limit)
    except (MalformedCodingError, MemoryError):
        raise
    except Exception as error:  # each library has its own classes
        raise MalformedCodingError(f"the body is not in the content coding {name}") from error
    if len(decoded) > limit:
        raise DecodedTooLargeError
    return decoded


@cache
def _find_decoders() -> Mapping[str, _Decoder]:
    """Return the decoders by the names of their codings; libraries are imported at first use."""
    decoders: dict[str, _Decoder] = {"gzip": _decode_gzip, "deflate": _decode_deflate}
    brotli = _import_first("brotli")
    # Before brotli 1.2, the decoder has no bound.
    if brotli is not None and hasattr(brotli.Decompressor, "can_accept_more_data"):
        decoders["br"] = lambda body, limit: _decode_brotli(brotli, body, limit)
    zstd = _import_first("compression.zstd", "backports.zstd")
    if zstd is not None:
        decoders["zstd"] = lambda body, limit: _decode_zstd(zstd, body, limit)
    return decoders


def _import_first(*names: str) -> Any:
    """Return the first module that is installed, or None."""
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def _decode_gzip(body: bytes, limit: int) -> bytes:
    """Decode the members of a body in gzip (RFC 1952, section 2.2)."""
    return _decode_members(lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), body, limit)


def _decode_deflate(body: bytes, limit: int) -> bytes:
    """Decode a body in zlib's format, or in plain deflate as some clients send it.

    Source: RFC 9110, section 8.4.1.2.
    """
    has_zlib_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    bits = zlib.MAX_WBITS if has_zlib_header else -zlib.MAX_WBITS
    decoder = zlib.decompressobj(bits)
    decoded = decoder.decompress(body, limit + 1)
    if len(decoded) <= limit and (not decoder.eof or decoder.unused_data):
        raise MalformedCodingError("the body ends too early or too late")
    return decoded


def _decode_brotli(library: Any, body: bytes, limit: int) -> bytes:
    """Decode a body in br (RFC 7932), a piece at a time: the library bounds each piece roughly."""
    decoder = library.Decompressor()
    decoded = decoder.process(body, output_buffer_limit=limit + 1)
    while len(decoded) <= limit and not decoder.can_accept_more_data():
        decoded += decoder.process(b"", output_buffer_limit=limit + 1 - len(decoded))
    if len(decoded) <= limit and not decoder.is_finished():
        raise MalformedCodingError("the body ends too early")
    return bytes(decoded)


def _decode_zstd(library: Any, body: bytes, limit: int) -> bytes:
    """Decode the frames of a body in zstd (RFC 8878)."""
    window = _MAX_ZSTD_WINDOW.bit_length() - 1
    options = {library.DecompressionParameter.window_log_max: window}
    return _decode_members(lambda: library.ZstdDecompressor(options=options), body, limit)


def _decode_members(create: Callable[[], Any], body: bytes, limit: int) -> bytes:
    """Decode members that follow each other, each by a decoder of its own."""
    parts: list[bytes] = []
    room = limit + 1
    for _ in range(_MAX_MEMBERS):
        decoder = create()
        part = decoder.decompress(body, room)
        parts.append(part)
        room -= len(part)
        if room <= 0:
            break
        if not decoder.eof:
            raise MalformedCodingError("the body ends too early")
        body = decoder.unused_data
        if not body:
            break
    else:
        raise MalformedCodingError(f"expected at most {_MAX_MEMBERS} members")
    return b"".join(parts)

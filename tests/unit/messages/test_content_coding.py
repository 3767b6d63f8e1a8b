"""Content codings: decoded within bounds of size and ratio."""

import gzip
import hashlib
import zlib
from collections.abc import Callable
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.messages import (
    DecodedTooLargeError,
    Headers,
    MalformedCodingError,
    UnknownCodingError,
    decode_content,
    known_codings,
)

LIMIT = 4 * 1024 * 1024
Encode = Callable[[bytes], bytes]


def encode_plain_deflate(body: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return encoder.compress(body) + encoder.flush()


def encode(name: str, body: bytes) -> bytes:
    """Encode a body; skip the test where no library for its coding is installed."""
    match name:
        case "gzip" | "x-gzip":
            return gzip.compress(body, mtime=0)
        case "deflate":
            return zlib.compress(body)
    if name not in known_codings():
        pytest.skip(f"no library for {name} is installed")
    module = {"br": ["brotli"], "zstd": ["compression.zstd", "backports.zstd"]}[name]
    for library in module:
        try:
            return bytes(import_module(library).compress(body))
        except ImportError:
            continue
    raise AssertionError(name)


def decode(name: str, body: bytes, limit: int = LIMIT) -> bytes:
    return decode_content(Headers((("content-encoding", name),)), body, limit)


def make_random_body(length: int) -> bytes:
    """Return bytes that no coding compresses, always the same."""
    return hashlib.shake_256(b"body").digest(length)


NAMES = ["gzip", "deflate", "br", "zstd", "x-gzip"]
BODIES = [b'{"a": 1}', b"", make_random_body(200_000) * 3, b"a" * 900_000]


@pytest.mark.parametrize("name", NAMES)
def test_body_is_decoded(name: str) -> None:
    """Short, empty, long and well compressed bodies come back; the name's case is ignored."""
    for body in BODIES:
        assert decode(name.upper(), encode(name, body)) == body


@given(st.binary(), st.lists(st.sampled_from(["gzip", "deflate"]), max_size=4), st.booleans())
def test_codings_are_removed_in_reverse_order(
    body: bytes, names: list[str], is_one_field: bool
) -> None:
    """A list in one field, or several fields, name them in the order of their application."""
    encoded = body
    for name in names:
        encoded = encode(name, encoded)
    values = [", ".join(names)] if is_one_field else names
    headers = Headers(tuple(("Content-Encoding", value) for value in values))
    assert decode_content(headers, encoded, LIMIT) == body


def test_deflate_without_the_header_of_zlib_is_decoded() -> None:
    """Some clients send it (RFC 9110, 8.4.1.2)."""
    assert decode("deflate", encode_plain_deflate(b'{"a": 1}')) == b'{"a": 1}'


def test_members_of_gzip_follow_each_other() -> None:
    """Their number is bounded."""
    assert decode("gzip", encode("gzip", b"a") * 2) == b"aa"
    with pytest.raises(MalformedCodingError, match="at most"):
        decode("gzip", encode("gzip", b"") * 10_000)


@pytest.mark.parametrize("name", NAMES)
def test_broken_body_is_reported(name: str) -> None:
    """Cut short, with bytes behind its end, or in no coding at all."""
    whole = encode(name, b"abc" * 100)
    for broken in (whole[:-1], whole[:3], whole + b"zz", b"xx"):
        with pytest.raises(MalformedCodingError):
            decode(name, broken)


@pytest.mark.parametrize("name", NAMES)
def test_decoded_size_is_bounded(name: str) -> None:
    """Exactly the limit is accepted, and one byte more is not."""
    body = make_random_body(100_000)
    assert decode(name, encode(name, body), len(body)) == body
    with pytest.raises(DecodedTooLargeError):
        decode(name, encode(name, body), len(body) - 1)


@pytest.mark.parametrize("name", NAMES)
def test_ratio_of_large_bodies_is_bounded(name: str) -> None:
    """One MiB may come from a few bytes, two MiB may not."""
    mebibyte = 1024 * 1024
    assert len(decode(name, encode(name, b"0" * mebibyte))) == mebibyte
    with pytest.raises(DecodedTooLargeError):
        decode(name, encode(name, b"0" * 2 * mebibyte))


def test_ratio_counts_all_codings() -> None:
    """A body that is compressed twice has the bound of one that is compressed once."""
    body = encode("gzip", encode("gzip", b"0" * 3_000_000))
    with pytest.raises(DecodedTooLargeError):
        decode("gzip, gzip", body)


@pytest.mark.parametrize("name", ["compress", "gzip, nothing", "gzip, gzip, gzip, gzip, gzip"])
def test_unknown_coding_is_reported(name: str) -> None:
    """Also if only one of several is unknown, or if there are too many."""
    with pytest.raises(UnknownCodingError):
        decode(name, b"xx")


def test_body_without_coding_is_returned_as_it_is() -> None:
    """`identity` is no coding, and an empty body has none to remove."""
    assert decode("identity", b"xx") == b"xx"
    assert decode("", b"xx") == b"xx"
    assert decode("nothing", b"") == b""

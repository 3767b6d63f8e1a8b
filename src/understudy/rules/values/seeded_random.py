"""Random values that repeat in each run.

Each value is a hash of the world's seed, the number of the call and a label that says what the
value is for. So no state is kept: a value can be drawn again, in any order, and is the same.
"""

from hashlib import blake2b, shake_256
from math import cos, log, pi, sqrt


def random_fraction(seed: int, number: int, label: str) -> float:
    """Return a number from 0 up to, but not including, 1."""
    digest = blake2b(_key(seed, number, label), digest_size=7).digest()
    # 53 of the 56 bits: as many as the mantissa of a double holds.
    return (int.from_bytes(digest, "big") >> 3) / (1 << 53)


def random_normal(seed: int, number: int, label: str) -> float:
    """Return a number of the standard normal distribution.

    Source: Box and Muller, "A note on the generation of random normal deviates", 1958.
    """
    first = random_fraction(seed, number, f"{label}/1")
    second = random_fraction(seed, number, f"{label}/2")
    # 1 - first is above 0, so that the logarithm exists.
    return sqrt(-2 * log(1 - first)) * cos(2 * pi * second)


def random_bytes(seed: int, number: int, label: str, size: int) -> bytes:
    """Return `size` bytes, at least one, that are not valid UTF-8."""
    rest = shake_256(_key(seed, number, label)).digest(max(0, size - 1))
    # The byte FF starts no character. Source: RFC 3629, section 1.
    return b"\xff" + rest


def _key(seed: int, number: int, label: str) -> bytes:
    # A label can hold a lone surrogate: names of rules come from JSON texts.
    return f"{seed}/{number}/{label}".encode("utf-8", "surrogatepass")

"""Dice that fall alike in each run: from the world's seed, the number of the call, and what is asked."""

from hashlib import blake2b, shake_256
from math import cos, log, pi, sqrt


def random_fraction(seed: int, number: int, what: str) -> float:
    """Give a number from 0 up to, not including, 1."""
    digest = blake2b(
        f"{seed}/{number}/{what}".encode("utf-8", "surrogatepass"), digest_size=7
    ).digest()
    return (int.from_bytes(digest, "big") >> 3) / (1 << 53)  # as many bits as a double tells apart


def random_normal(seed: int, number: int, what: str) -> float:
    """Give a number of the standard normal distribution (Box and Muller)."""
    first, second = (
        random_fraction(seed, number, f"{what}/1"),
        random_fraction(seed, number, f"{what}/2"),
    )
    return sqrt(-2 * log(1 - first)) * cos(2 * pi * second)


def random_bytes(seed: int, number: int, what: str, size: int) -> bytes:
    """Give bytes that are no text: the first is no beginning of one in UTF-8."""
    return b"\xff" + shake_256(f"{seed}/{number}/{what}".encode("utf-8", "surrogatepass")).digest(
        max(0, size - 1)
    )

"""Texts with gaps between literals."""

import re
from itertools import product

import pytest

from understudy.patterns.wildcards import matches_with_gaps


@pytest.mark.parametrize("count", [1, 2, 3])
def test_result_is_that_of_a_regular_expression(count: int) -> None:
    """All short texts and literals of two letters are compared."""
    literals = ["", "a", "ab", "ba"]
    texts = ["".join(letters) for n in range(6) for letters in product("ab", repeat=n)]
    for parts in product(literals, repeat=count):
        pattern = re.compile(".+".join(parts))
        expected = [pattern.fullmatch(text) is not None for text in texts]
        assert [matches_with_gaps(text, parts) for text in texts] == expected


def test_many_gaps_take_linear_time() -> None:
    """A regular expression would try all ways to divide the text."""
    assert not matches_with_gaps("a" * 20_000 + "!", ["", *["a"] * 50, "b"])

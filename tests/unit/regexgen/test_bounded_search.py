"""Searches for patterns that explode come to an end."""

from time import process_time

import pytest

from understudy.regexgen import compile_search, matches

EXPLOSIVE = ["^(a+)+$", "^(a|aa)+$", "^(a|a)*$", "(x+x+)+y", "^(a?){30}a{30}b$"]


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_search_ends(pattern: str) -> None:
    """A text for which it takes too long has no match; several of them take no longer."""
    compile_search.cache_clear()
    before = process_time()
    assert [matches(pattern, letter * 60 + "!") for letter in "aaaaaaxxxxxxaaaaaa"] == [False] * 18
    assert process_time() - before < 10


@pytest.mark.parametrize(("text", "expected"), [("aaa", True), ("", False), ("b", False)])
def test_explosive_pattern_still_matches(text: str, expected: bool) -> None:
    """What ends soon is answered."""
    assert matches("^(a+)+$", text) is expected

"""Searches for patterns that explode come to an end."""

from time import process_time

import pytest

from understudy.regexgen import compile_search, matches, translate
from understudy.regexgen.bounded_search import repeats_too_often

EXPLOSIVE = [
    *["^(a+)+$", "(a+)+$", "^(a|aa)+$", "^(a|a)*$", "(x+x+)+y", "^(a?){30}a{30}b$", "(.*a){20}b"],
    *["^(([a-z])+.)+[A-Z]([a-z])+$", r"^(\w+\s?)*$", "^(?:.*a){12}$", r"(a+)+\1$"],
]


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_search_ends(pattern: str) -> None:
    """A text for which it takes too long has no match; several of them take no longer."""
    compile_search.cache_clear()
    before = process_time()
    assert [matches(pattern, letter * 60 + "!") for letter in "aaaaaaxxxxxxaaaaaa"] == [False] * 18
    assert process_time() - before < 10


@pytest.mark.parametrize("pattern", ["a*b", "[ab]*c", r"\s+$", "a+$", ".*,", "(?:ab)+c"])
def test_search_of_long_text_ends(pattern: str) -> None:
    """One repetition begins anew at each letter: a million letters would take hours."""
    compile_search.cache_clear()
    text = (" " if "s" in pattern else "a") * 500_000 + "!"
    assert [matches(pattern, text) for _ in range(3)] == [False] * 3


def test_given_up_pattern_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """The text counts as one that does not match; others are still searched, and match."""
    compile_search.cache_clear()
    assert not any(matches("^(a|aa)+$", "a" * 50 + "!") for _ in range(12))
    assert matches("^(a|aa)+$", "a" * 50)
    [message] = caplog.messages
    assert message == (
        "the pattern ^(a|aa)+$ takes too long on a text of 51 characters: the text counts as one "
        "that does not match"
    )


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("((a{99}){99}){99}", True),
        ("(?:(?:x{1000}y){1000}z)", True),
        ("a{1,65535}", False),
        (r"([0-9]{1,3}\.){3}[0-9]{1,3}", False),
        (r"[a{999}]{999}\{999", False),
    ],
)
def test_nested_counts_are_multiplied(pattern: str, expected: bool) -> None:
    """A pattern that libraries would write out to a million parts is not supported."""
    assert repeats_too_often(pattern) is expected
    assert (translate(pattern) is None) is expected


@pytest.mark.parametrize(("text", "expected"), [("aaa", True), ("", False), ("b", False)])
def test_explosive_pattern_still_matches(text: str, expected: bool) -> None:
    """What ends soon is answered."""
    assert matches("^(a|aa)+$", text) is expected

"""Translated patterns match what JavaScript matches.

The expected values below are those of `new RegExp(pattern, "u").test(text)`.
"""

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.regexgen import matches, translate


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"^\d+$", "12", True), (r"^\d+$", "٣", False), (r"^\D$", "٣", True), (r"^[\D]$", "٣", True),
        (r"^[^\d]$", "٣", True), (r"^a$", "a\n", False), (r"a$", "ba", True), (r"^\w$", "é", False),
        (r"^\W$", "é", True), (r"^[\W]$", "é", True), (r"^\s$", "\ufeff", True), (r"^\s$", "\x1c", False),
        (r"^\S$", "\x1c", True), (r"^[\S]$", "\ufeff", False), (r"^[^\S]$", "\u2028", True), (r"^[\s\S]$", "\U0001f600", True),
        (r"^.$", "\u2028", False), (r"^.$", "\n", False), (r"^.$", "\x85", True), (r"^.$", "\U0001f600", True),
        (r"\D", "٣", True), (r"\W&*", "é", True), (r"\B", "", True), (r"\bé", "é", False), (r"a\b", "aé", True), (r"a\B", "aé", False), (r"a\B", "ab", True),
        (r"^[\b]$", "\x08", True), (r"^\cJ$", "\n", True), (r"^\x41$", "A", True), (r"^\u0041$", "A", True),
        (r"^\u{1F600}$", "\U0001f600", True), (r"^\ud83d\ude00$", "\U0001f600", True), (r"^\0$", "\0", True),
        (r"^\/$", "/", True), (r"^[[]$", "[", True), (r"^[a[]$", "[", True), (r"^[^[]$", "[", False),
        (r"^[^]$", "\n", True), (r"[]", "a", False), (r"^[.$]$", "$", True), (r"^[.$]$", "a", False),
        (r"^[a\-z]$", "-", True), (r"^[a\-z]$", "b", False), (r"^[-a]$", "-", True), (r"^[a-]$", "-", True),
        (r"^[+--]$", ",", True), (r"^[--/]$", ".", True), (r"^[a&&b]$", "&", True), (r"^[a||b]$", "|", True),
        (r"^[a~~b]$", "~", True), (r"^[\]]$", "]", True), (r"^[a^]$", "^", True), (r"^[0-9a-f-]$", "-", True),
        (r"(?<y>a)\k<y>", "aa", True), (r"(?<=a)b", "ab", True), (r"(?<!a)b", "ab", False), (r"(a)\1", "aa", True),
        (r"^\p{L}$", "é", True), (r"^\p{Lu}$", "é", False), (r"^\P{L}$", "1", True), (r"^[\p{L}\d]+$", "é1", True),
        (r"^\p{Letter}$", "中", True), (r"", "anything", True), (r"^(id|name)(,(asc|desc))?$", "id,asc", True),
        (r"^\p{digit}$", "٣", True), (r"^\p{digit}$", "a", False), (r"^\p{Script=Han}$", "中", True),
        (r"^\p{sc=Greek}$", "中", False), (r"^\p{punct}$", "!", True), (r"^\p{punct}$", "+", False),
        (r"^\p{IDC}$", "a", True), (r"^\p{Emoji}$", "😀", True), (r"^\p{gc=Lu}$", "A", True),
        (r"^\P{Script=Han}$", "a", True), (r"^[\P{L}]$", "a", False), (r"^\p{Any}$", "\n", True),
        (r"^\.\*\+\?\(\)\[\]\{\}\|\^\$\\$", ".*+?()[]{}|^$\\", True),
    ],
)  # fmt: skip
def test_translated_pattern_matches_as_in_javascript(
    pattern: str, text: str, expected: bool
) -> None:
    """Classes, anchors and escapes behave as in ECMA-262 with the `u` flag."""
    assert translate(pattern) is not None
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    "pattern",
    ["a\\", r"\p{Nonsense}", r"\p{lu}", r"\p{Script=nobody}", r"\u{110000}", r"\A", r"\Z", r"\e", "(", "[a", "a{2,1}", r"(?<=a+)b", r"\q"],
)  # fmt: skip
def test_unsupported_pattern_matches_every_text(pattern: str) -> None:
    """An invalid pattern, or one that Python cannot express, rejects no text."""
    assert (translate(pattern), matches(pattern, "x")) == (None, True)


@given(st.text("ab01\\^$.*+?()[]{}|-&~!,:=<>dDwWsSbBpPukxcn/é", max_size=12))
def test_no_pattern_raises_or_warns(pattern: str) -> None:
    """Whatever text a contract has as a pattern."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        translated = translate(pattern)
        assert translated is None or re.compile(translated)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=1))
def test_every_character_is_either_space_or_not(text: str) -> None:
    """Each is matched by one of `\\s` and `\\S`, and the same in a class."""
    results = [
        matches(pattern, text)
        for pattern in (r"^\s$", r"^\S$", r"^[\s]$", r"^[^\s]$", r"^[\S]$", r"^[^\S]$")
    ]
    assert results in ([True, False] * 2 + [False, True], [False, True] * 2 + [True, False])

"""Languages and the parser before them: each construct of a pattern, against Python's `re`.

This holds the private parser of `re` that `sre_parser` uses: a change of what it returns fails here.
"""

from collections.abc import Iterator
from itertools import product

import pytest

from understudy.regexgen import matches
from understudy.regexgen.char_classes import UnsolvedError
from understudy.regexgen.derivatives import Languages
from understudy.regexgen.sre_parser import parse_pattern

ALPHABET = "ab1-"
MAX_LENGTH = 4

PATTERNS = [
    "a",
    "^a",
    "a$",
    "^a$",
    "^(a|b-)*$",
    "^(a?b?)*-$",
    "^(a|b$)",
    "(^|-)a",
    "^(?:(?:^|-)a+)+$",
    "a{2,3}",
    "(a*)*b",
    "^(?=.*1)[a1]+$",
    "^(?!a)",
    "^(?!.*aa)",
    "(?=a)(?!ab)",
    "^(?:(?!--)[-a])+$",
    "a(?=b|$)",
    "^(?=a)(?=b)",
    "(?!^)a",
    "(?<=a)b",
    "(?<!a)b",
    "^(?<!a)b",
    "^[ab-]+(?<!-)$",
    "^(?=.*1).*(?<!a)$",
    "(?<=^)a",
    "(?<=a)(?<!-a)b",
    "b(?<=ab)",
    r"\ba",
    r"a\b",
    r"\ba\b",
    r"\b",
    r"\B",
    r"a\Bb",
    r"\b-\b",
    r"^\b",
    r"(\ba|-)1",
    r"^(a|b)\1$",
    r"(a|b|1)-\1",
    r"^([ab1])-?\1$",
    r"^(a|bb)(1?)\1\2$",
    "",
    "^$",
    "$a",
    "a^",
    "[]",
    "[^]",
    r"\D\w",
    "[^a]$",
    "^.{2}(?:$|-)",
    "^(?:a|(?:b|)1)*$",
]


def short_texts() -> Iterator[str]:
    """Yield all texts over ALPHABET up to MAX_LENGTH."""
    for length in range(MAX_LENGTH + 1):
        for letters in product(ALPHABET, repeat=length):
            yield "".join(letters)


def accepts(languages: Languages, language: int, text: str) -> bool:
    """Return whether a text belongs to a language, found letter by letter."""
    for letter in text:
        kinds = [kind for kind, letters in enumerate(languages.kinds) if letter in letters]
        language = languages.derivative(language, kinds[0])
    return languages.accepts_empty(language)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_language_has_exactly_the_texts_that_match(pattern: str) -> None:
    """Of all short texts, it accepts those in which `re` finds the pattern, no more and no fewer."""
    node = parse_pattern(pattern)
    # Without these classes, letters that the pattern does not distinguish would be one kind.
    alphabet = parse_pattern("".join(f"[{letter}]" for letter in ALPHABET))
    assert node is not None
    assert alphabet is not None
    languages = Languages([node, alphabet])
    language = languages.search_language(node)
    for text in short_texts():
        assert (text, accepts(languages, language, text)) == (text, matches(pattern, text))


@pytest.mark.parametrize(
    "pattern",
    [r"^(\w{3})\1$", r"^(?:a|(?=b))*b$", "(?i:a)", "(?>a)b", "a++", "\ud800"],
)
def test_unsupported_construct_raises(pattern: str) -> None:
    """What no tree can be built for is reported, so that the caller can filter instead."""
    with pytest.raises(UnsolvedError):
        parse_pattern(pattern)


def test_pattern_that_cannot_be_translated_has_no_tree() -> None:
    """A lookbehind of any length: the pattern counts as found in every text."""
    assert parse_pattern(r"(?<=a+)b") is None

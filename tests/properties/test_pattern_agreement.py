"""Random patterns: both validator back ends find the same texts."""

import random

import pytest

from understudy.contract import compile_validator

_ATOMS = (
    *("a", "b", "1", ".", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\B", "^", "$", " "),
    *(r"\p{L}", r"\P{L}", r"\p{Lu}", r"\p{digit}", r"\p{Script=Greek}", r"[\p{Lu}x]", r"[^\p{L}]"),
    *("[a-c]", "[^a-c]", r"[\d_]", r"[^\s]", r"[\-a]", "[.]", "[a&&b]", "[[]", r"[\b]"),
    *("(?=a)", "(?!b)", "(?<=a)", "(?<!1)", "(?:ab|c)", "(a)", r"(a)\1", r"(?<n>b)", r"\k<n>"),
    *(r"\n", r"\x41", r"\u0041", r"\u{1F600}", r"\.", r"\-", r"\0", r"\cJ", r"\/", "é", "中", "#"),
)
_QUANTIFIERS = ("", "", "", "*", "+", "?", "{2}", "{1,2}", "+?", "*?")
_CHARACTERS = "ab1AcC_ -.#&\n\r\t\u2028\u2029\ufeff\xa0\x85\x1c\x0b\x00éλ中٣😀\U0001e4d0ſK[/\x08"


def check_patterns(seeds: range) -> None:
    """Compare both back ends with some texts for each pattern."""
    for seed in seeds:
        draws = random.Random(seed)  # noqa: S311 - data, not secrets
        parts = [
            draws.choice(_ATOMS) + draws.choice(_QUANTIFIERS) for _ in range(draws.randint(1, 5))
        ]
        pattern = "".join(parts)
        python, rust = (
            compile_validator({"pattern": pattern}, backend=backend)
            for backend in ("jsonschema", "jsonschema-rs")
        )
        for _ in range(12):
            text = "".join(draws.choice(_CHARACTERS) for _ in range(draws.randint(0, 4)))
            assert python.is_valid(text) == rust.is_valid(text), (pattern, text)


def test_back_ends_agree_on_patterns() -> None:
    """Classes, boundaries, lookarounds and properties."""
    check_patterns(range(400))


@pytest.mark.slow
def test_back_ends_agree_on_very_many_patterns() -> None:
    """The same holds for ten thousand patterns."""
    check_patterns(range(400, 10_400))

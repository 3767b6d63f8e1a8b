"""Texts that were built, drawn: they shrink as texts do."""

from functools import lru_cache

from hypothesis import strategies as st

from understudy.regexgen.generator import FIRST_CODE, TextGenerator
from understudy.strategies.schema.small_draws import Opaque, indexes

_SELDOM = 12
"""One text in so many has the greatest length: by chance, nearly all are short."""
_CODES = st.characters(min_codepoint=ord(FIRST_CODE), max_codepoint=ord(FIRST_CODE) + 4095)
"""What is drawn for a letter, the simplest first: each of the first 256, which Hypothesis draws most, as often."""


@lru_cache(maxsize=512)
def pattern_strings(texts: TextGenerator) -> st.SearchStrategy[str]:
    """Give the texts."""
    # One text is drawn and told in the letters of the language: it shrinks as a text does.
    shortest, longest = texts.lengths[0], texts.lengths[-1]
    usual = st.text(_CODES, min_size=shortest, max_size=longest)
    return _spelt(Opaque(texts), usual, st.text(_CODES, min_size=longest, max_size=longest))


@st.composite
def _spelt(
    draw: st.DrawFn,
    told: Opaque[TextGenerator],
    usual: st.SearchStrategy[str],
    longest: st.SearchStrategy[str],
) -> str:
    texts = told.value
    seldom = len(texts.lengths) > 1 and draw(indexes(_SELDOM)) == _SELDOM - 1
    return texts.generate(draw(longest if seldom else usual))

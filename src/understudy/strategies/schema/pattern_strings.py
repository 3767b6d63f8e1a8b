"""Strategies for generated strings: these shrink as strings do."""

from functools import lru_cache

from hypothesis import strategies as st

from understudy.regexgen.generator import FIRST_CODE, TextGenerator
from understudy.strategies.schema.small_draws import Opaque, indexes

_LONGEST_EVERY = 12
"""One string in so many has the greatest length: by chance, nearly all are short."""
_CODES = st.characters(min_codepoint=ord(FIRST_CODE), max_codepoint=ord(FIRST_CODE) + 4095)
"""What is drawn for a letter, the simplest first. Hypothesis draws each of the first 256 about
as often.
"""


_LONG = 256
"""A longer string is not drawn character by character: what is drawn is repeated."""


def repeat_to_length(piece: str, length: int) -> str:
    """Return a piece, which is not empty, repeated to a length."""
    times = length // len(piece) + 1
    return (piece * times)[:length]


@lru_cache(maxsize=512)
def pattern_strings(texts: TextGenerator) -> st.SearchStrategy[str]:
    """Return the strings of a generator.

    The strategy draws one string of codes, which the generator translates: so it shrinks as a
    string does.
    """
    shortest, longest = texts.lengths[0], texts.lengths[-1]
    drawn_longest = min(longest, _LONG)
    usual_codes = st.text(_CODES, min_size=min(shortest, _LONG), max_size=drawn_longest)
    longest_codes = st.text(_CODES, min_size=drawn_longest, max_size=drawn_longest)
    if shortest > _LONG:
        usual_codes = usual_codes.map(lambda codes: repeat_to_length(codes, shortest))
    if longest > _LONG:
        longest_codes = longest_codes.map(lambda codes: repeat_to_length(codes, longest))
    return _pattern_strings(Opaque(texts), usual_codes, longest_codes)


@st.composite
def _pattern_strings(
    draw: st.DrawFn,
    generator: Opaque[TextGenerator],
    usual_codes: st.SearchStrategy[str],
    longest_codes: st.SearchStrategy[str],
) -> str:
    """Draw codes, seldom as many as the longest string needs, and translate them."""
    texts = generator.value
    codes = usual_codes
    if len(texts.lengths) > 1 and draw(indexes(_LONGEST_EVERY)) == _LONGEST_EVERY - 1:
        codes = longest_codes
    return texts.generate(draw(codes))

"""Regular expressions of ECMA-262: to match them with Python, and to generate strings for them.

Modules, in the order in which data goes through them: `ecma_patterns` translates a pattern for
Python's `re`; `bounded_search` searches for the translation; `sre_parser` parses it into the nodes
of `pattern_ast`; `derivatives` turns nodes into languages, which can be intersected and
complemented; `generator` generates the strings of a language; `solver` does all of it in one call.
Libraries that generate strings (Hypothesis' `from_regex`, rstr, exrex) take one pattern of Python:
they can neither intersect several patterns, exclude one, nor obey a length except by filtering.
"""

from typing import TYPE_CHECKING

from understudy.lazy_names import import_on_first_use
from understudy.regexgen.bounded_search import compile_search
from understudy.regexgen.ecma_patterns import (
    compile_ecma_pattern,
    matches,
    sketch_pattern,
    spell_out,
    translate,
)

if TYPE_CHECKING:
    from understudy.regexgen.solver import Solution, solve_patterns

# Matching, which validators do, needs no generator of strings.
__getattr__ = import_on_first_use(__name__, {"Solution": "solver", "solve_patterns": "solver"})

__all__ = [
    "Solution",
    "compile_ecma_pattern",
    "compile_search",
    "matches",
    "sketch_pattern",
    "solve_patterns",
    "spell_out",
    "translate",
]

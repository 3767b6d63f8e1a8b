"""Regular expressions: those of ECMA-262 told to Python, and texts in which they are found, built without guessing."""

from understudy.regexgen.ecma_patterns import compile_ecma_pattern, matches, translate
from understudy.regexgen.solver import Solution, solve_patterns

__all__ = ["Solution", "compile_ecma_pattern", "matches", "solve_patterns", "translate"]

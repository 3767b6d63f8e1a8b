"""Regular expressions: those of ECMA-262 told to Python, and texts in which they are found, built without guessing."""

from understudy.regexgen.ecma_patterns import compiled, matches, translate
from understudy.regexgen.solver import Solution, solved

__all__ = ["Solution", "compiled", "matches", "solved", "translate"]

"""Strings that satisfy a constraint, found by solving its patterns and formats together."""

from dataclasses import dataclass

from understudy.contract.expansion.constraints import StringConstraint
from understudy.contract.schema.formats import ASSERTED_FORMATS, obeys_format
from understudy.regexgen import Solution, matches, solve_patterns
from understudy.regexgen.format_patterns import FORMAT_PATTERNS
from understudy.regexgen.generator import TextGenerator

MAX_LENGTH = 100_000
"""A schema whose texts are all longer than this counts as one without texts."""


@dataclass(frozen=True, slots=True)
class StringSolution:
    """What is known about the strings of a constraint."""

    texts: TextGenerator | None = None
    """Generates the strings; None when there are none, or when the constraint is not solved."""
    is_exact: bool = True
    """False: a generated string may violate the constraint, and has to be checked."""
    is_solved: bool = True
    """False: the patterns need too many states, or none of them is supported."""


_UNSOLVED = StringSolution(is_exact=False, is_solved=False)


def solve_string(constraint: StringConstraint) -> StringSolution:
    """Solve all requirements at once. A format that is not asserted holds if that is possible."""
    if constraint.min_length > MAX_LENGTH:
        return StringSolution()
    known = [name for name in constraint.formats if name in FORMAT_PATTERNS]
    asserted = [FORMAT_PATTERNS[name] for name in known if name in ASSERTED_FORMATS]
    annotated = [FORMAT_PATTERNS[name] for name in known if name not in ASSERTED_FORMATS]
    forbidden_formats = [FORMAT_PATTERNS[name] for name in constraint.not_formats]
    forbidden = (*constraint.not_patterns, *forbidden_formats)
    for format_patterns in ([*asserted, *annotated], asserted):
        solution = solve_patterns(
            (*constraint.patterns, *format_patterns),
            forbidden,
            constraint.min_length,
            constraint.max_length,
        )
        if solution is None:
            return _UNSOLVED
        if solution.texts is not None:
            return StringSolution(solution.texts, _is_exact(solution, constraint))
    return StringSolution()


def _is_exact(solution: Solution, constraint: StringConstraint) -> bool:
    """Return whether every generated string satisfies the constraint."""
    # The pattern of a format lets out some leap seconds: a string that it rejects may still have
    # the format.
    return not (solution.unsolved_required or solution.unsolved_forbidden or constraint.not_formats)


def satisfies_string(text: str, constraint: StringConstraint) -> bool:
    """Return whether a string satisfies a constraint, as the contract's validators have it."""
    if len(text) < constraint.min_length:
        return False
    if constraint.max_length is not None and len(text) > constraint.max_length:
        return False
    return (
        all(matches(pattern, text) for pattern in constraint.patterns)
        and not any(matches(pattern, text) for pattern in constraint.not_patterns)
        and all(obeys_format(text, name) for name in constraint.formats)
        and not any(obeys_format(text, name) for name in constraint.not_formats)
    )

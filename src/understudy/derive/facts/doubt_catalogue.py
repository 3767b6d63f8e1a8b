"""The catalogue of the ledger's rules with their severities, and the factory of doubts.

Rule ids are stable: overlays (`x-decides`) and files of decisions cite them.
"""

from understudy.derive.facts.derivation_model import Doubt, Severity
from understudy.derive.facts.facts import Origin

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

SEVERITIES: dict[str, Severity] = {
    # Parts of a document that cannot be read.
    "no-operation": _E,
    "broken-path": _E,
    "broken-table": _E,
    "table-row-cells": _W,
    "table-row-without-name": _W,
    "table-not-understood": _W,
    "column-not-understood": _N,
    "unclosed-fence": _W,
    "unread-construct": _N,
    "unread-text": _N,
    "markdown-in-fence": _N,
    "nested-in-plain": _W,
    "sketch-not-json": _W,
    "sketch-not-understood": _W,
    "sketch-text-is-prose": _N,
    # Contradictions inside of the documents.
    "duplicate-operation": _E,
    "duplicate-field": _W,
    "duplicate-path-parameter": _W,
    "operation-id-collision": _W,
    "structure-told-twice": _W,
    "path-parameter-not-told": _W,
    "path-parameter-not-in-path": _W,
    "required-not-understood": _W,
    "example-contradicts-type": _W,
    "example-not-in-enum": _W,
    "example-out-of-bounds": _W,
    "default-contradicts-type": _W,
    "misspelt-identifier": _W,
    "singular-array": _W,
    "name-contradicts-description": _W,
    "filter-not-shown": _W,
    "promised-marks-missing": _W,
    "path-parameter-renamed": _W,
    "common-field-missing": _W,
    # Contradictions between examples and tables.
    "example-not-json": _W,
    "example-elided": _N,
    "example-field-not-told": _W,
    "field-not-in-example": _N,
    # References that lead nowhere.
    "unknown-type": _W,
    "array-items-not-told": _W,
    "unresolved-structure": _W,
    "unresolved-reference": _W,
    "unresolved-requirement": _W,
    "forward-reference": _N,
    # Guesses.
    "inferred-from-example": _N,
    "structure-guessed": _N,
    "common-response-used": _N,
    "query-in-path": _N,
    # Facts that the documents do not state.
    "method-not-told": _E,
    "path-not-told": _E,
    "unit-not-told": _W,
    "response-not-told": _W,
    "error-responses-not-told": _W,
    "http-status-not-told": _N,
    "media-type-not-told": _N,
    "authentication-not-told": _N,
    "parameter-location-not-told": _N,
    "presence-not-told": _N,
    "array-serialization-not-told": _N,
    "sort-grammar-not-told": _W,
    "time-format-not-told": _N,
    "time-as-string": _N,
    "requirement-in-prose": _N,
    "version-not-told": _N,
}
"""Rule id to severity. A rule that is not in here cannot make a doubt."""


def make_doubt(rule: str, origin: Origin, finding: str, decision: str) -> Doubt:
    """Build a doubt of a rule of the catalogue. Raise KeyError for an unknown rule id."""
    return Doubt(rule, SEVERITIES[rule], origin.file, origin.line, finding, decision)

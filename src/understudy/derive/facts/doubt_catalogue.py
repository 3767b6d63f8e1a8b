"""Every rule of the ledger with its severity, and the one way to make a doubt."""

from understudy.derive.facts.derivation_model import Doubt, Severity
from understudy.derive.facts.facts import Origin

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

SEVERITIES: dict[str, Severity] = {
    # What could not be read.
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
    # What contradicts itself.
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
    # What examples say otherwise.
    "example-not-json": _W,
    "example-elided": _N,
    "example-field-not-told": _W,
    "field-not-in-example": _N,
    # What leads nowhere.
    "unknown-type": _W,
    "array-items-not-told": _W,
    "unresolved-structure": _W,
    "unresolved-reference": _W,
    "unresolved-requirement": _W,
    "forward-reference": _N,
    # What was guessed.
    "inferred-from-example": _N,
    "structure-guessed": _N,
    "common-response-used": _N,
    "query-in-path": _N,
    # What is not told.
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


def make_doubt(rule: str, origin: Origin, what: str, decision: str) -> Doubt:
    """Make a doubt of a rule of the catalogue."""
    return Doubt(rule, SEVERITIES[rule], origin.file, origin.line, what, decision)

"""One sentence per rule, for tools that show a rule beside its findings.

The groups are those of the catalogue (`doubt_catalogue`), which has the severities. A rule without
a description can still be shown: a test checks that none of the catalogue lacks one.
"""

from understudy.derive.facts.derivation_model import Severity
from understudy.derive.facts.doubt_catalogue import SEVERITIES
from understudy.derive.ledger.decisions import DECISION_WITHOUT_DOUBT

# Each describes the place in a document that the rule finds.
_DESCRIPTIONS = {
    # Text that could not be read.
    "no-operation": "A document without any readable operation.",
    "broken-path": "An invalid path.",
    "broken-table": "An unreadable table.",
    "table-row-cells": "A row with fewer or more cells than its header.",
    "table-row-without-name": "A row with an empty name cell.",
    "table-not-understood": "A table whose columns and position do not show what it describes.",
    "column-not-understood": "A column with an unknown header.",
    "unclosed-fence": "A code block without an end.",
    "unread-construct": "A Markdown construct that is not read.",
    "unread-text": "A text that is not read.",
    "markdown-in-fence": "A code block that contains Markdown.",
    "nested-in-plain": "Nested rows below a field that cannot have members.",
    "sketch-not-json": "A code block that is marked as JSON or begins like JSON, but is not.",
    "sketch-not-understood": "A code block that describes a structure in an unknown notation.",
    "sketch-text-is-prose": "A text in a code block that may describe a value or be one.",
    # Contradictions.
    "duplicate-operation": "A method and path that are defined twice.",
    "duplicate-field": "A field that is defined twice in one structure.",
    "duplicate-path-parameter": "A parameter that a path contains twice.",
    "operation-id-collision": "Two operations with the same operationId.",
    "structure-told-twice": "A structure that has two different definitions.",
    "path-parameter-not-told": "A path parameter that no table documents.",
    "path-parameter-not-in-path": "A documented path parameter that the path does not contain.",
    "required-not-understood": "A cell that should say yes or no, but does not.",
    "example-contradicts-type": "An example that does not match the type of its field.",
    "example-not-in-enum": "An example that is missing from the values of its field.",
    "example-out-of-bounds": "An example that is outside the bounds of its field.",
    "default-contradicts-type": "A default that does not match the type of its field.",
    "misspelt-identifier": "A name or value that looks like a misspelling.",
    "singular-array": "An array with a singular name beside a sibling with a plural name.",
    "name-contradicts-description": "A name and a description that contradict each other.",
    "filter-not-shown": "A filter by something that no response contains.",
    "promised-marks-missing": "A document that promises to mark its problems and marks none.",
    "path-parameter-renamed": "A path parameter with two names.",
    "common-field-missing": "A response that lacks a field documented for all responses.",
    # Contradictions between examples and tables.
    "example-not-json": "An example that should be JSON, but is not.",
    "example-elided": "An example that omits parts.",
    "example-field-not-told": "A field of an example that no table documents.",
    "field-not-in-example": "A documented field that an example lacks.",
    # Guesses.
    "inferred-from-example": "A structure that only an example documents.",
    "structure-guessed": "A structure that is used under another name than its own.",
    "common-response-used": "An operation that only has the response of all operations.",
    "query-in-path": "A path that contains a query.",
    # References that lead nowhere.
    "unknown-type": "A type with an unknown name.",
    "array-items-not-told": "An array without a documented item type.",
    "unresolved-structure": "A structure that is named but not defined.",
    "unresolved-reference": "A reference to something that is not defined.",
    "unresolved-requirement": "A parameter that requires an unknown parameter.",
    "forward-reference": "A table that is announced but is not where it should be.",
    # Omissions.
    "method-not-told": "A path without a method.",
    "path-not-told": "A method without a path.",
    "unit-not-told": "A number without a documented unit.",
    "response-not-told": "An operation without a documented response.",
    "error-responses-not-told": "Undocumented error responses.",
    "http-status-not-told": "Undocumented HTTP statuses.",
    "media-type-not-told": "Undocumented media types of bodies.",
    "authentication-not-told": "Undocumented authentication.",
    "parameter-location-not-told": "A parameter without a documented location.",
    "presence-not-told": "Response fields that may or may not always be present.",
    "array-serialization-not-told": "An array in a query without a documented serialization.",
    "sort-grammar-not-told": "A sort parameter without a documented grammar.",
    "time-format-not-told": "A time without a documented format.",
    "time-as-string": "A string that is described as a time.",
    "requirement-in-prose": "A requirement that only prose states.",
    "version-not-told": "An API without a documented version.",
    DECISION_WITHOUT_DOUBT: "A decision that applies to no doubt.",
}


def list_severities() -> dict[str, Severity]:
    """Return the severity of every rule that the ledger can name.

    The catalogue does not have the rule about decisions: it reports no line of a document.
    """
    return {**SEVERITIES, DECISION_WITHOUT_DOUBT: Severity.WARNING}


def describe_rule(rule: str) -> str:
    """Return what a rule looks for; a rule without a description returns its id as words."""
    description = _DESCRIPTIONS.get(rule)
    if description is None:
        return f"{rule.replace('-', ' ').capitalize()}."
    return description

"""What each rule looks for, in one sentence, for tools that show a rule beside its findings."""

from understudy.derive.facts.derivation_model import Severity
from understudy.derive.facts.doubt_catalogue import SEVERITIES
from understudy.derive.ledger.decisions import DECISION_WITHOUT_DOUBT

_TEXTS = {
    "no-operation": "A document in which no operation can be read.",
    "broken-path": "A path that cannot be one.",
    "broken-table": "A table that cannot be read.",
    "table-row-cells": "A row with fewer or more cells than its header.",
    "table-row-without-name": "A row whose cell for the name is empty.",
    "table-not-understood": "A table whose columns or place do not tell what it is about.",
    "column-not-understood": "A column whose header is no word that is known.",
    "unclosed-fence": "A code block that nothing ends.",
    "unread-construct": "A construct that is not read.",
    "unread-text": "A text that is not read.",
    "markdown-in-fence": "A code block that holds Markdown.",
    "nested-in-plain": "Rows that stand inside a field that can hold none.",
    "sketch-not-json": "A code block that is marked as JSON or looks like it, and is not.",
    "sketch-not-understood": "A code block that tells a structure in no way that is understood.",
    "sketch-text-is-prose": "A text in a sketch that may describe a value or be one.",
    "duplicate-operation": "A method and path that are told twice.",
    "duplicate-field": "A field that is told twice in one structure.",
    "duplicate-path-parameter": "A parameter that stands twice in one path.",
    "operation-id-collision": "Two operations that would have one operationId.",
    "structure-told-twice": "A structure that is told twice, and not alike.",
    "path-parameter-not-told": "A parameter of a path that no table tells.",
    "path-parameter-not-in-path": "A path parameter that the path does not have.",
    "required-not-understood": "A cell that should say yes or no, and does not.",
    "example-contradicts-type": "An example that is not of its field's type.",
    "example-not-in-enum": "An example that is none of its field's values.",
    "example-out-of-bounds": "An example that is beyond its field's bounds.",
    "default-contradicts-type": "A default that is not of its field's type.",
    "misspelt-identifier": "A name or value that looks like a misspelling.",
    "singular-array": "An array that is named like one thing, beside a sibling that is named like many.",
    "name-contradicts-description": "A name that says one thing, and a description that says another.",
    "filter-not-shown": "A filter by something that no answer shows.",
    "promised-marks-missing": "A document that promises marks, and has none.",
    "path-parameter-renamed": "A path parameter that has two names.",
    "common-field-missing": "A response that lacks what is told for all.",
    "example-not-json": "An example that should be JSON, and is not.",
    "example-elided": "An example that leaves parts out.",
    "example-field-not-told": "A field in an example that no table has.",
    "field-not-in-example": "A field that is told, and that an example does without.",
    "inferred-from-example": "A structure that only an example tells.",
    "structure-guessed": "A structure that is called by another name than its own.",
    "common-response-used": "An operation with no response but what is told for all.",
    "query-in-path": "A path that has a query.",
    "method-not-told": "A path without a method.",
    "path-not-told": "A method without a path.",
    "unit-not-told": "A number whose unit is not told.",
    "unknown-type": "A type that is no word that is known.",
    "array-items-not-told": "An array whose items are not told.",
    "unresolved-structure": "A structure that is named, and told nowhere.",
    "unresolved-reference": "Words that reuse what is told nowhere.",
    "unresolved-requirement": "A parameter that needs another which is not there.",
    "forward-reference": "A table that is announced, and does not follow where it should.",
    "response-not-told": "An operation whose response is not told.",
    "error-responses-not-told": "Responses for errors that are not told.",
    "http-status-not-told": "HTTP statuses that are not told.",
    "media-type-not-told": "Media types of bodies that are not told.",
    "authentication-not-told": "Authentication that is not told.",
    "parameter-location-not-told": "A parameter of which it is not told where it goes.",
    "presence-not-told": "Fields of which it is not told whether they are always there.",
    "array-serialization-not-told": "An array in a query of which it is not told how it is written.",
    "sort-grammar-not-told": "A sort parameter whose grammar is not told.",
    "time-format-not-told": "A time whose form is not told.",
    "time-as-string": "A field with the type of a text that is described as a time.",
    "requirement-in-prose": "A requirement that only prose tells.",
    "version-not-told": "A version of the API that is not told.",
    DECISION_WITHOUT_DOUBT: "A decision about a doubt that is gone.",
}


def list_severities() -> dict[str, Severity]:
    """Give every rule that the ledger can name with its severity."""
    return {**SEVERITIES, DECISION_WITHOUT_DOUBT: Severity.WARNING}


def describe_rule(rule: str) -> str:
    """Give what a rule looks for; of one without a text of its own, its id as words."""
    return _TEXTS.get(rule) or f"{rule.replace('-', ' ').capitalize()}."

"""The real document: every doubt with its line. A new or missing doubt needs a review."""

import pytest

from derive_builders import NAME, REAL, derive_text, parameters
from understudy.derive import Severity

DERIVATION = derive_text(REAL, NAME)
DOUBTS = DERIVATION.doubts

EXPECTED = [
    (3, "promised-marks-missing"),
    (7, "version-not-told"),
    (14, "authentication-not-told"),
    (20, "array-serialization-not-told"),
    (21, "filter-not-shown"),
    (21, "misspelt-identifier"),
    (24, "requirement-in-prose"),
    (26, "filter-not-shown"),
    (29, "sort-grammar-not-told"),
    (31, "error-responses-not-told"),
    (31, "http-status-not-told"),
    (31, "media-type-not-told"),
    (31, "presence-not-told"),
    (36, "time-format-not-told"),
    (45, "sketch-not-json"),
    *((line, "time-as-string") for line in (64, 65)),
    (81, "name-contradicts-description"),
    *((line, "forward-reference") for line in (130, 131, 132)),
    (134, "misspelt-identifier"),
    *((line, "time-as-string") for line in (139, 140, 141)),
    (154, "name-contradicts-description"),
    (156, "misspelt-identifier"),
    (158, "singular-array"),
    *((line, "time-as-string") for line in (160, 161, 162)),
    (297, "sketch-text-is-prose"),
]


def test_doubts_are_the_expected_ones() -> None:
    """Line and rule of each doubt are compared, in order."""
    assert [(doubt.line, doubt.rule) for doubt in DOUBTS] == EXPECTED


@pytest.mark.parametrize(
    ("rule", "line", "text"),
    [
        ("misspelt-identifier", 21, '"SYS_ONECE" looks like a misspelling of "SYS_ONCE"'),
        ("misspelt-identifier", 134, '"SYS_ONECE" looks like a misspelling of "SYS_ONCE"'),
        ("misspelt-identifier", 156, '"paralleIdx" looks like a misspelling of "parallelIdx"'),
        (
            "singular-array",
            158,
            'The array "downstream" has a singular name; its sibling "upstreams" has a plural name',
        ),
        (
            "name-contradicts-description",
            81,
            '"obClusterId" mentions cluster, but its description "OceanBase租户ID" mentions 租户',
        ),
        (
            "name-contradicts-description",
            154,
            '"runTime" mentions time, but its description "执行次数" mentions 次数 (count)',
        ),
        (
            "filter-not-shown",
            21,
            'filtered by "type", but no field of BasicTaskInstance contains it',
        ),
        (
            "filter-not-shown",
            26,
            'filtered by "hostId", but no field of BasicTaskInstance contains it',
        ),
        (
            "array-serialization-not-told",
            20,
            'does not say how a query contains the array "status"',
        ),
        ("sort-grammar-not-told", 29, 'does not say which fields and directions "sort" accepts'),
        ("sketch-not-json", 45, "The code block is marked as JSON or begins like JSON, but is not"),
        ("error-responses-not-told", 31, "The document defines no error response"),
        ("http-status-not-told", 31, "does not give the HTTP status of any response"),
        ("time-format-not-told", 36, 'does not give the format of times such as "timestamp"'),
        (
            "requirement-in-prose",
            24,
            'Only the description says that "tenantName" requires "clusterId"',
        ),
        (
            "promised-marks-missing",
            3,
            "says that it marks the problems found, but it marks none",
        ),
        ("presence-not-told", 31, "does not say which response fields are always present"),
    ],
)
def test_doubt_names_its_subject(rule: str, line: int, text: str) -> None:
    """The finding contains the name of the field, or what is missing."""
    [finding] = [doubt.finding for doubt in DOUBTS if (doubt.rule, doubt.line) == (rule, line)]
    assert text in finding


def test_decision_about_presence_is_an_entry() -> None:
    """The document does not say which fields are always present."""
    [decision] = [doubt.decision for doubt in DOUBTS if doubt.rule == "presence-not-told"]
    assert decision == "Each documented field is required."


def test_whole_document_is_read() -> None:
    """No doubt is an error."""
    assert [doubt for doubt in DOUBTS if doubt.severity is Severity.ERROR] == []


def test_doubt_has_the_pointer_of_its_line() -> None:
    """The pointer is that of the node whose x-source is the doubt's line."""
    pointers = {doubt.line: doubt.pointer for doubt in DOUBTS}
    assert pointers[3] == ""
    assert pointers[20] == "/paths/~1api~1v2~1tasks~1instances/get/parameters/1"
    assert pointers[156] == "/components/schemas/SubtaskInstance/properties/paralleIdx"


def test_documented_spelling_does_not_change() -> None:
    """A doubt changes no name."""
    assert (
        "SYS_ONECE"
        in parameters(DERIVATION.contract, "listTaskInstances")["type"]["schema"]["enum"]
    )
    assert (
        "paralleIdx"
        in DERIVATION.contract["components"]["schemas"]["SubtaskInstance"]["properties"]
    )

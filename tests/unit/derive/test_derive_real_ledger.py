"""The real document: every doubt with its line. A doubt more or less is a change that somebody has to judge."""

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


def test_the_doubts_are_these() -> None:
    """Line and rule of each, in order."""
    assert [(doubt.line, doubt.rule) for doubt in DOUBTS] == EXPECTED


@pytest.mark.parametrize(
    ("rule", "line", "words"),
    [
        ("misspelt-identifier", 21, '"SYS_ONECE" looks like a misspelling of "SYS_ONCE"'),
        ("misspelt-identifier", 134, '"SYS_ONECE" looks like a misspelling of "SYS_ONCE"'),
        ("misspelt-identifier", 156, '"paralleIdx" looks like a misspelling of "parallelIdx"'),
        (
            "singular-array",
            158,
            'The array "downstream" is named like one thing, its sibling "upstreams" like many',
        ),
        (
            "name-contradicts-description",
            81,
            '"obClusterId" names cluster, its description "OceanBase租户ID" 租户',
        ),
        (
            "name-contradicts-description",
            154,
            '"runTime" names time, its description "执行次数" 次数 (count)',
        ),
        ("filter-not-shown", 21, 'filtered by "type", which no field of BasicTaskInstance shows'),
        ("filter-not-shown", 26, 'filtered by "hostId", which no field of BasicTaskInstance shows'),
        (
            "array-serialization-not-told",
            20,
            'How the array "status" is written into a query is not told',
        ),
        ("sort-grammar-not-told", 29, 'Which fields and directions "sort" takes is not told'),
        ("sketch-not-json", 45, "The sketch is marked as JSON or looks like it, and is not"),
        ("error-responses-not-told", 31, "No response for an error is told"),
        ("http-status-not-told", 31, "Which HTTP status an answer has is not told"),
        ("time-format-not-told", 36, 'How a time such as "timestamp" is written is not told'),
        ("requirement-in-prose", 24, 'Only prose says that "tenantName" needs "clusterId"'),
        (
            "promised-marks-missing",
            3,
            "says that it marks the problems that were found, and marks none",
        ),
        ("presence-not-told", 31, "Which fields of a response are always there is not told"),
    ],
)
def test_what_a_doubt_says(rule: str, line: int, words: str) -> None:
    """The doubt of a line names the thing."""
    [what] = [doubt.finding for doubt in DOUBTS if (doubt.rule, doubt.line) == (rule, line)]
    assert words in what


def test_what_is_decided_is_said() -> None:
    """The decision about fields that may be absent is an entry."""
    [decision] = [doubt.decision for doubt in DOUBTS if doubt.rule == "presence-not-told"]
    assert decision == "Each documented field is required."


def test_nothing_of_it_is_left_out() -> None:
    """No doubt is an error: the whole document is read."""
    assert [doubt for doubt in DOUBTS if doubt.severity is Severity.ERROR] == []


def test_a_doubt_points_into_the_contract() -> None:
    """The pointer is that of the node whose x-source is the doubt's line."""
    pointers = {doubt.line: doubt.pointer for doubt in DOUBTS}
    assert pointers[3] == ""
    assert pointers[20] == "/paths/~1api~1v2~1tasks~1instances/get/parameters/1"
    assert pointers[156] == "/components/schemas/SubtaskInstance/properties/paralleIdx"


def test_the_documented_spelling_is_kept() -> None:
    """A doubt changes no name."""
    assert (
        "SYS_ONECE"
        in parameters(DERIVATION.contract, "listTaskInstances")["type"]["schema"]["enum"]
    )
    assert (
        "paralleIdx"
        in DERIVATION.contract["components"]["schemas"]["SubtaskInstance"]["properties"]
    )

"""The ledger for tools: lines, JSON, SARIF, annotations."""

import json
from pathlib import PurePosixPath
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from understudy.derive import (
    Decision,
    Doubt,
    Entry,
    Settlement,
    Severity,
    as_github,
    as_json,
    as_sarif,
    as_text,
    ledger_entries,
    open_entries,
    printable,
)
from understudy.errors import Place

WARNING = Doubt(
    "misspelt-identifier", Severity.WARNING, "docs/a.md", 2, 'It is "x".', "It is kept.", "/info"
)
NOTE = Doubt("version-not-told", Severity.NOTE, "docs/a.md", 5, "Not told", "It is 0")
ERROR = Doubt("no-operation", Severity.ERROR, "docs/b c.md", 1, "Nothing\nis told.", "No path.")
DECISION = Decision(
    "misspelt-identifier",
    "It stays",
    "So says\nthe server",
    Place("docs/a.md.decisions.yaml", 3, 3),
)
SETTLED = Settlement(("version-not-told",), "gaps.yaml:6", "$.info", "The version is known.")
PLAIN = (Entry(ERROR), Entry(WARNING), Entry(NOTE))
CLOSED = (Entry(ERROR), Entry(WARNING, decision=DECISION), Entry(NOTE, (SETTLED,)))

TEXT = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string"}},
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def strict(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


def several(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


RULE = strict(
    ["id"],
    id={"type": "string"},
    shortDescription=TEXT,
    defaultConfiguration=strict([], level=LEVEL),
)
DRIVER = strict(
    ["name"],
    name={"type": "string"},
    version={"type": "string"},
    rules=several(RULE) | {"uniqueItems": True},
)
ARTIFACT = strict([], uri={"type": "string", "pattern": r"^[!-~]+$"})
REGION = strict([], startLine={"type": "integer", "minimum": 1})
LOCATION = strict(
    [],
    physicalLocation=strict([], artifactLocation=ARTIFACT, region=REGION),
    logicalLocations=several(strict([], fullyQualifiedName={"type": "string"})),
)
SUPPRESSION = strict(
    ["kind"],
    kind={"enum": ["inSource", "external"]},
    status={"enum": ["accepted", "underReview", "rejected"]},
    justification={"type": "string"},
)
RESULT = strict(
    ["message"],
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=TEXT,
    locations=several(LOCATION),
    suppressions=several(SUPPRESSION) | {"uniqueItems": True},
)
RUN = strict(
    ["tool"],
    tool=strict(["driver"], driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=several(RESULT),
)
SARIF = strict(
    ["version", "runs"],
    **{"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": several(RUN)},
)
"""SARIF 2.1.0 as far as this project writes it: members, types and closed sets as the standard has them."""


def sarif(entries: tuple[Entry, ...]) -> dict[str, Any]:
    log = json.loads(as_sarif(entries, version="1.2.3"))
    assert [error.message for error in Draft202012Validator(SARIF).iter_errors(log)] == []
    run: dict[str, Any] = log["runs"][0]
    return run


def test_a_line_per_doubt() -> None:
    """Place, severity, rule, what, decision; each on one line, each sentence with its full stop."""
    assert as_text(PLAIN).split("\n") == [
        "docs/b c.md:1: error no-operation: Nothing is told. Decision: No path.",
        'docs/a.md:2: warning misspelt-identifier: It is "x". Decision: It is kept.',
        "docs/a.md:5: note version-not-told: Not told. Decision: It is 0.",
        "",
    ]


def test_a_line_tells_what_closes_the_doubt() -> None:
    """The overlay's action, or the decision with its place and reason."""
    _, decided, settled, _ = as_text(CLOSED).split("\n")
    assert decided.endswith(
        "Decided (a.md.decisions.yaml:3): It stays. Reason: So says the server."
    )
    assert settled.endswith("Decision: It is 0. Settled by gaps.yaml:6.")


def test_no_doubts_are_no_lines() -> None:
    """In the forms that are lines."""
    assert (as_text(()), as_github(())) == ("", "")


def test_a_terminal_obeys_nothing() -> None:
    """Control characters, and what UTF-8 cannot hold, become blanks."""
    assert printable("a\x1b[31mb\u2028c\ud800d\u3000e") == "a [31mb c d\u3000e"


def test_json_has_every_fact() -> None:
    """Of the doubt, of what settles it, and of the decision."""
    report = json.loads(as_json(CLOSED))
    assert (report["version"], list(report)) == (1, ["version", "doubts", "counts"])
    assert report["doubts"][1] == {
        "rule": "misspelt-identifier",
        "severity": "warning",
        "file": "docs/a.md",
        "line": 2,
        "what": 'It is "x".',
        "decision": "It is kept.",
        "pointer": "/info",
        "settledBy": [],
        "decided": {
            "decision": "It stays",
            "reason": "So says\nthe server",
            "file": "docs/a.md.decisions.yaml",
            "line": 3,
        },
    }
    assert (report["doubts"][0]["decided"], report["doubts"][2]["settledBy"]) == (
        None,
        ["gaps.yaml:6"],
    )


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((), {"error": 0, "warning": 0, "note": 0, "settled": 0, "decided": 0, "total": 0}),
        (PLAIN, {"error": 1, "warning": 1, "note": 1, "settled": 0, "decided": 0, "total": 3}),
        (CLOSED, {"error": 1, "warning": 0, "note": 0, "settled": 1, "decided": 1, "total": 3}),
    ],
)
def test_json_counts_what_is_open(entries: tuple[Entry, ...], expected: dict[str, int]) -> None:
    """By severity; what is settled or decided is counted apart."""
    assert json.loads(as_json(entries))["counts"] == expected


def test_sarif_has_a_rule_for_each_result() -> None:
    """Id, short description and default level, found by the result's index."""
    run = sarif(PLAIN)
    rules = run["tool"]["driver"]["rules"]
    assert (run["tool"]["driver"]["name"], run["tool"]["driver"]["version"]) == (
        "understudy",
        "1.2.3",
    )
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        e.doubt.rule for e in PLAIN
    ]
    assert rules[run["results"][1]["ruleIndex"]] == {
        "id": "misspelt-identifier",
        "shortDescription": {"text": "A name or value that looks like a misspelling."},
        "defaultConfiguration": {"level": "warning"},
    }
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})


def test_sarif_describes_a_rule_that_has_no_text() -> None:
    """By its id."""
    run = sarif((Entry(Doubt("brand-new-rule", Severity.NOTE, "a.md", 1, "W.", "D.")),))
    [rule] = [rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "brand-new-rule"]
    assert rule["shortDescription"] == {"text": "Brand new rule."}


def test_a_sarif_result_has_its_places() -> None:
    """The line of the document, and the contract's node where there is one."""
    first, second, _ = sarif(PLAIN)["results"]
    assert second["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "docs/a.md"},
                "region": {"startLine": 2},
            },
            "logicalLocations": [{"fullyQualifiedName": "/info"}],
        }
    ]
    assert second["message"] == {"text": 'It is "x". Decision: It is kept.'}
    assert "logicalLocations" not in first["locations"][0]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("docs/b c.md", "docs/b%20c.md"),
        ("文档.md", "%E6%96%87%E6%A1%A3.md"),
        ("a:b.md", "a%3Ab.md"),
        ("../x.md", "../x.md"),
        (str(PurePosixPath("/") / "docs" / "a.md"), "file:///docs/a.md"),
    ],
)
def test_sarif_names_files_as_uris(file: str, uri: str) -> None:
    """A relative path stays relative."""
    [result] = sarif((Entry(Doubt("no-operation", Severity.ERROR, file, 1, "W.", "D.")),))[
        "results"
    ]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_sarif_suppresses_what_is_closed() -> None:
    """With the reason; what is open has no suppression."""
    found = [result["suppressions"] for result in sarif(CLOSED)["results"]]
    assert [[one["justification"] for one in some] for some in found] == [
        [],
        ["Decided (a.md.decisions.yaml:3): It stays. Reason: So says the server."],
        ["Settled by gaps.yaml:6: The version is known."],
    ]


def test_annotations_of_github() -> None:
    """Error, warning and notice, for what is open only."""
    assert as_github(PLAIN).split("\n") == [
        "::error file=docs/b c.md,line=1,title=no-operation::Nothing is told. Decision: No path.",
        '::warning file=docs/a.md,line=2,title=misspelt-identifier::It is "x". Decision: It is kept.',
        "::notice file=docs/a.md,line=5,title=version-not-told::Not told. Decision: It is 0.",
        "",
    ]
    assert len(as_github(CLOSED).splitlines()) == 1


def test_annotations_are_escaped() -> None:
    """As GitHub wants: `%` everywhere, `:` and `,` in properties only; nothing starts a second command."""
    doubt = Doubt("no-operation", Severity.ERROR, "100%,a:b.md", 1, "50%: a, b\r\n::error::x", "D.")
    assert as_github((Entry(doubt),)) == (
        "::error file=100%25%2Ca%3Ab.md,line=1,title=no-operation::50%25: a, b ::error::x. Decision: D.\n"
    )


def test_what_utf8_cannot_hold_is_still_json() -> None:
    """A lone surrogate is escaped."""
    entry = Entry(Doubt("no-operation", Severity.ERROR, "a.md", 1, "\ud800", "文"))
    text = as_json((entry,))
    assert ("文" in text, text.encode() != b"") == (True, True)
    assert json.loads(text)["doubts"][0]["what"] == "\ud800"


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (Severity.ERROR, [ERROR]),
        (Severity.WARNING, [ERROR, WARNING]),
        (Severity.NOTE, [ERROR, WARNING, NOTE]),
    ],
)
def test_what_is_open_and_as_bad(severity: Severity, expected: list[Doubt]) -> None:
    """Of a severity or a worse one."""
    assert [entry.doubt for entry in open_entries(PLAIN, severity)] == expected
    assert [entry.doubt for entry in open_entries(CLOSED, severity)] == [ERROR]


def test_entries_know_what_closes_them() -> None:
    """In the order of the doubts, with the overlays' actions of the rule and the decision."""
    assert ledger_entries([ERROR, WARNING, NOTE], [SETTLED], {WARNING: DECISION}) == CLOSED

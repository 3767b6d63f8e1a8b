"""The ledger for other tools: lines of text, JSON, SARIF, GitHub workflow commands."""

import json
from pathlib import PurePosixPath
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sarif_schema import SARIF
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
NOTE = Doubt("version-not-told", Severity.NOTE, "docs/a.md", 5, "No version", "It is 0")
ERROR = Doubt("no-operation", Severity.ERROR, "docs/b c.md", 1, "Nothing\nto read.", "No path.")
DECISION = Decision(
    "misspelt-identifier",
    "It stays",
    "So says\nthe server",
    Place("docs/a.md.decisions.yaml", 3, 3),
)
SETTLED = Settlement(("version-not-told",), "gaps.yaml:6", "$.info", "The version is known.")
PLAIN = (Entry(ERROR), Entry(WARNING), Entry(NOTE))
CLOSED = (Entry(ERROR), Entry(WARNING, decision=DECISION), Entry(NOTE, (SETTLED,)))


def sarif(entries: tuple[Entry, ...]) -> dict[str, Any]:
    log = json.loads(as_sarif(entries, version="1.2.3"))
    assert [error.message for error in Draft202012Validator(SARIF).iter_errors(log)] == []
    run: dict[str, Any] = log["runs"][0]
    return run


def test_text_has_a_line_per_doubt() -> None:
    """It contains place, severity, rule, finding and decision; sentences end with a full stop."""
    assert as_text(PLAIN).split("\n") == [
        "docs/b c.md:1: error no-operation: Nothing to read. Decision: No path.",
        'docs/a.md:2: warning misspelt-identifier: It is "x". Decision: It is kept.',
        "docs/a.md:5: note version-not-told: No version. Decision: It is 0.",
        "",
    ]


def test_text_contains_what_closes_a_doubt() -> None:
    """It is the overlay's action, or the decision with its place and reason."""
    _, decided, settled, _ = as_text(CLOSED).split("\n")
    assert decided.endswith(
        "Decided (a.md.decisions.yaml:3): It stays. Reason: So says the server."
    )
    assert settled.endswith("Decision: It is 0. Settled by gaps.yaml:6.")


def test_no_doubts_give_no_lines() -> None:
    """This is true for text and for workflow commands."""
    assert (as_text(()), as_github(())) == ("", "")


def test_control_characters_become_spaces() -> None:
    """So do characters that UTF-8 cannot encode."""
    assert printable("a\x1b[31mb\u2028c\ud800d\u3000e") == "a [31mb c d\u3000e"


def test_json_is_complete() -> None:
    """It contains the doubt, what settles it, and the decision."""
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
def test_json_counts_open_doubts(entries: tuple[Entry, ...], expected: dict[str, int]) -> None:
    """Open doubts are counted by severity; settled and decided ones are counted separately."""
    assert json.loads(as_json(entries))["counts"] == expected


def test_sarif_has_a_rule_for_each_result() -> None:
    """The index of a result leads to the rule's id, short description and default level."""
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


def test_sarif_describes_an_unknown_rule_by_its_id() -> None:
    """A rule without a description can still be shown."""
    run = sarif((Entry(Doubt("brand-new-rule", Severity.NOTE, "a.md", 1, "W.", "D.")),))
    [rule] = [rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "brand-new-rule"]
    assert rule["shortDescription"] == {"text": "Brand new rule."}


def test_sarif_result_has_its_locations() -> None:
    """They are the line of the document, and the node of the contract if there is one."""
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
def test_sarif_has_files_as_uris(file: str, uri: str) -> None:
    """A relative path stays relative."""
    [result] = sarif((Entry(Doubt("no-operation", Severity.ERROR, file, 1, "W.", "D.")),))[
        "results"
    ]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_sarif_suppresses_closed_doubts() -> None:
    """A suppression has a reason; an open doubt has no suppression."""
    suppressions = [result["suppressions"] for result in sarif(CLOSED)["results"]]
    assert [[each["justification"] for each in result] for result in suppressions] == [
        [],
        ["Decided (a.md.decisions.yaml:3): It stays. Reason: So says the server."],
        ["Settled by gaps.yaml:6: The version is known."],
    ]


def test_github_has_a_command_per_open_doubt() -> None:
    """The commands are error, warning and notice."""
    assert as_github(PLAIN).split("\n") == [
        "::error file=docs/b c.md,line=1,title=no-operation::Nothing to read. Decision: No path.",
        "::warning file=docs/a.md,line=2,title=misspelt-identifier::"
        'It is "x". Decision: It is kept.',
        "::notice file=docs/a.md,line=5,title=version-not-told::No version. Decision: It is 0.",
        "",
    ]
    assert len(as_github(CLOSED).splitlines()) == 1


def test_github_commands_are_escaped() -> None:
    """`%` is escaped everywhere, `:` and `,` in properties; no text begins a second command."""
    doubt = Doubt("no-operation", Severity.ERROR, "100%,a:b.md", 1, "50%: a, b\r\n::error::x", "D.")
    assert as_github((Entry(doubt),)) == (
        "::error file=100%25%2Ca%3Ab.md,line=1,title=no-operation::"
        "50%25: a, b ::error::x. Decision: D.\n"
    )


def test_lone_surrogate_is_escaped_in_json() -> None:
    """UTF-8 cannot encode it."""
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
def test_open_entries_are_selected_by_severity(severity: Severity, expected: list[Doubt]) -> None:
    """Entries of a worse severity are selected too."""
    assert [entry.doubt for entry in open_entries(PLAIN, severity)] == expected
    assert [entry.doubt for entry in open_entries(CLOSED, severity)] == [ERROR]


def test_entries_have_settlements_and_decisions() -> None:
    """They are in the order of the doubts."""
    assert ledger_entries([ERROR, WARNING, NOTE], [SETTLED], {WARNING: DECISION}) == CLOSED

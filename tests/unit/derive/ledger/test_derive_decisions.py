"""Decisions about doubts: reading a file of decisions, and applying them."""

from pathlib import Path
from typing import Any

import pytest

from understudy.derive import (
    AppliedDecisions,
    Decision,
    Document,
    Doubt,
    Severity,
    apply_decisions,
    read_decisions,
)
from understudy.errors import InputError, Place
from understudy.source import read_yaml

FILE = "a.md.decisions.yaml"
RULE = "misspelt-identifier"
TEXT = "# A\n\n| name | type |\n| ordr | Long |\n| colr | Long |\n| ordr | Text |\n"
DOCUMENT = Document("a.md", TEXT)
CONTRACT: dict[str, Any] = {
    "info": {"x-source": "a.md:1"},
    "paths": {"/a": {"get": {"x-source": "a.md:4"}}},
}


def make_doubt(line: int, rule: str = RULE, file: str = "a.md", pointer: str = "") -> Doubt:
    finding = f"Finding of line {line}."
    return Doubt(rule, Severity.WARNING, file, line, finding, "The name stays.", pointer)


DOUBTS = (make_doubt(4), make_doubt(5), make_doubt(6), make_doubt(4, "time-as-string"))


def make_decision(rule: str = RULE, **places: Any) -> Decision:
    return Decision(rule, "It stays.", "The server says so.", Place(f"docs/{FILE}", 7, 3), **places)


def read(
    text: str, *, documents: tuple[str, ...] = ("a.md",), owner: str = "a.md"
) -> tuple[Decision, ...]:
    return read_decisions(read_yaml(Path(FILE), text=text), documents, owner=owner)


def read_problems(text: str, **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(text, **options)
    return [str(problem) for problem in caught.value.problems]


def apply(*decisions: Decision, doubts: tuple[Doubt, ...] = DOUBTS) -> AppliedDecisions:
    return apply_decisions(doubts, decisions, [DOCUMENT], CONTRACT)


def list_lines(applied: AppliedDecisions) -> list[int]:
    return [doubt.line for doubt in applied.by_doubt]


def write_decision(key: str, value: str) -> str:
    """Return a valid decision with one more key, or with another value of a key."""
    keys = {"rule": RULE, "text": "ordr", "decision": "d", "reason": "r", key: value}
    return "- {" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}\n"


def test_decision_is_read() -> None:
    """It has rule, text, decision and reason, its own place, and the document of its file."""
    text = (
        "- rule: misspelt-identifier\n"
        "  text: ordr\n"
        "  line: 4\n"
        "  decision: It stays.\n"
        "  reason: So says the server.\n"
    )
    place = Place(FILE, 1, 3)
    expected = Decision(
        RULE, "It stays.", "So says the server.", place, document="a.md", text="ordr", line=4
    )
    assert read(text) == (expected,)


@pytest.mark.parametrize("text", ["", "# nothing is decided yet\n", "[]"])
def test_empty_file_has_no_decisions(text: str) -> None:
    """A file that has only comments is allowed."""
    assert read(text) == ()


@pytest.mark.parametrize("text", ["decisions: []", "7", "text"])
def test_file_without_a_list_is_reported(text: str) -> None:
    """The place is the beginning of the file."""
    [problem] = read_problems(text)
    assert problem.startswith(f"{FILE}:1:1: not a list of decisions.")


@pytest.mark.parametrize(
    ("key", "value", "place", "message"),
    [
        ("ruel", "x", "1:64", 'unknown key "ruel" in a decision. Did you mean "rule"?'),
        (
            "a/b",
            "x",
            "1:64",
            'unknown key "a/b" in a decision. Expected one of rule, document, text',
        ),
        (
            "rule",
            "mispelt-identifier",
            "1:10",
            'unknown rule "mispelt-identifier". Did you mean "misspelt-ident',
        ),
        ("rule", "[a]", "1:10", 'invalid "rule". Expected a text that is not empty.'),
        (
            "text",
            "7",
            "1:37",
            'invalid "text". Expected a text that is not empty. Put it in quotes.',
        ),
        ("reason", "' '", "1:64", 'invalid "reason".'),
        ("line", "0", "1:73", 'invalid "line". Expected a number from 1 up.'),
        ("line", "true", "1:73", 'invalid "line".'),
        ("line", "4.5", "1:73", 'invalid "line".'),
        (
            "pointer",
            "paths/x",
            "1:76",
            '"paths/x" is not a JSON pointer. Expected a pointer such as /components/schemas/Task.',
        ),
        ("document", "b.md", "1:77", 'unknown document "b.md". Did you mean "a.md"?'),
    ],
)
def test_invalid_value_is_reported_with_its_place(
    key: str, value: str, place: str, message: str
) -> None:
    """A problem has file, line and column, the value, and the nearest known name."""
    [problem] = read_problems(write_decision(key, value))
    location, _, text = problem.removeprefix(f"{FILE}:").partition(": ")
    assert (text.startswith(message), text) == (True, text)
    assert location.split(":")[0] == place.split(":")[0]


def test_problem_of_a_key_has_the_column_of_the_key() -> None:
    """The column is that of the key and not of its value."""
    text = "- rule: misspelt-identifier\n  txt: a\n  line: 1\n  decision: d\n  reason: r\n"
    assert read_problems(text) == [
        f'{FILE}:2:3: unknown key "txt" in a decision. Did you mean "text"?'
    ]


def test_all_problems_are_reported_at_once() -> None:
    """Each missing key of each entry is a problem."""
    assert read_problems("- rule: misspelt-identifier\n- 7\n") == [
        f'{FILE}:1:3: the decision has no "decision".',
        f'{FILE}:1:3: the decision has no "reason".',
        f"{FILE}:1:3: the decision does not say which line it is about. "
        'Expected "text" (a part of the line), "line" or "pointer".',
        f"{FILE}:2:3: not a decision. Expected a mapping with rule, decision and reason.",
    ]


def test_decision_about_another_document_is_reported() -> None:
    """Another document has its own file."""
    [problem] = read_problems(write_decision("document", "b.md"), documents=("a.md", "b.md"))
    assert 'the file belongs to "a.md", but the decision is about "b.md"' in problem


def test_line_needs_a_document_when_there_are_several() -> None:
    """A line alone would be a line of each document."""
    text = "- {rule: misspelt-identifier, line: 4, decision: d, reason: r}"
    [problem] = read_problems(text, documents=("a.md", "b.md"), owner="")
    assert 'the decision gives a line but no document. Add "document: NAME".' in problem
    assert read(text, owner="")[0].line == 4


def test_pointer_may_be_a_fragment() -> None:
    """`#/…` with percent-encoding is the same pointer."""
    assert read(write_decision("pointer", "'#/paths/~1a%20b'"))[0].pointer == "/paths/~1a b"


def test_text_selects_each_line_that_contains_it() -> None:
    """Doubts of another rule are not selected."""
    applied = apply(make_decision(text="ordr"))
    assert (list_lines(applied), applied.unmatched) == ([4, 6], ())
    assert {doubt.rule for doubt in applied.by_doubt} == {RULE}


def test_white_space_of_a_text_does_not_count() -> None:
    """A decision still matches after a table was realigned."""
    assert list_lines(apply(make_decision(text="|colr|   Long"))) == [5]


@pytest.mark.parametrize(("line", "expected"), [(1, [4]), (4, [4]), (5, [4]), (6, [6]), (99, [6])])
def test_line_with_a_text_selects_the_nearest(line: int, expected: list[int]) -> None:
    """A decision still matches after lines above it were added or removed."""
    assert list_lines(apply(make_decision(text="ordr", line=line))) == expected


def test_line_alone_is_exact() -> None:
    """Without a text, another line could be any line."""
    assert list_lines(apply(make_decision(line=5))) == [5]
    assert list_lines(apply(make_decision(line=7))) == []


@pytest.mark.parametrize("pointer", ["/paths/~1a/get", "/components/x"])
def test_pointer_selects_the_line_of_its_node(pointer: str) -> None:
    """It may be the doubt's own pointer, or that of a node that came from the doubt's line."""
    doubts = (make_doubt(4, pointer="/components/x"), make_doubt(5, pointer="/components/y"))
    assert list_lines(apply(make_decision(pointer=pointer), doubts=doubts)) == [4]


def test_decision_applies_to_its_own_document_only() -> None:
    """The decision names another document than the doubt."""
    applied = apply_decisions(
        (make_doubt(4, file="b.md"),),
        [make_decision(line=4, document="a.md")],
        [DOCUMENT],
        CONTRACT,
    )
    assert (applied.by_doubt, len(applied.unmatched)) == ({}, 1)


def test_decision_survives_edits_above_it() -> None:
    """The text selects its line after the line has moved."""
    moved = Document("a.md", "new\n\nlines\n" + TEXT)
    applied = apply_decisions(
        (make_doubt(7), make_doubt(8)), [make_decision(text="| colr", line=5)], [moved], CONTRACT
    )
    assert list_lines(applied) == [8]


def test_decision_without_a_doubt_is_reported() -> None:
    """The finding is at the decision's line, and names the places of the rule's doubts."""
    [finding] = apply(make_decision(text="nothing", line=9, pointer="/info")).unmatched
    assert (finding.rule, finding.severity, finding.file, finding.line) == (
        "decision-without-doubt",
        Severity.WARNING,
        FILE,
        7,
    )
    assert finding.finding == (
        'No doubt matches this decision: "misspelt-identifier" '
        'at the text "nothing", line 9, the node /info. '
        "The rule has doubts at a.md:4, a.md:5, a.md:6."
    )


def test_unmatched_decision_names_at_most_five_places() -> None:
    """A rule without doubts is named too."""
    [finding] = apply(make_decision("sort-grammar-not-told", line=4)).unmatched
    assert finding.finding.endswith("The rule has no doubt.")
    many = tuple(make_doubt(line) for line in range(1, 9))
    [finding] = apply(make_decision(line=20), doubts=many).unmatched
    assert finding.finding.endswith("a.md:5 and 3 more.")


def test_first_decision_of_a_doubt_is_used() -> None:
    """A second one for the same doubts is reported with the place of the first."""
    first, second = make_decision(text="colr"), make_decision(line=5)
    applied = apply(first, second)
    assert list(applied.by_doubt.values()) == [first]
    assert [finding.finding for finding in applied.unmatched] == [
        f'{FILE}:7 already decides "misspelt-identifier" at line 5.'
    ]


@pytest.mark.parametrize("pointer", ["/paths/~1b", "/info/x", "/paths/~1a/get/x-source/0"])
def test_pointer_to_a_missing_node_matches_no_doubt(pointer: str) -> None:
    """The node may have gone away: the decision is reported and raises no error."""
    assert len(apply(make_decision(pointer=pointer)).unmatched) == 1


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_lines_are_counted_as_in_the_derivation(newline: str) -> None:
    """A document has the same lines with any line ends, and with a byte order mark."""
    document = Document("a.md", "\ufeff" + TEXT.replace("\n", newline))
    applied = apply_decisions(DOUBTS, [make_decision(text="colr")], [document], CONTRACT)
    assert list_lines(applied) == [5]

"""Decisions about doubts: reading them, and finding what they are about."""

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


def doubt(line: int, rule: str = RULE, file: str = "a.md", pointer: str = "") -> Doubt:
    return Doubt(rule, Severity.WARNING, file, line, f"What of {line}.", "Kept.", pointer)


DOUBTS = (doubt(4), doubt(5), doubt(6), doubt(4, "time-as-string"))


def decision(rule: str = RULE, **places: Any) -> Decision:
    return Decision(rule, "It stays.", "The server says so.", Place(f"docs/{FILE}", 7, 3), **places)


def read(
    text: str, *, documents: tuple[str, ...] = ("a.md",), owner: str = "a.md"
) -> tuple[Decision, ...]:
    return read_decisions(read_yaml(Path(FILE), text=text), documents, owner=owner)


def problems(text: str, **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(text, **options)
    return [str(problem) for problem in caught.value.problems]


def decided(*decisions: Decision, doubts: tuple[Doubt, ...] = DOUBTS) -> AppliedDecisions:
    return apply_decisions(doubts, decisions, [DOCUMENT], CONTRACT)


def lines(found: AppliedDecisions) -> list[int]:
    return [doubt.line for doubt in found.by_doubt]


def one(key: str, value: str) -> str:
    """A good decision with one key more, or another value of it."""
    keys = {"rule": RULE, "text": "ordr", "decision": "d", "reason": "r", key: value}
    return "- {" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}\n"


def test_a_decision_is_read() -> None:
    """Rule, text, decision and reason, with the place where it stands and the document that it lies beside."""
    text = "- rule: misspelt-identifier\n  text: ordr\n  line: 4\n  decision: It stays.\n  reason: So says the server.\n"
    place = Place(FILE, 1, 3)
    expected = Decision(
        RULE, "It stays.", "So says the server.", place, document="a.md", text="ordr", line=4
    )
    assert read(text) == (expected,)


@pytest.mark.parametrize("text", ["", "# nothing is decided yet\n", "[]"])
def test_an_empty_file_decides_nothing(text: str) -> None:
    """A file that only has comments is one that somebody is about to write."""
    assert read(text) == ()


@pytest.mark.parametrize("text", ["decisions: []", "7", "text"])
def test_a_file_without_a_list_is_refused(text: str) -> None:
    """The place is the file's beginning."""
    [problem] = problems(text)
    assert problem.startswith(f"{FILE}:1:1: this is no list of decisions.")


@pytest.mark.parametrize(
    ("key", "value", "place", "message"),
    [
        ("ruel", "x", "1:64", 'there is no key "ruel" in a decision. Did you mean "rule"?'),
        (
            "a/b",
            "x",
            "1:64",
            'there is no key "a/b" in a decision. Expected one of rule, document, text',
        ),
        (
            "rule",
            "mispelt-identifier",
            "1:10",
            'there is no rule "mispelt-identifier". Did you mean "misspelt-ident',
        ),
        ("rule", "[a]", "1:10", '"rule" does not fit. Expected a text that is not empty.'),
        (
            "text",
            "7",
            "1:37",
            '"text" does not fit. Expected a text that is not empty. Put it in quotes.',
        ),
        ("reason", "' '", "1:64", '"reason" does not fit.'),
        ("line", "0", "1:73", '"line" does not fit. Expected a number from 1 up.'),
        ("line", "true", "1:73", '"line" does not fit.'),
        ("line", "4.5", "1:73", '"line" does not fit.'),
        (
            "pointer",
            "paths/x",
            "1:76",
            '"paths/x" is no JSON pointer. Expected one such as /components/schemas/Task.',
        ),
        ("document", "b.md", "1:77", 'no document is called "b.md". Did you mean "a.md"?'),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    key: str, value: str, place: str, message: str
) -> None:
    """File, line and column, what was found, and the nearest name."""
    [problem] = problems(one(key, value))
    found, _, told = problem.removeprefix(f"{FILE}:").partition(": ")
    assert (told.startswith(message), told) == (True, told)
    assert found.split(":")[0] == place.split(":")[0]


def test_the_column_of_a_wrong_key_is_told() -> None:
    """That of the key, not of its value."""
    assert problems(
        "- rule: misspelt-identifier\n  txt: a\n  line: 1\n  decision: d\n  reason: r\n"
    ) == [f'{FILE}:2:3: there is no key "txt" in a decision. Did you mean "text"?']


def test_everything_wrong_is_told_at_once() -> None:
    """Each missing key of each entry."""
    assert problems("- rule: misspelt-identifier\n- 7\n") == [
        f'{FILE}:1:3: this decision has no "decision".',
        f'{FILE}:1:3: this decision has no "reason".',
        f'{FILE}:1:3: this decision does not tell which line it is about. Expected "text" (a piece of the line), '
        '"line" or "pointer".',
        f"{FILE}:2:3: this is no decision. Expected a mapping with rule, decision and reason.",
    ]


def test_a_file_decides_about_the_document_beside_it() -> None:
    """Not about another one, which has its own file."""
    [problem] = problems(one("document", "b.md"), documents=("a.md", "b.md"))
    assert 'this file lies beside "a.md", and decides about "b.md"' in problem


def test_a_line_of_several_documents_needs_the_document() -> None:
    """A line alone would be a line of each of them."""
    text = "- {rule: misspelt-identifier, line: 4, decision: d, reason: r}"
    [problem] = problems(text, documents=("a.md", "b.md"), owner="")
    assert 'names a line, and not of which document. Add "document: NAME".' in problem
    assert read(text, owner="")[0].line == 4


def test_a_pointer_may_be_a_fragment() -> None:
    """`#/…` with its percent-encoding is the same pointer."""
    assert read(one("pointer", "'#/paths/~1a%20b'"))[0].pointer == "/paths/~1a b"


def test_a_text_decides_each_line_that_has_it() -> None:
    """Of the rule, and of no other rule."""
    found = decided(decision(text="ordr"))
    assert (lines(found), found.unmatched) == ([4, 6], ())
    assert {doubt.rule for doubt in found.by_doubt} == {RULE}


def test_white_space_does_not_count() -> None:
    """A table that was aligned anew is the same table."""
    assert lines(decided(decision(text="|colr|   Long"))) == [5]


@pytest.mark.parametrize(("line", "expected"), [(1, [4]), (4, [4]), (5, [4]), (6, [6]), (99, [6])])
def test_a_line_beside_a_text_picks_the_nearest(line: int, expected: list[int]) -> None:
    """So that the decision survives lines that come or go above it."""
    assert lines(decided(decision(text="ordr", line=line))) == expected


def test_a_line_alone_is_exact() -> None:
    """Nothing tells whether another line is meant."""
    assert lines(decided(decision(line=5))) == [5]
    assert lines(decided(decision(line=7))) == []


@pytest.mark.parametrize("pointer", ["/paths/~1a/get", "/components/x"])
def test_a_pointer_decides_the_line_of_its_node(pointer: str) -> None:
    """The doubt's own pointer, or a node that came from the doubt's line."""
    doubts = (doubt(4, pointer="/components/x"), doubt(5, pointer="/components/y"))
    assert lines(decided(decision(pointer=pointer), doubts=doubts)) == [4]


def test_a_decision_of_another_document_does_not_count() -> None:
    """Its document is named."""
    found = apply_decisions(
        (doubt(4, file="b.md"),), [decision(line=4, document="a.md")], [DOCUMENT], CONTRACT
    )
    assert (found.by_doubt, len(found.unmatched)) == ({}, 1)


def test_a_decision_survives_edits_above_it() -> None:
    """The text finds its line wherever it went."""
    moved = Document("a.md", "new\n\nlines\n" + TEXT)
    found = apply_decisions(
        (doubt(7), doubt(8)), [decision(text="| colr", line=5)], [moved], CONTRACT
    )
    assert lines(found) == [8]


def test_a_decision_whose_doubt_is_gone_is_a_finding() -> None:
    """A warning at the decision's line, which says where the rule's doubts are now."""
    [gone] = decided(decision(text="nothing", line=9, pointer="/info")).unmatched
    assert (gone.rule, gone.severity, gone.file, gone.line) == (
        "decision-without-doubt",
        Severity.WARNING,
        FILE,
        7,
    )
    assert gone.finding == (
        'The doubt that this decides is gone: "misspelt-identifier" at the text "nothing", line 9, the node /info. '
        "The rule has doubts at a.md:4, a.md:5, a.md:6."
    )


def test_a_rule_without_doubts_is_said() -> None:
    """And of many doubts only the first are named."""
    [gone] = decided(decision("sort-grammar-not-told", line=4)).unmatched
    assert gone.finding.endswith("The rule has no doubt now.")
    many = tuple(doubt(line) for line in range(1, 9))
    [gone] = decided(decision(line=20), doubts=many).unmatched
    assert gone.finding.endswith("a.md:5 and 3 more.")


def test_the_first_decision_of_a_doubt_counts() -> None:
    """A second one for the same doubts is a finding that names the first."""
    first, second = decision(text="colr"), decision(line=5)
    found = decided(first, second)
    assert list(found.by_doubt.values()) == [first]
    assert [gone.finding for gone in found.unmatched] == [
        f'What this decides ("misspelt-identifier" at line 5) is decided already, by {FILE}:7.'
    ]


@pytest.mark.parametrize("pointer", ["/paths/~1b", "/info/x", "/paths/~1a/get/x-source/0"])
def test_a_pointer_that_names_nothing_is_no_error(pointer: str) -> None:
    """The decision is without a doubt, like any other whose node went away."""
    assert len(decided(decision(pointer=pointer)).unmatched) == 1


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_lines_end_as_the_derivation_counts_them(newline: str) -> None:
    """A document of another system has the same lines."""
    document = Document("a.md", "\ufeff" + TEXT.replace("\n", newline))
    assert lines(apply_decisions(DOUBTS, [decision(text="colr")], [document], CONTRACT)) == [5]

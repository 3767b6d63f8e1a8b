"""The ledger as Markdown."""

from itertools import permutations

from derive_builders import NAME, REAL, derive_text
from understudy.derive import Decision, Doubt, Settlement, Severity, render_ledger
from understudy.errors import Place

FIRST = Doubt("misspelt-identifier", Severity.WARNING, "a.md", 2, 'It is "x".', "It is kept.")
SECOND = Doubt(
    "sort-grammar-not-told", Severity.WARNING, "a.md", 10, "No grammar.", "Any text is allowed."
)
THIRD = Doubt("no-operation", Severity.ERROR, "b.md", 1, "Nothing.", "No path.")
SORT = Settlement(("sort-grammar-not-told",), "gaps.yaml:12", "$.paths", "The grammar is known.")
OTHER = Settlement(("no-such-rule",), "gaps.yaml:9", "$.info", "A reason.")


def rows(text: str) -> list[str]:
    """The rows of the tables."""
    return [line for line in text.split("\n") if line.startswith("|")]


def test_ledger_has_a_row_per_doubt() -> None:
    """A row contains rule, severity, place, finding and decision."""
    assert rows(render_ledger([FIRST], [])) == [
        "| rule | severity | where | what | decision |",
        "| --- | --- | --- | --- | --- |",
        '| misspelt-identifier | warning | a.md:2 | It is "x". | It is kept. |',
    ]


def test_doubts_are_counted_by_severity() -> None:
    """The worst severity comes first; one of a kind is in the singular."""
    assert "\n3 entries: 1 error, 2 warnings.\n" in render_ledger([FIRST, SECOND, THIRD], [])
    assert "\n1 entry: 1 error.\n" in render_ledger([THIRD], [])


def test_ledger_without_doubts_has_no_table() -> None:
    """It says that there are none."""
    text = render_ledger([], [])
    assert rows(text) == []
    assert text.endswith("\nThere are no doubts.\n")


def test_settlement_is_cited() -> None:
    """The decision names the overlay's action that settles the rule."""
    text = render_ledger([FIRST, SECOND], [SORT])
    assert [line.endswith("Settled by gaps.yaml:12. |") for line in rows(text)[2:4]] == [
        False,
        True,
    ]


def test_settlements_are_listed() -> None:
    """Each action has its reason; one that settles no doubt is marked."""
    assert rows(render_ledger([SECOND], [SORT, OTHER]))[3:] == [
        "| where | target | reason | settles |",
        "| --- | --- | --- | --- |",
        "| gaps.yaml:9 | $.info | A reason. | no-such-rule (no such doubt) |",
        "| gaps.yaml:12 | $.paths | The grammar is known. | sort-grammar-not-told |",
    ]


def test_markdown_marks_are_escaped() -> None:
    """Marks, and the end of a cell, are escaped; a cell is one line."""
    doubt = Doubt(
        "unknown-type", Severity.WARNING, "a_b.md", 1, "`a|b` *c* <d>\n[e] \\ &lt; ~f~", "Kept."
    )
    assert rows(render_ledger([doubt], []))[2] == (
        r"| unknown-type | warning | a\_b.md:1 "
        r"| \`a\|b\` \*c\* \<d\> \[e\] \\ \&lt; \~f\~ | Kept. |"
    )


def test_order_of_input_does_not_matter() -> None:
    """The same doubts and settlements give the same text."""
    twin = Settlement(("no-operation",), "gaps.yaml:12", "$.paths", "Another reason.")
    texts = {
        render_ledger(doubts, settled)
        for doubts in permutations([FIRST, SECOND, THIRD])
        for settled in permutations([SORT, OTHER, twin])
    }
    assert len(texts) == 1


def test_ledger_of_the_real_document() -> None:
    """It ends with one line end, and no row has more cells than the header."""
    text = render_ledger(derive_text(REAL, NAME).doubts, [])
    assert "\n32 entries: 12 warnings, 20 notes.\n" in text
    assert {line.replace("\\|", "").count("|") for line in rows(text)} == {6}
    assert (text.endswith("|\n"), text.endswith("\n\n")) == (True, False)


def test_decision_is_shown() -> None:
    """It has its place and reason; the summary counts the decided doubts."""
    decision = Decision(
        "misspelt-identifier", "It stays", "So says it.", Place("docs/a.md.decisions.yaml", 3, 3)
    )
    text = render_ledger([FIRST, SECOND], [SORT], {FIRST: decision})
    assert rows(text)[2].endswith(
        "| It is kept. Decided (a.md.decisions.yaml:3): It stays. Reason: So says it. |"
    )
    assert "\n2 entries: 2 warnings. 1 of them is decided.\n" in text
    both = render_ledger([FIRST, SECOND], [], {FIRST: decision, SECOND: decision})
    assert "\n2 entries: 2 warnings. 2 of them are decided.\n" in both


def test_lone_surrogate_is_replaced() -> None:
    """A ledger can always be written as UTF-8."""
    doubt = Doubt("unknown-type", Severity.WARNING, "a.md", 1, "\ud800", "Kept.")
    assert rows(render_ledger([doubt], []))[2] == "| unknown-type | warning | a.md:1 | ? | Kept. |"

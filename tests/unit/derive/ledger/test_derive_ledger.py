"""The ledger as Markdown."""

from itertools import permutations

from derive_builders import NAME, REAL, derive_text
from understudy.derive import Decision, Doubt, Settlement, Severity, render_ledger
from understudy.errors import Place

FIRST = Doubt("misspelt-identifier", Severity.WARNING, "a.md", 2, 'It is "x".', "It is kept.")
SECOND = Doubt(
    "sort-grammar-not-told", Severity.WARNING, "a.md", 10, "Not told.", "Any text is allowed."
)
THIRD = Doubt("no-operation", Severity.ERROR, "b.md", 1, "Nothing.", "No path.")
SORT = Settlement(("sort-grammar-not-told",), "gaps.yaml:12", "$.paths", "The grammar is known.")
OTHER = Settlement(("no-such-rule",), "gaps.yaml:9", "$.info", "A reason.")


def rows(text: str) -> list[str]:
    """The rows of the tables."""
    return [line for line in text.split("\n") if line.startswith("|")]


def test_a_row_per_doubt() -> None:
    """Rule, severity, place, what, decision."""
    assert rows(render_ledger([FIRST], [])) == [
        "| rule | severity | where | what | decision |",
        "| --- | --- | --- | --- | --- |",
        '| misspelt-identifier | warning | a.md:2 | It is "x". | It is kept. |',
    ]


def test_the_doubts_are_counted() -> None:
    """By severity, the worst first, one of a kind in the singular."""
    assert "\n3 entries: 1 error, 2 warnings.\n" in render_ledger([FIRST, SECOND, THIRD], [])
    assert "\n1 entry: 1 error.\n" in render_ledger([THIRD], [])


def test_no_doubts_are_said() -> None:
    """Without doubts there is no table."""
    text = render_ledger([], [])
    assert rows(text) == []
    assert text.endswith("\nThere are no doubts.\n")


def test_a_settlement_is_cited() -> None:
    """The decision names the overlay's action that settles the rule."""
    text = render_ledger([FIRST, SECOND], [SORT])
    assert [line.endswith("Settled by gaps.yaml:12. |") for line in rows(text)[2:4]] == [
        False,
        True,
    ]


def test_settlements_are_listed() -> None:
    """Each action with its reason; one that settles no doubt is found out."""
    assert rows(render_ledger([SECOND], [SORT, OTHER]))[3:] == [
        "| where | target | reason | settles |",
        "| --- | --- | --- | --- |",
        "| gaps.yaml:9 | $.info | A reason. | no-such-rule (no such doubt) |",
        "| gaps.yaml:12 | $.paths | The grammar is known. | sort-grammar-not-told |",
    ]


def test_marks_are_escaped() -> None:
    """What Markdown would read as a mark, or as the end of a cell, is escaped; a cell is one line."""
    doubt = Doubt(
        "unknown-type", Severity.WARNING, "a_b.md", 1, "`a|b` *c* <d>\n[e] \\ &lt; ~f~", "Kept."
    )
    assert rows(render_ledger([doubt], []))[2] == (
        r"| unknown-type | warning | a\_b.md:1 | \`a\|b\` \*c\* \<d\> \[e\] \\ \&lt; \~f\~ | Kept. |"
    )


def test_the_order_of_input_does_not_matter() -> None:
    """The same doubts and settlements give the same text."""
    twin = Settlement(("no-operation",), "gaps.yaml:12", "$.paths", "Another reason.")
    texts = {
        render_ledger(doubts, settled)
        for doubts in permutations([FIRST, SECOND, THIRD])
        for settled in permutations([SORT, OTHER, twin])
    }
    assert len(texts) == 1


def test_the_ledger_of_the_real_document() -> None:
    """It ends in one end of line, and no row has more cells than the header."""
    text = render_ledger(derive_text(REAL, NAME).doubts, [])
    assert "\n32 entries: 12 warnings, 20 notes.\n" in text
    assert {line.replace("\\|", "").count("|") for line in rows(text)} == {6}
    assert (text.endswith("|\n"), text.endswith("\n\n")) == (True, False)


def test_a_decision_is_shown() -> None:
    """With the place where it stands and its reason; the count tells how many are decided."""
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


def test_what_utf8_cannot_hold_is_replaced() -> None:
    """A ledger can always be written."""
    doubt = Doubt("unknown-type", Severity.WARNING, "a.md", 1, "\ud800", "Kept.")
    assert rows(render_ledger([doubt], []))[2] == "| unknown-type | warning | a.md:1 | ? | Kept. |"

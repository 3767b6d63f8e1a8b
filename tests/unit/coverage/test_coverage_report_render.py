"""Whole reports as texts, compared with `tests/expected/coverage`.

To accept a change, run this file with `ACCEPT=1` in the environment, and read the difference.
"""

import os
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from coverage_builders import FAILED, LIST, Caller, exchange, report
from understudy.coverage import Form, Item, Report, Section, html, markdown, render_report, term

EXPECTED = Path(__file__).resolve().parents[2] / "expected" / "coverage"
SUFFIXES = {
    Form.TERM: "term.txt",
    Form.TERM_MISSING: "term-missing.txt",
    Form.JSON: "json",
    Form.MARKDOWN: "md",
    Form.HTML: "html",
}


@cache
def build_small_report() -> Report:
    """Return the report of a contract that is not OCP's, with names that must be escaped."""
    put = exchange(
        method="PUT", operation="put|Pet`", sent=b"{}", status=500, content_type="text/plain"
    )
    faulty = exchange(
        trace={"faults": [{"rule": "r", "acts": "before", "status": 503}]}, status=503
    )
    wrong = exchange(trace={"corruption": "getPet.200/color:null"})
    cut = exchange(body=b'"' + b"x" * (64 * 1024 - 1))
    seen = exchange("/pets/1?size=1&joined=red", {"colour": "x", "as": {"mood": "calm"}})
    return report(put, faulty, wrong, cut, seen, exchange(operation="getDog"))


@cache
def build_ocp_report() -> Report:
    """Return the report of the shipped contract, after a retry."""
    caller = Caller()
    caller.call(f"{LIST}?status=FAILED,RUNNING")
    caller.call(f"{LIST}/{FAILED}/retry", "POST")
    for _ in range(5):
        caller.world.advance(timedelta(seconds=1))
        caller.call(f"{LIST}/{FAILED}")
    caller.world.advance(timedelta(days=1))
    caller.call(f"{LIST}/{FAILED}")
    return caller.world.coverage()


WHOLE = [
    *(("pets", form) for form in Form),
    *(
        ("ocp", form) for form in (Form.TERM, Form.TERM_MISSING, Form.MARKDOWN)
    ),  # the others are too long to be read
]


@pytest.mark.parametrize(("name", "form"), WHOLE)
def test_report_is_rendered_as_expected(name: str, form: Form) -> None:
    """Each format of each report is compared to the byte."""
    text = render_report(build_small_report() if name == "pets" else build_ocp_report(), form)
    path = EXPECTED / f"{name}.{SUFFIXES[form]}"
    if os.environ.get("ACCEPT"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


def test_json_report_can_be_read_back() -> None:
    """It contains the whole record."""
    assert Report.from_json(render_report(build_ocp_report(), Form.JSON)) == build_ocp_report()


def test_at_most_twenty_missing_items_are_listed() -> None:
    """The others are counted; of twenty items none is left out."""
    many = Report("c", 0, (Section("one", tuple(Item("", f"n{i}") for i in range(21))),))
    lines = term(many, missing=True).splitlines()
    assert lines[-3] == "    … and 1 more (the json report lists all)"
    assert "n19" in lines[-4]
    assert "n20" not in "".join(lines)
    few = Report("c", 0, (Section("one", tuple(Item("", f"n{i}") for i in range(20))),))
    assert "more" not in term(few, missing=True)


def test_empty_report_has_only_a_total() -> None:
    """It is fully covered."""
    assert term(Report("c", 0, ())).splitlines() == [
        "section  items  missed  cover", "-" * 29, "-" * 29, "TOTAL        0       0   100%",
    ]  # fmt: skip
    assert "100%" in html(Report("c", 0, ()))


def test_shares_are_rounded_down() -> None:
    """999 of 1000 items are 99%."""
    items = tuple(Item("", str(i), int(i > 0)) for i in range(1000))
    assert "99%" in term(Report("c", 0, (Section("one", items),)))


HOSTILE = "</summary><script>alert(1)</script>\n| `x` \ud800 &amp; ``` $x"


def test_names_are_escaped() -> None:
    """A name is one line in a terminal, a code span in Markdown, and text in HTML."""
    hostile = Report(
        HOSTILE, 1, (Section("one", (Item(HOSTILE, HOSTILE),), {HOSTILE: 1}),), {HOSTILE: 1}
    )
    for text in (term(hostile, missing=True), markdown(hostile), html(hostile)):
        text.encode()
        assert "\n|  `x`" not in text
        assert "\n| `x`" not in text
    assert "<script" not in html(hostile)

    parser = Tags()
    parser.feed(html(hostile))
    assert not parser.names & {"script", "link", "img", "x"}
    assert {"details", "table", "li"} <= parser.names


class Tags(HTMLParser):
    """Collects the names of the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.names.add(tag)


def test_page_loads_no_other_file() -> None:
    """It contains no address."""
    page = html(build_small_report())
    assert not any(word in page for word in ("src=", "href=", "url(", "@import", "http:", "https:"))

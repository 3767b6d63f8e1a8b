"""The words of reports and bars."""

import pytest

from coverage_builders import exchange, report
from understudy.coverage import (
    SECTIONS,
    Bar,
    Form,
    Item,
    Report,
    RequestedReport,
    Section,
    parse_bar,
    parse_report,
)
from understudy.errors import InputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("term", RequestedReport(Form.TERM)),
        ("term-missing", RequestedReport(Form.TERM_MISSING)),
        ("json", RequestedReport(Form.JSON)),
        ("json:out/a:b.json", RequestedReport(Form.JSON, "out/a:b.json")),
        ("markdown", RequestedReport(Form.MARKDOWN)),
        ("markdown:a.md", RequestedReport(Form.MARKDOWN, "a.md")),
        ("html:a.html", RequestedReport(Form.HTML, "a.html")),
    ],
)
def test_reports(text: str, expected: RequestedReport) -> None:
    """Each form, with a file where it can have one."""
    assert parse_report(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "term-mising",
            'there is no report "term-mising". Expected term, .* Did you mean "term-missing"',
        ),
        ("", 'there is no report "". Expected term'),
        ("json:", '"json:" names no file'),
        ("term:x", "term is not written to a file"),
        ("html", "html needs a file. Expected html:FILE"),
    ],
)
def test_bad_reports(text: str, message: str) -> None:
    """What is wrong, and what there is."""
    with pytest.raises(InputError, match=message):
        parse_report(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80", Bar(80)),
        ("0", Bar(0)),
        ("99.5", Bar(99.5)),
        ("operations=100", Bar(100, "operations")),
    ],
)
def test_bars(text: str, expected: Bar) -> None:
    """Of the total, or of a section."""
    assert parse_bar(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", '"x" is no bar. Expected per cent from 0 to 100'),
        ("101", '"101" is no bar'),
        ("-1", '"-1" is no bar'),
        ("nan", '"nan" is no bar'),
        ("operations=", '"operations=" is no bar'),
        ("operation=5", 'there is no section "operation". Did you mean "operations"'),
        ("=5", f'there is no section "". Expected one of {", ".join(SECTIONS)}'),
    ],
)
def test_bad_bars(text: str, message: str) -> None:
    """What is wrong, and what there is."""
    with pytest.raises(InputError, match=message):
        parse_bar(text)


def test_a_bar_is_missed_or_not() -> None:
    """Just enough is enough; a section that a contract has not hinders nobody."""
    told = report(exchange())
    assert Bar(50, "operations").missed_by(told) == ""
    assert (
        Bar(50.5, "operations").missed_by(told)
        == "the coverage of operations is 50.00% (1 of 2), below 50.5%"
    )
    assert Bar(100, "transitions").missed_by(told) == ""
    assert (
        Bar(100)
        .missed_by(told)
        .startswith(f"the total coverage is {told.ratio * 100:.2f}% ({told.covered} of ")
    )


def test_just_enough_is_enough() -> None:
    """Of a hundred, so many per cent; no share is lost to binary fractions."""
    for covered in range(101):
        items = tuple(Item("", str(number), int(number < covered)) for number in range(100))
        told = Report("c", 0, (Section("one", items),))
        assert Bar(covered).missed_by(told) == ""
        assert covered == 100 or Bar(covered + 0.5).missed_by(told) != ""

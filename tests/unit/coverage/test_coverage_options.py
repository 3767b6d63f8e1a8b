"""The values of `--report` and `--fail-under`."""

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
def test_report_option_is_parsed(text: str, expected: RequestedReport) -> None:
    """Each format may have a file where it can be written to one."""
    assert parse_report(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "term-mising",
            'unknown report "term-mising". Expected term, .* Did you mean "term-missing"',
        ),
        ("", 'unknown report "". Expected term'),
        ("json:", '"json:" has no file name'),
        ("term:x", "term cannot be written to a file"),
        ("html", "html needs a file. Expected html:FILE"),
    ],
)
def test_invalid_report_option_is_reported(text: str, message: str) -> None:
    """The problem says what is wrong, and lists the formats."""
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
def test_threshold_is_parsed(text: str, expected: Bar) -> None:
    """It is that of the total, or of a section."""
    assert parse_bar(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", '"x" is not a percentage. Expected a number from 0 to 100'),
        ("101", '"101" is not a percentage'),
        ("-1", '"-1" is not a percentage'),
        ("nan", '"nan" is not a percentage'),
        ("operations=", '"operations=" is not a percentage'),
        ("operation=5", 'unknown section "operation". Did you mean "operations"'),
        ("=5", f'unknown section "". Expected one of {", ".join(SECTIONS)}'),
    ],
)
def test_invalid_threshold_is_reported(text: str, message: str) -> None:
    """The problem says what is wrong, and what is expected."""
    with pytest.raises(InputError, match=message):
        parse_bar(text)


def test_threshold_is_compared_with_the_report() -> None:
    """A section that the contract does not have is not required."""
    actual = report(exchange())
    assert Bar(50, "operations").missed_by(actual) == ""
    assert (
        Bar(50.5, "operations").missed_by(actual)
        == "the coverage of operations is 50.00% (1 of 2), below 50.5%"
    )
    assert Bar(100, "transitions").missed_by(actual) == ""
    assert (
        Bar(100)
        .missed_by(actual)
        .startswith(f"the total coverage is {actual.ratio * 100:.2f}% ({actual.covered} of ")
    )


def test_exact_threshold_is_reached() -> None:
    """No share of a hundred is lost to binary fractions."""
    for covered in range(101):
        items = tuple(Item("", str(number), int(number < covered)) for number in range(100))
        actual = Report("c", 0, (Section("one", items),))
        assert Bar(covered).missed_by(actual) == ""
        assert covered == 100 or Bar(covered + 0.5).missed_by(actual) != ""

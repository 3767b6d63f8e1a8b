"""A report as a text table for a terminal, and as Markdown for GitHub."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from understudy.coverage.report import Item, Report, Section, format_percent

MAX_MISSING = 20
"""How many missing items of a section are listed; the others are counted."""
_WIDTH = 100
"""Columns at which a list of missing items is wrapped."""
_FIXED_SPACE = "\0"
"""Replaces a space inside a name while lines are wrapped."""
_TITLES = ("section", "items", "missed", "cover")

# Characters that GitHub would read as marks. Source: GitHub Flavored Markdown, section 6.1.
_MARKDOWN_MARK = re.compile(r"([\\`*_{}\[\]<>|&~#])")

Row = tuple[str, str, str, str]
"""The cells of a table: name, items, missed, cover."""
MissingGroup = tuple[str, list[str]]
"""A group with the names of its missing items."""


def term(report: Report, *, missing: bool = False) -> str:
    """Return a report as a table for a terminal.

    With `missing`, the missing items are listed below each row.
    """
    *rows, total = _list_rows(report)
    widths = _measure_columns([_TITLES, *rows, total])
    rule = "-" * (sum(widths) + 6)
    lines = [_format_row(_TITLES, widths), rule]
    for section, row in zip(report.sections, rows, strict=True):
        lines.append(_format_row(row, widths))
        for note in _format_beside(section):
            lines.append(f"    {note}")
        if missing:
            lines += _format_missing(section)
    lines += [rule, _format_row(total, widths)]
    lines += format_unknown(report)
    return "\n".join(lines) + "\n"


def _measure_columns(rows: Sequence[Row]) -> list[int]:
    """Return the width of each column: that of its longest cell."""
    widths = []
    for cells in zip(*rows, strict=True):
        widths.append(max(len(cell) for cell in cells))
    return widths


def _format_row(row: Row, widths: list[int]) -> str:
    """Return a line: the name is aligned left, the numbers are aligned right."""
    name, *numbers = row
    cells = [name.ljust(widths[0])]
    for number, width in zip(numbers, widths[1:], strict=True):
        cells.append(number.rjust(width))
    return "  ".join(cells).rstrip()


def _format_beside(section: Section) -> Iterator[str]:
    """Yield a note for each observation outside the items of a section."""
    for name, count in section.beside.items():
        yield f"also seen: {escape_unprintable(name)} ({count})"


def _format_missing(section: Section) -> Iterator[str]:
    """Yield the names of missing items in wrapped and indented lines, a paragraph per group."""
    groups, rest = group_missing(section)
    for group, names in groups:
        text = ", ".join(_fix_spaces(name) for name in names)
        if group:
            head = escape_unprintable(group)
            text = f"{head}: {text}"
        wrapped = textwrap.wrap(
            text,
            _WIDTH,
            initial_indent="    ",
            subsequent_indent="      ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in wrapped:
            yield line.replace(_FIXED_SPACE, " ")
    if rest:
        yield f"    {rest}"


def _fix_spaces(name: str) -> str:
    """Return a name that is never wrapped, not even at its own spaces."""
    printable = escape_unprintable(name)
    return printable.replace(" ", _FIXED_SPACE)


def markdown(report: Report) -> str:
    """Return a report as Markdown for GitHub: a table, then folded lists of missing items."""
    share = format_percent(report.covered, report.total)
    title = _escape_markdown(report.contract)
    lines = [
        f"**Contract coverage: {share}** of {title}, {report.exchanges} exchanges",
        "",
    ]
    lines += _format_markdown_table(report)
    for section in report.sections:
        for note in _format_beside(section):
            lines.append(f"- {section.name}, {_escape_markdown(note)}")
    for line in format_unknown(report):
        lines.append(f"- {_escape_markdown(line)}")
    for section in report.sections:
        if section.missing:
            lines += _format_markdown_missing(section)
    return "\n".join(lines).rstrip("\n") + "\n"


def _format_markdown_table(report: Report) -> Iterator[str]:
    """Yield the lines of the table; the total is bold."""
    *rows, total = _list_rows(report)
    yield _format_markdown_row(_TITLES)
    yield "| --- | ---: | ---: | ---: |"
    for row in rows:
        yield _format_markdown_row(row)
    bold = [f"**{cell}**" for cell in total]
    yield _format_markdown_row(bold)
    yield ""


def _format_markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _format_markdown_missing(section: Section) -> Iterator[str]:
    """Yield a folded list. A blank line on each side lets GitHub read Markdown inside HTML."""
    yield ""
    yield "<details>"
    yield f"<summary>{section.name}: {len(section.missing)} missing</summary>"
    yield ""
    groups, rest = group_missing(section)
    for group, names in groups:
        # The group stands in front of its first name only.
        first = Item(group, names[0])
        labels = [first.label, *names[1:]]
        spans = [_format_code(label) for label in labels]
        yield f"- {', '.join(spans)}"
    if rest:
        yield f"- {rest}"
    yield ""
    yield "</details>"


def group_missing(section: Section, limit: int = MAX_MISSING) -> tuple[list[MissingGroup], str]:
    """Return the names of missing items by group, and a text about those beyond the limit.

    The text is empty when there are no more.
    """
    groups: dict[str, list[str]] = {}
    for item in section.missing[:limit]:
        groups.setdefault(item.group, []).append(item.name)
    rest = len(section.missing) - limit
    note = ""
    if rest > 0:
        note = f"… and {rest} more (the json report lists all)"
    return list(groups.items()), note


def format_unknown(report: Report) -> list[str]:
    """Return a line for each thing that could not be observed."""
    lines = []
    for name, count in report.unknown.items():
        lines.append(f"not counted: {escape_unprintable(name)} ({count})")
    return lines


def escape_unprintable(text: str) -> str:
    """Return a text on one line, with unprintable characters as Python escapes.

    A name may come from a file: it must not control the terminal.
    """
    return "".join(_escape_char(char) for char in text)


def _escape_char(char: str) -> str:
    if char.isprintable():
        return char
    return char.encode("unicode_escape").decode()


def _list_rows(report: Report) -> list[Row]:
    """Return the rows of all sections, then the row of the total."""
    rows = [_build_row(section.name, section) for section in report.sections]
    rows.append(_build_row("TOTAL", report))
    return rows


def _build_row(name: str, part: Section | Report) -> Row:
    return (
        escape_unprintable(name),
        str(part.total),
        str(part.total - part.covered),
        format_percent(part.covered, part.total),
    )


def _format_code(text: str) -> str:
    """Return a code span that may contain backticks.

    Source: GitHub Flavored Markdown, section 6.3: the fence is longer than any run of backticks
    inside, and one space on each side is removed.
    """
    printable = escape_unprintable(text)
    runs = [len(run) for run in re.findall("`+", printable)]
    if not runs:
        return f"`{printable}`"
    fence = "`" * (max(runs) + 1)
    return f"{fence} {printable} {fence}"


def _escape_markdown(text: str) -> str:
    printable = escape_unprintable(text)
    return _MARKDOWN_MARK.sub(r"\\\1", printable)

"""A report as a table for a terminal, and as one for GitHub."""

import re
import textwrap
from collections.abc import Iterable, Iterator

from understudy.coverage.report import Item, Report, Section, format_percent

MAX_MISSING = 20
"""How many missing items of a section are named; the rest is counted."""
_WIDTH = 100
_HELD = "\0"
"""Stands for a space at which no line is broken."""
_TITLES = ("section", "items", "missed", "cover")
Row = tuple[str, str, str, str]


def term(report: Report, *, missing: bool = False) -> str:
    """Give a report as a table for a terminal; with `missing`, what is missing is named below each row."""
    rows = _rows(report)
    widths = [max(len(row[column]) for row in (_TITLES, *rows)) for column in range(4)]
    rule = "-" * (sum(widths) + 6)
    lines = [_line(_TITLES, widths), rule]
    for section, row in zip(report.sections, rows, strict=False):
        lines.append(_line(row, widths))
        lines += [
            f"    beside: {escape_unprintable(name)} ({count})"
            for name, count in section.beside.items()
        ]
        if missing:
            lines += _missing_lines(section)
    lines += [rule, _line(rows[-1], widths), *(format_unknown(report))]
    return "\n".join(lines) + "\n"


def markdown(report: Report) -> str:
    """Give a report as Markdown that GitHub renders: a table, and what is missing to be folded out."""
    rows = _rows(report)
    total = rows[-1]
    lines = [
        f"**Contract coverage: {total[3]}** of {_plain(report.contract)}, {report.exchanges} exchanges",
        "",
    ]
    lines += [f"| {' | '.join(_TITLES)} |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {' | '.join(row)} |" for row in rows[:-1]]
    lines += [f"| {' | '.join(f'**{cell}**' for cell in total)} |", ""]
    for section in report.sections:
        lines += [
            f"- {section.name}, beside: {_plain(name)} ({count})"
            for name, count in section.beside.items()
        ]
    lines += [f"- {_plain(line)}" for line in format_unknown(report)]
    for section in report.sections:
        if section.missing:
            lines += [
                "",
                "<details>",
                f"<summary>{section.name}: {len(section.missing)} missing</summary>",
                "",
            ]
            named, rest = group_missing(section)
            lines += [f"- {', '.join(map(_code, _heads(group, names)))}" for group, names in named]
            lines += [f"- {rest}"] * bool(rest)
            lines += ["", "</details>"]
    return "\n".join(lines).rstrip("\n") + "\n"


def group_missing(
    section: Section, most: int = MAX_MISSING
) -> tuple[list[tuple[str, list[str]]], str]:
    """Give the names of what is missing by group, at most so many, and what is said of the rest; empty when none is."""
    groups: dict[str, list[str]] = {}
    for item in section.missing[:most]:
        groups.setdefault(item.group, []).append(item.name)
    rest = len(section.missing) - most
    return list(groups.items()), f"… and {rest} more (json tells all)" if rest > 0 else ""


def format_unknown(report: Report) -> list[str]:
    """Say what could not be looked at."""
    return [
        f"not known: {escape_unprintable(name)} ({count})" for name, count in report.unknown.items()
    ]


def escape_unprintable(text: str) -> str:
    """Give a text in one line: what cannot be printed is escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _rows(report: Report) -> list[Row]:
    """Give the rows of all sections, then that of the total."""
    parts: Iterable[tuple[str, Section | Report]] = [(s.name, s) for s in report.sections]
    return [
        (
            escape_unprintable(name),
            str(part.total),
            str(part.total - part.covered),
            format_percent(part.covered, part.total),
        )
        for name, part in (*parts, ("TOTAL", report))
    ]


def _line(row: Row, widths: list[int]) -> str:
    name, *numbers = (
        cell.ljust(width) if not at else cell.rjust(width)
        for at, (cell, width) in _cells(row, widths)
    )
    return "  ".join([name, *numbers]).rstrip()


def _cells(row: Row, widths: list[int]) -> Iterator[tuple[int, tuple[str, int]]]:
    return enumerate(zip(row, widths, strict=True))


def _missing_lines(section: Section) -> Iterator[str]:
    named, rest = group_missing(section)
    for group, names in named:
        text = ", ".join(escape_unprintable(name).replace(" ", _HELD) for name in names)
        head = f"{escape_unprintable(group)}: " if group else ""
        wrapped = textwrap.wrap(
            head + text,
            _WIDTH,
            initial_indent="    ",
            subsequent_indent="      ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from (line.replace(_HELD, " ") for line in wrapped)
    if rest:
        yield f"    {rest}"


def _heads(group: str, names: list[str]) -> list[str]:
    """Give names, the first with its group before it."""
    return [Item(group, names[0]).label, *names[1:]]


def _code(text: str) -> str:
    """Give a code span. Source: GitHub Flavored Markdown, section 6.3."""
    text = escape_unprintable(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|&~#])", r"\\\1", escape_unprintable(text))

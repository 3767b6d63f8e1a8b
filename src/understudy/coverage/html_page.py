"""A report as one HTML page without scripts or external files, in a light and a dark style.

The page can be kept as a build artifact and opened without a server.
"""

from collections.abc import Iterator
from html import escape
from string import Template

from understudy.coverage.report import Item, Report, Section, format_percent
from understudy.coverage.text_tables import escape_unprintable, format_unknown

# The policy keeps a browser from loading anything, should a name escape its element.
# Source: Content Security Policy Level 3, section 6.1.
_PAGE = Template(
    """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" \
content="default-src 'none'; style-src 'unsafe-inline'">
<title>Contract coverage: $percent</title>
<style>
:root { color-scheme: light dark; --missing: light-dark(#b00020, #ff8a80); \
--line: light-dark(#ccc, #555); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { padding: .2rem .8rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
tfoot { font-weight: bold; }
summary { cursor: pointer; margin-top: .8rem; }
h3 { font: 1rem ui-monospace, monospace; margin: 1rem 0 .2rem; }
ul { margin: 0; padding-left: 1.5rem; columns: 22rem; }
li { font-family: ui-monospace, monospace; font-size: .85rem; \
overflow-wrap: anywhere; break-inside: avoid; }
li.missing { color: var(--missing); font-weight: bold; }
li.missing::marker { content: "✗ "; }
li.seen::marker { content: "✓ "; }
</style>
</head>
<body>
<h1>Contract coverage: $percent</h1>
<p>$contract, $exchanges exchanges. Missing items are marked with ✗.</p>
$notes<table>
<thead><tr><th>section</th><th>items</th><th>missed</th><th>cover</th></tr></thead>
<tbody>
$rows</tbody>
<tfoot>$total</tfoot>
</table>
$sections</body>
</html>
"""
)
_ROW = Template("<tr><td>$name</td><td>$items</td><td>$missed</td><td>$percent</td></tr>")
_SECTION = Template(
    """<details$open>
<summary>$name: $missed of $items missing</summary>
$notes$groups</details>
"""
)
_GROUP = Template("$head<ul>\n$items</ul>\n")
_ITEM = Template('<li class="$kind">$name$count</li>\n')


_MAX_OPEN_ITEMS = 100
"""A section with missing items is unfolded unless it has more items than this."""


def html(report: Report) -> str:
    """Return a report as an HTML page."""
    notes = [_render_note(line) for line in format_unknown(report)]
    rows = [_render_row(section.name, section) + "\n" for section in report.sections]
    sections = [_render_section(section) for section in report.sections]
    return _PAGE.substitute(
        percent=format_percent(report.covered, report.total),
        contract=_escape(report.contract),
        exchanges=report.exchanges,
        notes="".join(notes),
        rows="".join(rows),
        total=_render_row("TOTAL", report),
        sections="".join(sections),
    )


def _render_note(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{_escape(text)}</p>\n"


def _render_row(name: str, part: Section | Report) -> str:
    """Return a table row of a section, or of the total."""
    return _ROW.substitute(
        name=_escape(name),
        items=part.total,
        missed=part.total - part.covered,
        percent=format_percent(part.covered, part.total),
    )


def _render_section(section: Section) -> str:
    """Return a section as a `details` element, unfolded when it has something to show."""
    open_attribute = ""
    if section.missing and len(section.items) <= _MAX_OPEN_ITEMS:
        open_attribute = " open"
    notes = []
    for name, count in section.beside.items():
        notes.append(_render_note(f"also seen: {name} ({count})"))
    return _SECTION.substitute(
        open=open_attribute,
        name=_escape(section.name),
        missed=len(section.missing),
        items=section.total,
        notes="".join(notes),
        groups="".join(_render_groups(section)),
    )


def _render_groups(section: Section) -> Iterator[str]:
    """Yield the items of each group below its name."""
    groups: dict[str, list[Item]] = {}
    for item in section.items:
        groups.setdefault(item.group, []).append(item)
    for group, items in groups.items():
        head = ""
        if group:
            head = f"<h3>{_escape(group)}</h3>\n"
        rendered_items = [_render_item(item) for item in items]
        yield _GROUP.substitute(
            head=head,
            items="".join(rendered_items),
        )


def _render_item(item: Item) -> str:
    """Return an item with its count; a missing one has no count."""
    kind = "missing"
    count = ""
    if item.count:
        kind = "seen"
        count = f" × {item.count}"
    return _ITEM.substitute(
        kind=kind,
        name=_escape(item.name),
        count=count,
    )


def _escape(text: str) -> str:
    """Return a text as HTML text on one line."""
    return escape(escape_unprintable(text))

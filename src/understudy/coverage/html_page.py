"""A report as one HTML page: no script, no network, readable in dark and in light."""

from html import escape
from string import Template

from understudy.coverage.report import Item, Report, Section, format_percent
from understudy.coverage.text_tables import escape_unprintable, format_unknown

_PAGE = Template(
    """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Contract coverage: $percent</title>
<style>
:root { color-scheme: light dark; --missing: light-dark(#b00020, #ff8a80); --line: light-dark(#ccc, #555); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { padding: .2rem .8rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
tfoot { font-weight: bold; }
summary { cursor: pointer; margin-top: .8rem; }
h3 { font: 1rem ui-monospace, monospace; margin: 1rem 0 .2rem; }
ul { margin: 0; padding-left: 1.5rem; columns: 22rem; }
li { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; break-inside: avoid; }
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


def html(report: Report) -> str:
    """Give a report as an HTML page."""
    return _PAGE.substitute(
        percent=format_percent(report.covered, report.total),
        contract=_text(report.contract),
        exchanges=report.exchanges,
        notes="".join(f"<p>{_text(line)}</p>\n" for line in format_unknown(report)),
        rows="".join(_row(section.name, section) + "\n" for section in report.sections),
        total=_row("TOTAL", report),
        sections="".join(map(_section, report.sections)),
    )


def _row(name: str, what: Section | Report) -> str:
    missed, share = what.total - what.covered, format_percent(what.covered, what.total)
    return _ROW.substitute(name=_text(name), items=what.total, missed=missed, percent=share)


def _section(section: Section) -> str:
    groups: dict[str, list[Item]] = {}
    for item in section.items:
        groups.setdefault(item.group, []).append(item)
    return _SECTION.substitute(
        open=" open" if section.missing and len(section.items) <= 100 else "",
        name=_text(section.name),
        missed=len(section.missing),
        items=section.total,
        notes="".join(
            f"<p>beside: {_text(name)} ({count})</p>\n" for name, count in section.beside.items()
        ),
        groups="".join(_group(group, items) for group, items in groups.items()),
    )


def _group(group: str, items: list[Item]) -> str:
    head = f"<h3>{_text(group)}</h3>\n" if group else ""
    return _GROUP.substitute(head=head, items="".join(map(_item, items)))


def _item(item: Item) -> str:
    kind, count = ("seen", f" × {item.count}") if item.count else ("missing", "")
    return _ITEM.substitute(kind=kind, name=_text(item.name), count=count)


def _text(text: str) -> str:
    return escape(escape_unprintable(text))

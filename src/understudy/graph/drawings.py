"""Drawings of a layout: SVG for pages, Mermaid for documents, lines of text for a terminal."""

from collections.abc import Iterator
from html import escape

from understudy.graph.layout import Layout, Node

_BOX_WIDTH, _BOX_HEIGHT = 190, 46
_GAP_X, _GAP_Y = 24, 44
_MARGIN = 8
_MAX_LABEL = 24
SHAPES = {
    "SUCCESSFUL": ("✓", "good"),
    "FAILED": ("✗", "bad"),
    "RUNNING": ("▶", "active"),
    "CANCELING": ("■", "active"),
    "READY": ("○", "waiting"),
    "PENDING": ("…", "waiting"),
}
"""By status: a sign, so that colour is not needed to read a drawing, and the class of its style."""


def draw_svg(layout: Layout, title: str) -> str:
    """Return an SVG whose colours are those of the page: its parts have classes, no styles."""
    width = layout.width * (_BOX_WIDTH + _GAP_X) - _GAP_X + 2 * _MARGIN
    height = len(layout.layers) * (_BOX_HEIGHT + _GAP_Y) - _GAP_Y + 2 * _MARGIN
    corners = {
        node.id: _corner(layer, number, position, width)
        for number, layer in enumerate(layout.layers)
        for position, node in enumerate(layer)
    }
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" width="{width}" '
        f'height="{max(height, 0)}" viewBox="0 0 {width} {max(height, 0)}">'
        f"<title>{escape(title)}</title>"
    ]
    parts += [_draw_edge(corners[start], corners[end]) for start, end in layout.edges]
    for layer in layout.layers:
        parts += [_draw_node(node, corners[node.id]) for node in layer]
    return "".join([*parts, "</svg>"])


def _corner(layer: tuple[Node, ...], number: int, position: int, width: int) -> tuple[int, int]:
    """Return the upper left corner of a box; layers are centred."""
    own_width = len(layer) * (_BOX_WIDTH + _GAP_X) - _GAP_X
    left = (width - own_width) // 2
    return left + position * (_BOX_WIDTH + _GAP_X), _MARGIN + number * (_BOX_HEIGHT + _GAP_Y)


def _draw_edge(start: tuple[int, int], end: tuple[int, int]) -> str:
    """Return a curve from the bottom of one box to the top of another."""
    x1, y1 = start[0] + _BOX_WIDTH // 2, start[1] + _BOX_HEIGHT
    x2, y2 = end[0] + _BOX_WIDTH // 2, end[1]
    middle = (y1 + y2) // 2
    return f'<path class="edge" d="M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}"/>'


def _draw_node(node: Node, corner: tuple[int, int]) -> str:
    x, y = corner
    sign, style = SHAPES.get(node.status, ("?", "waiting"))
    label = _cut(node.label)
    note = " ".join(part for part in (node.status, node.note) if part)
    return (
        f'<g class="node {style}"><title>{escape(f"{node.id} {node.label}: {note}")}</title>'
        f'<rect x="{x}" y="{y}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="6"/>'
        f'<text x="{x + 10}" y="{y + 20}">{escape(f"{sign} {label}")}</text>'
        f'<text class="note" x="{x + 10}" y="{y + 37}">{escape(note)}</text></g>'
    )


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_LABEL else f"{text[: _MAX_LABEL - 1]}…"


def write_mermaid(layout: Layout) -> str:
    """Return a flowchart for Mermaid."""
    lines = ["flowchart TD"]
    for layer in layout.layers:
        for node in layer:
            sign, style = SHAPES.get(node.status, ("?", "waiting"))
            # Mermaid reads entities in a quoted label: nothing else of a name is syntax there.
            label = "".join(_escape(char) for char in f"{sign} {node.label}")
            lines.append(f'    n{node.id}["{label}"]:::{style}')
    lines += [f"    n{start} --> n{end}" for start, end in layout.edges]
    return "\n".join(lines) + "\n"


def _escape(char: str) -> str:
    return char if char.isalnum() or char in " -_.…✓✗▶■○" else f"#{ord(char)};"


def write_text(layout: Layout) -> str:
    """Return a line for each node, layer by layer, with the nodes that it comes after."""
    return "".join(f"{line}\n" for line in _iter_lines(layout))


def _iter_lines(layout: Layout) -> Iterator[str]:
    befores: dict[int, list[int]] = {}
    for start, end in layout.edges:
        befores.setdefault(end, []).append(start)
    nodes = [node for layer in layout.layers for node in layer]
    id_width = max((len(str(node.id)) for node in nodes), default=0)
    status_width = max((len(node.status) for node in nodes), default=0)
    for number, layer in enumerate(layout.layers, 1):
        for node in layer:
            sign, _ = SHAPES.get(node.status, ("?", "waiting"))
            before = ", ".join(map(str, befores.get(node.id, ())))
            after = f"  after {before}" if before else ""
            note = f" {node.note}" if node.note else ""
            yield (
                f"{number:>3}  {sign} {node.id:<{id_width}}  {node.status:<{status_width}}"
                f"{note}  {node.label}{after}"
            ).rstrip()

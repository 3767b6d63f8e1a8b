"""Small SVG pictures: boxes, arrows and texts on a sheet that is readable in light and dark.

A sheet has its own background, so that it is readable on any page. Its colours follow the reader's
colour scheme. Lengths are in pixels.
"""

from dataclasses import dataclass, field
from html import escape

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
STYLE = f"""
.sheet {{ fill: #ffffff; stroke: #d0d7de; }} .box {{ fill: #eef4ff; stroke: #3b6fb6; }}
.group {{ fill: #f6f8fa; stroke: #8c959f; stroke-dasharray: 4 3; }} .good {{ fill: #e6f4ea; stroke: #2e7d4f; }}
.bad {{ fill: #fdecea; stroke: #b3402e; }} text {{ fill: #1f2328; font: 14px {FONT}; }}
.note {{ fill: #57606a; font-size: 12px; }} .strong {{ font-weight: 600; }}
.line {{ stroke: #57606a; fill: none; stroke-width: 1.4; }} .tip {{ fill: #57606a; }}
@media (prefers-color-scheme: dark) {{
.sheet {{ fill: #161b22; stroke: #30363d; }} .box {{ fill: #13294b; stroke: #6ea8fe; }}
.group {{ fill: #1d232b; stroke: #6e7681; }} .good {{ fill: #12351f; stroke: #5fbf83; }}
.bad {{ fill: #451a15; stroke: #f08a7c; }} text {{ fill: #e6edf3; }} .note {{ fill: #9da7b3; }}
.line {{ stroke: #9da7b3; }} .tip {{ fill: #9da7b3; }} }}
"""


@dataclass
class Sheet:
    """A picture under construction: `title` is what a screen reader reads."""

    width: int
    height: int
    title: str
    parts: list[str] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, *, kind: str = "", anchor: str = "middle"
    ) -> None:
        """Add a line of text; `y` is its baseline."""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'
        )

    def box(
        self, x: float, y: float, width: float, lines: list[str], *, kind: str = "box"
    ) -> tuple[float, float]:
        """Add a box; the first line is its title, the others are notes. Return middle and lower edge."""
        height = 18 + 18 * len(lines)
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height}" rx="6" class="{kind}"/>'
        )
        for number, line in enumerate(lines):
            style = "strong" if number == 0 else "note"
            self.text(x + width / 2, y + 23 + 18 * number, line, kind=style)
        return x + width / 2, y + height

    def group(self, x: float, y: float, width: float, height: float, title: str) -> None:
        """Add a dashed frame with a title in its upper left corner."""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" class="group"/>'
        )
        self.text(x + 12, y + 20, title, kind="note", anchor="start")

    def arrow(self, *points: tuple[float, float], curve: bool = False) -> None:
        """Add a line through points with a tip at its end; with `curve`, the middle point bends it."""
        (x0, y0), *rest = points
        if curve:
            (bx, by), (x1, y1) = rest
            path = f"M{x0:g} {y0:g} Q{bx:g} {by:g} {x1:g} {y1:g}"
        else:
            path = f"M{x0:g} {y0:g} " + " ".join(f"L{x:g} {y:g}" for x, y in rest)
        self.parts.append(f'<path d="{path}" class="line" marker-end="url(#tip)"/>')

    def render(self) -> str:
        """Return the SVG document."""
        marker = (
            '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" class="tip"/></marker>'
        )
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img">\n'
            f"<title>{escape(self.title)}</title>\n<style>{STYLE}</style>\n<defs>{marker}</defs>\n"
            f'<rect x="0.5" y="0.5" width="{self.width - 1}" height="{self.height - 1}" rx="10" '
            f'class="sheet"/>\n{body}\n</svg>\n'
        )


def render_terminal(lines: list[str], title: str) -> str:
    """Return the picture of a terminal: a line that begins with `$` is a command."""
    width, height = 860, 64 + 19 * len(lines)
    texts = []
    for number, line in enumerate(lines):
        colour = "#7ee787" if line.startswith("$") else "#e6edf3"
        texts.append(
            f'<text x="24" y="{66 + 19 * number}" fill="{colour}" xml:space="preserve">'
            f"{escape(line)}</text>"
        )
    dots = "".join(
        f'<circle cx="{24 + 20 * number}" cy="24" r="6" fill="{colour}"/>'
        for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    body = "\n".join(texts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img">\n<title>{escape(title)}</title>\n'
        "<style>text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "
        "'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace; }</style>\n"
        f'<rect width="{width}" height="{height}" rx="10" fill="#161b22" stroke="#30363d"/>\n'
        f"{dots}\n{body}\n</svg>\n"
    )

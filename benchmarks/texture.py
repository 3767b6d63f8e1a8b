"""Measure how dense source code is: syntax nodes per line, ternaries, documentation, `Any`.

    python benchmarks/texture.py [PATH ...]     (default: src/understudy)
    python benchmarks/texture.py src/understudy --peers     (beside httpx and pytest-httpserver, where installed)

For each path one row, and with `--modules` one row for each module, the densest first. The columns:

- code: lines that hold a name, an operator or a number token. Blank lines, comments, docstrings and lines that hold
  brackets and strings alone do not count, nor does how a formatter wraps a call change much: brackets are operators.
- nodes: `ast.expr` and `ast.stmt` nodes, docstrings left out, for each line of code.
- ternaries, comprehensions, Any: for each 1 000 lines of code. `Any` counts uses, not imports.
- docs: lines of docstrings and of comments, in percent of the lines of code.

Nothing is asserted: the figures show where to look, a reader decides.
"""

import argparse
import ast
import importlib.util
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

CODE = {tokenize.NAME, tokenize.OP, tokenize.NUMBER}
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
PEERS = ("httpx", "pytest_httpserver")


@dataclass(frozen=True)
class Texture:
    """Counts of one module, or the sums of several."""

    modules: int = 0
    code: int = 0
    nodes: int = 0
    ternaries: int = 0
    comprehensions: int = 0
    docs: int = 0
    any_uses: int = 0

    def __add__(self, other: "Texture") -> "Texture":
        values = [getattr(self, field.name) + getattr(other, field.name) for field in fields(self)]
        return Texture(*values)

    def to_row(self) -> list[str]:
        """Return the cells of the table, the name left out."""
        lines = max(self.code, 1)
        per_thousand = [
            1000 * count / lines for count in (self.ternaries, self.comprehensions, self.any_uses)
        ]
        return [
            str(self.modules),
            str(self.code),
            f"{self.nodes / lines:.2f}",
            *(f"{value:.1f}" for value in per_thousand),
            f"{100 * self.docs / lines:.0f} %",
        ]


HEAD = ["tree", "modules", "code", "nodes", "ternaries", "comprehensions", "Any", "docs"]


def docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield each docstring: those of definitions, and bare texts below a constant or field."""
    for node in ast.walk(tree):
        for statement in getattr(node, "body", None) if isinstance(node, DOCUMENTED) else ():
            value = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value


def measure(path: Path) -> Texture:
    """Return the counts of one module."""
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    texts = list(docstrings(tree))
    documented = {
        line
        for text in texts
        for line in range(text.lineno, (text.end_lineno or text.lineno) + 1)
        if source.splitlines()[line - 1].strip()
    }
    code = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in CODE:
            code.update(range(token.start[0], token.end[0] + 1))
        elif token.type == tokenize.COMMENT and token.line.strip().startswith("#"):
            documented.add(token.start[0])
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.expr, ast.stmt))]
    return Texture(
        modules=1,
        code=len(code),
        nodes=len(nodes) - 2 * len(texts),  # the text and the statement that holds it
        ternaries=sum(isinstance(node, ast.IfExp) for node in nodes),
        comprehensions=sum(isinstance(node, COMPREHENSIONS) for node in nodes),
        docs=len(documented),
        any_uses=sum(isinstance(node, ast.Name) and node.id == "Any" for node in nodes),
    )


def sources(path: Path) -> list[Path]:
    """Return the modules of a folder, or the one that is named."""
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def table(rows: Iterable[tuple[str, Texture]]) -> str:
    """Return a Markdown table."""
    lines = [HEAD, ["---"] * len(HEAD)]
    lines += [[name, *texture.to_row()] for name, texture in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def density(row: tuple[str, Texture]) -> float:
    """Return the nodes for each line, to sort by."""
    return row[1].nodes / max(row[1].code, 1)


def find_peers() -> Iterator[Path]:
    """Yield the folders of the peers that are installed."""
    for name in PEERS:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            print(f"{name} is not installed: pip install {name.replace('_', '-')}")
        else:
            yield Path(spec.origin).parent


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--modules", action="store_true", help="a row for each module")
    parser.add_argument("--peers", action="store_true", help="beside httpx, pytest-httpserver")
    arguments = parser.parse_args()
    paths = arguments.paths or [Path(__file__).parents[1] / "src" / "understudy"]
    if arguments.peers:
        paths += find_peers()
    rows = []
    for path in paths:
        measured = [(str(module), measure(module)) for module in sources(path)]
        total = sum((texture for _, texture in measured), Texture())
        rows.append((path.name, total))
        if arguments.modules:
            rows += sorted(measured, key=density, reverse=True)
    print(table(rows))


if __name__ == "__main__":
    main()

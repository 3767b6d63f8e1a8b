"""Find words and identifiers that plain English does not use here: see the glossary in CONTRIBUTING.md.

Run it as a program to see each place: python tests/support/language.py [PATH ...]
"""

import argparse
import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".venv", ".git", "expected", "build", "dist", "node_modules", ".hypothesis"}

# Parts of identifiers, between underscores or capitals, that have a plain name instead.
BANNED_PARTS = frozenset(
    {
        "told",
        "tell",
        "tells",
        "telling",
        "untold",
        "kept",
        "refused",
        "words",
        "judge",
        "judged",
        "judging",
        "blow",
        "blows",
        "wish",
        "wishes",
        "wished",
        "struck",
        "strike",
        "strikes",
        "stranger",
        "strangers",
        "lost",
        "admit",
        "admitted",
        "permit",
        "permitted",
        "asked",
        "scene",
        "glimpse",
        "sighting",
        "sightings",
        "remains",
        "somebody",
        "nobody",
        "whoever",
    }
)
# Whole identifiers that say nothing about the value.
VAGUE = frozenset({"what", "one", "found", "made", "given", "thing", "things"})
# Ordinary verbs: fine in the name of a test, which is a sentence.
ORDINARY = frozenset({"lost", "asked", "kept", "refused", "words"})
# Verbs in the present that end like a participle.
PRESENT = frozenset({"feed", "need", "seed", "speed", "proceed", "exceed", "embed"})
# Methods of libraries that a class of ours overrides.
INHERITED = frozenset({"received"})

# Phrases of prose: docstrings, comments, texts of the program, pages of the guide.
PHRASES = {
    "tell/told": r"(?<![\w-])(?:tell|tells|telling|told|untold)(?![\w-])",
    "somebody/nobody/whoever": r"(?<![\w`\"'+:|-])(?:somebody|nobody|whoever|whomever)\b",
    "strike/blow": r"\b(?:strikes?|struck|striking|blows?)\b",
    "wish": r"\bwish(?:es|ed)?\b",
    "glimpse/sighting": r"\b(?:glimpses?|sightings?)\b",
    "stranger": r"\bstrangers?\b",
    "dice": r"\bdice\b",
    "put into words": r"\b(?:put(?:s|ting)? (?:\w+ ){0,3}into words|in words)\b",
    "what is no": r"\b(?:what|who|whatever) (?:is|are|was|were|has|have) no\b(?! longer| more)"
    r"|\b(?:that|which) (?:is|are) no\b(?! longer| more|ne\b)",
    "nothing that": r"\bnothing that\b",
    "less than nothing": r"\bless than nothing\b",
}
PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in PHRASES.items()}
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")


@dataclass(frozen=True)
class Finding:
    """One place that is not plain."""

    path: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}: {self.text}"


@dataclass(frozen=True)
class Prose:
    """A piece of text with the line on which it begins."""

    path: Path
    line: int
    text: str


def parts_of(name: str) -> list[str]:
    """Return the words of an identifier: `first_of`, `FirstOf` and `FIRST_OF` give `first`, `of`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")


def python_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the modules below folders, and files as they are."""
    for path in paths:
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        yield from (
            file for file in files if file.suffix == ".py" and not SKIPPED & set(file.parts)
        )


def names_in(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Yield line, name and whether it names a function, for each name that a module defines."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            is_value = any(_is_property(decorator) for decorator in node.decorator_list)
            yield node.lineno, node.name, not is_value
            if not _is_dunder(node.name):
                arguments = node.args
                every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
                every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
                yield from ((argument.lineno, argument.arg, False) for argument in every)
        elif isinstance(node, ast.ClassDef):
            yield node.lineno, node.name, False
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id, False
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr, False


def _is_property(decorator: ast.expr) -> bool:
    if isinstance(decorator, ast.Call):  # a fixture with parameters
        decorator = decorator.func
    name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
    return name in {"property", "cached_property", "fixture"}


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def check_identifiers(path: Path) -> Iterator[Finding]:
    """Yield the identifiers of a module that are banned, vague, or a bare past participle."""
    tree = ast.parse(path.read_text("utf-8"))
    for line, name, is_function in names_in(tree):
        parts = parts_of(name)
        allowed = ORDINARY if name.startswith("test_") else frozenset()
        if (BANNED_PARTS - allowed) & set(parts):
            yield Finding(path, line, "identifier", name)
        elif name.strip("_") in VAGUE:
            yield Finding(path, line, "vague name", name)
        elif is_function and len(parts) == 1 and _is_participle(parts[0]):
            yield Finding(path, line, "participle", name)


def _is_participle(word: str) -> bool:
    return word.endswith("ed") and word not in PRESENT | INHERITED


def prose_of(path: Path) -> Iterator[Prose]:
    """Yield docstrings, comments, and the texts of a module that have several words."""
    source = path.read_text("utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Prose(path, token.start[0], token.string.lstrip("# "))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield Prose(path, node.lineno, node.value)


def pages_of(paths: Iterable[Path]) -> Iterator[Prose]:
    """Yield Markdown pages without their code, which may hold any name."""
    for path in paths:
        text = re.sub(r"^```.*?^```", _blank, path.read_text("utf-8"), flags=re.M | re.S)
        yield Prose(path, 1, re.sub(r"`[^`]*`", _blank, text))


def _blank(block: re.Match[str]) -> str:
    return "\n" * block.group().count("\n")


def check_prose(pieces: Iterable[Prose]) -> Iterator[Finding]:
    """Yield each place where a phrase of the list stands."""
    for piece in pieces:
        for name, pattern in PATTERNS.items():
            for match in pattern.finditer(piece.text):
                line = piece.line + piece.text.count("\n", 0, match.start())
                around = piece.text[max(0, match.start() - 40) : match.end() + 40]
                yield Finding(piece.path, line, name, " ".join(around.split()))


def count_words(pieces: Iterable[Prose]) -> int:
    """Return how many words pieces of prose have."""
    return sum(len(WORD.findall(piece.text)) for piece in pieces)


def main() -> None:
    """Print each finding of the paths, and the figures."""
    parser = argparse.ArgumentParser(description="Find what is not plain English.")
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "src"])
    arguments = parser.parse_args()
    files = list(python_files(arguments.paths))
    pages = [path for path in arguments.paths if path.suffix == ".md"]
    pages += [page for path in arguments.paths if path.is_dir() for page in path.rglob("*.md")]
    findings = [finding for file in files for finding in check_identifiers(file)]
    prose = [piece for file in files for piece in prose_of(file)] + list(pages_of(pages))
    findings += check_prose(prose)
    for finding in sorted(findings, key=lambda finding: (str(finding.path), finding.line)):
        print(finding)
    print()
    words = count_words(prose)
    for kind, count in Counter(finding.kind for finding in findings).most_common():
        print(f"{count:6}  {1000 * count / max(words, 1):6.2f} per 1 000 words  {kind}")
    addressed = sum(
        len(re.findall(r"\b(?:you|your|yours|yourself)\b", piece.text, re.IGNORECASE))
        for piece in prose
        if piece.path.suffix == ".md"
    )
    page_words = count_words(piece for piece in prose if piece.path.suffix == ".md")
    if page_words:
        print(f"you/your: {1000 * addressed / page_words:.1f} per 1 000 words of {page_words}")


if __name__ == "__main__":
    main()

"""The language of the project is plain English: see CONTRIBUTING.md, which has the glossary.

`python tests/support/language.py PATH` shows each place. The tests print the figures.
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from language import (
    PHRASES,
    ROOT,
    Finding,
    check_identifiers,
    check_prose,
    count_words,
    pages_of,
    prose_of,
    python_files,
)

# The list of words itself, which the rule would forbid.
OWN = {ROOT / "tests/support/language.py", ROOT / "tests/test_language.py"}
CODE = list(python_files([ROOT / name for name in ("src", "benchmarks", "examples", "docs")]))
TESTS = [path for path in python_files([ROOT / "tests"]) if path not in OWN]
SECTIONS = ("tutorials", "guide", "reference", "explanation")  # `zh` is Chinese
GUIDE = [
    ROOT / "README.md",
    ROOT / "docs/index.md",
    *(page for name in SECTIONS for page in sorted((ROOT / "docs" / name).glob("*.md"))),
]
OTHERS = ("CHANGELOG.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "docs/api/LEDGER.md")
PAGES = [*GUIDE, *(ROOT / name for name in OTHERS)]
YOU = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
MIN_YOU = 8
"""How often the guide speaks to its reader at least, per 1 000 words."""


def report(findings: Iterable[Finding], words: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Print how often each kind of finding occurs, per 1 000 words; fail if there is one."""
    listed = list(findings)
    counts = Counter(finding.kind for finding in listed)
    with capsys.disabled():
        for kind in PHRASES:
            rate = 1000 * counts[kind] / words
            print(f"\n{kind}: {counts[kind]} ({rate:.2f} per 1 000 words)", end="")  # noqa: T201
    assert [str(finding) for finding in listed] == []


@pytest.mark.parametrize("files", [CODE, TESTS], ids=["code", "tests"])
def test_docstrings_comments_and_texts_are_plain(
    files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Docstrings, comments and texts of the program use no phrase of the list."""
    prose = [piece for path in files for piece in prose_of(path)]
    report(check_prose(prose), count_words(prose), capsys)


def test_pages_are_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """README, guide, changelog and ledger use no phrase of the list."""
    prose = list(pages_of(PAGES))
    report(check_prose(prose), count_words(prose), capsys)


def test_identifiers_are_plain() -> None:
    """No identifier is a word of the list, has one as a part, or is a bare participle."""
    findings = [finding for path in [*CODE, *TESTS] for finding in check_identifiers(path)]
    assert [str(finding) for finding in findings] == []


def test_the_guide_speaks_to_its_reader(capsys: pytest.CaptureFixture[str]) -> None:
    """README and guide say "you" and "your" at least 8 times per 1 000 words."""
    prose = list(pages_of(GUIDE))
    rate = 1000 * sum(len(YOU.findall(piece.text)) for piece in prose) / count_words(prose)
    with capsys.disabled():
        print(f"\nyou/your: {rate:.1f} per 1 000 words", end="")  # noqa: T201
    assert rate >= MIN_YOU

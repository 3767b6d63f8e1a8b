"""One run of the derivation: the files that it reads, and what it derives from them.

The derivation does not know `understudy.contract`, so that it cannot depend on its reader. The two
meet here: overlays are applied to the derived contract.
"""

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from understudy import derive as derivation
from understudy.contract.document.overlay import overlay_tree, parse_overlay_actions
from understudy.contract.document.source_tree import Tree
from understudy.errors import InputError, Place, Problem
from understudy.source import Source, read_text, read_yaml

_MAX_BYTES = 64 * 1024 * 1024
"""The largest document."""
_UNPRINTABLE = ("Cc", "Cs")
"""Unicode categories of control characters and surrogates."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DerivationRun:
    """The inputs and results of one run."""

    documents: tuple[derivation.Document, ...]
    """In the order of the command line, which is the order of the contract's paths."""
    paths: Mapping[str, str]
    """The path on the command line by the name of a document or of a file of decisions."""
    doubts: tuple[derivation.Doubt, ...]
    """The doubts of the documents, then the findings about decisions."""
    decisions: Mapping[derivation.Doubt, derivation.Decision]
    """The decisions by the doubt that they decide; `doubts` has those without a doubt."""
    tree: Tree
    """The contract with the overlays applied."""
    overlays: tuple[tuple[Path, Source], ...]
    """Path and contents of each overlay, in the order of their application."""

    @property
    def settlements(self) -> list[derivation.Settlement]:
        """The actions of the overlays, which settle doubts with `x-decides`."""
        settlements = []
        for path, source in self.overlays:
            for action in parse_overlay_actions(source):
                place = f"{path.name}:{action.place.line}"
                settlements.append(
                    derivation.Settlement(action.decides, place, action.target, action.description)
                )
        return settlements

    def render_ledger(self) -> str:
        """Return the ledger of doubts as Markdown."""
        return derivation.render_ledger(self.doubts, self.settlements, self.decisions)

    def ledger_entries(self) -> list[derivation.Entry]:
        """Return the entries of the ledger; a doubt has the name of its file."""
        return list(derivation.ledger_entries(self.doubts, self.settlements, self.decisions))

    def with_paths(self, entries: Iterable[derivation.Entry]) -> list[derivation.Entry]:
        """Return entries with paths of the command line: editors and CI can then find the files."""
        located = []
        for entry in entries:
            file = self.paths.get(entry.doubt.file, entry.doubt.file)
            located.append(replace(entry, doubt=replace(entry.doubt, file=file)))
        return located


def run_derivation(
    documents: Sequence[Path], overlays: Sequence[Path], decisions: Sequence[Path]
) -> DerivationRun:
    """Read all files, derive, and apply the overlays.

    Without `decisions`, the files beside the documents are read. Raises InputError with the
    problems of all files of a kind.
    """
    # Names come first: they are cheap to check, and every later error cites them.
    decision_files = list(decisions) or _find_decision_files(documents)
    _check_names(documents, decision_files, overlays)
    read_documents = _read_all(documents, _read_document)
    owners = {} if decisions else {_decision_file(path): path.name for path in documents}
    read_decisions = _read_decisions(decision_files, read_documents, owners)
    sources = tuple((path, read_yaml(path)) for path in overlays)
    derived = derivation.derive(read_documents)
    applied = derivation.apply_decisions(
        derived.doubts, read_decisions, read_documents, derived.contract
    )
    # The derived contract has no file: the empty name marks its nodes, unlike those of overlays.
    tree = Tree(derived.contract, (Source("", derived.contract, {}), ""))
    for _, source in sources:
        tree = overlay_tree(tree, source)
    return DerivationRun(
        documents=tuple(read_documents),
        paths={path.name: str(path) for path in (*documents, *decision_files)},
        doubts=(*derived.doubts, *applied.unmatched),
        decisions=applied.by_doubt,
        tree=tree,
        overlays=sources,
    )


def _find_decision_files(documents: Iterable[Path]) -> list[Path]:
    """Return the files beside the documents; a broken link is read too, and then reported."""
    files = [_decision_file(path) for path in documents]
    return [file for file in files if os.path.lexists(file)]


def _decision_file(document: Path) -> Path:
    """Return where the decisions about a document are by default."""
    return document.parent / f"{document.name}.decisions.yaml"


def _read_document(path: Path) -> derivation.Document:
    """Read a document. Its name is that of the file, which `x-source` cites."""
    return derivation.Document(path.name, read_text(path, limit=_MAX_BYTES))


def _read_decisions(
    files: Iterable[Path],
    documents: Iterable[derivation.Document],
    owners: Mapping[Path, str],
) -> list[derivation.Decision]:
    """Read files of decisions; `owners` has the document that a file is beside."""
    names = [document.name for document in documents]

    def read(path: Path) -> tuple[derivation.Decision, ...]:
        return derivation.read_decisions(read_yaml(path), names, owner=owners.get(path, ""))

    return [decision for decisions in _read_all(files, read) for decision in decisions]


def _read_all(paths: Iterable[Path], read: Callable[[Path], T]) -> list[T]:
    """Read every file. Raises InputError with the problems of all of them."""
    results: list[T] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            results.append(read(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return results


def _check_names(
    documents: Sequence[Path], decisions: Sequence[Path], overlays: Sequence[Path]
) -> None:
    """Check that file names identify the files: `x-source` and the ledger cite names, not paths.

    Raises InputError.
    """
    problems = [
        *_unprintable_names([*documents, *decisions, *overlays]),
        *_ambiguous_names("document", documents),
        *_ambiguous_names("file of decisions", decisions),
    ]
    if problems:
        raise InputError(problems)


def _unprintable_names(paths: Iterable[Path]) -> Iterator[Problem]:
    """Yield a problem for each name that a line FILE:LINE could not show."""
    for path in paths:
        if any(unicodedata.category(char) in _UNPRINTABLE for char in path.name):
            detail = "the file's name has characters that cannot be printed"
            hint = "Rename the file: lines are cited as FILE:LINE."
            yield Problem("unclear-name", detail, Place(str(path)), hint=hint)


def _ambiguous_names(kind: str, paths: Sequence[Path]) -> Iterator[Problem]:
    """Yield a problem for each name that several paths have, or one path that is given twice."""
    for name, count in Counter(path.name for path in paths).items():
        if count == 1:
            continue
        same = [path for path in paths if path.name == name]
        # One file under two paths is an error of its own, with another hint.
        if len({os.path.realpath(path) for path in same}) < count:
            detail = f"the {kind} {same[0]} is given twice"
            yield Problem("same-name", detail, hint="Name it once.")
        else:
            listed = ", ".join(str(path) for path in same)
            detail = f'{count} {kind}s are called "{name}": {listed}'
            hint = "Rename all but one: lines are cited as FILE:LINE."
            yield Problem("same-name", detail, hint=hint)

"""`understudy derive`."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import click

from understudy.contract.document.overlay import overlay_tree, parse_overlay_actions
from understudy.contract.document.source_tree import Tree
from understudy.errors import InputError, MissingExtraError, Place, Problem
from understudy.source import Source, dump_yaml, read_text, read_yaml, write_atomic

try:
    from understudy import derive as derivation
except ModuleNotFoundError as error:
    raise MissingExtraError("`understudy derive`", "derive") from error

_FILE = click.Path(path_type=Path)
_MAX_BYTES = 64 * 1024 * 1024
_SEVERITIES = tuple(severity.value for severity in derivation.Severity)
T = TypeVar("T")


@click.command()
@click.argument("documents", type=_FILE, nargs=-1, required=True)
@click.option(
    "--overlay",
    type=_FILE,
    multiple=True,
    help="An OpenAPI Overlay to apply to what was derived. Repeatable.",
)
@click.option(
    "--output",
    type=_FILE,
    default=None,
    help="Where the contract goes.  [default: standard output]",
)
@click.option("--ledger", type=_FILE, default=None, help="Where the list of doubts goes.")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit 1 when a file is not what the derivation gives today.",
)
@click.option(
    "--format",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default=None,
    help="Print the doubts to standard output in this form, instead of the contract.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*_SEVERITIES, "never"]),
    default="never",
    show_default=True,
    help="Exit 1 when a doubt of this severity, or a worse one, is open.",
)
@click.option(
    "--decisions",
    type=_FILE,
    multiple=True,
    help="A file of decisions about doubts. Repeatable.  [default: DOCUMENT.decisions.yaml beside each document]",
)
@click.option(
    "--explain",
    metavar="POINTER",
    default=None,
    help="Print the lines that a node of the contract came from.",
)
def derive(
    documents: tuple[Path, ...],
    overlay: tuple[Path, ...],
    output: Path | None,
    ledger: Path | None,
    check: bool,
    format: str | None,
    fail_on: str,
    decisions: tuple[Path, ...],
    explain: str | None,
) -> None:
    """Derive the OpenAPI contract, and the ledger of doubts, from Markdown documents.

    Example: understudy derive docs/api/task-management.md --overlay docs/api/overlays/gaps.yaml --output openapi.yaml
    """
    targets = [
        (option, path)
        for option, path in (("--output", output), ("--ledger", ledger))
        if path is not None
    ]
    if check and not targets:
        raise click.UsageError("--check compares files: name them with --output and --ledger.")
    if explain is not None and (targets or check or format):
        raise click.UsageError(
            "--explain prints lines of the documents and does nothing else: leave out the others."
        )
    _refuse_to_overwrite(targets, (*documents, *overlay, *decisions))
    case = _derive(documents, overlay, decisions)
    if explain is not None:
        _print(_explanation(case, explain))
        return
    contract = dump_yaml(case.tree.data)
    texts = {
        "--output": contract,
        "--ledger": derivation.render_ledger(case.doubts, case.settled, case.decided.by_doubt),
    }
    failed = _compare(targets, texts) if check else _write(targets, texts)
    entries = _located(
        derivation.ledger_entries(case.doubts, case.settled, case.decided.by_doubt), case.paths
    )
    if format is not None:
        _print(_formatted(entries, format))
    elif output is None and not check:
        _print(contract)
    failed |= _tell_open(entries, fail_on, listed=format is not None)
    sys.exit(1 if failed else 0)


@dataclass(frozen=True, slots=True)
class _Case:
    """All that a run derives."""

    documents: tuple[derivation.Document, ...]
    paths: dict[str, str]
    """By the name of a document or of a file of decisions: its path as it was given."""
    doubts: tuple[derivation.Doubt, ...]
    """Those of the documents, then the findings about decisions."""
    decided: derivation.AppliedDecisions
    tree: Tree
    """The contract, with the overlays applied."""
    overlays: tuple[tuple[Path, Source], ...]

    @property
    def settled(self) -> list[derivation.Settlement]:
        return [
            derivation.Settlement(
                action.decides,
                f"{path.name}:{action.place.line}",
                action.target,
                action.description,
            )
            for path, source in self.overlays
            for action in parse_overlay_actions(source)
        ]


def _derive(
    documents: Sequence[Path], overlays: Sequence[Path], decisions: Sequence[Path]
) -> _Case:
    """Read everything, and derive. Raises InputError."""
    files = list(decisions) or [p for p in map(_beside, documents) if os.path.lexists(p)]
    _refuse_unclear_names(documents, files, overlays)
    read = _all_of(
        documents, lambda path: derivation.Document(path.name, read_text(path, limit=_MAX_BYTES))
    )
    names = [document.name for document in read]
    owners = {} if decisions else {_beside(path): path.name for path in documents}
    made = _all_of(
        files,
        lambda path: derivation.read_decisions(read_yaml(path), names, owner=owners.get(path, "")),
    )
    sources = tuple((path, read_yaml(path)) for path in overlays)
    derived = derivation.derive(read)
    decided = derivation.apply_decisions(
        derived.doubts, [one for some in made for one in some], read, derived.contract
    )
    tree = Tree(derived.contract, (Source("", derived.contract, {}), ""))
    for _, source in sources:
        tree = overlay_tree(tree, source)
    paths = {path.name: str(path) for path in (*documents, *files)}
    return _Case(tuple(read), paths, (*derived.doubts, *decided.unmatched), decided, tree, sources)


def _beside(document: Path) -> Path:
    return document.parent / f"{document.name}.decisions.yaml"


def _all_of(paths: Iterable[Path], read: Callable[[Path], T]) -> list[T]:
    """Read every file; raise InputError with the problems of all."""
    made: list[T] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            made.append(read(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return made


def _refuse_unclear_names(
    documents: Sequence[Path], decisions: Sequence[Path], overlays: Sequence[Path]
) -> None:
    """Raise InputError for files that `x-source` or the ledger could not tell apart, or not tell at all."""
    problems = []
    for path in (*documents, *decisions, *overlays):
        if any(unicodedata.category(char) in ("Cc", "Cs") for char in path.name):
            what = "the file's name has characters that cannot be printed, so no line can be told by it"
            problems.append(
                Problem("unclear-name", what, Place(str(path)), hint="Rename the file.")
            )
    for kind, paths in (("document", documents), ("file of decisions", decisions)):
        for name, count in Counter(path.name for path in paths).items():
            same = [path for path in paths if path.name == name]
            if count == 1:
                continue
            if len({os.path.realpath(path) for path in same}) < count:
                what, hint = f"the {kind} {same[0]} is given twice", "Name it once."
            else:
                what = f'{count} {kind}s are called "{name}": {", ".join(map(str, same))}'
                hint = "Rename all but one: lines are told by the file's name, as FILE:LINE."
            problems.append(Problem("same-name", what, hint=hint))
    if problems:
        raise InputError(problems)


def _refuse_to_overwrite(targets: Sequence[tuple[str, Path]], inputs: Sequence[Path]) -> None:
    read = {os.path.realpath(path): path for path in inputs}
    for option, path in targets:
        if os.path.realpath(path) in read:
            raise click.UsageError(
                f"{option} {path} would overwrite what the contract is derived from."
            )
    if len({os.path.realpath(path) for _, path in targets}) < len(targets):
        raise click.UsageError("--output and --ledger name the same file.")


def _write(targets: Sequence[tuple[str, Path]], texts: Mapping[str, str]) -> bool:
    for option, path in targets:
        if os.path.lexists(path) and not path.is_file():
            raise InputError(
                Problem("cannot-write", f"{path} cannot be written (it is no regular file)")
            )
        try:
            write_atomic(path, texts[option])
        except OSError as error:
            raise InputError(
                Problem("cannot-write", f"{path} cannot be written ({error.strerror})")
            ) from error
    return False


def _compare(targets: Sequence[tuple[str, Path]], texts: Mapping[str, str]) -> bool:
    """Say which files are not what the derivation gives today, and whether there are any."""
    stale = [path for option, path in targets if not _is(path, texts[option])]
    for path in stale:
        click.echo(
            f"{path} is not what the derivation gives today. Run the same command without --check.",
            err=True,
        )
    return bool(stale)


def _is(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _located(
    entries: Iterable[derivation.Entry], paths: Mapping[str, str]
) -> list[derivation.Entry]:
    """Give the entries with the paths of the command line, so that what shows them finds the files."""
    return [
        replace(e, doubt=replace(e.doubt, file=paths.get(e.doubt.file, e.doubt.file)))
        for e in entries
    ]


def _formatted(entries: Sequence[derivation.Entry], form: str) -> str:
    if form == "sarif":
        return derivation.as_sarif(entries, version=version("understudy"))
    forms = {"text": derivation.as_text, "json": derivation.as_json, "github": derivation.as_github}
    return forms[form](entries)


def _tell_open(entries: Sequence[derivation.Entry], fail_on: str, *, listed: bool) -> bool:
    """Say which doubts make the command fail, and whether there are any."""
    if fail_on == "never":
        return False
    found = derivation.open_entries(entries, derivation.Severity(fail_on))
    if not found:
        return False
    if not listed:
        click.echo(derivation.as_text(found), nl=False, err=True)
    number = "1 doubt is" if len(found) == 1 else f"{len(found)} doubts are"
    worse = "" if fail_on == _SEVERITIES[0] else " or worse"
    click.echo(
        f"{number} open, of severity {fail_on}{worse}. Decide in DOCUMENT.decisions.yaml.", err=True
    )
    return True


def _explanation(case: _Case, pointer: str) -> str:
    """Give the lines that a node came from, and the doubts on them."""
    actions = {source.file: (path, parse_overlay_actions(source)) for path, source in case.overlays}

    def written(at: str) -> derivation.Trace | None:
        file, action = _action_of(case.tree, at)
        if action is None or file not in actions:
            return None
        path, told = actions[file]
        reason = told[action].description or f"updates {told[action].target}"
        return derivation.Trace(str(path), told[action].place.line, reason)

    traces = derivation.explain(case.tree.data, pointer, case.documents, written)
    lines = [
        f"{case.paths.get(trace.file, trace.file)}:{trace.line}: {trace.text}" for trace in traces
    ]
    places = {(trace.file, trace.line) for trace in traces}
    entries = derivation.ledger_entries(case.doubts, case.settled, case.decided.by_doubt)
    told = [entry for entry in entries if (entry.doubt.file, entry.doubt.line) in places]
    if not lines:
        lines = [f"{pointer}: no line tells this; the derivation made it."]
    text = "".join(f"{derivation.printable(line)}\n" for line in lines)
    return text + ("\n" + derivation.as_text(_located(told, case.paths)) if told else "")


def _action_of(tree: Tree, pointer: str) -> tuple[str, int | None]:
    """Give the file that the node at a pointer was read from, and the index of the overlay's action that made it."""
    node, (source, at) = tree.data, tree.origin
    for token in pointer.split("/")[1:]:
        key = int(token) if isinstance(node, list) else token.replace("~1", "/").replace("~0", "~")
        parts = tree.child_origins.get(id(node))
        source, at = (source, f"{at}/{token}") if parts is None else parts[key]
        node = node[key]
    found = re.match(r"/actions/([0-9]+)/", at)
    return source.file, int(found[1]) if found else None


def _print(text: str) -> None:
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)

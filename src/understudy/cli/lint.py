"""The command `understudy lint`.

The checks are those of the loaders of scenarios and contracts; this module finds files and prints.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path

import click

from understudy.cli.options.contract_options import (
    FILE,
    contract_options,
    load_selected_contract,
    loading_options,
)
from understudy.config import Settings, resolve_overlays
from understudy.contract import Contract, load_contract
from understudy.errors import InputError, Place, Problem
from understudy.messages import dump_json
from understudy.scenario import SUFFIXES, find_scenario, load_scenario, scenario_schema
from understudy.source import read_document
from understudy.workflow_commands import format_command

_UNREADABLE = {"no-such-file", "unreadable-file"}
"""Problems that end the command (exit 2): the file could not be checked."""


class FileKind(Enum):
    """What a file contains."""

    SCENARIO = "scenario"
    CONTRACT = "contract"
    OVERLAY = "overlay"


@click.command()
@click.argument("paths", type=FILE, nargs=-1)
@contract_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How to print.",
)
@click.option(
    "--print-schema",
    is_flag=True,
    help="Print the JSON Schema of scenarios, for an editor, and do nothing else.",
)
def lint(
    paths: tuple[Path, ...],
    contract: Path | None,
    overlay: tuple[Path, ...],
    dialect: str,
    form: str,
    print_schema: bool,
) -> None:
    """Check scenarios, contracts and overlays.

    PATHS are files, folders (with their subfolders), or names of shipped scenarios. The tasks of a
    scenario are validated against the contract. A file with an OpenAPI or Swagger document is
    checked as a contract, with its examples; without PATHS, that of --contract is. An overlay is
    applied to the contract. Every problem of a file is printed with its place. Exits with 1 if
    there is one.

    Example: understudy lint scenarios/ pets.yaml
    """
    if print_schema:
        click.echo(json.dumps(scenario_schema(), indent=2, ensure_ascii=False))
        return
    if not paths and contract is None:
        # Click's own text with a hint: the argument is optional for --print-schema.
        raise click.UsageError(
            "Missing argument 'PATHS...': name a file, a folder, or a shipped scenario."
        )
    files = [file for path in paths for file in _find_files(path)]
    kinds = {file: _find_kind(file) for file in files}
    contracts = [file for file in files if kinds[file] is FileKind.CONTRACT]
    scenarios = [file for file in files if kinds[file] is FileKind.SCENARIO]
    own_overlays = [file for file in files if kinds[file] is FileKind.OVERLAY]
    if contract is not None and not paths:
        contracts = [contract]
    overlays = resolve_overlays(Settings(overlays=overlay, dialect=dialect)) if contract else ()
    problems = [problem for file in contracts for problem in check_contract(file, overlays)]
    for file in own_overlays:
        problems += check_overlay(file, contract, overlays)
    if scenarios:
        loaded = load_selected_contract(contract, overlay, dialect)
        problems += [problem for file in scenarios for problem in check_scenario(file, loaded)]
    _print(problems, form, Counter(kinds.values()) or Counter([FileKind.CONTRACT]))
    sys.exit(1 if problems else 0)


def _find_kind(file: Path) -> FileKind:
    """Return what a file contains; a scenario, unless it is something else."""
    try:
        data = read_document(file).data
    except InputError:
        # Its own loader reports what is wrong with it.
        return FileKind.SCENARIO
    if isinstance(data, dict) and ("openapi" in data or "swagger" in data):
        return FileKind.CONTRACT
    if isinstance(data, dict) and "overlay" in data:
        return FileKind.OVERLAY
    return FileKind.SCENARIO


def check_contract(file: Path, overlays: Sequence[Path] = ()) -> tuple[Problem, ...]:
    """Return the flaws of a contract. Raises InputError for a file that cannot be read."""
    fetch_remote = loading_options()["fetch_remote_refs"]
    try:
        load_contract(file, overlays=overlays, strict=True, fetch_remote=fetch_remote)
    except InputError as error:
        if any(problem.slug in _UNREADABLE for problem in error.problems):
            raise
        return error.problems
    return ()


def check_overlay(
    file: Path, contract: Path | None, before: Sequence[Path] = ()
) -> tuple[Problem, ...]:
    """Return the problems of an overlay that is applied to a contract, after other overlays.

    Problems of the contract itself are not among them.
    """
    try:
        load_contract(contract, overlays=[*before, file])
    except InputError as error:
        name = str(file)
        places = [(problem, problem.place) for problem in error.problems]
        own = [problem for problem, place in places if place and place.file == name]
        if not own:
            raise
        return tuple(own)
    return ()


def _find_files(path: Path) -> Iterator[Path]:
    """Yield the scenarios of a path. Raises InputError for a folder without scenarios."""
    if not path.is_dir():
        yield find_scenario(str(path))
        return
    files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
    if not files:
        detail = f"the folder {path} holds no scenario"
        expected = f"files that end in {', '.join(SUFFIXES)}"
        raise InputError(Problem("no-scenario", detail, expected=expected))
    yield from files


def check_scenario(file: Path, contract: Contract) -> tuple[Problem, ...]:
    """Return the problems of a scenario, in the order of their lines.

    Raises InputError for a file that cannot be read.
    """
    try:
        load_scenario(file, contract=contract)
    except InputError as error:
        if any(problem.slug in _UNREADABLE for problem in error.problems):
            raise
        return error.problems
    return ()


def _print(problems: Sequence[Problem], form: str, counts: Counter[FileKind]) -> None:
    """Print the problems; the counts are those of the files that were checked."""
    match form:
        case "json":
            records = [_to_record(problem) for problem in problems]
            click.echo(dump_json(records).decode())
        case "github":
            for problem in problems:
                click.echo(_format_annotation(problem))
        case _:
            for problem in problems:
                click.echo(str(problem))
            if not problems:
                parts = [_count(counts[kind], kind.value) for kind in FileKind if counts[kind]]
                click.echo(f"{', '.join(parts)}: no problems")


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _to_record(problem: Problem) -> dict[str, object]:
    """Return a problem as JSON data; unknown values are empty or 0."""
    place = problem.place
    return {
        "file": place.file if place else "",
        "line": place.line if place else 0,
        "column": place.column if place else 0,
        "rule": problem.slug,
        "what": problem.message,
        "expected": problem.expected,
        "hint": problem.hint,
        "nearest": problem.nearest,
    }


def _format_annotation(problem: Problem) -> str:
    """Return a problem as a workflow command of GitHub."""
    place = problem.place or Place("")
    return format_command(
        "error",
        str(problem),
        title=problem.slug,
        file=place.file,
        line=place.line,
        column=place.column,
    )

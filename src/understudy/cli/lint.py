"""The command `understudy lint`.

The checks are those of the loader (`understudy.scenario`); this module finds files and prints.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from understudy.cli.options import FILE, contract_options, load_selected_contract
from understudy.contract import Contract
from understudy.errors import InputError, Problem
from understudy.messages import dump_json
from understudy.scenario import SUFFIXES, find_scenario, load_scenario, scenario_schema

_UNREADABLE = {"no-such-file", "unreadable-file"}
"""Problems that end the command (exit 2): the file could not be checked."""


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
    """Check scenarios, and validate each of their tasks against the contract.

    PATHS are files, folders (with their subfolders), or names of shipped scenarios. Every problem
    of a file is printed with its place. Exits with 1 if there is one.

    Example: understudy lint scenarios/
    """
    if print_schema:
        click.echo(json.dumps(scenario_schema(), indent=2, ensure_ascii=False))
        return
    if not paths:
        # Click's own text with a hint: the argument is optional for --print-schema.
        raise click.UsageError(
            "Missing argument 'PATHS...': name a file, a folder, or a shipped scenario."
        )
    loaded = load_selected_contract(contract, overlay, dialect)
    files = [file for path in paths for file in _find_files(path)]
    problems = [problem for file in files for problem in _check_file(file, loaded)]
    _print(problems, form, len(files))
    sys.exit(1 if problems else 0)


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


def _check_file(file: Path, contract: Contract) -> tuple[Problem, ...]:
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


def _print(problems: Sequence[Problem], form: str, count: int) -> None:
    """Print the problems; `count` is the number of scenarios."""
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
                plural = "" if count == 1 else "s"
                click.echo(f"{count} scenario{plural}: no problems")


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
    """Return a problem as a workflow command of GitHub.

    Source: docs.github.com, "Workflow commands": line ends and per cent signs are escaped, in
    properties also `:` and `,`.
    """
    place = problem.place
    text = str(problem).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    if place is None:
        return f"::error title={problem.slug}::{text}"
    file = place.file.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    properties = f"file={file},line={place.line},col={place.column},title={problem.slug}"
    return f"::error {properties}::{text}"

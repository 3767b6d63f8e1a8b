"""`understudy lint`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from understudy.cli.options import FILE, contract_options, load_selected_contract
from understudy.errors import InputError, Problem
from understudy.messages import dump_json
from understudy.scenario import SUFFIXES, find_scenario, load_scenario, scenario_schema


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
    """Check scenarios: files, folders of them, or names of shipped ones. Each task is held against the contract.

    Example: understudy lint scenarios/
    """
    if print_schema:
        click.echo(json.dumps(scenario_schema(), indent=2, ensure_ascii=False))
        return
    if not paths:
        raise click.UsageError(
            "Missing argument 'PATHS...': name a file, a folder, or a shipped scenario."
        )
    against = load_selected_contract(contract, overlay, dialect)
    files = list(_files(paths))
    problems: list[Problem] = []
    for file in files:
        try:
            load_scenario(file, contract=against)
        except InputError as error:
            if any(
                problem.slug in ("no-such-file", "unreadable-file") for problem in error.problems
            ):
                raise
            problems += error.problems
    _print(problems, form, len(files))
    sys.exit(1 if problems else 0)


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
            if not found:
                what = f"the folder {path} holds no scenario"
                raise InputError(
                    Problem(
                        "no-scenario", what, expected=f"files that end in {', '.join(SUFFIXES)}"
                    )
                )
            yield from found
        else:
            yield find_scenario(str(path))


def _print(problems: list[Problem], form: str, count: int) -> None:
    if form == "json":
        click.echo(dump_json([_record(problem) for problem in problems]).decode())
        return
    for problem in problems:
        click.echo(_annotation(problem) if form == "github" else str(problem))
    if form == "text" and not problems:
        click.echo(f"{count} scenario{'s' if count != 1 else ''}: no problems")


def _record(problem: Problem) -> dict[str, object]:
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


def _annotation(problem: Problem) -> str:
    """Write a workflow command of GitHub: newlines and per cent signs escaped, in properties also `:` and `,`."""
    place = problem.place
    text = str(problem).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    if place is None:
        return f"::error title={problem.slug}::{text}"
    file = place.file.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    return f"::error file={file},line={place.line},col={place.column},title={problem.slug}::{text}"

"""Mutation testing by sample: change one thing in the source, and see whether a test notices.

Run: `python benchmarks/mutants.py PACKAGE [PACKAGE …] [--count N] [--seed N] [--seconds N]`, with packages
such as `ocp`, `contract`, `rules`, `replay`, or modules such as `patterns/bounded_regex.py`. Default: 20
mutants of each, in a copy of the checkout, whose tests must pass as they are. The tests of the package (`tests/unit/<package>`) run first;
a mutant that survives them meets the tests of the neighbours that are named in TESTS. A run that takes
longer than `--seconds` counts as noticed, because the tests of an endless loop do not end either.

It prints each survivor with its line, and the share of mutants that were noticed.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = {
    "ocp": ["tests/unit/ocp", "tests/properties/test_engine_properties.py", "tests/unit/scenario"],
    "contract": ["tests/unit/contract", "tests/contract_stories", "tests/unit/replay"],
    "rules": ["tests/unit/rules", "tests/unit/replay", "tests/stories"],
    "replay": ["tests/unit/replay", "tests/unit/harness", "tests/unit/control", "tests/stories"],
}
COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    path: Path
    line: int
    change: str
    text: str
    """The module with the change."""


def list_changes(tree: ast.Module) -> list[tuple[int, int]]:
    """Return node and variant of each possible change; docstrings and annotations stay."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            skipped.update(map(id, ast.walk(node.annotation)))
        if isinstance(node, ast.FunctionDef) and node.returns:
            skipped.update(map(id, ast.walk(node.returns)))
    nodes = list(ast.walk(tree))
    return [
        (index, variant)
        for index, node in enumerate(nodes)
        if id(node) not in skipped
        for variant in range(count_variants(node))
    ]


def count_variants(node: ast.AST) -> int:
    """Return in how many ways a node can be changed."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in COMPARISONS:
            return 1
        case ast.BinOp(op=operator) if type(operator) in OPERATORS:
            return 1
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()) | ast.If() | ast.IfExp():
            return 1
        case ast.Constant(value=bool() | int()):
            return 1
        case ast.Return(value=value) if value is not None:
            return int(not (isinstance(value, ast.Constant) and value.value is None))
        case ast.Break() | ast.Continue():
            return 1
    return 0


def change(node: ast.AST) -> str:
    """Change a node in place, and return what was done."""
    match node:
        case ast.Compare(ops=[operator]):
            node.ops = [COMPARISONS[type(operator)]()]
            return f"{type(operator).__name__} -> {type(node.ops[0]).__name__}"
        case ast.BinOp(op=operator):
            node.op = OPERATORS[type(operator)]()
            return f"{type(operator).__name__} -> {type(node.op).__name__}"
        case ast.BoolOp(op=operator):
            node.op = ast.Or() if isinstance(operator, ast.And) else ast.And()
            return f"{type(operator).__name__} -> {type(node.op).__name__}"
        case ast.UnaryOp():
            node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
            return "not removed"
        case ast.If() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return "condition negated"
        case ast.Constant(value=bool() as value):
            node.value = not value
            return f"{value} -> {not value}"
        case ast.Constant(value=int() as value):
            node.value = value + 1
            return f"{value} -> {value + 1}"
        case ast.Return():
            node.value = ast.Constant(None)
            return "returns None"
    return "nothing"


def swap_jump(tree: ast.Module, jump: ast.AST) -> None:
    """Replace `break` by `continue`, or the other way."""
    for parent in ast.walk(tree):
        for name in ("body", "orelse", "handlers"):
            statements = getattr(parent, name, None)
            if isinstance(statements, list) and jump in statements:
                other = ast.Continue() if isinstance(jump, ast.Break) else ast.Break()
                statements[statements.index(jump)] = ast.copy_location(other, jump)


def build_mutant(path: Path, index: int) -> Mutant:
    """Build the module with a node changed."""
    tree = copy.deepcopy(ast.parse(path.read_text("utf-8")))
    node = list(ast.walk(tree))[index]
    if isinstance(node, ast.Break | ast.Continue):
        swap_jump(tree, node)
        done = "break and continue swapped"
    else:
        done = change(node)
    line = getattr(node, "lineno", 0)
    return Mutant(path, line, done, ast.unparse(ast.fix_missing_locations(tree)))


def draw_mutants(package: str, count: int, seed: int) -> Iterator[Mutant]:
    """Yield a sample of the changes of a package; each has the same chance."""
    place = ROOT / "src" / "understudy" / package
    paths = [place] if place.is_file() else sorted(place.rglob("*.py"))
    changes = [
        (path, index)
        for path in paths
        for index, _ in list_changes(ast.parse(path.read_text("utf-8")))
    ]
    rng = random.Random(f"{package} {seed}")  # noqa: S311 - a sample needs no secure numbers
    print(f"{package}: {len(changes)} possible changes in {len(paths)} modules", flush=True)
    for path, index in rng.sample(changes, min(count, len(changes))):
        yield build_mutant(path, index)


def is_noticed(copied: Path, tests: list[str], seconds: int) -> bool:
    """Return whether a test fails, or the tests do not end."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-m",
        "not slow",
        *tests,
    ]
    environment = {**os.environ, "PYTHONPATH": str(copied / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copied, env=environment, capture_output=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode not in (0, 5)  # 5: no test was selected


def find_tests(mutant: Mutant, package: str) -> list[list[str]]:
    """Return the runs of tests for a mutant: those of its module, of its package, of its neighbours."""
    first, *others = TESTS.get(package, [f"tests/unit/{package}"])
    stem = mutant.path.stem
    own = [
        str(path.relative_to(ROOT)) for path in sorted((ROOT / first).rglob(f"test_*{stem}*.py"))
    ]
    return [run for run in (own, [first], others) if run]


def run(package: str, count: int, seed: int, seconds: int) -> None:
    """Test the mutants of a package, and print the survivors and the share."""
    noticed = total = 0
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "checkout"
        ignored = shutil.ignore_patterns(
            ".git", ".venv", "build", "__pycache__", ".*_cache", "node_modules"
        )
        shutil.copytree(ROOT, copied, ignore=ignored)
        every = TESTS.get(package, [f"tests/unit/{package}"])
        if is_noticed(copied, every, seconds * 10):
            sys.exit(f"{package}: the tests fail without any change")
        for mutant in draw_mutants(package, count, seed):
            target = copied / mutant.path.relative_to(ROOT)
            target.write_text(mutant.text, "utf-8")
            is_detected = any(
                is_noticed(copied, tests, seconds) for tests in find_tests(mutant, package)
            )
            shutil.copyfile(mutant.path, target)
            total, noticed = total + 1, noticed + is_detected
            if not is_detected:
                print(
                    f"  survived: {mutant.path.relative_to(ROOT)}:{mutant.line}: {mutant.change}",
                    flush=True,
                )
    print(f"{package}: {noticed} of {total} mutants noticed ({noticed / total:.0%})", flush=True)


def main() -> None:
    """Test the mutants of each package."""
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=300)
    arguments = parser.parse_args()
    for package in arguments.packages:
        run(package, arguments.count, arguments.seed, arguments.seconds)


if __name__ == "__main__":
    main()

"""The layers: imports point down only, siblings do not see each other, each library has one door."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import understudy

ROOT = Path(understudy.__file__).parent

LAYERS = {
    "errors": 0, "clock": 0, "messages": 0, "resources": 0, "times": 0,
    "source": 1, "regular": 1,
    "contract": 2, "ocp": 2, "store": 2, "derive": 2, "config": 2,
    "script": 3, "coverage": 3,
    "scenario": 4,
    "replay": 5, "traffic": 5, "strategies": 5,
    "control": 6,
    "server": 7,
    "live": 8,
    "harness": 9,
    "cli": 10, "pytest_plugin": 10, "hypothesis_plugin": 10, "testing": 10, "__main__": 11,
}  # fmt: skip

DOORS = {
    "flask": {"server"},
    "flask_cors": {"server"},
    "werkzeug": {"server"},
    "click": {"cli"},
    "hypothesis": {"strategies", "testing", "hypothesis_plugin"},
    "redis": {"store"},
    "jsonschema": {"contract"},
    "jsonschema_rs": {"contract"},
    "referencing": {"contract"},
    "yaml": {"source"},
    "markdown_it": {"derive"},
    "jsonpatch": {"script"},
    "jsonpath": {"script"},
    "jsonpointer": {"script"},
    "regex": {"script"},
    "waitress": {"live"},
    "pytest": {"pytest_plugin"},
    "requests": {"harness"},
    "urllib3": {"harness"},
    "httpx": {"harness"},
    "httpx2": {"harness"},
    "anyio": {"harness"},
}

MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Give line and dotted name of each import of a module, late ones too; those for type checkers only do not run."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((node.lineno, name) for name in (names if node.module == "understudy" else [node.module or ""]))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    """A module imports from its own package or from a lower layer, never from a sibling."""
    own = package_of(path)
    wrong = []
    for line, name in imports_of(path):
        if name.split(".")[0] != "understudy":
            continue
        target = name.split(".")[1] if "." in name else "the top package"
        if target != own and LAYERS.get(target, 99) >= LAYERS[own]:
            wrong.append(f"{path.name}:{line} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_has_one_door(path: Path) -> None:
    """A third-party library is imported in the one package that may know it."""
    own = package_of(path)
    used = {(line, name.split(".")[0]) for line, name in imports_of(path)}
    assert [f"{path.name}:{line} imports {name}" for line, name in used if own not in DOORS.get(name, {own})] == []


def test_each_package_stands_in_a_layer() -> None:
    """A new package has to say which layer it is in."""
    assert {package_of(path) for path in MODULES} - set(LAYERS) == set()


def test_init_files_hold_reexports_only() -> None:
    """An `__init__.py` has a docstring, imports and `__all__`, nothing else."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if path.name == "__init__.py"
        for node in ast.parse(path.read_text("utf-8")).body
        if not isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign))
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    assert wrong == []


@pytest.mark.parametrize("package", sorted({path.parent for path in MODULES} - {ROOT}), ids=lambda path: path.name)
def test_no_module_takes_the_name_of_what_its_package_gives(package: Path) -> None:
    """One that is imported late would replace a function by itself: `from package import name` then gives a module."""
    name = f"understudy.{'.'.join(package.relative_to(ROOT).parts)}"
    for path in package.glob("*.py"):
        import_module(name if path.stem == "__init__" else f"{name}.{path.stem}")
    given = {public: getattr(import_module(name), public) for public in import_module(name).__all__}
    assert [public for public, value in given.items() if isinstance(value, ModuleType)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sizes(path: Path) -> None:
    """A module has at most 400 lines, a function at most 60."""
    text = path.read_text("utf-8")
    long = [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 60
    ]
    lines = text.count("\n")
    assert (long, lines <= 400 or lines) == ([], True)

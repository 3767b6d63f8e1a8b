"""The architecture: imports point down, no cycles, one door for each library, bounded sizes.

docs/guide/design.md explains the layers. All tests share one parse of the source tree.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from types import ModuleType

import understudy

ROOT = Path(understudy.__file__).parent

# Lower numbers are lower layers. A package imports from lower layers only; packages of one layer do not see each other.
LAYERS = {
    "errors": 0, "clock": 0, "messages": 0, "resources": 0, "durations": 0, "lazy_names": 0, "escapes": 0,
    "workflow_commands": 0,
    "graph": 1, "source": 1, "patterns": 1, "regexgen": 1, "disk_cache": 1,
    "contract": 2, "ocp": 2, "store": 2, "derive": 2, "config": 2,
    "rules": 3, "coverage": 3, "compare": 3,
    "scenario": 4,
    "replay": 5, "traffic": 5, "strategies": 5,
    "control": 6, "calllog": 6,
    "server": 7,
    "live": 8,
    "harness": 9,
    "cli": 10, "pytest_plugin": 10, "validation_plugin": 10, "hypothesis_plugin": 10,
    "testing": 10, "__main__": 11,
}  # fmt: skip

# Inside of a divided package, the sub-packages from the bottom to the top. A sub-package imports from those before it.
# Modules that stand beside the sub-packages are bound by the absence of cycles alone.
ROOMS = {
    "contract": ["document", "schema", "expansion", "operation", "loading", "corruption"],
    "derive": ["facts", "lexicon", "markdown", "reader", "openapi", "rules", "ledger"],
    "rules": ["values", "matching", "replies", "faults", "parse"],
    "control": ["api", "handlers"],
    "strategies": ["schema", "ocp"],
    "server": ["console"],
    "cli": ["options", "serving"],
    "traffic": ["reading", "calls", "sequence", "reports"],
}
FLAT = 23  # modules of the largest folder that is not divided yet

DOORS = {
    "flask": {"server"},
    "werkzeug": {"server", "messages"},
    "click": {"cli"},
    "jinja2": {"server"},
    "hypothesis": {"strategies", "testing", "hypothesis_plugin"},
    "redis": {"store"},
    "jsonschema": {"contract"},
    "jsonschema_rs": {"contract"},
    "referencing": {"contract"},
    "ijson": {"traffic"},
    "yaml": {"source"},
    "markdown_it": {"derive"},
    "jsonpatch": {"rules"},
    "jsonpath": {"patterns"},
    "jsonpointer": {"rules"},
    "regex": {"patterns", "regexgen"},
    "waitress": {"live"},
    "cryptography": {"live"},
    "pytest": {"pytest_plugin", "validation_plugin"},
    "requests": {"harness"},
    "urllib3": {"harness"},
    "httpx": {"harness"},
    "httpx2": {"harness"},
    "anyio": {"harness"},
}


@dataclass(frozen=True)
class Import:
    """One imported name, with the place that imports it."""

    module: str  # dotted, below `understudy`; the importing module
    line: int
    target: str  # dotted and absolute

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def parse_tree() -> dict[str, tuple[Path, ast.Module]]:
    """Parse each module once. Keys are dotted names below `understudy`; a package is named by its folder."""
    parsed = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:  # the top package stands above all layers
            parsed[name] = path, ast.parse(path.read_text("utf-8"))
    return parsed


MODULES = parse_tree()


def find_imports() -> Iterator[Import]:
    """Yield all imports: at the top, late, and for type checkers only."""
    for module, (_, tree) in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(module, node.lineno, alias.name)
            elif isinstance(node, ast.ImportFrom):
                # A relative import has no place in LAYERS and so fails below.
                for alias in node.names:
                    yield Import(
                        module, node.lineno, f"{'.' * node.level}{node.module}.{alias.name}"
                    )


IMPORTS = list(find_imports())


def resolve(target: str) -> str | None:
    """Return the module of this project that an imported name lies in, or None for another library's."""
    first, _, name = target.partition(".")
    if first != "understudy":
        return None
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def points_down(module: str, target: str) -> bool:
    """Return whether one module may import another, by the layers and by the sub-packages of one package."""
    own, *own_rest = module.split(".")
    other, *other_rest = target.split(".")
    if own != other:
        return LAYERS.get(other, 99) < LAYERS[own]
    rooms = ROOMS.get(own, [])
    if not own_rest or not other_rest or own_rest[0] not in rooms or other_rest[0] not in rooms:
        return True
    return rooms.index(other_rest[0]) <= rooms.index(own_rest[0])


def test_imports_point_down_without_cycles() -> None:
    """Layers and sub-packages hold, imports for type checkers included; no import goes in a circle."""
    wrong = []
    graph: dict[str, set[str]] = {}
    for imported in IMPORTS:
        target = resolve(imported.target)
        if imported.target.startswith("."):
            wrong.append(f"{imported}: imports are absolute")
        elif target is not None and target != imported.module:
            graph.setdefault(imported.module, set()).add(target)
            if not points_down(imported.module, target):
                wrong.append(str(imported))
    assert wrong == []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(f"modules import each other in a circle: {error.args[1]}") from None


def test_each_library_has_one_door() -> None:
    """A third-party library is imported in the one package that may know it."""
    wrong = []
    for imported in IMPORTS:
        own = imported.module.split(".")[0]
        if own not in DOORS.get(imported.target.split(".")[0], {own}):
            wrong.append(str(imported))
    assert wrong == []


def test_folders_are_in_order() -> None:
    """Each package stands in a layer, is divided when it is large, and re-exports only.

    No two modules have the same name in different folders: a reader would take one for the other. A
    module that is imported late and has the name of a function that its package exports would replace the function.
    """
    assert {name.split(".")[0] for name in MODULES} - set(LAYERS) == set()
    loaded = {name: import_module(f"understudy.{name}") for name in MODULES if name != "__main__"}
    packages = {name: module for name, module in loaded.items() if hasattr(module, "__path__")}
    wrong = []
    sizes: dict[Path, int] = {}
    for name, (path, tree) in MODULES.items():
        sizes[path.parent] = sizes.get(path.parent, 0) + 1
        module = packages.get(name)
        for node in tree.body if module else ():
            is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            is_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            is_allowed = isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign))
            if not (is_docstring or is_for_types or is_allowed):
                wrong.append(f"{name}/__init__.py:{node.lineno} holds more than re-exports")
        for public in getattr(module, "__all__", ()):
            if isinstance(getattr(module, public), ModuleType):
                wrong.append(f"{name}: a module hides the public name {public}")
    stems = Counter(name.rpartition(".")[2] for name in MODULES if name not in packages)
    wrong += [f"{count} modules are named {stem}" for stem, count in stems.items() if count > 1]
    for folder, size in sizes.items():
        limit = FLAT if str(folder.relative_to(ROOT)) not in ROOMS else 15
        if size > limit:
            wrong.append(f"{folder.relative_to(ROOT)} has {size} modules")
    assert wrong == []


def test_sizes() -> None:
    """A module has at most 400 lines, a function at most 60."""
    wrong = []
    for name, (path, tree) in MODULES.items():
        length = path.read_text("utf-8").count("\n")
        if length > 400:
            wrong.append(f"{name} has {length} lines")
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
                size = node.end_lineno - node.lineno + 1
                if size > 60:
                    wrong.append(f"{name}:{node.lineno} {node.name} has {size} lines")
    assert wrong == []

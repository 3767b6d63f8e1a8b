"""The entry point of Hypothesis: it registers the public types, and imports hardly anything."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

from understudy.contract import Match
from understudy.hypothesis_plugin import register
from understudy.messages import Request, Response
from understudy.ocp import Cluster, Creator, Subtask, Task, Tenant, find_contradictions
from understudy.strategies.strategy_options import shipped_contract

QUICK = settings(
    phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None, deadline=None
)


@pytest.mark.parametrize("kind", [Task, Subtask, Cluster, Tenant, Creator, Request, Response])
def test_from_type_knows_the_public_types(kind: type) -> None:
    """Each public type is drawn as an instance of it."""
    register()
    assert isinstance(find(st.from_type(kind), lambda value: True, settings=QUICK), kind)


def test_values_of_types_are_valid() -> None:
    """A task has no contradictions, a request leads to an operation."""
    register()
    assert (
        list(
            find_contradictions(
                find(st.from_type(Task), lambda task: len(task.subtasks) > 1, settings=QUICK)
            )
        )
        == []
    )
    request = find(st.from_type(Request), lambda request: request.method == "POST", settings=QUICK)
    assert isinstance(shipped_contract().route(request.method, request.path), Match)


def test_entry_point_names_the_register_function(root: Path) -> None:
    """Hypothesis finds it by the entry point of the package."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    entry_point = project["entry-points"]["hypothesis"]["understudy"]
    module, _, name = entry_point.partition(":")
    assert getattr(import_module(module), name) is register


def test_registering_imports_nothing_heavy() -> None:
    """Neither strategies nor contract, server or YAML are imported."""
    code = (
        "import sys, understudy.hypothesis_plugin as plugin\n"
        "plugin.register()\n"
        "heavy = ('understudy.strategies', 'understudy.contract', 'understudy.server', 'yaml', 'flask', 'jsonschema')\n"
        "sys.exit(', '.join(name for name in heavy if name in sys.modules) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

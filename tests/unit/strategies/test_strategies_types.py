"""What Hypothesis learns by the entry point: the public types, at hardly any cost."""

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
    """Each is drawn as what it is."""
    register()
    assert isinstance(find(st.from_type(kind), lambda value: True, settings=QUICK), kind)


def test_what_is_drawn_for_a_type_is_in_order() -> None:
    """A task contradicts nothing, a request leads to an operation."""
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


def test_the_entry_point_leads_to_it(root: Path) -> None:
    """As the project's file tells it."""
    told = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"][
        "hypothesis"
    ]
    module, _, name = told["understudy"].partition(":")
    assert getattr(import_module(module), name) is register


def test_registering_imports_nothing_heavy() -> None:
    """No strategies, no contract, no server, no YAML."""
    code = (
        "import sys, understudy.hypothesis_plugin as plugin\n"
        "plugin.register()\n"
        "heavy = ('understudy.strategies', 'understudy.contract', 'understudy.server', 'yaml', 'flask', 'jsonschema')\n"
        "sys.exit(', '.join(name for name in heavy if name in sys.modules) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

"""The recipes for other test runners do what the guide says."""

import os
import subprocess
import unittest
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from shutil import copy, which
from types import ModuleType, SimpleNamespace

import pytest

from understudy import Ocp, OcpServer
from understudy.harness import FoundError
from understudy.live import LiveServer

EXAMPLES = Path(__file__).parents[2] / "examples"
NODE = which("node")
needs_node = pytest.mark.skipif(
    NODE is None, reason="no JavaScript was run: apt-get install nodejs"
)

WRONG = """
import { afterEach, beforeEach, test } from "node:test";
import { newWorld } from "./ocp.mjs";

let ocp;
beforeEach(async () => { ocp = await newWorld(); });
afterEach(() => ocp.close());

test("a client that breaks the contract", async () => {
  const headers = { Authorization: `Basic ${btoa("admin:admin")}` };
  await fetch(`${ocp.url}/api/v2/tasks/instances?size=0`, { headers });
});
"""


def run_node(live: LiveServer, file: Path) -> subprocess.CompletedProcess[str]:
    """Run a file of tests with Node's own runner, against a server that runs already."""
    assert NODE is not None
    environment = {**os.environ, "OCP_URL": live.url}
    command = [NODE, "--test", str(file)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@needs_node
def test_the_recipe_for_javascript_runs(live: LiveServer) -> None:
    """Each test has its world; when it ends, the world is gone."""
    done = run_node(live, EXAMPLES / "node" / "tasks.test.mjs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 3" in done.stdout
    assert [world.name for world in live.stub.worlds() if world.name.startswith("js-")] == []


@needs_node
def test_the_recipe_for_javascript_is_strict(live: LiveServer, tmp_path: Path) -> None:
    """A client that breaks the contract fails its test, with the place and a line that does it again."""
    copy(EXAMPLES / "node" / "ocp.mjs", tmp_path)
    file = tmp_path / "wrong.test.mjs"
    file.write_text(WRONG, "utf-8")
    done = run_node(live, file)
    assert done.returncode == 1
    assert "query.size: 0; expected at least 1" in done.stdout
    assert "curl " in done.stdout
    assert [world.name for world in live.stub.worlds() if world.name.startswith("js-")] == []


def test_unittest_fails_a_test_whose_client_breaks_the_contract() -> None:
    """As a failure, beside the test's own; the other tests are not touched."""
    with OcpServer() as server:

        class ExampleTest(unittest.TestCase):
            def setUp(self) -> None:
                self.ocp = self.enterContext(server.world(self.id()))

            def test_bad(self) -> None:
                self.ocp.requests().get("/api/v2/tasks/instances?size=0")

            def test_good(self) -> None:
                self.ocp.requests().get("/api/v2/tasks/instances")

            def test_own(self) -> None:
                self.fail("its own")

        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(ExampleTest).run(result)
        assert server.open == ()
    failures = {case.id().rpartition(".")[2]: text for case, text in result.failures}
    assert (sorted(failures), result.errors, result.testsRun) == (["test_bad", "test_own"], [], 3)
    assert "query.size: 0; expected at least 1" in failures["test_bad"]


@pytest.fixture
def hooks() -> ModuleType:
    """What behave loads from environment.py."""
    spec = spec_from_file_location("environment", EXAMPLES / "behave" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_hooks_for_behave_give_each_scenario_a_world(hooks: ModuleType) -> None:
    """Called in behave's order; what a client does against the contract fails its scenario, and no other one."""
    context, names = SimpleNamespace(), []
    hooks.before_all(context)
    assert isinstance(context.server, OcpServer)
    for target in ("/api/v2/tasks/instances", "/api/v2/tasks/instances?size=0"):
        hooks.before_scenario(context, SimpleNamespace(name="A task is retried"))
        assert isinstance(context.ocp, Ocp)
        names.append(context.ocp.name)
        context.ocp.requests().get(target)
        if "size" in target:
            with pytest.raises(FoundError, match=r"query.size"):
                hooks.after_scenario(context, None)
        else:
            hooks.after_scenario(context, None)
    assert len(set(names)) == 2
    assert context.server.open == ()
    hooks.after_all(context)

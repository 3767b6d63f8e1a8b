"""The examples for other test runners do what the guide says."""

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
    """Run a file of tests with Node's own runner, against a running server."""
    assert NODE is not None
    environment = {**os.environ, "OCP_URL": live.url}
    command = [NODE, "--test", str(file)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@needs_node
def test_javascript_example_passes(live: LiveServer) -> None:
    """Each test has its world, which is deleted at the end."""
    done = run_node(live, EXAMPLES / "node" / "tasks.test.mjs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 3" in done.stdout
    assert [world.name for world in live.stub.worlds() if world.name.startswith("js-")] == []


@needs_node
def test_javascript_example_reports_violations(live: LiveServer, tmp_path: Path) -> None:
    """The failure shows the place and a curl command."""
    copy(EXAMPLES / "node" / "ocp.mjs", tmp_path)
    file = tmp_path / "wrong.test.mjs"
    file.write_text(WRONG, "utf-8")
    done = run_node(live, file)
    assert done.returncode == 1
    assert "query.size: 0; expected at least 1" in done.stdout
    assert "curl " in done.stdout
    assert [world.name for world in live.stub.worlds() if world.name.startswith("js-")] == []


def test_unittest_reports_violations() -> None:
    """They are failures of their test; other tests pass or fail by themselves."""
    with OcpServer() as server:

        class VerifiedTests(unittest.TestCase):
            def setUp(self) -> None:
                self.ocp = self.enterContext(server.world(self.id()))

            def test_bad(self) -> None:
                self.ocp.requests().get("/api/v2/tasks/instances?size=0")

            def test_good(self) -> None:
                self.ocp.requests().get("/api/v2/tasks/instances")

            def test_own(self) -> None:
                self.fail("its own")

        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(VerifiedTests).run(result)
        assert server.open == ()
    failures = {case.id().rpartition(".")[2]: text for case, text in result.failures}
    assert (sorted(failures), result.errors, result.testsRun) == (["test_bad", "test_own"], [], 3)
    assert "query.size: 0; expected at least 1" in failures["test_bad"]


@pytest.fixture
def hooks() -> ModuleType:
    """Return the module that behave loads from environment.py."""
    spec = spec_from_file_location("environment", EXAMPLES / "behave" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_behave_hooks_create_a_world_for_each_scenario(hooks: ModuleType) -> None:
    """A violation fails its own scenario only. The hooks are called in the order of behave."""
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

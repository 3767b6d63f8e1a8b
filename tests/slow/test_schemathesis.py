"""Schemathesis with all its checks, against the stub on a real socket."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from understudy.live import LiveServer

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("dialect", ["documented", "observed"])
def test_schemathesis_finds_no_failure_in_the_api(root: Path, tmp_path: Path, dialect: str) -> None:
    """Each operation that reads also got a success."""
    with LiveServer(scenario="demo", clock="virtual", dialect=dialect) as server:
        contract = root / "openapi.yaml"
        if dialect == "observed":
            from understudy.source import dump_yaml

            contract = tmp_path / "openapi.yaml"
            contract.write_text(dump_yaml(server.stub.contract.document), "utf-8")
        done = subprocess.run(
            [
                str(Path(sys.executable).parent / "schemathesis"),
                "--config-file",
                str(root / "schemathesis.toml"),
                "run",
                str(contract),
                "--url",
                server.url,
                "--checks",
                "all",
                "--max-examples",
                "150",
                "--seed",
                "1",
                "--generation-database",
                "none",
                "--no-color",
                "--continue-on-failure",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=800,
            env={**os.environ, "OCP_USER": "admin", "OCP_PASSWORD": "admin"},
        )
        calls = Counter(
            (c.operation, c.response.status) for c in server.world("default").journal.exchanges()
        )
    print(done.stdout[-3000:], sorted(calls.items()))  # noqa: T201 - the figures, shown with -s or on failure
    assert done.returncode == 0, done.stdout + done.stderr
    accepted = {operation for operation, status in calls if status == 200}
    assert {"listTaskInstances", "getTaskInstance", "getSubtaskLog"} <= accepted

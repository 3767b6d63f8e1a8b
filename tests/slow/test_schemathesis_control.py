"""Schemathesis with all its checks, against the control API."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from understudy.live import LiveServer

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("token", ["", "s3cret"])
def test_schemathesis_finds_no_failure_in_the_control_api(
    root: Path, tmp_path: Path, token: str
) -> None:
    """With and without a token. `events` is left out because it does not end, and so is `wait`."""
    with LiveServer(scenario="demo", clock="virtual", token=token) as server:
        api = f"{server.url}/__admin"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        document = tmp_path / "openapi.yaml"
        document.write_text(
            requests.get(f"{api}/openapi.yaml", headers=headers, timeout=10).text, "utf-8"
        )
        options = ["--header", f"Authorization: Bearer {token}"] if token else []
        done = subprocess.run(
            [
                str(Path(sys.executable).parent / "schemathesis"),
                "--config-file",
                str(root / "tests/slow/schemathesis-control.toml"),
                "run",
                str(document),
                "--url",
                api,
                "--checks",
                "all",
                "--max-examples",
                "60",
                "--seed",
                "1",
                "--generation-database",
                "none",
                "--no-color",
                "--continue-on-failure",
                *options,
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=800,
        )
    print(done.stdout[-6000:])  # noqa: T201 - the figures, shown with -s or on failure
    assert done.returncode == 0, done.stdout + done.stderr

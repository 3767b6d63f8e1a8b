"""What `understudy serve` imports before its first answer: start-up time is what users feel."""

import http.client
import os
import re
import subprocess
import sys
from pathlib import Path

LATE = [
    "cryptography",
    "hypothesis",
    "jsonpatch",
    "jsonpath",
    "jsonschema",
    "markdown_it",
    "pytest",
    "referencing",
    "regex",
    "werkzeug.debug",
    "xml",
    "understudy.contract.corruption",
    "understudy.contract.document.overlay",
    "understudy.contract.sampling",
    "understudy.control.api.control_problems",
    "understudy.control.dispatch",
    "understudy.coverage",
    "understudy.derive",
    "understudy.harness",
    "understudy.live.tls",
    "understudy.regexgen.solver",
    "understudy.replay.example_service",
    "understudy.strategies",
]
"""Modules that no first answer needs, with those below them."""
PARSERS = [
    "yaml",
    "understudy.contract.loading.contract_loader",
    "understudy.contract.loading.element_checks",
    "understudy.scenario.task_contract_check",
    "understudy.source",
]
"""Modules that a start does not need either if contract and scenario are in the cache."""


def list_modules(folder: Path, *options: str) -> set[str]:
    """Return the modules that a server has imported when it has answered its first call."""
    errors = folder / "stderr.txt"
    with errors.open("w") as file:
        process = subprocess.Popen(
            [
                sys.executable,
                "-X",
                "importtime",
                "-m",
                "understudy",
                "serve",
                "--port",
                "0",
                *options,
            ],
            env=_environment(folder),
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().rpartition(":")[2])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            credentials = {"Authorization": "Basic YWRtaW46YWRtaW4="}
            connection.request("GET", "/api/v2/tasks/instances", headers=credentials)
            assert connection.getresponse().status == 200
            connection.close()
        finally:
            process.kill()
            process.communicate()
    return set(re.findall(r"import time: .*\| +(\S+)$", errors.read_text(), re.MULTILINE))


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of the server: measuring coverage imports modules of its own."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")}
    return {**own, "XDG_CACHE_HOME": str(folder)}


def find_below(modules: set[str], names: list[str]) -> list[str]:
    """Return the modules that have one of the names, or are below it."""
    return sorted(
        module
        for module in modules
        if any(module == name or module.startswith(f"{name}.") for name in names)
    )


def test_start_imports_only_what_the_first_answer_needs(tmp_path: Path) -> None:
    """Without an entry in the cache, and with one, when nothing is parsed."""
    cold = list_modules(tmp_path)
    assert "understudy.replay.pipeline" in cold
    assert find_below(cold, LATE) == []
    warm = list_modules(tmp_path)
    assert "understudy.replay.pipeline" in warm
    assert find_below(warm, [*LATE, *PARSERS]) == []


def test_start_without_the_cache_leaves_no_folder(tmp_path: Path) -> None:
    """The option reaches the settings; such a start parses its files."""
    modules = list_modules(tmp_path, "--no-cache")
    assert find_below(modules, PARSERS) != []
    assert not (tmp_path / "understudy").exists()

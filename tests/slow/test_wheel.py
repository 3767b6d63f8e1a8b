"""The built wheel in an empty virtual environment, as `pip install` creates it."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of the built wheel: that of a release (`make release`), or one that is built now."""
    if "UNDERSTUDY_DIST" in os.environ:
        return next(Path(root, os.environ["UNDERSTUDY_DIST"]).glob("*.whl"))
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(target), str(root)], check=True
    )
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel and its dependencies only."""
    home = tmp_path_factory.mktemp("empty")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    python = home / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", f"{wheel}[pytest]"], check=True)
    return python


def test_wheel_has_the_data(wheel: Path, root: Path) -> None:
    """Contract, overlays, scenarios, schema, types and licence, but no tests."""
    names = set(zipfile.ZipFile(wheel).namelist())
    overlays = {
        f"understudy/_data/docs/api/overlays/{p.name}"
        for p in (root / "docs/api/overlays").glob("*.yaml")
    }
    scenarios = {
        f"understudy/_data/scenarios/{p.name}" for p in (root / "scenarios").glob("*.yaml")
    }
    own = {
        "understudy/_data/openapi.yaml",
        "understudy/py.typed",
        "understudy/scenario/scenario.schema.json",
    }
    assert overlays | scenarios | own <= names
    assert any(re.search(r"licenses/(LICENSE|NOTICE)$", name) for name in names)
    assert not [name for name in names if name.startswith("tests") or "LEDGER" in name]


def test_installed_package_serves_and_validates(python: Path, tmp_path: Path) -> None:
    """From an empty folder, without any optional library."""
    code = (
        "import json, urllib.request, base64, pathlib\n"
        "from understudy import LiveServer\n"
        "import understudy.resources as resources\n"
        "contract = str(resources.resource_path('openapi.yaml'))\n"
        "assert '_data' in contract, contract\n"
        "with LiveServer(scenario='demo') as server:\n"
        "    request = urllib.request.Request(server.url + '/api/v2/tasks/instances/1000')\n"
        "    login = base64.b64encode(b'admin:admin').decode()\n"
        "    request.add_header('Authorization', f'Basic {login}')\n"
        "    body = urllib.request.urlopen(request).read()\n"
        "pathlib.Path('body.json').write_bytes(body)\n"
    )
    subprocess.run([str(python), "-I", "-W", "error", "-c", code], check=True, cwd=tmp_path)
    command = python.parent / "understudy"
    done = subprocess.run(
        [str(command), "validate", "body.json", "--operation", "getTaskInstance"],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "body.json: valid\n"
    assert (
        len(
            subprocess.run(
                [str(command), "routes"], check=True, capture_output=True
            ).stdout.splitlines()
        )
        == 8
    )


def test_missing_extra_is_named(python: Path, tmp_path: Path) -> None:
    """Exit 2, with the command that installs it."""
    (tmp_path / "a.md").write_text("# x\n")
    done = subprocess.run(
        [str(python.parent / "understudy"), "derive", "a.md"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "pip install 'understudy[derive]'" in done.stderr) == (2, True), (
        done.stderr
    )
    assert "Traceback" not in done.stderr


def test_plugin_works_from_the_wheel(python: Path, tmp_path: Path) -> None:
    """A downstream test gets its fixture."""
    (tmp_path / "test_it.py").write_text(
        "def test_it(ocp):\n    assert ocp.url and ocp.calls == ()\n"
    )
    subprocess.run(
        [str(python), "-I", "-W", "error", "-m", "pytest", "-q"], check=True, cwd=tmp_path
    )

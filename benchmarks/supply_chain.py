"""The package as others install it: the lowest versions that it names, equal builds, and advisories.

Run: `python benchmarks/supply_chain.py [lowest] [builds] [advisories]` (default: all three). It installs
with pip from the index of your configuration, into environments below a temporary folder.

- `lowest`: the dependencies in the lowest versions that pyproject.toml allows, without the extra `fast`
  (which names none); then the commands and a served call work, and a test with the fixture passes.
- `builds`: two builds of wheel and sdist from one checkout, with SOURCE_DATE_EPOCH, have equal bytes.
- `advisories`: pip-audit on the dependencies. It needs a service of advisories: without a network it is
  skipped, and says so.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = ("derive", "codings", "tls", "pytest", "hypothesis")
SMOKE = """
import base64, urllib.request
from understudy import LiveServer
with LiveServer(scenario="demo") as server:
    request = urllib.request.Request(server.url + "/api/v2/tasks/instances/1000")
    request.add_header("Authorization", "Basic " + base64.b64encode(b"admin:admin").decode())
    assert urllib.request.urlopen(request).status == 200
"""


def make_environment(folder: Path) -> Path:
    """Make a virtual environment, and return its Python."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return folder / "bin" / "python"


def list_lowest() -> list[str]:
    """Return each direct dependency with the lowest version that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = [*project["dependencies"]]
    for extra in EXTRAS:
        requirements += project["optional-dependencies"][extra]
    return [re.sub(r">=", "==", requirement, count=1) for requirement in requirements]


def check_lowest(folder: Path) -> bool:
    """Install the lowest versions, and use the package."""
    python = make_environment(folder / "lowest")
    pins = list_lowest()
    print("lowest:", " ".join(pin.partition(";")[0].replace(" ", "") for pin in pins), flush=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*install, *pins, str(ROOT)], check=False).returncode:
        return False
    (folder / "test_fixture.py").write_text(
        "def test_fixture(ocp):\n    assert ocp.url and ocp.calls == ()\n", "utf-8"
    )
    understudy = str(python.parent / "understudy")
    source = str(ROOT / "docs/api/task-management.md")
    commands = [
        [str(python), "-c", SMOKE],
        [understudy, "routes"],
        [understudy, "sample", "listTaskInstances"],
        [understudy, "derive", source, "--output", "derived.yaml"],
        [understudy, "lint", "--contract", str(ROOT / "openapi.yaml")],
        [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_fixture.py"],
    ]
    held = True
    for command in commands:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        good = done.returncode == 0
        print(
            f"  {Path(command[0]).name} {' '.join(command[1:3])[:40]!r}: exit {done.returncode}",
            flush=True,
        )
        if not good:
            print((done.stdout + done.stderr)[-2000:], flush=True)
        held = held and good
    return held


def check_builds(folder: Path) -> bool:
    """Build twice, and compare the bytes."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767225600"}
    digests = []
    for name in ("first", "second"):
        target = folder / name
        command = [sys.executable, "-m", "build", "--outdir", str(target), str(ROOT)]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        files = sorted(target.iterdir())
        digests.append({path.name: sha256(path.read_bytes()).hexdigest() for path in files})
    equal = digests[0] == digests[1]
    for name, digest in digests[0].items():
        print(f"builds: {name} {digest[:16]} {'equal' if equal else digests[1].get(name, '')[:16]}")
    return equal


def check_advisories(folder: Path) -> bool:
    """Audit the dependencies, if the service of advisories answers."""
    python = make_environment(folder / "audit")
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*install, "pip-audit", f"{ROOT}[fast]"], check=False).returncode:
        print("advisories: skipped, pip-audit cannot be installed")
        return True
    command = [str(python), "-m", "pip_audit", "--progress-spinner", "off", "--skip-editable"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if re.search("ConnectionError|ServiceError|Failed to|timed out|Max retries", done.stderr):
        print("advisories: skipped, the service of advisories does not answer")
        return True
    skipped = re.findall("could not be audited: (.*)", done.stdout + done.stderr)
    if skipped:
        print(f"advisories: skipped, {len(skipped)} packages could not be looked up")
        return True
    print(f"advisories: exit {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}")
    return done.returncode == 0


def main() -> None:
    """Run the chosen checks."""
    checks = {"lowest": check_lowest, "builds": check_builds, "advisories": check_advisories}
    with tempfile.TemporaryDirectory() as folder:
        held = [checks[name](Path(folder)) for name in sys.argv[1:] or checks]
    sys.exit(not all(held))


if __name__ == "__main__":
    main()

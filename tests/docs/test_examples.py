"""Run every code block of the README and of all pages. A comment above a block says how it is run."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from plugin_builders import run_pytest
from understudy.live import LiveServer

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = ("tutorials", "guide", "reference", "explanation", "zh")
PAGES = [
    ROOT / "README.md",
    ROOT / "docs/index.md",
    *(page for name in SECTIONS for page in sorted((ROOT / "docs" / name).glob("*.md"))),
]
_BLOCK = re.compile(
    r"(?:<!-- test: (?P<how>[a-z-]+) -->\n)?^```(?P<language>[a-z]*)\n(?P<code>.*?)^```$",
    re.M | re.S,
)


@dataclass(frozen=True)
class Block:
    """One code block, with the way in which its comment wants it to be run."""

    page: Path
    line: int
    language: str
    how: str
    code: str

    @property
    def place(self) -> str:
        """The page, relative to the repository, with the line."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text("utf-8")
        for match in _BLOCK.finditer(text):
            line = text.count("\n", 0, match.start("code"))
            yield Block(page, line, match["language"], match["how"] or "", match["code"])


BLOCKS = list(blocks())


def how(kind: str) -> list[object]:
    return [pytest.param(b, id=b.place) for b in BLOCKS if b.how == kind]


def test_every_block_has_a_way_to_run() -> None:
    """A block with a language is an example and runs. A block without a language is a picture."""
    kinds = {
        "make",
        "install",
        "serve",
        "shell",
        "control",
        "finds",
        "scenario",
        "pytest",
        "python",
    }
    kinds |= {"workflow", "file", "syntax", "https"}
    unmarked = [b.place for b in BLOCKS if b.language and b.how not in kinds]
    assert unmarked == []


@pytest.mark.parametrize("block", how("make"))
def test_make_targets_exist(block: Block) -> None:
    """Each `make` command of the README names a target that make knows."""
    if shutil.which("make") is None:
        pytest.skip("no target was checked: apt-get install make")
    for line in block.code.splitlines():
        target = line.removeprefix("$ make ")
        done = subprocess.run(
            ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", how("install"))
def test_installed_extras_exist(block: Block) -> None:
    """Each `pip install` names extras that the package has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for line in block.code.splitlines():
        package, *_ = shlex.split(line.removeprefix("$ pip install "))
        name, _, extras = package.rstrip("]").partition("[")
        assert name == project["name"]
        assert set(filter(None, extras.split(","))) <= set(project["optional-dependencies"])


@pytest.mark.parametrize("block", how("serve"))
def test_servers_start(block: Block) -> None:
    """Each server prints that it is ready, and ends without an error when it is interrupted."""
    for line in block.code.splitlines():
        arguments = shlex.split(line.removeprefix("$ understudy "))
        command = [sys.executable, "-m", "understudy", *arguments, "--port", "0"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("understudy is ready on ")
            process.send_signal(signal.SIGINT)
            process.stdout.read()
            assert process.wait(timeout=30) == 0


def run_command(
    line: str, live: LiveServer, *, world: str = "", folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a command of a page against the server, in a world of the page if it has a name."""
    address = f"127.0.0.1:{live.port}{world and '/w/'}{world}"
    command = line.removeprefix("$ ").replace("localhost:4010", address)
    command = re.sub(r"\bunderstudy ", f"{shlex.quote(sys.executable)} -m understudy ", command)
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("block", how("shell"))
def test_commands_run(block: Block, live: LiveServer) -> None:
    """Each command exits with 0, and curl prints a success envelope.

    All calls of a block are made in a world of its own, unless they name another.
    """
    for line in block.code.splitlines():
        world = "" if "localhost:4010/w/" in line else f"readme-{block.line}"
        done = run_command(line.replace("curl -s", "curl -sS --fail-with-body"), live, world=world)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if line.startswith("$ curl") and "|" not in line:
            assert '"successful":true' in done.stdout


@pytest.mark.parametrize("block", how("control"))
def test_calls_are_answered(block: Block, live: LiveServer, tmp_path: Path) -> None:
    """Each call gets a response, whatever its status is: some ask for an error."""
    for line in block.code.splitlines():
        done = run_command(line, live, folder=tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        code = re.search(r"__code=(\d+)", line)
        if code is not None:
            assert done.stdout == code[1]


@pytest.mark.parametrize("block", how("https"))
def test_clients_trust_the_authority(block: Block, tmp_path: Path) -> None:
    """Each client connects, with the authority in the file that the page names."""
    with LiveServer(scenario="demo", tls=True, tls_ca=tmp_path / "ca.pem") as live:
        for line in block.code.splitlines():
            if " node " in line and shutil.which("node") is None:
                continue
            done = run_command(line.replace("curl -s", "curl -sS --fail"), live, folder=tmp_path)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("block", how("finds"))
def test_commands_find_something(block: Block, live: LiveServer) -> None:
    """Each command exits with 1, and prints what it found."""
    for line in block.code.splitlines():
        done = run_command(line, live)
        assert (done.returncode, done.stderr) == (1, "")
        assert "/data/status" in done.stdout


@pytest.mark.parametrize("block", how("scenario"))
def test_scenarios_are_served(block: Block, tmp_path: Path) -> None:
    """Each scenario of a page can be served."""
    path = tmp_path / "mine.yaml"
    path.write_text(block.code, "utf-8")
    with LiveServer(scenario=str(path)) as server:
        assert len(list(server.stub.example_calls())) == 3


@pytest.mark.parametrize("block", how("pytest"))
def test_tests_pass(
    block: Block, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each test of a page passes, with every warning an error."""
    # In CI, Hypothesis has no deadline for an example. This machine may be busy.
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(block.code)
    result = run_pytest(pytester, "-W", "error", "-p", "no:cacheprovider")
    assert result.ret == 0, result.stdout.str()


@pytest.mark.parametrize("block", how("python"))
def test_programs_run(block: Block) -> None:
    """Each program of a page ends without an error."""
    subprocess.run([sys.executable, "-W", "error", "-c", block.code], check=True, timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize("block", how("workflow"))
def test_workflows_run_pytest(
    block: Block, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command of a workflow runs on a small suite, and writes the report that it names."""
    monkeypatch.setenv("CI", "true")
    steps = yaml.safe_load(block.code)["jobs"]["tests"]["steps"]
    [command] = [step["run"] for step in steps if step.get("run", "").startswith("pytest ")]
    pytester.makepyfile('def test(ocp):\n    ocp.requests().get("/api/v2/tasks/instances")\n')
    result = pytester.runpytest_subprocess(*shlex.split(command)[1:], "-p", "no:schemathesis")
    assert result.ret == 0, result.stdout.str()
    assert (pytester.path / "coverage.html").is_file()


@pytest.mark.parametrize("block", how("file"))
def test_shown_files_are_current(block: Block) -> None:
    """The block equals a file of the repository, named by its first line. Other tests run that file."""
    path = ROOT / block.code.partition("\n")[0].lstrip("#/ ")
    assert block.code == path.read_text("utf-8")


@pytest.mark.parametrize("block", how("syntax"))
def test_blocks_that_cannot_run_are_well_formed(block: Block, tmp_path: Path) -> None:
    """The page says that these blocks were checked for their syntax only."""
    before = block.page.read_text("utf-8").splitlines()[: block.line]
    assert any("hecked for its syntax only" in line for line in before[-12:])
    if block.language == "python":
        compile(block.code, str(block.page), "exec")
        return
    node = shutil.which("node")
    if node is None:
        pytest.skip("no JavaScript was checked: apt-get install nodejs")
    path = tmp_path / "block.mjs"
    path.write_text(block.code, "utf-8")
    done = subprocess.run([node, "--check", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_option_is_documented() -> None:
    """Each option of the command line stands on a page."""
    import click

    from understudy.cli.main import cli

    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    context = click.Context(cli)
    missing = [
        f"{name} {option}"
        for name in cli.list_commands(context)
        for parameter in getattr(cli.get_command(context, name), "params", [])
        for option in parameter.opts
        if option.startswith("--") and option not in text
    ]
    assert missing == []

"""Run every code block of the README and the guide. A comment above a block says how it is run."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from plugin_builders import run_pytest
from understudy.live import LiveServer

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/guide").glob("*.md"))]
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


def blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text("utf-8")
        for match in _BLOCK.finditer(text):
            line = text.count("\n", 0, match.start("code"))
            yield Block(page, line, match["language"], match["how"] or "", match["code"])


BLOCKS = list(blocks())


def how(kind: str) -> list[object]:
    return [pytest.param(b, id=f"{b.page.name}:{b.line}") for b in BLOCKS if b.how == kind]


def test_every_block_has_a_way_to_run() -> None:
    """A block with a language is an example and runs. A block without a language is a picture."""
    kinds = {"make", "shell", "scenario", "pytest", "python", "file", "syntax"}
    unmarked = [f"{b.page.name}:{b.line}" for b in BLOCKS if b.language and b.how not in kinds]
    assert unmarked == []


@pytest.mark.parametrize("block", how("make"))
def test_make_targets_exist(block: Block) -> None:
    """Each `make` command of the README names a target that make knows."""
    for line in block.code.splitlines():
        target = line.removeprefix("$ make ")
        done = subprocess.run(
            ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", how("shell"))
def test_commands_run(block: Block, live: LiveServer) -> None:
    """Each command exits with 0, and curl prints a success envelope."""
    world = f"readme-{block.line}"
    for line in block.code.splitlines():
        command = line.removeprefix("$ ").replace(
            "localhost:4010", f"127.0.0.1:{live.port}/w/{world}"
        )
        command = re.sub(r"\bunderstudy ", f"{shlex.quote(sys.executable)} -m understudy ", command)
        command = command.replace("curl -s", "curl -sS --fail-with-body")
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if command.startswith("curl") and "|" not in command:
            assert '"successful":true' in done.stdout


@pytest.mark.parametrize("block", how("scenario"))
def test_scenarios_are_served(block: Block, tmp_path: Path) -> None:
    """Each scenario of the README can be served."""
    path = tmp_path / "mine.yaml"
    path.write_text(block.code, "utf-8")
    with LiveServer(scenario=str(path)) as server:
        assert len(list(server.stub.example_calls())) == 3


@pytest.mark.parametrize("block", how("pytest"))
def test_tests_pass(
    block: Block, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each test of the README passes, with every warning an error."""
    # In CI, Hypothesis has no deadline for an example. This machine may be busy.
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(block.code)
    result = run_pytest(pytester, "-W", "error", "-p", "no:cacheprovider")
    assert result.ret == 0, result.stdout.str()


@pytest.mark.parametrize("block", how("python"))
def test_programs_run(block: Block) -> None:
    """Each program of the README ends without an error."""
    subprocess.run([sys.executable, "-W", "error", "-c", block.code], check=True, timeout=60)


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

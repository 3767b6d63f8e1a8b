"""Runs of the command line for its tests."""

import gc
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from understudy.cli import main

COMMAND = [sys.executable, "-c", "from understudy.cli import main; main()"]
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("UNDERSTUDY_")}


def run_main(
    *arguments: str,
    stdin: bytes = b"",
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
) -> tuple[int, str, str]:
    """Run `understudy` with arguments in this process; return exit code, standard output and error output.

    A new interpreter would import the same modules again, which takes longer than most commands. Variables
    of this machine whose names begin with UNDERSTUDY_ have no effect.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("UNDERSTUDY_")]:
            patch.delenv(name)
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        patch.chdir(cwd or Path.cwd())
        patch.setattr(sys, "argv", ["understudy", *arguments])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        with pytest.raises(SystemExit) as end:
            main()
    code = end.value.code
    assert isinstance(code, int)
    return code, read_written(out), read_written(err)


def read_written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def run_broken_serve(*arguments: str) -> tuple[int, str, str]:
    """Run `serve` with arguments for which it ends before it serves; by then, it collects no garbage."""
    try:
        return run_main("serve", *arguments)
    finally:
        gc.enable()


@contextmanager
def start_server(
    *arguments: str, stderr: IO[str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `understudy serve`, and yield its banner and process."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env=ENVIRONMENT,
    )
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("Stop with"):
        line = process.stdout.readline()
        assert line, f"the server ended: {lines}"
        lines.append(line)
    try:
        yield "".join(lines), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
        process.stdout.close()

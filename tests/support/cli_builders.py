"""Runs of the command line for its tests."""

import io
import os
import sys
from pathlib import Path

import pytest

from understudy.cli import main


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

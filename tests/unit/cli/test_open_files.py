"""`--connections` raises the limit on open files, or says what to do."""

import subprocess
import sys

import pytest

from cli_builders import run_main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from understudy.cli.serving.open_files import allow_connections
from understudy.errors import InputError
try:
    print(allow_connections({wanted}), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
except InputError as error:
    print(error)
"""


def allow(wanted: int | None, *, soft: int, hard: int) -> str:
    """Return what the function prints in a process with these limits."""
    program = LIMITED.format(wanted=wanted, soft=soft, hard=hard)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode().strip()


@pytest.mark.parametrize(
    ("wanted", "soft", "hard", "expected"),
    [
        (100, 256, 256, "100 256"),
        (300, 256, 512, "300 350"),
        (None, 256, 4096, "1000 1050"),
        (None, 256, 512, "462 512"),
        (None, 2000, 4096, "1000 2000"),
    ],
)
def test_soft_limit_is_raised_as_needed(
    wanted: int | None, soft: int, hard: int, expected: str
) -> None:
    """Number of connections, and limit on open files. The default takes what there is."""
    assert allow(wanted, soft=soft, hard=hard) == expected


def test_too_many_connections_are_reported() -> None:
    """With the number that is possible, and how to allow more."""
    assert allow(1000, soft=256, hard=512) == (
        "--connections 1000 needs 1050 open files, but this system allows 512. Expected at most "
        "462. Allow more with `ulimit -n 1050`."
    )


def test_connections_are_at_least_one() -> None:
    """Zero is an error of the command line."""
    code, _, errors = run_main("serve", "--connections", "0")
    assert (code, "--connections" in errors) == (2, True)

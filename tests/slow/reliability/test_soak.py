"""Mixed calls on one server: no error, and its memory stays where it is."""

import subprocess
import sys
from pathlib import Path

import pytest

from reliability import scale, show_figure

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def test_soak(root: Path) -> None:
    """The script of the benchmark, at a small size: memory rises by 5 % at most."""
    calls = scale(20_000, 1_000_000)
    code = (
        "import sys; sys.path.insert(0, 'benchmarks')\n"
        "import soak\n"
        f"rise, statuses, errors = soak.run({calls}, 30_000)\n"
        "assert errors == [], errors[:5]\n"
        "assert rise <= 5, rise\n"
        "assert set(statuses) <= {200, 204, 400, 404, 500}, statuses\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=root
    )
    assert done.returncode == 0, done.stdout + done.stderr
    show_figure(5, done.stdout)

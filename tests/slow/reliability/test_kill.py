"""A process that is killed, or whose disk is full, while it writes a file: old or new, never a part."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from reliability import scale, show_figure
from understudy.disk_cache import DiskCache

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

WRITER = """
import sys, itertools
from hashlib import sha256
from pathlib import Path
from understudy.disk_cache import DiskCache
from understudy.source.yaml_writer import write_atomic
target, folder = Path(sys.argv[1]), Path(sys.argv[2])
cache = DiskCache(folder)
for number in itertools.count(1):
    body = f"{number} " * 40_000
    write_atomic(target, sha256(body.encode()).hexdigest() + "\\n" + body)
    assert cache.write("entry", [body], {})
    print(number, flush=True)
"""


def kill_writer(target: Path, folder: Path, rng: random.Random) -> int:
    """Start a writer, kill it after some acknowledged writes, and return the last of them."""
    command = [sys.executable, "-c", WRITER, str(target), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        wanted, pause = rng.randint(1, 6), rng.randint(0, 200_000)
        for line in process.stdout:
            if int(line) >= wanted:
                break
        sum(range(pause))  # somewhere in the middle of the next write
        process.kill()
        rest = process.stdout.read().split()
        assert process.wait() == -signal.SIGKILL
    return int(rest[-1]) if rest else wanted


def test_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    """The file has the last write that was acknowledged, or the one after it."""
    target, folder = tmp_path / "contract.yaml", tmp_path / "cache"
    folder.mkdir(mode=0o700)
    kills = scale(30, 500)
    rng = random.Random(1)  # noqa: S311 - a test needs no secure numbers
    for _ in range(kills):
        acknowledged = kill_writer(target, folder, rng)
        checksum, _, body = target.read_text("utf-8").partition("\n")
        assert sha256(body.encode()).hexdigest() == checksum
        assert int(body.split()[0]) in (acknowledged, acknowledged + 1)
        entry = DiskCache(folder).read("entry")
        assert int(entry[0].split()[0]) in (acknowledged, acknowledged + 1)
    show_figure(
        3, f"{kills} kills, {kills} whole files and cache entries, none older than acknowledged"
    )


def limit_files() -> None:
    """Let no file of this process grow beyond 4 KiB: it fails as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.mark.parametrize("kind", ["derive", "sample", "corpus"])
def test_full_disk_is_one_line(tmp_path: Path, root: Path, kind: str) -> None:
    """Exit 2, the old file as it was, and no temporary file."""
    output = tmp_path / "out"
    commands = {
        "derive": ["derive", str(root / "docs/api/task-management.md"), "--output", str(output)],
        "sample": ["sample", "listTaskInstances", "--count", "50"],
        "corpus": ["sample", "--corpus", str(output)],
    }
    if kind == "derive":
        output.write_text("old", "utf-8")
    with (tmp_path / "stdout").open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "understudy", *commands[kind]],
            stdout=out, stderr=subprocess.PIPE, text=True, check=False, preexec_fn=limit_files,
            env={**os.environ, "UNDERSTUDY_NO_CACHE": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 3, done.stderr
    if kind == "derive":
        assert output.read_text("utf-8") == "old"
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    show_figure(3, f"{kind} on a full disk: {json.dumps(done.stderr.strip())[:160]}")

"""Signals stop `understudy serve` for certain, in every phase of its life."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

COMMAND = [sys.executable, "-m", "understudy", "serve", "--port", "0", "--log", "all"]
SIGNALS = (signal.SIGINT, signal.SIGTERM)
SCENARIO = "understudy: 1\nname: saved\ntasks: [{name: one, subtasks: [{name: a}]}]\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def start(*options: str) -> "subprocess.Popen[bytes]":
    """Start a server as the leader of a process group."""
    return subprocess.Popen(
        [*COMMAND, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def wait_for_banner(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(b"Stop with"):
            return


def wait_for_handler(process: "subprocess.Popen[bytes]") -> None:
    """Wait until the process catches SIGTERM, which is before it loads anything."""
    bit = 1 << (signal.SIGTERM - 1)
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text("ascii")
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        if int(caught.split()[1], 16) & bit:
            return


def send_burst(process: "subprocess.Popen[bytes]", seed: int) -> None:
    """Send signals to the process and to its group, 1 to 20 ms apart."""
    draw = random.Random(seed)  # noqa: S311 (no secret)
    pause = Event()
    for _ in range(draw.randint(2, 12)):
        number = draw.choice(SIGNALS)
        send = draw.choice((os.kill, os.killpg))
        try:
            send(process.pid, number)
        except ProcessLookupError:
            return
        pause.wait(draw.uniform(0.001, 0.02))


def read_end(process: "subprocess.Popen[bytes]") -> tuple[int, bytes]:
    """Return exit code and errors of a process, which has to end soon."""
    try:
        _, errors = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, errors


def stop_by_burst(phase: str, seed: int, folder: Path) -> tuple[int, bytes]:
    """Send a burst in a phase of a server; return its exit code and errors."""
    saved = folder / f"{seed}.yaml"
    saved.write_text(SCENARIO, "utf-8")
    process = start("--watch", "--scenario", str(saved))
    if phase == "start":
        wait_for_handler(process)
    else:
        wait_for_banner(process)
    if phase == "reload":
        saved.write_text(SCENARIO.replace("one", "two"), "utf-8")
    send_burst(process, seed)
    return read_end(process)


@pytest.mark.parametrize("phase", ["start", "serving", "reload"])
@pytest.mark.parametrize("seed", range(3))
def test_bursts_of_signals_stop_the_server(phase: str, seed: int, tmp_path: Path) -> None:
    """It ends with 0 and without a traceback, however many signals arrive."""
    code, errors = stop_by_burst(phase, seed, tmp_path)
    assert (code, b"Traceback" in errors) == (0, False)


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["start", "serving", "reload"])
def test_200_bursts_of_signals_stop_the_server(phase: str, tmp_path: Path) -> None:
    """None of them hangs: one in 30 did."""
    ends = [stop_by_burst(phase, seed, tmp_path) for seed in range(200)]
    assert [(seed, end) for seed, end in enumerate(ends) if end != (0, b"")] == []


@pytest.mark.parametrize("number", SIGNALS)
def test_one_signal_stops_the_server(number: signal.Signals) -> None:
    """The exit code is 0, and nothing is logged."""
    process = start("--scenario", "empty")
    wait_for_banner(process)
    process.send_signal(number)
    assert read_end(process) == (0, b"")

"""Signals stop `understudy serve` for certain, in every phase of its life."""

import gc
import http.client
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest

from cli_builders import run_main

COMMAND = [sys.executable, "-m", "understudy", "serve", "--port", "0", "--log", "problems"]
SIGNALS = (signal.SIGINT, signal.SIGTERM)
SCENARIO = "understudy: 1\nname: saved\ncrowd: {count: 5000}\n"
"""One that takes a while to load."""

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
        saved.write_text(SCENARIO.replace("5000", "5001"), "utf-8")
        # The server looks at the file five times a second, and takes about as long to load it.
        Event().wait(random.Random(seed).uniform(0.1, 0.6))  # noqa: S311 (no secret)
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
@pytest.mark.parametrize("first", range(0, 200, 10))
def test_200_bursts_of_signals_stop_the_server(phase: str, first: int, tmp_path: Path) -> None:
    """None of them hangs: one in 30 did. Ten of them in a test take no longer than it may."""
    failures = []
    for seed in range(first, first + 10):
        code, errors = stop_by_burst(phase, seed, tmp_path)
        if code or b"Traceback" in errors:
            failures.append((seed, code, errors))
    assert failures == []


@pytest.mark.parametrize("number", SIGNALS)
def test_one_signal_stops_the_server(number: signal.Signals) -> None:
    """The exit code is 0, and nothing is logged."""
    process = start("--scenario", "empty")
    wait_for_banner(process)
    process.send_signal(number)
    assert read_end(process) == (0, b"")


def run_program(text: str) -> "subprocess.Popen[bytes]":
    """Start a program, and wait for its first line, `ready`."""
    process = subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def read_rest(process: "subprocess.Popen[bytes]") -> tuple[int, bytes]:
    """Return exit code and further output of a program, which has to end soon."""
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        out = process.stdout.read()
    return process.wait(timeout=20), out


DEAF = """
import os, sys
from understudy.cli.serving.stop_signals import StopSignals
with StopSignals(same_s={same_s}) as signals:
    signals.set_server(lambda: os.write(1, b"asked\\n"))
    os.write(1, b"ready\\n")
    sys.stdin.readline()
print("end")
"""
"""A server that does not stop, until it gets a line. It also ends when the test does.

It writes without a buffer: a signal may arrive while `print` holds that of the output.
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_second_signal_ends_the_process(number: signal.Signals) -> None:
    """Although the server does not stop."""
    process = run_program(DEAF.format(same_s=0))
    assert process.stdout is not None
    process.send_signal(number)
    assert process.stdout.readline() == b"asked\n"
    process.send_signal(number)
    assert read_rest(process) == (0, b"")


@pytest.mark.parametrize("number", SIGNALS)
def test_signals_soon_after_the_first_are_the_same(number: signal.Signals) -> None:
    """The server is asked once, and the process goes on: `make` signals it and its group."""
    process = run_program(DEAF.format(same_s=1000))
    assert process.stdout is not None
    process.send_signal(number)
    assert process.stdout.readline() == b"asked\n"
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()
    assert read_rest(process) == (0, b"end\n")


def test_signal_before_the_server_ends_the_process() -> None:
    """Nothing is served yet."""
    process = run_program(DEAF.format(same_s=1000).replace("signals.set_server", "str"))
    process.terminate()
    assert read_rest(process) == (0, b"")


def test_signals_after_the_end_are_ignored() -> None:
    """The process is about to end anyway."""
    process = run_program(
        DEAF.format(same_s=0).replace("    sys.stdin.readline()", "")
        + 'import os, signal\nfor number in (2, 15): os.kill(os.getpid(), number)\nprint("after")\n'
    )
    assert read_rest(process) == (0, b"end\nafter\n")


def test_process_ends_although_a_thread_is_running() -> None:
    """What was printed is not lost."""
    process = run_program(
        "from threading import Event, Thread\n"
        "from understudy.cli.serving.stop_signals import end_process\n"
        "Thread(target=Event().wait).start()\n"
        'print("ready", flush=True)\nprint("printed")\nend_process()\n'
    )
    assert read_rest(process) == (0, b"printed\n")


def test_handlers_are_restored_after_an_error() -> None:
    """A command that fails in a process of a user leaves the signals as they were."""
    before = [signal.getsignal(number) for number in SIGNALS]
    assert run_main("serve", "--contract", "missing.yaml", "--port", "0")[0] == 2
    gc.enable()
    assert [signal.getsignal(number) for number in SIGNALS] == before


def connect(url: str) -> http.client.HTTPConnection:
    """Return an open connection, which is not opened again."""
    connection = http.client.HTTPConnection(url, timeout=30)
    connection.connect()
    connection.auto_open = 0
    return connection


def call_until_close(
    connection: http.client.HTTPConnection, started: "Queue[int]", ends: "Queue[str]"
) -> None:
    """Call on one connection until the server closes it; `ends` gets how it ended."""
    headers = {"Authorization": "Basic YWRtaW46YWRtaW4="}
    try:
        while True:
            connection.request("GET", "/api/v2/tasks/instances?size=1", headers=headers)
            answer = connection.getresponse()
            answer.read()
            started.put(answer.status)
            if answer.getheader("Connection") == "close":
                ends.put("close")
                return
    except (OSError, http.client.HTTPException) as error:
        ends.put(repr(error))
    finally:
        connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("repetition", range(5))
def test_busy_clients_of_a_process_see_no_broken_call(repetition: int) -> None:
    """50 clients with keep-alive connections, and SIGTERM to the process and its group."""
    process = start("--scenario", "empty")
    assert process.stdout is not None
    first = process.stdout.readline().decode()
    wait_for_banner(process)
    started: Queue[int] = Queue()
    ends: Queue[str] = Queue()
    url = first.rpartition("//")[2].strip()
    # All are connected before the first call: one that came too late would be refused.
    connections = [connect(url) for _ in range(50)]
    clients = [
        Thread(target=call_until_close, args=(connection, started, ends))
        for connection in connections
    ]
    for client in clients:
        client.start()
    for _ in range(200 + repetition):
        started.get(timeout=30)
    process.terminate()
    os.killpg(process.pid, signal.SIGTERM)
    assert read_end(process) == (0, b"")
    for client in clients:
        client.join(timeout=30)
    assert [ends.get(timeout=30) for _ in clients] == ["close"] * len(clients)

"""Sizes and measures of the tests of reliability, and a server in a process of its own."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HEALTH = b"GET /__admin/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def scale(usual: int, most: int) -> int:
    """Return a size: the usual one, times the variable UNDERSTUDY_SCALE, and at most the last."""
    return min(most, round(usual * float(os.environ.get("UNDERSTUDY_SCALE", "1"))))


def show_figure(row: int, text: str) -> None:
    """Print the figure of a row of the scorecard; `pytest -rP` shows it."""
    print(f"row {row}: {text}")  # noqa: T201 - the figures are the result


def show_times(seconds: Sequence[float]) -> str:
    """Return median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(seconds)
    picked = (ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], ordered[-1])
    return "p50 {:.0f}, p99 {:.0f}, max {:.0f} ms".format(*(value * 1000 for value in picked))


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server in a process of its own."""

    process: "subprocess.Popen[str]"
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def send(self, message: bytes) -> bytes:
        """Send bytes, end the sending, and return everything that is answered."""
        received = b""
        with self.connect() as connection, contextlib.suppress(ConnectionError):
            with contextlib.suppress(ConnectionError):
                connection.sendall(message)
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
        return received

    def measure_health(self) -> float:
        """Return the seconds of a good call. Raises AssertionError if it is not answered."""
        start = time.perf_counter()
        assert self.send(HEALTH).startswith(b"HTTP/1.1 200 "), "the server is not healthy"
        return time.perf_counter() - start

    def count_open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def read_status(self, name: str) -> int:
        """Return a number of /proc/PID/status, such as `VmRSS` (KiB) or `Threads`."""
        text = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        match = re.search(rf"^{name}:\s+(\d+)", text, re.M)
        assert match is not None
        return int(match[1])


@contextmanager
def serve_process(log: Path, *arguments: str) -> Iterator[ServerProcess]:
    """Run `understudy serve`; its log must have no traceback, and it must stop when it is asked."""
    command = [sys.executable, "-m", "understudy", "serve", "--port", "0", *arguments]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    assert process.stdout is not None
    with process:
        try:
            ports = (re.search(r"127\.0\.0\.1:(\d+)", line) for line in process.stdout)
            port = next((int(match[1]) for match in ports if match), 0)
            assert port, log.read_text("utf-8")
            yield ServerProcess(process, port)
            assert process.poll() is None, "the server has died"
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
    text = log.read_text("utf-8", "replace")
    assert "Traceback" not in text, text[-3000:]


def wait_for_open_files(server: ServerProcess, most: int) -> None:
    """Wait until the server has no more files open than before; it must answer meanwhile."""
    while server.count_open_files() > most:
        server.measure_health()

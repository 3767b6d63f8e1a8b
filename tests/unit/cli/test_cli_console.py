"""Standard streams that are not UTF-8, closed, full, or a pipe without a reader."""

import json
import os
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

SCENARIO = 'understudy: 1\nname: 任务\n"ключ 😀": 1\n'


def run_in_shell(
    arguments: str, redirection: str, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command with redirected streams; the shell exits with the code of the command."""
    script = f"set -o pipefail; '{sys.executable}' -m understudy {arguments} {redirection}"
    return subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.fixture(name="scenario")
def write_scenario(tmp_path: Path) -> Path:
    """Write a scenario whose problem has characters that no small encoding has."""
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO, "utf-8")
    return path


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp437"])
def test_characters_without_encoding_are_escaped(scenario: Path, encoding: str) -> None:
    """`lint` shows a Chinese key on a console that has no Chinese: exit code 1, a finding."""
    result = run_in_shell(f"lint {scenario}", "", PYTHONIOENCODING=encoding)
    assert result.returncode == 1
    assert result.stderr == b""
    assert b'unknown key "\\u043a\\u043b\\u044e\\u0447 \\ud83d\\ude00"' in result.stdout


def test_json_is_readable_on_each_console(scenario: Path) -> None:
    """Escapes are those of JSON, so that programs read the same value."""
    result = run_in_shell(f"lint --format json {scenario}", "", PYTHONIOENCODING="latin-1")
    [problem] = json.loads(result.stdout.decode("latin-1"))
    assert problem["what"] == 'unknown key "ключ 😀"'


def test_server_starts_and_logs_on_a_console_of_latin_1() -> None:
    """Neither the first page nor the log of calls fails; both are in the console's encoding."""
    process = subprocess.Popen(
        [sys.executable, "-m", "understudy", "serve", "--port", "0", "--log", "all"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = process.stdout.readline().decode("latin-1")
        connection = HTTPConnection("127.0.0.1", int(ready.rpartition(":")[2]), timeout=60)
        connection.request("GET", "/nowhere/%E4%BB%BB")
        status = connection.getresponse().status
        connection.close()
        process.send_signal(signal.SIGTERM)
        output, errors = process.stdout.read(), process.stderr.read()
    assert (status, process.returncode) == (401, 0)
    assert "任务管理".encode("ascii", "backslashreplace") in output
    assert b"Traceback" not in errors
    assert b"/nowhere" in errors


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize(
    ("redirection", "reason"),
    [(">&-", "it is closed"), (">/dev/full", "No space left on device")],
    ids=["closed", "full"],
)
@pytest.mark.parametrize(
    "arguments", ["--help", "--version", "routes", "serve --port 0", "lint --print-schema"]
)
def test_output_that_cannot_be_written_is_one_line(
    arguments: str, redirection: str, reason: str
) -> None:
    """A closed or full standard output is reported, and the exit code is 2."""
    result = run_in_shell(arguments, redirection)
    expected = f"cannot write to the standard output: {reason}\n"
    assert (2, expected) == (result.returncode, result.stderr.decode())


def test_broken_pipe_is_one_line() -> None:
    """A reader that has gone is reported like a full disk, without a traceback."""
    result = run_in_shell("lint --print-schema", "| true")
    expected = "cannot write to the standard output: Broken pipe\n"
    assert (2, expected) == (result.returncode, result.stderr.decode())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"], ids=["closed", "full"])
@pytest.mark.parametrize(("arguments", "code"), [("--version", 0), ("nonsense", 2)])
def test_errors_that_cannot_be_written_change_no_exit_code(
    arguments: str, code: int, redirection: str
) -> None:
    """Without a standard error stream, output and exit code are the same."""
    result = run_in_shell(arguments, redirection)
    whole = run_in_shell(arguments, "")
    assert (code, whole.stdout) == (result.returncode, result.stdout)


def test_closed_streams_are_not_taken_by_a_socket() -> None:
    """The log of calls goes to descriptor 2: no socket or file of the server has that number."""
    code = (
        "import os, sys; from understudy.cli.console import prepare_streams; prepare_streams();"
        "print(os.open(os.devnull, os.O_RDONLY) > 2)"
    )
    script = f"'{sys.executable}' -c '{code}' 2>&- <&-"
    result = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    assert result.stdout == b"True\n"

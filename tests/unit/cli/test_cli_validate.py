"""`understudy validate`: what was sent, in files and from servers."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_builders import run_main
from raw_server import Answer, raw_server
from traffic_builders import HOST, PETS, har, har_entry
from understudy import LiveServer
from understudy.config import Settings
from understudy.contract import load_contract

PET = {"id": 1, "name": "Rex"}


@pytest.fixture
def pets(tmp_path: Path) -> str:
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)
    return str(path)


def test_files_of_several_kinds(tmp_path: Path, pets: str) -> None:
    """Each is recognized; the exit code is 1 for an error in any of them."""
    calls = tmp_path / "calls.har"
    calls.write_bytes(har(har_entry("/v1/pets/1", {"id": "1", "name": "Rex"})))
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text("understudy: 1\nreplis: []\n")
    code, out, _ = run_main("validate", str(calls), str(scenario), pets, "--contract", pets)
    assert code == 1
    assert out.splitlines() == [
        f'{calls}: entry 1: GET /v1/pets/1 -> 200: /id: "1"; expected an integer [type] '
        "(/components/schemas/Pet/properties/id/type)",
        f'{scenario}:2: column 1: unknown key "replis". [unknown-key]',
        f"{calls}: 1 error",
        f"{scenario}: 1 error",
        f"{pets}: valid",
    ]


def test_standard_input_may_be_a_har_file(pets: str) -> None:
    """It is read from its start again after its kind was found."""
    data = har(har_entry("/v1/pets/1", PET), har_entry("/app.js", None))
    code, out, _ = run_main("validate", "-", "--contract", pets, stdin=data)
    assert (code, out) == (0, "-: valid, 1 of other services left out\n")


@pytest.mark.parametrize(("least", "code"), [("error", 0), ("warning", 1)])
def test_severity_that_fails(pets: str, least: str, code: int) -> None:
    """A warning fails only when asked for."""
    data = json.dumps(PET | {"tag": 1}).encode()
    arguments = ("validate", "-", "--contract", pets, "--operation", "getPet")
    assert run_main(*arguments, "--fail-on", least, stdin=data)[0] == code


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b'{"log": {"entries": {"a": 1}}}', "auto"), (b'{"requests": []}', "auto"), (b"", "journal")],
)
def test_file_without_messages_is_a_warning(pets: str, data: bytes, kind: str) -> None:
    """It is not called valid: perhaps another file was meant."""
    arguments = ("validate", "-", "--contract", pets, "--input", kind)
    code, out, _ = run_main(*arguments, stdin=data)
    lines = ["-: warning: the file has no messages [no-messages]", "-: 1 warning, 0 messages"]
    assert (code, out.splitlines()) == (0, lines)


def test_body_that_is_not_json_is_a_finding(pets: str) -> None:
    """With its line; the exit code is 1."""
    arguments = ("validate", "-", "--contract", pets, "--operation", "getPet")
    code, out, _ = run_main(*arguments, stdin=b"{\n")
    assert (code, out.splitlines()[0].startswith("-:2: this is not JSON: ")) == (1, True)


def test_baseline_of_known_findings(tmp_path: Path, pets: str) -> None:
    """What is in the file does not fail; what is new does."""
    known = str(tmp_path / "known.json")
    arguments = ("validate", "-", "--contract", pets, "--operation", "getPet")
    first = json.dumps({"id": "1", "name": "Rex"}).encode()
    assert run_main(*arguments, "--write-baseline", known, stdin=first)[0] == 0
    assert run_main(*arguments, "--baseline", known, stdin=first)[0] == 0
    second = json.dumps({"id": "1"}).encode()
    code, out, _ = run_main(*arguments, "--baseline", known, stdin=second)
    assert (code, "missing field name" in out, "/id" in out) == (1, True, False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a file, - for standard input, or a server with --url"),
        (("-",), "Name the operation with --operation"),
        (("missing.har",), "the file cannot be read (No such file or directory)"),
        ((".",), "the file cannot be read (Is a directory)"),
        (("--url", "ftp://x"), "is not a URL of a server. Expected http://host or https://host"),
        (("--url", "http://a:b@x"), "the URL contains credentials. Give them with --user."),
        (("--url", "http://x", "--user", "secret"), "the value of --user has no password"),
        (("--url", "http://x", "--header", "secret"), "a value of --header has no name"),
        (("--url", "http://x", "--header", "a b: secret"), "a value of --header has a wrong name"),
        (("--url", "http://x", "--header", "a: secret\x00"), "or a character that no header field"),
        (("--url", "http://x", "--header", "a: secret €"), "or a character that no header field"),
        (
            (
                "--url",
                "http://x?token=secret",
            ),
            "has no query and no fragment",
        ),
        (("--url", "https://x", "--ca", "missing.pem"), "the file of the authority is missing"),
    ],
)
def test_unusable_arguments(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    """Exit 2, in one line that holds no secret."""
    code, _, err = run_main("validate", *arguments, stdin=b"{}", cwd=tmp_path)
    assert (code, message in err, "secret" in err) == (2, True, False), err


# A live server


@pytest.fixture(scope="module")
def stub() -> Iterator[LiveServer]:
    with LiveServer(Settings(clock="per-call")) as server:
        yield server


LOGIN = ("--user", "admin:admin", "--rate", "0")


@pytest.mark.parametrize("rules", [(), ("--rules",)])
def test_clean_stub_has_no_finding(stub: LiveServer, rules: tuple[str, ...]) -> None:
    """Lists come before the paths below them, so that their ids exist."""
    code, out, _ = run_main("validate", "--url", stub.url, *LOGIN, *rules)
    assert (code, out) == (0, f"{stub.url}: valid, 10 messages\n")


def test_unsafe_operations_are_called_when_asked_for(stub: LiveServer) -> None:
    """Commands too; their answers are valid."""
    url = f"{stub.url}/w/unsafe"
    code, out, _ = run_main("validate", "--url", url, *LOGIN, "--rules", "--unsafe")
    assert (code, out.startswith(f"{url}: valid, ")) == (0, True), out
    assert int(out.split()[2]) > 20


def test_password_comes_from_the_environment(stub: LiveServer) -> None:
    """A command line is seen by others of the machine."""
    environment = {"UNDERSTUDY_VALIDATE_USER": "admin:admin"}
    code, out, _ = run_main("validate", "--url", stub.url, environment=environment)
    assert (code, "unauthenticated" in out) == (0, False)


def test_missing_credentials_are_named(stub: LiveServer) -> None:
    """All answers are 401, which the contract has."""
    code, out, _ = run_main("validate", "--url", stub.url, "--rate", "0")
    assert code == 0
    assert "every answer is 401; give credentials with --user or --header" in out


def test_foreign_contract(pets: str) -> None:
    """Examples and samples answer, and they are valid."""
    with LiveServer(Settings(contract=Path(pets))) as server:
        arguments = ("validate", "--contract", pets, "--url", f"{server.url}/v1", "--rate", "0")
        code, out, _ = run_main(*arguments, "--unsafe")
    assert (code, ": valid, " in out) == (0, True), out


def send_too_much(connection: socket.socket, request: bytes) -> None:
    """Send more than a caller reads."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    try:
        for _ in range(400):
            connection.sendall(b"x" * 65536)
    except OSError:
        return


def hang(connection: socket.socket, request: bytes) -> None:
    """Wait until the caller leaves."""
    connection.recv(1)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (hang, "no answer within 0.2 s [timeout]"),
        (
            lambda connection, request: None,
            "the server closed it without an answer [no-connection]",
        ),
        (
            lambda connection, request: connection.sendall(OK + b"Content-Length: 99\r\n\r\n[]"),
            "the body ends after 2 bytes; Content-Length says more [incomplete]",
        ),
        (lambda connection, request: connection.sendall(b"hello"), "the answer is not HTTP"),
        (send_too_much, "the body is longer than 16777216 bytes [too-long]"),
        (
            lambda connection, request: connection.sendall(
                OK + b"Content-Length: 2\r\n\r\n\xff\xfe"
            ),
            "expected JSON",
        ),
    ],
)
def test_servers_that_misbehave(pets: str, answer: Answer, text: str) -> None:
    """A finding, not a traceback; the command ends."""
    with raw_server(answer) as url:
        timeout = "0.2" if answer is hang else "20"
        arguments = ("validate", "--contract", pets, "--url", url, "--rate", "0")
        code, out, _ = run_main(*arguments, "--samples", "0", "--timeout", timeout)
    assert (code, text in out) == (1, True), out


def test_server_that_is_not_there(pets: str) -> None:
    """After five calls it is given up."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    arguments = ("validate", "--contract", pets, "--url", url, "--rate", "0", "--samples", "9")
    code, out, _ = run_main(*arguments)
    assert (code, "no connection: Connection refused [no-connection]" in out) == (1, True), out
    assert out.splitlines()[-1] == f"{url}: 5 errors, 5 messages"


def test_host_is_that_of_the_contract() -> None:
    """The builders' HAR files have URLs of the contract's server."""
    assert HOST in PETS


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["documented", "observed"])
def test_samples_are_valid(dialect: str) -> None:
    """`understudy sample` and `understudy validate` agree about each operation."""
    names = ("--dialect", dialect)
    for operation in load_contract().operations:
        body = run_main("sample", operation, *names)[1].encode()
        arguments = ("validate", "-", "--operation", operation, "--fail-on", "warning", *names)
        assert run_main(*arguments, stdin=body) == (0, "-: valid\n", ""), operation

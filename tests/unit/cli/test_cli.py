"""The command line, run as a user runs it."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import requests

from cli_builders import COMMAND, ENVIRONMENT, run_broken_serve, run_main, start_server

ROOT = Path(__file__).resolve().parents[3]


def run_process(*arguments: str) -> tuple[int, str, str]:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        check=False,
        env=ENVIRONMENT,
        timeout=60,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    return done.returncode, out, err


def test_help_lists_the_commands() -> None:
    """It imports none of them."""
    code, out, _ = run_main("--help")
    assert code == 0
    assert all(verb in out for verb in ("derive", "routes", "serve", "validate"))


def test_unknown_command_is_reported() -> None:
    """Exit 2, with the nearest name."""
    code, _, err = run_main("serv")
    assert (code, 'Did you mean "serve"?' in err) == (2, True)


def test_routes_lists_the_operations() -> None:
    """Method, path, id, permission and the line of the document."""
    code, out, _ = run_main("routes")
    assert (code, len(out.splitlines())) == (0, 8)
    assert re.search(
        r"GET +/api/v2/tasks/instances +listTaskInstances +TASK_VIEWER +task-management\.md:\d+",
        out,
    )
    assert len(json.loads(run_main("routes", "--format", "json")[1])) == 8


def test_banner_has_urls_that_work() -> None:
    """The first account gets 200 for each, and SIGTERM ends the server with 0."""
    with start_server() as (banner, process):
        urls = re.findall(r"http://\S+/api/\S+", banner)
        assert len(urls) >= 4
        assert [
            requests.get(url, auth=("admin", "admin"), timeout=10).status_code for url in urls
        ] == [200] * len(urls)
        assert "demo" in banner
        assert "    viewer  TASK_VIEWER\n" in banner
        assert "/ viewer" not in banner
    assert process.returncode == 0


def test_banner_shows_passwords_on_a_terminal() -> None:
    """A developer who sits in front of it sees how to log in; the log of a CI does not."""
    reader, terminal = pytest.importorskip("pty").openpty()
    command = [sys.executable, "-m", "understudy", "serve", "--port", "0"]
    with (
        subprocess.Popen(command, stdout=terminal) as process,
        open(reader, encoding="utf-8") as output,
    ):
        os.close(terminal)
        banner = list(iter(output.readline, "Stop with Ctrl-C.\n"))
        process.terminate()
    assert "    viewer / viewer  TASK_VIEWER\n" in banner


CONTRACT = """
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /x:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: integer, maximum: 3}, example: 9}}}
"""


def test_new_token_stands_before_the_last_line() -> None:
    """A script that reads until the last line has it; the control API takes it."""
    with start_server("--control-token", "auto") as (banner, _):
        [token] = re.findall(
            r"^  token     (\S+)  \(of the control API; shown only here\)$", banner, re.M
        )
        url = re.findall(r"http://[0-9.:]+", banner)[0]
        headers = {"Authorization": f"Bearer {token}"}
        answers = [
            requests.get(f"{url}/__admin/worlds", headers=fields, timeout=10).status_code
            for fields in ({}, headers)
        ]
        assert answers == [401, 200]


def test_options_of_answers_are_applied(tmp_path: Path) -> None:
    """--errors, --dynamic, --strict-preferences and --cors reach the stub."""
    contract = tmp_path / "contract.yaml"
    contract.write_text(CONTRACT, "utf-8")
    options = ["--errors", "--dynamic", "--strict-preferences", "--cors", "off"]
    with start_server(str(contract), *options) as (banner, _):
        origin = re.findall(r"http://127\.0\.0\.1:\d+", banner)[0]

        def call(method: str, **headers: str) -> requests.Response:
            return requests.request(method, f"{origin}/x", headers=headers, timeout=10)

        generated = call("GET", Origin="http://localhost:3000")
        assert generated.json() <= 3
        assert "Access-Control-Allow-Origin" not in generated.headers
        assert call("GET", Prefer="dynamic=false").status_code == 500
        assert call("GET", Prefer="cod=200").status_code == 400
        assert call("OPTIONS").status_code == 405


def run_and_read_log(*arguments: str, target: str) -> list[str]:
    """Call a target once, on a server whose standard error is a pipe; return the lines of its log."""
    with tempfile.TemporaryFile("w+") as log:
        with start_server(*arguments, stderr=log) as (banner, _):
            origin = re.findall(r"http://127\.0\.0\.1:\d+", banner)[0]
            requests.get(f"{origin}{target}", auth=("admin", "admin"), timeout=10)
        log.seek(0)
        return log.read().splitlines()


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([], 1),
        (["--log", "problems"], 1),
        (["--log", "all"], 1),
        (["--log", "off"], 0),
        (["--unknown-query", "ignore"], 0),
        (["--unknown-query", "ignore", "--log", "all"], 1),
    ],
)
def test_log_options_select_lines(options: list[str], count: int) -> None:
    """Without a terminal, problems are logged; an unknown query parameter is one, if it is reported."""
    lines = run_and_read_log(*options, target="/api/v2/tasks/instances?stauts=x")
    assert len(lines) == count
    if count and "ignore" not in options:
        assert lines[0].endswith('"stauts". Did you mean "status"?  (request 1)')


def test_log_format_json() -> None:
    """Each line is an object; `--unknown-query enforce` answers with the service's own error."""
    options = ["--log-format", "json", "--unknown-query", "enforce"]
    [line] = run_and_read_log(*options, target="/api/v2/tasks/instances?stauts=x")
    assert json.loads(line)["status"] == 400


@pytest.mark.parametrize("option", [[], ["--contract"]])
def test_scenario_in_place_of_a_contract_is_explained(tmp_path: Path, option: list[str]) -> None:
    """Exit 2, with the command that serves it."""
    path = tmp_path / "mine.yaml"
    path.write_text("# mine\nunderstudy: 1\nname: mine\n")
    code, _, err = run_broken_serve(*option, str(path))
    assert code == 2
    assert f"Run: understudy serve --scenario {path}" in err


@pytest.mark.parametrize("name", ["demo", "flow.yaml"])
def test_name_of_a_scenario_and_flow_style_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The name of a shipped scenario, and a file that has a scenario as one JSON object."""
    (tmp_path / "flow.yaml").write_text('{"understudy": 1, "name": "mine"}')
    monkeypatch.chdir(tmp_path)
    code, _, err = run_broken_serve(name)
    assert code == 2
    assert f"{name} is a scenario, not a contract. Run: understudy serve --scenario {name}" in err


def test_observed_dialect_is_served() -> None:
    """Responses have the names that were seen on the wire."""
    with start_server("--dialect", "observed") as (banner, _):
        url = re.findall(r"http://\S+/api/\S+", banner)[1]
        subtask = requests.get(url, auth=("admin", "admin"), timeout=10).json()["data"]["subtasks"][
            0
        ]
        assert {"parallelIdx", "downstreams"} <= set(subtask)


def test_derived_contract_is_served(tmp_path: Path) -> None:
    """A document in another layout becomes responses without further steps."""
    document = ROOT / "tests/expected/derive/plain-text/document.md"
    contract = tmp_path / "openapi.yaml"
    assert run_main("derive", str(document), "--output", str(contract))[0] == 0
    with start_server("--contract", str(contract)) as (banner, _):
        urls = [url for url in re.findall(r"http://\S+", banner)[1:] if "/w/" not in url]
        assert (
            [requests.get(url, timeout=10).status_code for url in urls] == [200] * len(urls) != []
        )


FLAWED = """openapi: 3.0.3
paths:
  /a:
    get: {operationId: a, responses: {200: {$ref: 'parts.yaml#/Ok'}}}
"""


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    """A document of two files without `info`."""
    (tmp_path / "parts.yaml").write_text("Ok: {description: ok}\n")
    path = tmp_path / "flawed.yaml"
    path.write_text(FLAWED)
    return path


def test_flawed_document_is_served_with_warnings(flawed: Path) -> None:
    """By its path alone; the health route has the warnings too."""
    with start_server(str(flawed)) as (banner, _):
        url = re.findall(r"http://[0-9.:]+", banner)[0]
        assert requests.get(f"{url}/a", timeout=10).status_code == 200
        [warning] = requests.get(f"{url}/__admin/health", timeout=10).json()["warnings"]
    assert warning == {
        "slug": "bad-shape",
        "message": 'missing "info".',
        "where": str(flawed),
        "line": 1,
        "column": 1,
        "expected": "a mapping",
    }


def test_warnings_are_printed(flawed: Path) -> None:
    """On standard error, so that the output stays what it was."""
    assert run_main("routes", "--contract", str(flawed)) == (
        0,
        "GET  /a  a\n",
        f'warning: {flawed}:1:1: missing "info". Expected a mapping.\n',
    )


def test_only_the_first_warnings_are_printed(tmp_path: Path) -> None:
    """A large document can have thousands."""
    path = tmp_path / "many.yaml"
    operations = "".join(f"  /p{number}: {{get: {{}}}}\n" for number in range(30))
    path.write_text(f"openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n{operations}")
    lines = run_main("routes", "--contract", str(path))[2].splitlines()
    assert len(lines) == 21
    assert lines[-1] == f"warning: 10 more; `understudy lint {path}` lists all"


def test_strict_contract_makes_warnings_errors(flawed: Path) -> None:
    """Exit 2: the command cannot run."""
    for arguments in (["routes", "--contract"], ["serve", "--port", "0"]):
        code, _, err = run_process(*arguments, str(flawed), "--strict-contract")
        assert (code, err) == (2, f'{flawed}:1:1: missing "info". Expected a mapping.\n')


def test_contract_is_given_once() -> None:
    """Either as argument or as option."""
    code, _, err = run_broken_serve("a.yaml", "--contract", "b.yaml")
    assert (code, "Give either SPEC or --contract, not both." in err) == (2, True)


def test_port_in_use_is_reported() -> None:
    """Exit 2, with the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run_process("serve", "--port", str(port))
    assert (code, err.startswith(f"port {port} on 127.0.0.1 is in use")) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scenario", "dmeo"], 'Did you mean "demo"?'),
        (["--scenario", "no/such.yaml"], "there is no such file"),
        (["--contract", "no-such.yaml"], "no-such.yaml: there is no such file"),
        (["--overlay", "no-such.yaml"], "no-such.yaml: there is no such file"),
        (["--host", "203.0.113.7"], "the control API has no token. Set one with --control-token"),
        (["--host", "203.0.113.7", "--control-token", "auto"], 'cannot listen on "203.0.113.7"'),
        (["--admin-prefix", "/api"], "Move the prefix with --admin-prefix"),
        (["--world-prefix", "w"], '--world-prefix is "w"'),
        (["--dialect", "klingon"], "klingon"),
        (["--speed", "nan"], "expected a number from 0.1 to 10000"),
        (["--max-skew", "99999999999999"], "--max-skew"),
        (["--host", "ä" * 80, "--control-token", "t"], "cannot listen on"),
        (["--scenarios", "no-such-folder"], '"no-such-folder" is not a folder'),
        (["--cors-origin", "*"], '"*" is not a web origin'),
        (["--cors", "off", "--cors-origin", "http://a.example"], "cors is off"),
        (["--control-token", "ü"], "beyond ASCII"),
        (["--admin-prefix", "/w"], "--admin-prefix and --world-prefix are both /w"),
        (["--host", ""], "every address of this machine"),
        (["--port", "99999"], '"99999"; expected a whole number from 0 to 65535'),
    ],
)
def test_invalid_option_is_reported(arguments: list[str], message: str) -> None:
    """Exit 2, with the reason."""
    code, _, err = run_broken_serve("--port", "0", *arguments)
    assert (code, message in err, err) == (2, True, err)


@pytest.mark.parametrize("flag", ["--contract", "--overlay", "--scenario"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "is not UTF-8"),
        (b"a: [1", "this is not YAML"),
        (b"- 1\n- 2", ":1:1"),
        (b"", ":1:1"),
        (b"a: b", ":1:"),
    ],
)
def test_broken_file_is_reported_with_its_place(
    tmp_path: Path, flag: str, content: bytes, message: str
) -> None:
    """Exit 2, with file:line:column and without a traceback."""
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    code, _, err = run_broken_serve("--port", "0", flag, str(path))
    assert (code, "broken.yaml:" in err, message in err) == (2, True, True), err


def test_validate_accepts_a_response_of_the_stub() -> None:
    """Exit 0; the body comes from standard input."""
    with start_server() as (banner, _):
        url = re.findall(r"http://\S+/api/\S+", banner)[1]
        body = requests.get(url, auth=("admin", "admin"), timeout=10).content
    code, out, _ = run_main("validate", "-", "--operation", "getTaskInstance", stdin=body)
    assert (code, out) == (0, "-: valid\n")


def test_validate_prints_each_violation(tmp_path: Path) -> None:
    """Place, rule, pointer and the line of the document; exit 1."""
    path = tmp_path / "body.json"
    path.write_text('{"successful": "yes", "status": 200}')
    code, out, _ = run_main("validate", str(path), "--operation", "skipSubtask")
    assert code == 1
    assert "/successful" in out
    assert "task-management.md:" in out
    rows = json.loads(
        run_main("validate", str(path), "--operation", "skipSubtask", "--format", "json")[1]
    )
    assert {row["rule"] for row in rows} == {"type", "required"}


@pytest.mark.parametrize(
    ("content", "operation", "message"),
    [
        ("{}", "getTaskInstanec", 'Did you mean "getTaskInstance"?'),
        (None, "getTaskInstance", "cannot be read"),
    ],
)
def test_validate_reports_unusable_input(
    tmp_path: Path, content: str | None, operation: str, message: str
) -> None:
    """Exit 2."""
    path = tmp_path / "body.json"
    if content is not None:
        path.write_text(content)
    code, _, err = run_main("validate", str(path), "--operation", operation)
    assert (code, message in err) == (2, True), err


def test_derive_check_compares_files(root: Path, tmp_path: Path) -> None:
    """Exit 0 when the files are up to date, 1 after an edit. Nothing is written."""
    for name in ("openapi.yaml", "docs/api/LEDGER.md"):
        (tmp_path / Path(name).name).write_bytes((root / name).read_bytes())
    arguments = [
        "derive",
        str(root / "docs/api/task-management.md"),
        "--overlay",
        str(root / "docs/api/overlays/gaps.yaml"),
        "--output",
        "openapi.yaml",
        "--ledger",
        "LEDGER.md",
    ]
    assert run_main(*arguments, "--check", cwd=tmp_path)[0] == 0
    contract = tmp_path / "openapi.yaml"
    edited = contract.read_text().replace("TASK_VIEWER", "TASK_VIEWR", 1)
    contract.write_text(edited)
    code, _, err = run_main(*arguments, "--check", cwd=tmp_path)
    assert (code, "openapi.yaml is not up to date" in err) == (1, True)
    assert contract.read_text() == edited
    assert run_main(*arguments, cwd=tmp_path)[0] == 0
    assert run_main(*arguments, "--check", cwd=tmp_path)[0] == 0

"""Names that try to leave their folder, and references that try to reach the network.

A hook of the interpreter sees every file that is opened and every connection that is made.
"""

import http.client
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from reliability import show_figure
from understudy.config import Settings
from understudy.contract import load_contract
from understudy.errors import InputError
from understudy.live import LiveServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_listeners: list[list[tuple[str, Any]]] = []


@cache
def install_hook() -> None:
    """Install the hook once: it cannot be removed."""

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if _listeners and event in ("open", "socket.connect", "socket.getaddrinfo"):
            _listeners[-1].append(
                (event, arguments[1] if event == "socket.connect" else arguments[0])
            )

    sys.addaudithook(hear)


@contextmanager
def hear_events() -> Iterator[list[tuple[str, Any]]]:
    """Yield the list that receives all opened files and connections."""
    install_hook()
    _listeners.append([])
    try:
        yield _listeners[-1]
    finally:
        _listeners.pop()


def build_names(outside: Path) -> list[str]:
    """Return names of a file outside, in every spelling that has worked somewhere."""
    dots = [
        "..",
        "../..",
        "../../..",
        "....//",
        "..;",
        ".",
        "..\\",
        "..\\..",
        ".. ",
        "..%00",
        "%2e%2e",
    ]
    encoded = [
        "%252e%252e",
        "%c0%ae%c0%ae",
        "%e0%80%ae",
        "%uff0e%uff0e",
        "\uff0e\uff0e",
        "\u2024\u2024",
    ]
    slashes = ["/", "\\", "%2f", "%5c", "%252f", "%c0%af", "\u2215", "\uff0f"]
    ends = ["outside/trap", "outside/trap.yaml"]
    names = [dot + slash + end for dot in [*dots, *encoded] for slash in slashes for end in ends]
    trap = str(outside / "trap")
    names += [
        trap,
        f"{trap}.yaml",
        f"file://{trap}.yaml",
        f"//localhost{trap}",
        f"\\\\?\\{trap}",
        trap[1:],
    ]
    names += [
        "inside-sibling/trap",
        "../inside-sibling/trap",
        "link",
        "link.yaml",
        "folder-link/trap",
    ]
    names += [
        "C:\\trap",
        "C:trap",
        "con",
        "nul",
        "aux.yaml",
        "~/trap",
        "~root",
        "$HOME",
        "${HOME}/trap",
    ]
    names += [
        "/etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
        "|id",
        "`id`",
        "a\x00b",
        "\x00",
        "a\nb",
        "",
    ]
    return [*names, "a" * 5000, "../" * 900 + "etc/passwd", "." * 300, ".yaml", "..yaml"]


CALLS = [
    ("GET", "/__admin/scenarios/{}"), ("PUT", "/__admin/scenarios/{}"),
    ("POST", "/__admin/scenarios/{}/activate"), ("PUT", "/__admin/snapshots/{}"),
    ("POST", "/__admin/snapshots/{}/restore"), ("DELETE", "/__admin/snapshots/{}"),
    ("PUT", "/__admin/worlds/{}"), ("DELETE", "/__admin/faults/{}"), ("GET", "/w/{}/api/v2/tasks/instances"),
    ("GET", "/__admin/console/{}"), ("GET", "/__admin/console/static/{}"), ("GET", "/{}"), ("GET", "/__admin/{}"), ("GET", "/api/v2/tasks/instances/{}"),
]  # fmt: skip
TRAP = """
understudy: 1
name: trap
tasks: [{id: 1, name: TRAPPED, state: FAILED, subtasks: [{id: 11, state: FAILED}]}]
"""
UPLOAD = b"understudy: 1\nname: x\n"


def lay_out(folder: Path) -> tuple[Path, Path]:
    """Write a folder of scenarios, and traps beside it; return both folders."""
    inside, outside = folder / "inside", folder / "outside"
    for place in (inside, outside, folder / "inside-sibling"):
        place.mkdir()
        (place / "trap.yaml").write_text(TRAP, "utf-8")
    (inside / "trap.yaml").write_text("understudy: 1\nname: good\n", "utf-8")
    (inside / "trap.yaml").rename(inside / "good.yaml")
    (inside / "link.yaml").symlink_to(outside / "trap.yaml")
    (inside / "folder-link").symlink_to(outside, target_is_directory=True)
    return inside, outside


def list_files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def send_name(live: LiveServer, name: str) -> Iterator[tuple[int, bytes]]:
    """Send a name in every place of a request that selects something, raw and encoded."""
    host = live.url.partition("://")[2]
    raw = quote(name, safe="/%;\\")
    for method, template in CALLS:
        for part in {raw, quote(name, safe="")}:
            with closing(http.client.HTTPConnection(host, timeout=60)) as connection:
                body = UPLOAD if method == "PUT" and "scenarios" in template else None
                fields = {"Content-Type": "application/yaml"} if body else {}
                connection.request(method, template.format(part), body, fields)
                answer = connection.getresponse()
                yield answer.status, answer.read()


def test_names_do_not_leave_their_folder(tmp_path: Path) -> None:
    """No file outside is opened, none is written, and no answer has the content of a trap."""
    inside, outside = lay_out(tmp_path)
    names = build_names(outside)
    assert len(names) >= 200
    statuses: Counter[int] = Counter()
    settings = Settings(scenarios=inside, scenario="good", auth=False, cache=False)
    with LiveServer(settings) as live:
        list(send_name(live, "first"))  # modules are imported before the hook listens
        before = list_files(tmp_path)
        with hear_events() as events:
            for name in names:
                for status, body in send_name(live, name):
                    statuses[status] += 1
                    assert b"TRAPPED" not in body, name
                    assert b"root:" not in body, name
    assert list_files(tmp_path) == before
    opened = {
        os.path.realpath(path)
        for event, path in events
        if event == "open" and isinstance(path, str)
    }
    checkout = Path(__file__).parents[3]
    places: list[str | Path] = [inside, sys.prefix, sys.base_prefix, checkout]
    allowed = tuple(os.path.realpath(place) for place in places)
    assert [path for path in opened if not path.startswith(allowed)] == []
    assert str(outside / "trap.yaml") not in opened
    assert not [status for status in statuses if status >= 500]
    show_figure(
        15,
        f"{len(names)} names, {statuses.total()} calls: {dict(statuses)}; nothing outside was opened",
    )


HOSTS = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.1", "0000::1", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "localhost", "LOCALHOST", "localhost.",
    "169.254.169.254", "[fe80::1%25lo]", "metadata.google.internal", "100.100.100.200", "user:pw@127.0.0.1",
    "127.0.0.1#@evil.example", "evil.example@127.0.0.1", "127.0.0.1\\@a", "①②⑦.0.0.1", "127。0。0。1",
]  # fmt: skip
SCHEMES = ["http", "https", "HTTP", "ftp", "gopher", "jar:http", "unix", "file", ""]


def write_references(path: Path, url: str) -> None:
    """Write a contract that refers to a URL in each way that a document can."""
    path.write_text(
        f"""
openapi: 3.1.0
info: {{title: t, version: "1"}}
jsonSchemaDialect: "{url}/dialect"
paths:
  /a:
    $ref: "{url}/path"
  /b:
    post:
      operationId: b
      parameters: [{{$ref: "{url}/parameter"}}]
      requestBody: {{content: {{application/json: {{schema: {{$ref: "{url}/body#/x"}}}}}}}}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {{$id: "{url}/id", $schema: "{url}/schema", $dynamicRef: "{url}/dynamic#a"}}
              examples: {{a: {{externalValue: "{url}/example"}}, b: {{$ref: "{url}/b"}}}}
          links: {{l: {{operationRef: "{url}/link"}}}}
components:
  schemas:
    S: {{oneOf: [{{type: object}}], discriminator: {{propertyName: a, mapping: {{x: "{url}/mapped.yaml"}}}}}}
""",
        "utf-8",
    )


def test_references_reach_no_network(tmp_path: Path) -> None:
    """Loading and serving a contract with such references makes no connection and asks for no name."""
    urls = [f"{scheme}://{host}:9" for scheme in SCHEMES for host in HOSTS]
    path = tmp_path / "contract.yaml"
    loaded = 0
    with hear_events() as events:
        for url in urls:
            write_references(path, url.replace("\\", "\\\\"))
            try:
                contract = load_contract(path)
            except InputError:
                continue
            loaded += 1
            for operation in contract.operations.values():
                assert operation.id
    assert [event for event in events if event[0].startswith("socket")] == []
    show_figure(
        18, f"{len(urls)} addresses in 10 places each, {loaded} contracts loaded, 0 connections"
    )

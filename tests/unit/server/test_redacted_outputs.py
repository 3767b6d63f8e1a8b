"""Marked secrets go through every part of a call, and no output shows one of them."""

import json
import os
import re
from base64 import b64encode
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from understudy.calllog import CallLog, LogFormat, LogMode
from understudy.control.client import ControlClient
from understudy.coverage.coverage_options import Form
from understudy.coverage.report_render import render_report
from understudy.harness.failure_artifacts import ArtifactLocation, SavedWorld
from understudy.harness.story import format_story
from understudy.live import LiveServer
from understudy.messages import Exchange

MARK = "Zq7"
"""Every secret begins with it; no output of a server without these calls has it."""
CONTRACT = """
openapi: 3.0.3
info: {title: accounts, version: "1"}
paths:
  /login/{resetToken}/{page}:
    post:
      operationId: login
      security: [{hidden: []}]
      parameters:
        - {name: resetToken, in: path, required: true, schema: {type: string}}
        - {name: page, in: path, required: true, schema: {type: string}}
        - {name: sig, in: query, schema: {type: string, maxLength: 2}}
        - {name: X-Pwd, in: header, schema: {type: integer}}
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Login'}}
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Login'}}
          multipart/form-data: {schema: {$ref: '#/components/schemas/Login'}}
          text/plain: {schema: {type: string}}
          application/xml: {schema: {type: object}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object}}}}
components:
  securitySchemes: {hidden: {type: apiKey, in: header, name: X-Plain}}
  schemas:
    Login:
      type: object
      properties:
        password: {type: string, maxLength: 2}
        user: {type: object, required: [missing], properties: {token: {type: integer}}}
"""
SCENARIO = """
understudy: 1
name: echoes
replies:
  - when: {operation: login, headers: {X-Echo-Token: {present: true}}}
    reply:
      headers:
        Set-Cookie: "sid={{header.X-Echo-Token}}"
        Location: "http://bob:{{header.X-Echo-Token}}@localhost/?token={{header.X-Echo-Token}}"
      body: {echo: "{{header.X-Api-Key}}", accessToken: "{{header.X-Echo-Token}}"}
  - when: {operation: login, body: {subset: {password: other}}, query: {sig: other}}
    reply: {body: {}}
  - when: {operation: login, body: {jsonpath: $.user.token, equals: other}}
    reply: {body: {}}
"""
HEADERS = [
    "Cookie",
    "X-Access-Key",
    "X-Private-Key",
    "X-Credential",
    "X-Auth",
    "X-Jwt",
    "X-Pwd",
    "X-Session-Id",
    "X-CSRF",
    "Proxy-Authorization",
    "X-Api-Key",
    "X-Client-Secret",
    "x-sig",
    "X-Amz-Security-Token",
]
QUERIES = [
    "api_key",
    "pass%77ord",
    "sig",
    "pwd",
    "key",
    "auth",
    "credential",
    "jwt",
    "session",
    "access_token",
    "client_secret",
    "SESSIONID",
    "user[password]",
    "X-Amz-Signature",
]
MEMBERS = ["password", "pass\\u0077ord", "apiKey", "db_pass", "refresh_token", "SECRET"]


class Marks:
    """Creates secrets, and remembers them."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.created: list[str] = []

    def new(self) -> str:
        """Return a new secret."""
        self.created.append(f"{MARK}x{next(self._numbers)}secret")
        return self.created[-1]


def build_bodies(marks: Marks) -> Iterator[tuple[str, str]]:
    """Yield media types and bodies with secrets, well-formed and cut ones."""
    members = ", ".join(f'"{name}": "{marks.new()}"' for name in MEMBERS)
    nested = json.dumps(json.dumps({"password": marks.new()}))
    text = (
        f'{{"n": 1, {members}, "user": {{"token": "{marks.new()}"}}, "keys": ["{marks.new()}", 1],'
        f' "session": {{"id": "{marks.new()}"}}, "inner": {nested},'
        f' "fields": [{{"name": "password", "value": "{marks.new()}"}}],'
        f' "url": "https://bob:{marks.new()}@host/", "log": "Bearer {marks.new()}",'
        f' "password": "{marks.new()}'
    )
    yield "application/json", text + '"}'
    yield "application/json", text
    yield "", text
    form = "&".join(f"{quote(name)}={marks.new()}" for name in ("password", "user[token]"))
    yield (
        "application/x-www-form-urlencoded",
        f"a=1&{form}&j=" + quote(f'{{"pwd":"{marks.new()}"}}'),
    )
    yield (
        "multipart/form-data; boundary=b",
        (
            f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{marks.new()}\r\n'
            f'--b\r\nContent-Disposition: form-data; name="user"\r\nContent-Type: application/json\r\n'
            f'\r\n{{"token": "{marks.new()}"}}\r\n--b--\r\n'
        ),
    )
    yield "text/plain", f"user: bob\npassword: {marks.new()}\n  token = {marks.new()}\n"
    yield "application/xml", f'<l key="{marks.new()}"><password>{marks.new()}</password></l>'


def send_calls(url: str, marks: Marks) -> None:
    """Send calls with secrets: accepted, rejected, unmatched ones."""
    for target in (f"/login/{marks.new()}/1", "/nowhere", f"/login;jsessionid={marks.new()}"):
        for content_type, body in build_bodies(marks):
            headers = {name: marks.new() for name in HEADERS}
            if "/1" in target:
                headers["X-Plain"] = marks.new()  # an API key of the operation
            headers["Authorization"] = f"Bearer {marks.new()}"
            headers["Referer"] = f"http://bob:{marks.new()}@localhost/?token={marks.new()}"
            if content_type:
                headers["Content-Type"] = content_type
            query = "&".join(f"{name}={marks.new()}" for name in QUERIES)
            for extra in ({}, {"X-Echo-Token": marks.new()}):
                requests.post(
                    f"{url}{target}?{query}", data=body, headers=headers | extra, timeout=20
                )


def collect_outputs(server: LiveServer, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of everything that shows calls."""
    client = ControlClient(server.url)
    base = f"{server.url}/__admin"
    paths = ["requests?limit=10000", "requests/unmatched", "requests/unmatched/near-misses"]
    paths += ["findings", "coverage", "export", "rules", "replies", "worlds", "health"]
    records = client.list_requests(limit=10_000)["requests"]
    for record in records:
        paths += [f"requests/{record['number']}", f"requests/{record['number']}/explain"]
    for path in paths:
        yield path, requests.get(f"{base}/{path}", timeout=20).text
    criteria = {"operation": "login", "body": {"subset": {"password": "x"}}, "query": {"sig": "y"}}
    for path in ("requests/near-misses", "requests/find"):
        yield path, requests.post(f"{base}/{path}", json=criteria, timeout=20).text
    yield "wait", json.dumps(client.wait_for_requests(operation="login", timeout="1s"))
    yield "events", read_events(f"{base}/events?after=0", len(records))
    exchanges = tuple(map(Exchange.from_record, records))
    story = format_story("default", "echoes", "now", exchanges)
    yield "story", story
    location = ArtifactLocation(folder, "test_a.py::test_b")
    saved = SavedWorld("default", story, client.export_world())
    yield "failure", saved.save(location) + location.path(1).read_text("utf-8")
    report = server.world("default").coverage()
    for form in Form:
        yield f"coverage {form.value}", render_report(report, form)


def read_events(url: str, number: int) -> str:
    """Return the first events of a stream."""
    lines: list[str] = []
    with requests.get(url, stream=True, timeout=20) as response:
        for line in response.iter_lines(decode_unicode=True):
            lines.append(line)
            if sum(seen.startswith("data:") for seen in lines) == number:
                break
    return "\n".join(lines)


@pytest.fixture(name="files")
def write_files(tmp_path: Path) -> dict[str, Any]:
    """Write contract and scenario; return the options of a server."""
    (tmp_path / "contract.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "scenario.yaml").write_text(SCENARIO, "utf-8")
    return {
        "contract": tmp_path / "contract.yaml",
        "scenario": tmp_path / "scenario.yaml",
        "validate_request": "report",
    }


def test_no_output_shows_a_secret(files: dict[str, Any], tmp_path: Path) -> None:
    """All outputs of the server and of the harness are searched for some hundred secrets."""
    marks = Marks()
    reader, descriptor = os.pipe()
    with open(reader, encoding="utf-8") as pipe:
        call_log = CallLog(descriptor, LogMode.ALL, LogFormat.JSON)
        with call_log, LiveServer(call_log=call_log, **files) as server:
            send_calls(server.url, marks)
            outputs = dict(collect_outputs(server, tmp_path))
        os.close(descriptor)
        outputs["log"] = pipe.read()
    assert len(marks.created) > 500
    encoded = [re.escape(b64encode(f"{MARK}x".encode()).decode()[:4]), MARK, quote(MARK)]
    shown = [
        f"{name}: …{match[0]}…"
        for name, text in outputs.items()
        for match in re.finditer(rf".{{0,60}}(?:{'|'.join(encoded)}).{{0,30}}", text)
    ]
    assert "\n".join(shown) == ""
    assert "<redacted:" in outputs["requests?limit=10000"]
    assert "login" in outputs["log"]

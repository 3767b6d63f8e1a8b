"""The lines of the start, and the first page of a browser."""

import re
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from understudy.config import Settings, UnknownQuery, ValidateRequest
from understudy.replay import Stub
from understudy.server import create_app
from understudy.server.first_page import MAX_OPERATIONS, describe_stub

URL = "http://127.0.0.1:4010"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCENARIO = """understudy: 1
name: <mine>
tasks: [{id: 7, subtasks: [{id: 71}]}]
crowd: {count: 60, failed: 20%, firstId: 100}
"""
CONTRACT = """openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
"""


def write(folder: Path, text: str, name: str = "file.yaml") -> str:
    """Write a file; return its path."""
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def describe(**settings: Any) -> str:
    """Return the lines of a stub."""
    return "\n".join(describe_stub(Stub(Settings(**settings)), URL))


def open_page(path: str = "/", **settings: Any) -> TestResponse:
    """Open a page as a browser does."""
    return create_app(Settings(**settings)).test_client().get(path, headers=BROWSER)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "  clock     real"),
        ({"speed": 60.0}, "  clock     real, 60 times as fast"),
        ({"clock": "virtual"}, "  clock     virtual: it stands still until you move it"),
        ({"clock": "per-call"}, "  clock     per-call: each call moves it"),
        ({}, "    admin / admin  TASK_MANAGER"),
        ({"auth": False}, "  login     off: every call may do everything"),
        ({"cors": False, "errors": True}, "  options   --errors --cors off"),
        (
            {"validate_request": ValidateRequest.REPORT, "unknown_query": UnknownQuery.ENFORCE},
            "  options   --validate-request report --unknown-query enforce",
        ),
        (
            {"strict_preferences": True, "dynamic": True, "seed": 0},
            "  options   --strict-preferences --dynamic --seed 0",
        ),
        (
            {"cors_origins": ("https://a.example", "https://b.example")},
            "  options   --cors-origin https://a.example --cors-origin https://b.example",
        ),
        ({"tls": True, "tls_fault": "tls-expired"}, "  options   --tls-fault tls-expired"),
    ],
)
def test_settings_are_shown_as_they_are(settings: dict[str, Any], line: str) -> None:
    """Clock, speed and login are those of the settings; other options where they are given."""
    assert line in describe(**settings).splitlines()


def test_options_are_left_out_where_they_are_the_defaults() -> None:
    """The banner of `understudy serve` has no such line."""
    assert "  options " not in describe()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  {}\n", "  operations  none: every call is answered with 404"),
        ("  /a/{id}: {get: {responses: {'200': {description: ok}}}}\n", "    GET     /a/{id}"),
    ],
    ids=["no operation", "only with an id"],
)
def test_no_url_is_shown_that_does_not_work(tmp_path: Path, text: str, line: str) -> None:
    """A contract without a path that can be opened as it is has no URLs to try."""
    lines = describe(contract=write(tmp_path, CONTRACT + text)).splitlines()
    assert line in lines
    assert "  try" not in lines
    assert [line for line in lines if "/w/mine" in line] == []


def test_accounts_are_left_out_without_login() -> None:
    """With `--auth off`, a password would be useless."""
    assert "admin / admin" not in describe(auth=False)


def test_dialect_and_watch_are_shown() -> None:
    """The names that are served, and whether files are reloaded."""
    stub = Stub(Settings(dialect="observed"))
    assert "watch" not in "\n".join(describe_stub(stub, URL))
    stub.is_watched = True
    text = "\n".join(describe_stub(stub, URL))
    assert "observed names" in text
    assert "  watch     files are reloaded when you save them" in text


def test_urls_have_the_hand_written_task(tmp_path: Path) -> None:
    """Not one of the crowd, although some of the crowd have failed."""
    text = describe(scenario=write(tmp_path, SCENARIO))
    assert re.findall(r"instances/(\d+)", text) == ["7", "7"]


def test_name_without_description_has_no_colon(tmp_path: Path) -> None:
    """The line ends with the name."""
    assert "  scenario  <mine>\n" in describe(scenario=write(tmp_path, SCENARIO))


@pytest.mark.parametrize("count", [1, MAX_OPERATIONS, MAX_OPERATIONS + 3])
def test_operations_of_a_foreign_contract(tmp_path: Path, count: int) -> None:
    """The first ten operations, then an ellipsis with the number of the others."""
    paths = "".join(
        f"  /p{number}: {{get: {{responses: {{'200': {{description: ok}}}}}}}}\n"
        for number in range(count)
    )
    text = describe(contract=write(tmp_path, CONTRACT + paths))
    assert len(re.findall(r"^ +GET +/p", text, re.MULTILINE)) == min(count, MAX_OPERATIONS)
    assert ("… and 3 more" in text) == (count > MAX_OPERATIONS)
    assert "documented names" not in text
    assert len(re.findall(rf"^    {URL}/p", text, re.MULTILINE)) == min(count, MAX_OPERATIONS)


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        ("[{url: /v1}, {url: /api/v2}]", "/v1"),
        ("[{url: 'https://a.example/v3/'}]", "/v3"),
        ("[{url: 'https://a.example'}, {url: /v1}]", ""),
        ("[]", ""),
    ],
)
def test_urls_have_the_path_of_the_first_server(tmp_path: Path, servers: str, base: str) -> None:
    """The client of a real server calls these, and the stub knows them."""
    paths = "  /p: {get: {responses: {'200': {description: ok}}}}\n"
    contract = write(tmp_path, f"servers: {servers}\n{CONTRACT}{paths}")
    text = describe(contract=contract)
    assert f"    {URL}{base}/p\n" in text
    assert f"    {URL}/w/mine{base}/p  (" in text
    client = create_app(contract=contract).test_client()
    assert {client.get(f"{prefix}{base}/p").status_code for prefix in ("", "/w/mine")} == {200}


@pytest.mark.parametrize("path", ["/__admin/", "/__admin", "/w/mine/__admin/"])
def test_browser_gets_the_console_below_the_control_api(path: str) -> None:
    """Other clients get it too, and pages of other sites nothing."""
    client = create_app().test_client()
    assert "<h1>Calls</h1>" in client.get(path, headers=BROWSER).text
    assert "<h1>Calls</h1>" in client.get(path).text
    assert client.get(path, headers={**BROWSER, "Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_first_page_cannot_be_framed() -> None:
    """A page of another site cannot show it as its own; it loads and sends nothing either."""
    policy = open_page().headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "form-action 'none'", "frame-ancestors 'none'"} < set(policy)


def test_browser_gets_the_first_page(tmp_path: Path) -> None:
    """With links that work, and every text escaped; the journal does not count it."""
    app = create_app(Settings(scenario=write(tmp_path, SCENARIO)))
    client = app.test_client()
    page = client.get("/", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "&lt;mine&gt;" in page.text
    links = re.findall(r'<a href="http://localhost([^"]+)"', page.text)
    assert len(links) == 6
    login = ("admin", "admin")
    statuses = {client.get(link, auth=login, headers=BROWSER).status_code for link in links}
    assert statuses == {200}
    targets = [e.request.path for e in app.extensions["understudy"].world().journal.exchanges()]
    assert "/" not in targets
    assert client.head("/", headers=BROWSER).data == b""


@pytest.mark.parametrize(
    "headers",
    [{}, {"Accept": "*/*"}, {"Accept": "application/json"}, {**BROWSER, "Origin": "http://a.b"}],
)
def test_other_clients_get_the_answer_of_the_api(headers: dict[str, str]) -> None:
    """A client of the API, or a page's script, gets what a real server sends."""
    response = create_app().test_client().get("/", headers=headers)
    assert (response.status_code, response.mimetype) == (401, "application/json")


def test_contract_and_replies_come_first(tmp_path: Path) -> None:
    """An operation of `/`, or a scenario with replies, answers instead."""
    operation = "  /: {get: {responses: {'200': {description: ok}}}}\n"
    assert open_page(contract=write(tmp_path, CONTRACT + operation)).data == b""
    replies = """replies: [{name: a, off-contract: true, when: {request: GET /}, reply: {body: {a: 1}}}]\n"""
    scenario = write(tmp_path, SCENARIO + replies, "replies.yaml")
    assert open_page(scenario=scenario, auth=False).json == {"a": 1}
    assert open_page("/x", auth=False).status_code == 404


def test_page_behind_a_token_has_no_password() -> None:
    """Other machines may reach it."""
    text = open_page(token="s3cr3t").text
    assert "    admin  TASK_MANAGER" in text
    assert "admin / admin" not in text
    assert "s3cr3t" not in text

"""Pages of other sites: they change nothing, create no world, and take no waiting place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from understudy.config import Settings
from understudy.live import LiveServer

LIST = "/api/v2/tasks/instances"
RETRY = f"{LIST}/35000312/retry"
EVIL = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
SLUG = "urn:understudy:problem:foreign-origin"


@pytest.fixture(scope="module")
def open_server() -> Iterator[LiveServer]:
    """Serve the demo without authentication."""
    settings = Settings(auth=False, max_worlds=20, cors_origins=("https://app.example",))
    with LiveServer(settings) as server:
        yield server


@pytest.fixture(scope="module")
def closed_server() -> Iterator[LiveServer]:
    """Serve the demo, with authentication and without CORS."""
    with LiveServer(Settings(cors=False)) as server:
        yield server


@pytest.mark.parametrize(
    "headers",
    [
        EVIL,
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "https://app.example.evil.org"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "Cross-Site", "Referer": "http://["},
        {**IMAGE, "Referer": "http://evil.example/page"},
        LINK,
    ],
)
def test_unsafe_call_is_refused(open_server: LiveServer, headers: dict[str, str]) -> None:
    """A form of another page can send it without a preflight; nothing has changed."""
    open_server.world("default").reset()
    headers = {**headers, "Content-Type": "text/plain"}
    answer = requests.post(open_server.url + RETRY, "x", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["type"]) == (403, SLUG)
    assert open_server.world("default").state().revision == 0
    assert open_server.stub.outside_calls.exchanges()[-1].trace["problem"] == "foreign-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://[::1]:3000"},
        {"Origin": "HTTPS://app.example:443", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://dev.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Referer": "http://localhost:3000/page"},
    ],
)
def test_other_callers_are_served(open_server: LiveServer, headers: dict[str, str]) -> None:
    """Tools, pages of this machine and of allowed origins, and those behind a proxy of theirs."""
    open_server.world("default").reset()
    answer = requests.post(open_server.url + RETRY, headers=headers, timeout=10)
    assert answer.status_code == 200


def test_page_of_the_stub_itself_is_served(open_server: LiveServer) -> None:
    """Its origin is the host that it calls."""
    open_server.world("default").reset()
    headers = {"Origin": open_server.url}
    assert requests.post(open_server.url + RETRY, headers=headers, timeout=10).status_code == 200


def test_images_of_a_foreign_page_create_no_world(open_server: LiveServer) -> None:
    """The owner still has room for a world; an existing one may be looked at."""
    before = len(open_server.stub.worlds())
    statuses = {
        requests.get(
            f"{open_server.url}/w/evil{number}{LIST}", headers=IMAGE, timeout=10
        ).status_code
        for number in range(25)
    }
    assert (statuses, len(open_server.stub.worlds())) == ({403}, before)
    assert requests.get(f"{open_server.url}/w/mine{LIST}", timeout=10).status_code == 200
    looked = requests.get(f"{open_server.url}/w/mine{LIST}", headers=IMAGE, timeout=10)
    assert looked.status_code == 200


@pytest.mark.parametrize(
    "preference", [{}, {"Prefer": "delay=1h"}, {"Cookie": "understudy=delay=1h"}]
)
def test_preferences_of_a_foreign_page_are_refused(
    open_server: LiveServer, preference: dict[str, str]
) -> None:
    """So no call of it waits."""
    open_server.world("default")
    query = "" if preference else "?__delay=1h"
    headers = {**EVIL, **preference}
    answer = requests.get(open_server.url + LIST + query, headers=headers, timeout=10)
    assert (answer.status_code, open_server.stub.thread_limit.active) == (403, 0)


def test_link_of_another_site_can_be_followed(open_server: LiveServer) -> None:
    """A page of documentation may link to the stub."""
    answer = requests.get(f"{open_server.url}/w/linked{LIST}", headers=LINK, timeout=10)
    assert answer.status_code == 200


def test_problem_names_the_option(open_server: LiveServer) -> None:
    """The detail has the origin that can be allowed, as one line; without one, the option."""
    answers = [
        requests.post(open_server.url + RETRY, headers={"Origin": origin}, timeout=10).json()
        for origin in ("https://dev.example", "null")
    ]
    assert answers[0]["detail"].endswith("or allow it with --cors-origin https://dev.example.")
    assert answers[1]["detail"].endswith("or allow its origin with --cors-origin.")


@pytest.mark.parametrize("query", ["", "?__delay=1h", "?__fault=reset"])
def test_unknown_caller_holds_nothing(closed_server: LiveServer, query: str) -> None:
    """It gets 401 at once, from any page and from a tool."""
    for headers in (EVIL, IMAGE, {}):
        answer = requests.get(closed_server.url + LIST + query, headers=headers, timeout=10)
        assert (answer.status_code, closed_server.stub.thread_limit.active) == (401, 0)


def test_saved_credentials_do_not_act_for_a_foreign_page(closed_server: LiveServer) -> None:
    """A browser adds them to the form of any page, but not to what needs a preflight."""
    closed_server.world("default").reset()
    form = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    def post(**headers: str) -> int:
        fields = {key.replace("_", "-"): value for key, value in headers.items()}
        url, auth = closed_server.url + RETRY, ("admin", "admin")
        return requests.post(url, auth=auth, headers=fields, timeout=10).status_code

    assert post(**form) == 403
    assert post(Origin="http://evil.example", **form) == 403
    assert closed_server.world("default").state().revision == 0
    assert post(Origin="http://localhost:3000", **form) == 200  # also with --cors off


def test_contract_without_security_is_alike(tmp_path: Path) -> None:
    """A foreign contract that asks for no credentials is as open as --auth off."""
    contract = tmp_path / "contract.yaml"
    contract.write_text(
        "openapi: 3.1.0\n"
        "info: {title: t, version: '1'}\n"
        "paths: {/in: {post: {operationId: addIn, responses: {'200': {description: ok}}}}}\n",
        "utf-8",
    )
    with LiveServer(Settings(contract=contract)) as server:
        url = f"{server.url}/in"
        assert requests.post(url, headers=EVIL, timeout=10).status_code == 403
        assert requests.post(url, timeout=10).status_code == 200

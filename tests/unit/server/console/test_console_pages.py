"""The pages of the console as a server sends them: policy, filters, bodies, languages, access."""

import json

import pytest
from flask.testing import FlaskClient

from understudy.server import create_app
from understudy.server.console.shown_messages import MAX_BODY
from understudy.server.console.texts import choose_language, translate

BROWSER = {"Accept": "text/html"}
LIST = "/api/v2/tasks/instances"
ADMIN = ("admin", "admin")


@pytest.fixture
def client() -> FlaskClient:
    return create_app(clock="virtual").test_client()


def open_page(client: FlaskClient, path: str, **headers: str) -> str:
    response = client.get(f"/__admin/console/{path}", headers={**BROWSER, **headers})
    assert response.status_code == 200, response.text
    return response.text


@pytest.mark.parametrize("path", ["calls", "static/console.js", "static/console.css"])
def test_nothing_but_own_files_is_loaded(client: FlaskClient, path: str) -> None:
    """No script or style in a page; no other site; no frame."""
    response = client.get(f"/__admin/console/{path}")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_scripts_and_styles_are_small(client: FlaskClient) -> None:
    """Under 200 KB, with every page's own text."""
    names = ("console.js", "console.css")
    assert sum(len(client.get(f"/__admin/console/static/{name}").data) for name in names) < 30_000


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing", 404),
        ("calls/99", 404),
        ("calls/x", 404),
        ("calls/1/2", 404),
        ("tasks/5", 404),
        ("tasks/x", 404),
        ("rules/x", 404),
        ("worlds/x", 404),
        ("recipes/x", 404),
        ("scenarios/x", 404),
        ("contract/x", 404),
        ("static/../pages.py", 404),
        ("static/pages.py", 404),
    ],
)
def test_unknown_pages(client: FlaskClient, path: str, status: int) -> None:
    """404, without a traceback."""
    assert client.get(f"/__admin/console/{path}").status_code == status


@pytest.mark.parametrize("number", ["²", "0", "9" * 5000, "-1", ""])
def test_wrong_page_of_tasks_is_the_first_or_last(client: FlaskClient, number: str) -> None:
    """Not an error of the server."""
    assert "/console/tasks/35000312" in open_page(client, f"tasks?page={number}")


def test_pages_are_only_read(client: FlaskClient) -> None:
    """What changes something is the control API."""
    response = client.post("/__admin/console/calls")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [4, 3, 2, 1]),
        ("?kind=violations", [2, 1]),
        ("?kind=unmatched", [3]),
        ("?operation=getTaskInstance", [4]),
        ("?status=4xx", [4, 3, 2]),
        ("?status=200", [1]),
        ("?status=x&kind=y", [4, 3, 2, 1]),
    ],
)
def test_filters_of_calls(client: FlaskClient, query: str, numbers: list[int]) -> None:
    """By violations, route, operation and status; the newest first."""
    for target in (f"{LIST}?stauts=1", f"{LIST}?status=DONE", "/nothing", f"{LIST}/5"):
        client.get(target, auth=ADMIN)
    page = open_page(client, f"calls{query}")
    assert [number for number in range(4, 0, -1) if f"/console/calls/{number}" in page] == numbers


def test_large_bodies_are_cut(client: FlaskClient) -> None:
    """With a link to the whole exchange."""
    client.post("/__admin/replies", json={"off-contract": True, "reply": {"text": "x" * 50_000}})
    client.get(LIST, auth=ADMIN)
    page = open_page(client, "calls/1")
    assert page.count("x" * 1000) * 1000 <= MAX_BODY
    assert "the body is cut" in page
    assert 'href="/__admin/requests/1"' in page


def test_json_is_indented_and_other_bodies_are_shown(client: FlaskClient) -> None:
    """Binary content has its size."""
    client.get(LIST, auth=ADMIN)
    client.post(LIST, auth=ADMIN, data=b"\xff\xfe", content_type="image/png")
    assert "\n  &#34;data&#34;: {" in open_page(client, "calls/1")
    assert "(binary, " in open_page(client, "calls/2")


def test_world_of_the_path(client: FlaskClient) -> None:
    """Links stay in it."""
    client.get(f"/w/mine{LIST}", auth=ADMIN)
    page = client.get("/w/mine/__admin/console/calls", headers=BROWSER).text
    assert 'href="/w/mine/__admin/console/calls/1"' in page
    assert 'data-root="/w/mine"' in page


def test_links_have_the_prefixes_of_the_server() -> None:
    """Both can be set."""
    client = create_app(admin_prefix="/ctl", world_prefix="/world").test_client()
    client.get(f"/world/mine{LIST}", auth=ADMIN)
    page = client.get("/ctl/console/worlds", headers=BROWSER).text
    assert 'href="/world/mine/ctl/console/calls"' in page
    assert client.get("/world/mine/ctl/console/calls", headers=BROWSER).status_code == 200


def test_rules_are_counted(client: FlaskClient) -> None:
    """The badge counts what was added."""
    client.post("/__admin/faults", json={"fault": "reset"})
    page = open_page(client, "calls")
    assert '<b class="badge" title="1 active rules">1</b>' in page
    assert "reset" in open_page(client, "rules")


def test_languages(client: FlaskClient) -> None:
    """By the link, then the cookie, then what the browser accepts."""
    assert '<html lang="zh">' in open_page(client, "calls", **{"Accept-Language": "zh-CN,en"})
    assert '<html lang="en">' in open_page(client, "calls?lang=en", Cookie="understudy-lang=zh")
    client.set_cookie("understudy-lang", "zh")
    assert "还没有调用" in open_page(client, "calls")
    assert choose_language("fr", "de;q=0.5, zh;q=0.4") == "zh"
    assert translate("unknown text", "zh") == "unknown text"


def test_pages_of_other_sites_and_callers_without_token_see_nothing() -> None:
    """As the control API, whose pages these are."""
    client = create_app(token="s3cr3t").test_client()
    assert client.get("/__admin/console/calls", headers=BROWSER).status_code == 401
    headers = {**BROWSER, "Authorization": "Bearer s3cr3t"}
    assert client.get("/__admin/console/calls", headers=headers).status_code == 200
    foreign = {**BROWSER, "Sec-Fetch-Site": "cross-site"}
    other = create_app().test_client()
    assert other.get("/__admin/console/calls", headers=foreign).status_code == 403


def test_forms_name_routes_that_exist(client: FlaskClient) -> None:
    """Each `data-api` of a page is a method and a path of the control API."""
    import re

    client.get(LIST, auth=ADMIN)
    client.put("/__admin/snapshots/one", json={})
    client.post("/__admin/faults", json={"name": "mine", "fault": "reset"})
    document = json.loads(client.get("/__admin/openapi.json").data)
    routes = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, methods in document["paths"].items()
        for method in methods
    }
    for path in (
        "calls",
        "rules",
        "tasks",
        "tasks/35000312",
        "worlds",
        "scenarios",
        "scenarios/demo",
    ):
        for line in re.findall(r'data-(?:api|then)="([^"]+)"', open_page(client, path)):
            method, target = line.split(" ")
            target = re.sub(r"\{\w+\}", "{}", target)
            patterns = [
                route
                for known, route in routes
                if known == method and re.fullmatch(route.replace("{}", "[^/]+"), target)
            ]
            assert patterns, line

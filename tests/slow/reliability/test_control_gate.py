"""Who may call the control API: every route with every kind of caller."""

import json
from itertools import product

import pytest
from werkzeug.test import TestResponse

from reliability import scale, show_figure
from understudy.config import Settings
from understudy.control.api.route_table import ROUTES
from understudy.replay import Stub
from understudy.server import create_app

pytestmark = pytest.mark.slow

TOKEN = "right-token-of-the-test"
TOKENS = {
    "none": "",
    "wrong": "Bearer wrong",
    "basic": f"Basic {TOKEN}",
    "right": f"Bearer {TOKEN}",
}
HOSTS = {
    "127.0.0.1:5000": True,
    "localhost": True,
    "[::1]:5000": True,
    "evil.example": False,
    "localhost.evil.example": False,
}
SITES = {None: True, "none": True, "same-origin": True, "same-site": False, "cross-site": False}
ORIGINS = {
    None: True,
    "own": True,
    "null": False,
    "http://evil.example": False,
    "http://localhost:9": False,
}


CONSOLE = [
    "/",
    "/console",
    "/console/calls",
    "/console/worlds",
    "/console/static/console.js",
    "/console/x",
]
CALLS = [(route.method, route.path) for route in ROUTES.values()]
CALLS += [("GET", path) for path in CONSOLE]
WAITING = {"/events", "/requests/wait"}
"""Routes whose answer takes its time when the call is let through."""


def expect_status(
    host: str, site: str | None, origin: str | None, token: str, required: bool
) -> int:
    """Return 421, 403 or 401, or 0 if the call must be let through."""
    if not HOSTS[host]:
        return 421
    if not SITES[site] or not ORIGINS[origin]:
        return 403
    return 401 if required and token != "right" else 0


COMBINATIONS = list(product(HOSTS, SITES, ORIGINS, TOKENS))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("prefix", ["/__admin", "/w/mine/__admin"])
@pytest.mark.parametrize("required", [False, True], ids=["open", "token"])
def test_every_route_and_every_caller(prefix: str, required: bool) -> None:
    """Each route meets a share of the combinations, and each combination some of the routes."""
    stub = Stub(Settings(scenario="demo", clock="virtual", token=TOKEN if required else ""))
    client = create_app(stub=stub).test_client()
    calls, share = 0, 10 // scale(1, 10)
    for number, (method, path) in enumerate(CALLS):
        for host, site, origin, token in COMBINATIONS[number % share :: share]:
            expected = expect_status(host, site, origin, token, required)
            if not expected and path in WAITING:
                continue
            fields = {"Host": host, "Authorization": TOKENS[token], "Sec-Fetch-Site": site}
            fields["Origin"] = f"http://{host}" if origin == "own" else origin
            sent = {name: value for name, value in fields.items() if value}
            answer = client.open(prefix + path, method=method, headers=sent)
            check_answer(answer, expected, path, sent)
            answer.close()
            calls += 1
    show_figure(17, f"{calls} calls of {len(CALLS)} routes below {prefix}, none answered wrongly")


def check_answer(answer: TestResponse, expected: int, path: str, sent: dict[str, str]) -> None:
    """Check the status, a problem document with it, and that no field of CORS is sent."""
    seen = (answer.status_code, path, sent)
    if expected:
        assert answer.status_code == expected, seen
        assert json.loads(answer.data)["status"] == expected, seen
    else:
        assert answer.status_code not in (401, 403, 421), seen
    assert not any(name.startswith("Access-Control") for name, _ in answer.headers), seen

"""Pages of this machine and of allowed origins may call the stub, but not the control API."""

from collections.abc import Iterator

import pytest
import requests

from understudy.config import Settings
from understudy.errors import InputError
from understudy.live import LiveServer

LIST = "/api/v2/tasks/instances"
AUTH = ("admin", "admin")


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with LiveServer(cors_origins=("https://app.example.com",)) as server:
        yield server


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://localhost",
        "http://127.0.0.1:8080",
        "http://[::1]:5173",
        "http://app.localhost",
        "https://app.example.com",
    ],
)
def test_allowed_page_reads_the_response(server: LiveServer, origin: str) -> None:
    """Credentials are allowed, so the origin is named, and caches distinguish origins."""
    answer = requests.get(server.url + LIST, auth=AUTH, headers={"Origin": origin}, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in answer.headers["Vary"]
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert exposed >= {
        "Preference-Applied",
        "RateLimit-Remaining",
        "RateLimit-Reset",
        "Retry-After",
    }


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "http://localhost.evil.com",
        "https://app.example.com.evil.org",
        "null",
        "http://127.0.0.1.evil.com:80",
        "https://app.example.com:8443",
    ],
)
def test_other_page_reads_nothing(server: LiveServer, origin: str) -> None:
    """The browser withholds the response."""
    answer = requests.get(server.url + LIST, auth=AUTH, headers={"Origin": origin}, timeout=10)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_error_response_can_be_read(server: LiveServer) -> None:
    """Otherwise a page would see a network error."""
    for answer in (
        requests.get(server.url + LIST, headers={"Origin": "http://localhost:3000"}, timeout=10),
        requests.get(
            f"{server.url}/nothing",
            auth=AUTH,
            headers={"Origin": "http://localhost:3000"},
            timeout=10,
        ),
    ):
        assert answer.status_code in (401, 404)
        assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


def test_preflight_needs_no_credentials(server: LiveServer) -> None:
    """It lists methods and fields, and creates neither a world nor an exchange."""
    fields = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, x-understudy-world, prefer",
    }
    answer = requests.options(
        f"{server.url}{LIST}/1/retry", headers={**fields, "X-Understudy-World": "pre"}, timeout=10
    )
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "x-understudy-world", "prefer"))
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert server.stub.find_world("pre") is None


@pytest.mark.parametrize(
    "path", ["/__admin/health", "/w/mine/__admin/health", "/w/a%2Fb/__admin/health"]
)
def test_control_api_has_no_cors(server: LiveServer, path: str) -> None:
    """Calls and preflights of another origin get 403."""
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    for answer in (
        requests.get(server.url + path, headers=headers, timeout=10),
        requests.options(server.url + path, headers=headers, timeout=10),
    ):
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("origin", ["*", "app.example.com", "https://app.example.com/", "ftp://x"])
def test_invalid_origin_is_reported(origin: str) -> None:
    """A star with credentials would allow every page."""
    with pytest.raises(InputError, match="is not a web origin"):
        Settings(cors_origins=(origin,))

"""Pages of this machine, and of origins that were named, may call the stub with credentials; none drives the tool."""

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
    ["http://localhost:3000", "https://localhost", "http://127.0.0.1:8080", "http://[::1]:5173", "http://app.localhost",
     "https://app.example.com"],
)  # fmt: skip
def test_a_page_that_is_allowed_reads_the_answer(server: LiveServer, origin: str) -> None:
    """With credentials, so the origin is named and not a star; caches tell origins apart."""
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
    ["https://evil.example.com", "http://localhost.evil.com", "https://app.example.com.evil.org", "null",
     "http://127.0.0.1.evil.com:80", "https://app.example.com:8443"],
)  # fmt: skip
def test_another_page_reads_nothing(server: LiveServer, origin: str) -> None:
    """The browser keeps the answer from it."""
    answer = requests.get(server.url + LIST, auth=AUTH, headers={"Origin": origin}, timeout=10)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_error_can_be_read_too(server: LiveServer) -> None:
    """Otherwise a page sees a network error where the server said why."""
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


def test_a_preflight_is_answered_without_credentials(server: LiveServer) -> None:
    """Methods and fields that a page may use; it makes no world and no entry in the journal."""
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, x-understudy-world, prefer",
    }
    answer = requests.options(
        f"{server.url}{LIST}/1/retry", headers={**asked, "X-Understudy-World": "pre"}, timeout=10
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
def test_the_control_api_has_no_cors(server: LiveServer, path: str) -> None:
    """A page of another origin is refused, its preflight too."""
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    for answer in (
        requests.get(server.url + path, headers=headers, timeout=10),
        requests.options(server.url + path, headers=headers, timeout=10),
    ):
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("origin", ["*", "app.example.com", "https://app.example.com/", "ftp://x"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    """A star with credentials would let every page in."""
    with pytest.raises(InputError, match="is not a web origin"):
        Settings(cors_origins=(origin,))

"""The token of the control API."""

from collections.abc import Iterator

import pytest
import requests

from understudy.errors import InputError
from understudy.live import LiveServer

TOKEN = "s3cret-token"


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with LiveServer(token=TOKEN) as server:
        yield server


@pytest.mark.parametrize(
    "shown", [None, "Bearer wrong", "Bearer ", TOKEN[:-1], "Basic YWRtaW46YWRtaW4=", "Bearer \xff"]
)
def test_call_without_the_token_is_rejected(server: LiveServer, shown: str | None) -> None:
    """Health needs it too."""
    headers = {"Authorization": shown.encode("latin-1")} if shown is not None else {}
    for path in ("/__admin/health", "/w/mine/__admin/health", "/__admin/nothing"):
        answer = requests.get(server.url + path, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["type"]) == (
            401,
            "urn:understudy:problem:token-needed",
        )
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_call_with_the_token_is_answered(server: LiveServer) -> None:
    """The API of the contract needs no token."""
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert (
        requests.get(f"{server.url}/__admin/health", headers=shown, timeout=10).status_code == 200
    )
    assert (
        requests.get(
            f"{server.url}/api/v2/tasks/instances", auth=("admin", "admin"), timeout=10
        ).status_code
        == 200
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 - that it is refused
def test_public_address_needs_a_token(host: str) -> None:
    """Without one, no socket is bound."""
    with pytest.raises(InputError, match="has no token") as caught:
        LiveServer(host=host)
    assert "--control-token" in str(caught.value)


def test_token_is_not_printed() -> None:
    """`repr` of the settings leaves it out."""
    from understudy.config import Settings

    assert TOKEN not in repr(Settings(token=TOKEN))

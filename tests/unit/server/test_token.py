"""The control API asks for a token where one was set, and has to have one where other machines can reach it."""

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
def test_without_the_token_nothing_is_told(server: LiveServer, shown: str | None) -> None:
    """Not even health."""
    headers = {"Authorization": shown.encode("latin-1")} if shown is not None else {}
    for path in ("/__admin/health", "/w/mine/__admin/health", "/__admin/nothing"):
        answer = requests.get(server.url + path, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["type"]) == (
            401,
            "urn:understudy:problem:token-needed",
        )
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_with_the_token_it_answers(server: LiveServer) -> None:
    """And the stub itself never asks for it."""
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
def test_other_machines_need_a_token(host: str) -> None:
    """Without one, nothing is bound."""
    with pytest.raises(InputError, match="has no token") as told:
        LiveServer(host=host)
    assert "--control-token" in str(told.value)


def test_the_token_is_not_shown() -> None:
    """Settings can be printed."""
    from understudy.config import Settings

    assert TOKEN not in repr(Settings(token=TOKEN))

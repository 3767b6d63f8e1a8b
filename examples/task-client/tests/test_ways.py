"""Other ways to use a world: other HTTP clients, signed requests, Hypothesis."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import urlsplit

import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from task_client import Status, TaskClient
from understudy import Ocp, OcpServer


def test_httpx_works(ocp: Ocp) -> None:
    """You can use any HTTP client. Like `ocp.requests()`, this one uses no socket."""
    with ocp.httpx() as http:
        response = http.get("/api/v2/tasks/instances", params={"status": "RUNNING"})
    assert response.json()["successful"] is True


class Signed(requests.auth.AuthBase):
    """Signature of a request without a body, as OCP's documents describe it."""

    def __init__(self, access_key: str, secret_key: str) -> None:
        self._access_key, self._secret_key = access_key, secret_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add Date, Host and the signature."""
        date, host = formatdate(usegmt=True), urlsplit(request.url or "").netloc
        text = "\n".join([request.method or "", "", "", date, host, "", request.path_url])
        digest = hmac.new(self._secret_key.encode(), text.encode(), hashlib.sha1).digest()
        signature = base64.b64encode(digest).decode()
        signed = {
            "Date": date,
            "Host": host,
            "Authorization": f"OCP-ACCESS-KEY-HMACSHA1 {self._access_key}:{signature}",
        }
        request.headers.update(signed)
        return request


def test_signed_request_selects_its_world(ocp: Ocp) -> None:
    """The access key names the world, so the client can use the plain address."""
    client = TaskClient(f"http://{ocp.address}", Signed(*ocp.access_key))
    assert client.get(35000312).status is Status.FAILED
    assert ocp.calls[0].account == "admin"


@given(fails=st.integers(min_value=0, max_value=3))
@settings(deadline=None, max_examples=10)
def test_task_succeeds_after_the_failing_runs(
    ocp_server: OcpServer, make_client: Callable[[Ocp], TaskClient], fails: int
) -> None:
    """Each example has its own world, which is verified at the end of its block."""
    with ocp_server.world(scenario="empty") as ocp:
        client, task = (
            make_client(ocp),
            ocp.task("Backup", ocp.subtask("Copy", takes="1m", fails=fails)),
        )
        while client.wait(task.id).status is Status.FAILED:
            client.retry(task.id)
        ocp.assert_called("retryTask", times=fails) if fails else ocp.assert_not_called("retryTask")

"""Calls of a client on a socket."""

import requests

from understudy.harness import Ocp

LIST = "/api/v2/tasks/instances"
FAILED = 35000312
"""The id of a failed task of the demo; a retry makes it SUCCESSFUL."""


def call(ocp: Ocp, target: str = LIST, method: str = "GET", *, base: str = "") -> requests.Response:
    """Call a world on the socket, with the credentials of its account."""
    return requests.request(method, f"{base or ocp.url}{target}", auth=ocp.auth, timeout=10)


def retry(ocp: Ocp, task: int = FAILED) -> requests.Response:
    """Retry a task."""
    return call(ocp, f"{LIST}/{task}/retry", "POST")

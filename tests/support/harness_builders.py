"""Calls as a client makes them."""

import requests

from understudy.harness import Ocp

LIST = "/api/v2/tasks/instances"
FAILED = 35000312
"""A task of the demo that has failed; a retry brings it home."""


def call(ocp: Ocp, target: str = LIST, method: str = "GET", *, base: str = "") -> requests.Response:
    """Call a world over the socket, as its account."""
    return requests.request(method, f"{base or ocp.url}{target}", auth=ocp.auth, timeout=10)


def retry(ocp: Ocp, task: int = FAILED) -> requests.Response:
    """Have a task tried again."""
    return call(ocp, f"{LIST}/{task}/retry", "POST")

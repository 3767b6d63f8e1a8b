"""A usual client of the OCP, over HTTP or in this process, and one that breaks on failures."""

from __future__ import annotations

import base64
import json
from typing import Any

import requests

from understudy.messages import Request
from understudy.testing import ServedOcp, View

PATHS = {"retryTask": "retry", "rollbackTask": "rollback"}
SUBTASK_PATHS = {"retrySubtask": "retry", "skipSubtask": "skip", "cancelSubtask": "cancel"}


class Client:
    """Sends requests over HTTP."""

    def __init__(self, url: str, auth: tuple[str, str]) -> None:
        self._url, self._auth = url, auth

    def call(self, method: str, path: str) -> tuple[int, Any]:
        response = requests.request(
            method, f"{self._url}/api/v2/tasks/instances{path}", auth=self._auth, timeout=30
        )
        return response.status_code, response.json()

    def task(self, task_id: int) -> Any:
        return self.call("GET", f"/{task_id}")[1]["data"]

    def view(self, task_id: int) -> View:
        task = self.task(task_id)
        return View(
            task["status"], {subtask["id"]: subtask["status"] for subtask in task["subtasks"]}
        )

    def act(self, command: str, task_id: int, subtask_id: int | None) -> bool:
        path = f"/{task_id}/{PATHS[command]}" if subtask_id is None else ""
        path = path or f"/{task_id}/subtasks/{subtask_id}/{SUBTASK_PATHS[command]}"
        return self.call("POST", path)[0] == 200


class DirectClient(Client):
    """Sends requests to the stub in this process."""

    def __init__(self, ocp: ServedOcp) -> None:
        super().__init__(ocp.url, ocp.auth)
        self._ocp = ocp

    def call(self, method: str, path: str) -> tuple[int, Any]:
        credentials = base64.b64encode(":".join(self._auth).encode()).decode("ascii")
        headers = [("Authorization", f"Basic {credentials}"), ("Host", "localhost")]
        response = self._ocp.handle(
            Request.of(method, f"/api/v2/tasks/instances{path}", headers=headers)
        )
        return response.status, json.loads(response.body)


def names_of(client: Client) -> list[str]:
    """Return the names of all tasks; raises KeyError for a subtask that has failed."""
    tasks = client.call("GET", "?size=100")[1]["data"]["contents"]
    for task in tasks:
        for subtask in task["subtasks"]:
            if subtask["status"] == "FAILED":
                raise KeyError("FAILED")
    return [task["name"] for task in tasks]

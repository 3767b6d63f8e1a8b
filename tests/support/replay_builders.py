"""A stub on a wall clock that the test moves, and a function that sends requests to it."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from understudy.config import Settings
from understudy.messages import Request, Response
from understudy.replay import Stub

LIST = "/api/v2/tasks/instances"
SECOND = timedelta(seconds=1)


class Wall:
    """A wall clock that moves when the test moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def advance(self, seconds: float) -> None:
        """Let seconds pass."""
        self.moment += seconds * SECOND


def build_stub(folder: Path, scenario: str, wall: Wall | None = None, **settings: Any) -> Stub:
    """Build a stub of a scenario that is written here."""
    path = folder / "scenario.yaml"
    path.write_text(f"understudy: 1\n{scenario}", "utf-8")
    return Stub(Settings(scenario=str(path), **settings), wall=wall or Wall())


def send(
    stub: Stub, target: str, method: str = "GET", *, user: str = "admin:admin", **headers: str
) -> Response:
    """Send a request as a user; an empty user sends no credentials."""
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if user:
        fields.append(("Authorization", f"Basic {base64.b64encode(user.encode()).decode()}"))
    return stub.handle(Request.of(method, target, headers=fields))


def task_status(stub: Stub, task: int, prefix: str = "") -> str:
    """Return a task's status."""
    return str(send(stub, f"{prefix}{LIST}/{task}").json()["data"]["status"])

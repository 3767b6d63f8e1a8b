"""A control API without a socket: every answer that it gives is compared with its own document."""

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

from understudy.config import Settings
from understudy.contract import Contract, Match
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.compiler import compile_contract
from understudy.control import Control, Stream
from understudy.control.api.openapi_document import build_openapi_document
from understudy.messages import Request, Response
from understudy.replay import Stub
from understudy.source import Source

LIST = "/api/v2/tasks/instances"
FAILED = 35000312
"""A task of the demo that has failed; a retry brings it home."""


@cache
def whole_contract() -> Contract:
    """Give the document with its answers, compiled."""
    document = build_openapi_document("/__admin")
    return compile_contract(document, Tree.of(Source("control", document, {})), "control")


class Desk:
    """A stub and its control API."""

    def __init__(self, scenario: str = "demo", **settings: Any) -> None:
        self.stub = Stub(Settings(scenario=scenario, **{"clock": "virtual", **settings}))
        self.control = Control(self.stub)

    def call(
        self,
        target: str,
        method: str = "GET",
        *,
        world: str = "",
        body: bytes = b"",
        **headers: str,
    ) -> Response:
        """Ask the API that the stub stands in for, as admin."""
        fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
        fields.append(("Authorization", f"Basic {base64.b64encode(b'admin:admin').decode()}"))
        if world:
            fields.append(("X-Understudy-World", world))
        return self.stub.handle(Request.of(method, target, headers=fields, body=body))

    def send(
        self, what: str, data: Any = None, *, world: str = "default", headers: Any = ()
    ) -> Response | Stream:
        """Send `METHOD /target` to the control API, with JSON when there is data, with YAML when that is a text."""
        method, _, target = what.partition(" ")
        fields, body = list(headers), b""
        if isinstance(data, bytes):
            body = data
        elif data is not None:
            body = data.encode() if isinstance(data, str) else json.dumps(data).encode()
            fields.append(
                (
                    "Content-Type",
                    "application/yaml" if isinstance(data, str) else "application/json",
                )
            )
        return self.control.handle(Request.of(method, target, headers=fields, body=body), world)

    def ask(self, what: str, data: Any = None, *, status: int = 200, **more: Any) -> Any:
        """Send; give the JSON that comes back. The answer is as documented, and has this status."""
        answer = self.send(what, data, **more)
        assert isinstance(answer, Response)
        assert answer.status == status, answer.body
        check(what, answer)
        return (
            answer.json() if "json" in answer.headers.get("Content-Type") else answer.body.decode()
        )

    def problem(self, what: str, data: Any = None, **more: Any) -> tuple[int, str, str]:
        """Send what is wrong; give status, slug and detail."""
        answer = self.send(what, data, **more)
        assert isinstance(answer, Response)
        assert answer.headers.get("Content-Type") == "application/problem+json", answer
        check(what, answer)
        told = answer.json()
        assert told["status"] == answer.status
        return answer.status, told["type"].removeprefix("urn:understudy:problem:"), told["detail"]


def check(what: str, answer: Response) -> None:
    """Compare an answer with the document, where the document has the route."""
    method, _, target = what.partition(" ")
    found = whole_contract().route(method, target.partition("?")[0])
    if isinstance(found, Match) and answer.status != 405:
        assert found.operation.validate_response(answer) == ()


def scenario_in(folder: Path, text: str, name: str = "mine") -> str:
    """Write a scenario; give its path."""
    path = folder / f"{name}.yaml"
    path.write_text(f"understudy: 1\nname: {name}\n{text}", "utf-8")
    return str(path)

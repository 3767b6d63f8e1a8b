"""A stub with its control API, without a socket; every response is validated by the document."""

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
from understudy.control.api.api_document import build_openapi_document
from understudy.messages import Request, Response
from understudy.replay import Stub
from understudy.source import Source

LIST = "/api/v2/tasks/instances"
FAILED = 35000312
"""A failed task of the demo; a retry makes it succeed."""


@cache
def compile_document() -> Contract:
    """Return the OpenAPI document with its responses as a contract."""
    document = build_openapi_document("/__admin")
    return compile_contract(document, Tree.of(Source("control", document, {})), "control")


class StubDriver:
    """A stub, and calls of its API and of its control API."""

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
        """Call the API of the contract as admin; `X_Note="x"` is the header field X-Note."""
        fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
        fields.append(("Authorization", f"Basic {base64.b64encode(b'admin:admin').decode()}"))
        if world:
            fields.append(("X-Understudy-World", world))
        return self.stub.handle(Request.of(method, target, headers=fields, body=body))

    def send(
        self, call: str, data: Any = None, *, world: str = "default", headers: Any = ()
    ) -> Response | Stream:
        """Send a call such as `GET /clock` to the control API.

        `data` is sent as JSON, a text as YAML, and bytes as they are, without a Content-Type.
        """
        method, _, target = call.partition(" ")
        fields = list(headers)
        body = b""
        match data:
            case None:
                pass
            case bytes():
                body = data
            case str():
                body = data.encode()
                fields.append(("Content-Type", "application/yaml"))
            case _:
                body = json.dumps(data).encode()
                fields.append(("Content-Type", "application/json"))
        return self.control.handle(Request.of(method, target, headers=fields, body=body), world)

    def fetch(self, call: str, data: Any = None, *, status: int = 200, **more: Any) -> Any:
        """Send a call and return its JSON or text. The response is valid and has this status."""
        response = self.send(call, data, **more)
        assert isinstance(response, Response)
        assert response.status == status, response.body
        assert_documented(call, response)
        if "json" in response.headers.get("Content-Type"):
            return response.json()
        return response.body.decode()

    def fetch_problem(self, call: str, data: Any = None, **more: Any) -> tuple[int, str, str]:
        """Send a wrong call and return status, slug and detail of the problem."""
        response = self.send(call, data, **more)
        assert isinstance(response, Response)
        assert response.headers.get("Content-Type") == "application/problem+json", response
        assert_documented(call, response)
        problem = response.json()
        assert problem["status"] == response.status
        slug = problem["type"].removeprefix("urn:understudy:problem:")
        return response.status, slug, problem["detail"]


def assert_documented(call: str, response: Response) -> None:
    """Validate a response by the document, if the document has the route."""
    method, _, target = call.partition(" ")
    route = compile_document().route(method, target.partition("?")[0])
    if isinstance(route, Match) and response.status != 405:
        assert route.operation.validate_response(response) == ()


def write_scenario(folder: Path, text: str, name: str = "mine") -> str:
    """Write a scenario and return its path."""
    path = folder / f"{name}.yaml"
    path.write_text(f"understudy: 1\nname: {name}\n{text}", "utf-8")
    return str(path)

"""Calls of the control API in this process: all that the pages know comes from it."""

from urllib.parse import quote

from understudy.control import Control
from understudy.messages import Headers, Json, Request, Response

JsonObject = dict[str, Json]


class ControlCalls:
    """Reads one world through the control API."""

    def __init__(self, control: Control, world: str) -> None:
        self._control = control
        self.world = world

    def get(self, path: str) -> JsonObject | None:
        """Return the answer to a GET; None for an error, such as a world that is gone."""
        response = self.fetch(path)
        if response.status != 200:
            return None
        body = response.json()
        return body if isinstance(body, dict) else {"items": body}

    def list(self, path: str, name: str) -> list[JsonObject]:
        """Return a list of objects in an answer; empty for an error."""
        items = (self.get(path) or {}).get(name)
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    def fetch(self, path: str) -> Response:
        """Return the response to a GET."""
        fields = [("X-Understudy-World", quote(self.world)), ("Accept", "application/json")]
        request = Request.of("GET", path, headers=fields)
        response = self._control.handle(request, self.world)
        if not isinstance(response, Response):
            response.close()
            return Response(406, Headers(), b"{}")
        return response

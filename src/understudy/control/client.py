"""A client of the control API. The types of its methods stand in `client.pyi`, which is made from the table."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from understudy.control.api.route import Route
from understudy.control.api.route_table import ROUTES
from understudy.control.client_methods import documentation_of, method_name, names_of, signature_of
from understudy.control.control_api import Control
from understudy.control.transport import ControlError, HttpTransport, InProcessTransport, Transport

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""

__all__ = ["ControlClient", "ControlError"]


class ControlClient:
    """Drives a stub: `ControlClient("http://127.0.0.1:4010").advance_clock(by="30s")`.

    One method for each route, named as its id. JSON comes as Python data; a problem raises ControlError. `world` is
    the world that calls concern; empty: `default`. A client may be used by many threads.
    """

    def __init__(
        self, url: str, token: str = "", world: str = "", *, prefix: str = "/__admin"
    ) -> None:
        self._transport: Transport = HttpTransport(url, token, world, prefix)

    @classmethod
    def inside(
        cls, control: Control, url: str = "http://localhost", world: str = ""
    ) -> "ControlClient":
        """Give a client of a stub in this process; its calls go through no socket. `url` is where clients find it."""
        return cls._of(InProcessTransport(control, url, world))

    @classmethod
    def _of(cls, transport: Transport) -> "ControlClient":
        client = cls.__new__(cls)
        client._transport = transport
        return client

    def __repr__(self) -> str:
        return f"ControlClient({self._transport.url!r}, world={self._transport.world!r})"

    def in_world(self, world: str) -> "ControlClient":
        """Give a client of the same stub for another world."""
        return ControlClient._of(self._transport.in_world(world))

    def events(
        self, *, after: int | None = None, every_world: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Give exchanges as they happen, for as long as the server runs; closing the iterator hangs up.

        Each is `{"event": "exchange", "id": …, "data": {…}}`. The call is made when the first one is asked for.
        """
        told: dict[str, Any] = {"after": after} | ({"world": "*"} if every_world else {})
        event: dict[str, Any] = {}
        for line in self._transport.stream_lines(ROUTES["events"], told):
            name, _, value = line.partition(": ")
            if not line and "data" in event:
                yield event
                event = {}
            elif name in ("event", "id"):
                event[name] = value
            elif name == "data":
                event[name] = json.loads(value)


def _method(route: Route) -> Callable[..., Any]:
    signature, names = signature_of(route), names_of(route)

    def method(self: ControlClient, *given: Any, **named: Any) -> Any:
        told = signature.bind(self, *given, **named).arguments
        return self._transport.call(
            route, {names[key]: value for key, value in told.items() if key != "self"}
        )

    method.__name__ = method_name(route)
    method.__qualname__ = f"ControlClient.{method.__name__}"
    method.__doc__ = documentation_of(route)
    method.__signature__ = signature  # type: ignore[attr-defined]
    return method


for _route in ROUTES.values():
    if _route.id != "events":
        setattr(ControlClient, method_name(_route), _method(_route))

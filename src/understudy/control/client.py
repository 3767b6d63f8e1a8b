"""The client of the control API: one method for each route of the table, with types.

The methods are written by hand; a test compares their names, arguments and docstrings with the
table of routes (`api.route_table`). Those for the state of one world are in `world_client`.
"""

import json
from collections.abc import Generator
from typing import Self, Unpack, cast

from understudy.control.api.journal_types import (
    Criteria,
    EventRecord,
    ExchangeRecord,
    ExplanationRecord,
    FindingList,
    NearMissList,
    RequestCount,
    RequestList,
    RequestPage,
    UnmatchedList,
    WaitResult,
)
from understudy.control.api.route_table import ROUTES
from understudy.control.api.world_types import (
    AccountList,
    CoverageRecord,
    HealthRecord,
    JsonObject,
    ScenarioList,
    ScenarioRecord,
    TlsRecord,
    VersionRecord,
    WorldList,
    WorldRecord,
)
from understudy.control.control_api import Control
from understudy.control.transport import (
    Arguments,
    ControlError,
    HttpTransport,
    InProcessTransport,
    Transport,
)
from understudy.control.world_client import WorldClient, check_names

__all__ = ["ControlClient", "ControlError"]

__tracebackhide__ = True
"""Pytest hides the frames of this module: a failure shows the lines of the test."""


class ControlClient(WorldClient):
    """A client that drives a stub: `ControlClient("http://127.0.0.1:4010").advance_clock(by="30s")`.

    Each method has the name of its route's id, returns JSON as Python data, and raises ControlError
    for a problem. `world` is the world that calls concern; empty: `default`. Threads can share a
    client. `ca` is the file of the authority that signs the certificate of an `https` URL; None:
    one that the machine trusts.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        world: str = "",
        *,
        prefix: str = "/__admin",
        ca: str | None = None,
    ) -> None:
        self._transport: Transport = HttpTransport(url, token, world, prefix, ca or "")

    @classmethod
    def inside(cls, control: Control, url: str = "http://localhost", world: str = "") -> Self:
        """Return a client of a stub in this process, which needs no socket.

        `url` is the address that other clients of the stub use.
        """
        return cls._with_transport(InProcessTransport(control, url, world))

    @classmethod
    def _with_transport(cls, transport: Transport) -> Self:
        """Return a client with a transport; `__init__` would create one for HTTP."""
        client = cls.__new__(cls)
        client._transport = transport
        return client

    def __repr__(self) -> str:
        return f"ControlClient({self._transport.url!r}, world={self._transport.world!r})"

    def in_world(self, world: str) -> Self:
        """Return a client of the same stub for another world."""
        return self._with_transport(self._transport.in_world(world))

    def events(
        self, *, after: int | None = None, every_world: bool = False
    ) -> Generator[EventRecord, None, None]:
        """Stream exchanges as server-sent events.

        The iterator ends with the server; closing it hangs up. The call is made when the first
        event is read. `every_world` streams the exchanges of all worlds.
        """
        arguments: dict[str, object] = {"after": after}
        if every_world:
            arguments["world"] = "*"
        event: dict[str, object] = {}
        for line in self._transport.stream_lines(ROUTES["events"], arguments):
            name, _, value = line.partition(": ")
            # An empty line ends an event. A heartbeat is a comment (`: alive`), which has no name.
            if not line and "data" in event:
                yield cast(EventRecord, event)
                event = {}
            elif name in ("event", "id"):
                event[name] = value
            elif name == "data":
                event[name] = json.loads(value)

    def health(self) -> HealthRecord:
        """Return the health of the server and the result of the last reload.

        `status` is `ok` while the server serves; `warnings` lists the flaws of the contract,
        `reload.problems` the problems of saved files.
        """
        return self._call("health", HealthRecord)

    def version(self) -> VersionRecord:
        """Return the version of understudy."""
        return self._call("version", VersionRecord)

    def openapi_yaml(self) -> str:
        """Return the OpenAPI document of the control API as YAML."""
        return self._call("openapiYaml", str)

    def openapi_json(self) -> JsonObject:
        """Return the OpenAPI document of the control API as JSON."""
        return self._call("openapiJson", dict)

    def get_tls(self) -> TlsRecord:
        """Return whether the server speaks HTTPS, and what is wrong with its certificate."""
        return self._call("getTls", TlsRecord)

    def change_tls(self, *, fault: str | None) -> TlsRecord:
        """Give new connections a certificate with a fault, or a valid one again.

        Open connections keep their certificate. It concerns all worlds.
        Raises ControlError: no-authority.
        """
        return self._call("changeTls", TlsRecord, {"fault": fault})

    def list_findings(self) -> FindingList:
        """List what a test should fail for, beside its own assertions.

        Requests that break the contract (unknown query parameters do not count), calls that nothing
        matched (OPTIONS and /favicon.ico do not count), and replies with `must` that were never
        used.
        """
        return self._call("listFindings", FindingList)

    def list_requests(self, *, limit: int = 100, after: int | None = None) -> RequestPage:
        """List the exchanges of the world.

        The last ones; with `after`, the first ones after that number.
        """
        return self._call("listRequests", RequestPage, {"limit": limit, "after": after})

    def clear_requests(self) -> None:
        """Empty the journal of the world."""
        self._send("clearRequests")

    def find_requests(self, **criteria: Unpack[Criteria]) -> RequestList:
        """List the exchanges that match criteria."""
        return self._call("findRequests", RequestList, _check_criteria(criteria))

    def count_requests(self, **criteria: Unpack[Criteria]) -> RequestCount:
        """Count the exchanges that match criteria.

        Raises ControlError: journal-truncated.
        """
        return self._call("countRequests", RequestCount, _check_criteria(criteria))

    def wait_for_requests(
        self, *, count: int = 1, timeout: str = "10s", **criteria: Unpack[Criteria]
    ) -> WaitResult:
        """Wait until enough calls match criteria.

        Raises ControlError: journal-truncated, no-thread-left.
        """
        return self._call(
            "waitForRequests",
            WaitResult,
            {**_check_criteria(criteria), "count": count, "timeout": timeout},
        )

    def list_unmatched(self) -> RequestList:
        """List the calls that no operation and no rule answered."""
        return self._call("listUnmatched", RequestList)

    def list_near_misses(self) -> UnmatchedList:
        """List the nearest path, method or reply for each unmatched call."""
        return self._call("listNearMisses", UnmatchedList)

    def find_near_misses(self, **criteria: Unpack[Criteria]) -> NearMissList:
        """List the exchanges that nearly match criteria."""
        return self._call("findNearMisses", NearMissList, _check_criteria(criteria))

    def get_request(self, number: int) -> ExchangeRecord:
        """Return one exchange.

        Raises ControlError: no-such-request.
        """
        return self._call("getRequest", ExchangeRecord, {"number": number})

    def explain_request(self, number: int) -> ExplanationRecord:
        """Explain how the response to a request came about.

        Raises ControlError: no-such-request.
        """
        return self._call("explainRequest", ExplanationRecord, {"number": number})

    def reset(self, *, all: bool = False) -> None:
        """Reset the world.

        Clear state, journal, counters, added rules and settings; snapshots stay. A real clock goes
        on.
        """
        self._send("reset", {"all": all})

    def list_worlds(self) -> WorldList:
        """List the worlds."""
        return self._call("listWorlds", WorldList)

    def drop_world(self, name: str, *, closed: bool = False) -> None:
        """Delete a world and its snapshots."""
        self._send("dropWorld", {"name": name, "closed": closed})

    def make_world(
        self,
        name: str,
        *,
        scenario: str | None = None,
        dialect: str | None = None,
        clock: str | None = None,
        speed: float | None = None,
        seed: int | None = None,
    ) -> WorldRecord:
        """Create a world, or restart it, with the given options.

        The defaults are those of the server and the scenario.
        Raises ControlError: no-such-scenario, broken-scenario.
        """
        options = {
            "scenario": scenario,
            "dialect": dialect,
            "clock": clock,
            "speed": speed,
            "seed": seed,
        }
        body = {key: value for key, value in options.items() if value is not None}
        return self._call("makeWorld", WorldRecord, {"name": name, **body})

    def list_accounts(self) -> AccountList:
        """List the accounts with their passwords and keys."""
        return self._call("listAccounts", AccountList)

    def export_world(self) -> str:
        """Export the world as a scenario that replays it."""
        return self._call("exportWorld", str)

    def get_coverage(self, *, all: bool = False) -> CoverageRecord:
        """Return how much of the contract the clients have exercised."""
        return self._call("getCoverage", CoverageRecord, {"all": all})

    def list_scenarios(self) -> ScenarioList:
        """List the available scenarios."""
        return self._call("listScenarios", ScenarioList)

    def get_scenario(self, name: str) -> str:
        """Return a scenario as it was written.

        Raises ControlError: no-such-scenario.
        """
        return self._call("getScenario", str, {"name": name})

    def upload_scenario(self, name: str, text: str | JsonObject) -> ScenarioRecord:
        """Upload a scenario, which is available until the server ends.

        A scenario with problems changes nothing; the response lists all of them with line and
        column.
        Raises ControlError: bad-scenario, name-taken, too-many-scenarios.
        """
        return self._call("uploadScenario", ScenarioRecord, {"name": name, "text": text})

    def activate_scenario(self, name: str) -> WorldRecord:
        """Restart the world with a scenario.

        Raises ControlError: no-such-scenario, broken-scenario.
        """
        return self._call("activateScenario", WorldRecord, {"name": name})


def _check_criteria(criteria: Criteria) -> Arguments:
    """Return criteria as arguments. Raises TypeError for an unknown keyword."""
    check_names(criteria, Criteria)
    return criteria

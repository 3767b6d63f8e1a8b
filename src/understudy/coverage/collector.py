"""What exchanges exercise of a contract, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from understudy.contract import Contract, Match, Operation
from understudy.contract.corruption.catalogue import quote_operation_id
from understudy.coverage.fault_kinds_seen import is_damaged, is_unsent, iter_kinds, read_faults
from understudy.coverage.inventory import build_inventory, format_value_name, list_items
from understudy.coverage.report import Item, Report, Section
from understudy.coverage.schema_paths import observe_value
from understudy.coverage.task_observations import LastStatuses, iter_observations, name_transition
from understudy.messages import Exchange, JsonError, parse_json

CUT_BODY = 64 * 1024
"""A body of this length that is no JSON was cut by the journal."""
CUT_BODIES = "answers of which a part was cut off"
UNKNOWN_OPERATIONS = "exchanges of operations that the contract has not"
SKIPPED_STATES = "jumps over states"
Seen = tuple[str, str, str]
"""Section, group and name of an item."""


class Coverage:
    """Counts what exchanges exercise of a contract. Used by one thread at a time.

    The exchanges of a world have to come in their order, whole where they were cut for a journal.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        """Another one may take its place, when a world is reloaded: what was counted stays."""
        self._counts: Counter[Seen] = Counter()
        self._beside: Counter[tuple[str, str]] = Counter()
        self._served: dict[tuple[str, str], Counter[str]] = {}
        self._unknown: Counter[str] = Counter()
        self._exchanges = 0
        self._sightings = LastStatuses()

    def observe(self, exchange: Exchange) -> None:
        """Count what an exchange exercises. One that no operation answered counts for nothing."""
        self._exchanges += 1
        if not exchange.operation:
            return
        operation = self.contract.operations.get(exchange.operation)
        if operation is None:
            self._unknown[UNKNOWN_OPERATIONS] += 1
            return
        path = self._path(exchange, operation)
        seen: set[Seen] = {("operations", "", operation.id)}
        seen.update(self._sent(exchange, operation, path))
        faults = read_faults(exchange.trace)
        seen.update(("faults", *key) for fault in faults for key in iter_kinds(fault))
        if not any(map(is_unsent, faults)):
            seen.update(
                self._answered(exchange, operation, path, is_whole=not any(map(is_damaged, faults)))
            )
        self._counts.update(seen)

    def add_unknown(self, what: str, count: int) -> None:
        """Note what could not be looked at: `exchanges that the journal had dropped`."""
        if count:
            self._unknown[what] += count

    def add(self, other: Coverage) -> None:
        """Add what another one of the same contract has counted. What it saw last of each task stays its own."""
        self._counts.update(other._counts)
        self._beside.update(other._beside)
        self._unknown.update(other._unknown)
        self._exchanges += other._exchanges
        for kind, ids in other._served.items():
            self._served.setdefault(kind, Counter()).update(ids)

    def report(self) -> Report:
        """Give everything that there is to exercise, with how often it was."""
        sections = tuple(
            Section(name, tuple(self._item(name, *key) for key in keys), self._told_beside(name))
            for name, keys in list_items(self.contract).items()
        )
        title = f"{self.contract.title} {self.contract.version}"
        return Report(title, self._exchanges, sections, dict(sorted(self._unknown.items())))

    def _item(self, section: str, group: str, name: str) -> Item:
        served = (
            self._served.get((group, name), Counter())
            if section == "corruptions"
            else Counter[str]()
        )
        return Item(group, name, self._counts[section, group, name], dict(sorted(served.items())))

    def _told_beside(self, section: str) -> dict[str, int]:
        return {
            name: count for (where, name), count in sorted(self._beside.items()) if where == section
        }

    # --- the parts of an exchange

    def _path(self, exchange: Exchange, operation: Operation) -> Mapping[str, str]:
        method = exchange.request.method
        for one in (method, "GET") if method == "HEAD" else (method,):
            route = self.contract.route(one, exchange.request.path)
            if isinstance(route, Match) and route.operation is operation:
                return route.path_values
        return {}

    def _sent(
        self, exchange: Exchange, operation: Operation, path: Mapping[str, str]
    ) -> Iterator[Seen]:
        if operation.body is not None and exchange.request.body:
            yield "parameters", operation.id, "body"
        shapes = build_inventory(self.contract).parameters
        for parameter, value in operation.iter_sent_parameters(path, exchange.request):
            shape = shapes.get((operation.id, parameter.place))
            if shape is not None:
                yield "parameters", operation.id, parameter.place
                for where, text in observe_value(shape, value).values:
                    yield (
                        "parameters",
                        operation.id,
                        format_value_name(parameter.place, where, text),
                    )

    def _answered(
        self, exchange: Exchange, operation: Operation, path: Mapping[str, str], *, is_whole: bool
    ) -> Iterator[Seen]:
        if _is_of_the_tool(exchange):
            return
        spec = operation.response_spec(exchange.response.status)
        if spec is None:
            self._beside[
                "responses", f"{operation.id} {exchange.response.status} is not documented"
            ] += 1
        else:
            yield "responses", operation.id, spec.status
        if not is_whole or exchange.request.method == "HEAD":
            return
        corruption = exchange.trace.get("corruption")
        if isinstance(corruption, str):
            yield from self._corrupted(operation, corruption)
        else:
            yield from self._shown(exchange, operation, spec.status if spec else "", path)

    def _corrupted(self, operation: Operation, id: str) -> Iterator[Seen]:
        told = id.removeprefix(f"{quote_operation_id(operation.id)}.")
        mutation = told.rpartition(":")[2]
        for status in operation.responses:
            if told.startswith(status) and not told[len(status) :][:1].isalnum():
                group = f"{operation.id}.{status}"
                self._served.setdefault((group, mutation), Counter())[id] += 1
                yield "corruptions", group, mutation

    def _shown(
        self, exchange: Exchange, operation: Operation, status: str, path: Mapping[str, str]
    ) -> Iterator[Seen]:
        response = exchange.response
        if not response.body or "json" not in response.headers.get("Content-Type").lower():
            return
        try:
            body = parse_json(response.body)
        except JsonError:
            if len(response.body) == CUT_BODY:
                self._unknown[CUT_BODIES] += 1
            return
        shape = build_inventory(self.contract).responses.get((operation.id, status))
        if shape is not None:
            seen, group = observe_value(shape, body), f"{operation.id}.{status}"
            yield from (("properties", group, name) for name in seen.properties)
            yield from (("values", group, f"{name}={text}") for name, text in seen.values)
        if self.contract.service == "ocp":
            yield from self._tasks(exchange, operation, path, body)

    def _tasks(
        self, exchange: Exchange, operation: Operation, path: Mapping[str, str], body: Any
    ) -> Iterator[Seen]:
        for sighting in iter_observations(operation.id, path, body):
            yield from (("states", *state) for state in sighting.states)
            before = self._sightings.record(exchange.world, sighting)
            if before is not None:
                name = name_transition(sighting, before)
                if name is None:
                    self._beside["transitions", SKIPPED_STATES] += 1
                else:
                    yield "transitions", sighting.kind, name


def _is_of_the_tool(exchange: Exchange) -> bool:
    """Whether an answer is no API's but the stub's own: that a preference cannot be had, say."""
    if "problem" in exchange.trace:
        return True
    response = exchange.response
    is_problem = response.headers.get("Content-Type").startswith("application/problem+json")
    return is_problem and b"urn:understudy:problem:" in response.body

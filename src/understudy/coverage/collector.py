"""The counts of what exchanges exercise of a contract.

An exchange may come from a world or from a file, so its trace and bodies may have any content:
whatever does not have the expected form counts for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from understudy.contract import Contract, Match, Operation, PathValues
from understudy.contract.corruption.catalogue import quote_operation_id
from understudy.coverage.fault_kinds_seen import is_damaged, is_unsent, iter_kinds, read_faults
from understudy.coverage.inventory import build_inventory, format_value_name, list_items
from understudy.coverage.report import Item, Report, Section
from understudy.coverage.schema_paths import observe_value
from understudy.coverage.shared_values import SharedValues
from understudy.coverage.task_observations import (
    LastStatuses,
    TaskObservation,
    iter_observations,
    name_transition,
)
from understudy.messages import Exchange, JsonError, parse_json

CUT_BODY = 64 * 1024
"""The length in bytes at which a journal cuts bodies: one of it that is not JSON was cut."""
CUT_BODIES = "responses with a cut body"
UNKNOWN_OPERATIONS = "exchanges of unknown operations"
SKIPPED_STATES = "skipped states"
ItemKey = tuple[str, str, str]
"""Section, group and name of an item."""
_PathValues = Mapping[str, str]
"""The values of path parameters by name."""


_MAX_PENDING = 512
"""How many distinct contents are counted apart before they are added to the items."""
_BODY = "body"
"""Where `Exchange.contents` has what the body alone exercises."""
_MAX_SHAPES = 16
"""For how many different requests one content is remembered."""
_MAX_SHARED_KEYS = 1024
_MAX_SHARED_TASKS = 20_000
"""How many sets of items, and how many observed tasks, contents share."""


@dataclass(slots=True, eq=False)
class Content:
    """What an exchange exercises, whenever it is repeated: everything but transitions."""

    contract: Contract
    keys: frozenset[ItemKey]
    observations: tuple[TaskObservation, ...]
    """The tasks that the response shows."""
    recorded_at: int = -1
    """The version of the last statuses after these tasks were recorded."""


class Coverage:
    """Counts what exchanges exercise of a contract. It is not thread-safe.

    The exchanges of a world must come in their order: a transition needs two of them. Bodies
    should be as they were before a journal cut them.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        """May be replaced when a world is reloaded; the counts stay."""
        # By section, group and name, as in the report.
        self._counts: Counter[ItemKey] = Counter()
        self._beside: Counter[tuple[str, str]] = Counter()
        self._corruption_ids: dict[tuple[str, str], Counter[str]] = {}
        self._unknown: Counter[str] = Counter()
        self._exchanges = 0
        self._last_statuses = LastStatuses()
        self._pending: Counter[Content] = Counter()
        """Repeated exchanges by their content, which are not in the counts yet."""
        self._shared_keys = SharedValues[frozenset[ItemKey]](_MAX_SHARED_KEYS)
        self._shared_tasks = SharedValues[TaskObservation](_MAX_SHARED_TASKS)

    def observe_repeated(
        self,
        world: str,
        contents: dict[object, Content],
        shape: object,
        build: Callable[[], Exchange],
    ) -> None:
        """Count an exchange like `observe`, where equal ones are repeated many times.

        `contents` belongs to the response: it remembers what the response exercises, by the
        `shape` of the request. `build` builds the exchange the first time. The exchange must be
        one that a service answered, without a fault or corruption.
        """
        content = contents.get(shape)
        if content is None or content.contract is not self.contract:
            exchange = build()
            if exchange.operation not in self.contract.operations:  # removed by a reload
                self.observe(exchange)
                return
            content = self._build_content(exchange)
            if len(contents) >= _MAX_SHAPES:
                contents.clear()
            contents[shape] = content
        self._exchanges += 1
        self._pending[content] += 1
        if len(self._pending) > _MAX_PENDING:
            self._add_pending()
        self._counts.update(self._record_tasks(world, content))

    def _build_content(self, exchange: Exchange) -> Content:
        operation = self.contract.operations[exchange.operation]
        path_values = self._match_path(exchange, operation)
        keys: set[ItemKey] = {("operations", "", operation.id)}
        keys.update(self._observe_request(exchange, operation, path_values))
        more, content = self._observe_response(exchange, operation, path_values, is_whole=True)
        keys.update(more)
        if content is None:
            return self._make_content(keys, ())
        return self._make_content(keys | content.keys, content.observations)

    def _make_content(
        self, keys: set[ItemKey], observations: tuple[TaskObservation, ...]
    ) -> Content:
        """Build a content; equal sets of items are one object, because many are held."""
        return Content(self.contract, self._shared_keys.share(frozenset(keys)), observations)

    def _add_pending(self) -> None:
        """Add the repeated exchanges to the counts."""
        for content, count in self._pending.items():
            for key in content.keys:
                self._counts[key] += count
        self._pending.clear()

    def observe(self, exchange: Exchange) -> None:
        """Count what an exchange exercises; nothing when no operation answered it."""
        self._exchanges += 1
        if not exchange.operation:
            return
        operation = self.contract.operations.get(exchange.operation)
        if operation is None:
            self._unknown[UNKNOWN_OPERATIONS] += 1
            return
        path_values = self._match_path(exchange, operation)
        # A set: an exchange counts at most once for an item.
        keys: set[ItemKey] = {("operations", "", operation.id)}
        keys.update(self._observe_request(exchange, operation, path_values))
        faults = read_faults(exchange.trace)
        for fault in faults:
            for group, name in iter_kinds(fault):
                keys.add(("faults", group, name))
        if not any(is_unsent(fault) for fault in faults):
            is_whole = not any(is_damaged(fault) for fault in faults)
            more, content = self._observe_response(
                exchange, operation, path_values, is_whole=is_whole
            )
            keys.update(more)
            if content is not None:
                keys.update(content.keys)
                keys.update(self._record_tasks(exchange.world, content))
        self._counts.update(keys)

    def add_unknown(self, reason: str, count: int) -> None:
        """Add exchanges that could not be observed, with the reason; 0 adds nothing."""
        if count:
            self._unknown[reason] += count

    def add(self, coverage: Coverage) -> None:
        """Add the counts of another coverage of the same contract.

        The last statuses of its tasks are not added: they belong to its own exchanges.
        """
        coverage._add_pending()
        self._counts.update(coverage._counts)
        self._beside.update(coverage._beside)
        self._unknown.update(coverage._unknown)
        self._exchanges += coverage._exchanges
        for key, ids in coverage._corruption_ids.items():
            self._corruption_ids.setdefault(key, Counter()).update(ids)

    def report(self) -> Report:
        """Return all items of the contract with their counts."""
        self._add_pending()
        sections = []
        for name, keys in list_items(self.contract).items():
            items = tuple(self._build_item(name, group, item) for group, item in keys)
            sections.append(Section(name, items, self._list_beside(name)))
        title = f"{self.contract.title} {self.contract.version}"
        unknown = dict(sorted(self._unknown.items()))
        return Report(title, self._exchanges, tuple(sections), unknown)

    def _build_item(
        self,
        section: str,
        group: str,
        name: str,
    ) -> Item:
        """Build an item with its count; an item of `corruptions` has the served ids too."""
        count = self._counts[section, group, name]
        ids: Counter[str] = Counter()
        if section == "corruptions":
            ids = self._corruption_ids.get((group, name), ids)
        return Item(group, name, count, dict(sorted(ids.items())))

    def _list_beside(self, section: str) -> dict[str, int]:
        """Return the observations outside the items of a section, sorted by name."""
        beside = {}
        for (owner, name), count in sorted(self._beside.items()):
            if owner == section:
                beside[name] = count
        return beside

    def _match_path(self, exchange: Exchange, operation: Operation) -> _PathValues:
        """Return the path variables of the request; empty when its path is another operation's."""
        if "{" not in operation.path:
            return {}
        recorded = exchange.trace.get("path")
        if isinstance(recorded, PathValues):  # of a world, which has matched the path
            return recorded
        method = exchange.request.method
        # A contract without `head` answers HEAD like GET (RFC 9110, section 9.3.2).
        methods = (method, "GET") if method == "HEAD" else (method,)
        for candidate in methods:
            match = self.contract.route(candidate, exchange.request.path)
            if isinstance(match, Match) and match.operation is operation:
                return match.path_values
        return {}

    def _observe_request(
        self,
        exchange: Exchange,
        operation: Operation,
        path_values: _PathValues,
    ) -> Iterator[ItemKey]:
        """Yield the parameters that the client sent, with their enum values, and the body."""
        # A body that the operation does not have is ignored by the server.
        if operation.body is not None and exchange.request.body:
            yield "parameters", operation.id, "body"
        trees = build_inventory(self.contract).parameters
        for parameter, value in operation.iter_sent_parameters(path_values, exchange.request):
            tree = trees.get((operation.id, parameter.place))
            # A cookie is a parameter, but not an item.
            if tree is None:
                continue
            yield "parameters", operation.id, parameter.place
            for path, text in observe_value(tree, value).values:
                name = format_value_name(parameter.place, path, text)
                yield "parameters", operation.id, name

    def _observe_response(
        self,
        exchange: Exchange,
        operation: Operation,
        path_values: _PathValues,
        *,
        is_whole: bool,
    ) -> tuple[set[ItemKey], Content | None]:
        """Return the items of status and corruption, and the contents of the body.

        `is_whole` is false when a fault damaged the body.
        """
        keys: set[ItemKey] = set()
        if _is_problem_of_stub(exchange):
            return keys, None
        response_status = exchange.response.status
        spec = operation.response_spec(response_status)
        if spec is None:
            name = f"{operation.id} {response_status} is not documented"
            self._beside["responses", name] += 1
        else:
            keys.add(("responses", operation.id, spec.status))
        # RFC 9110, section 9.3.2: a response to HEAD has no body.
        if not is_whole or exchange.request.method == "HEAD":
            return keys, None
        corruption = exchange.trace.get("corruption")
        if isinstance(corruption, str):
            keys.update(self._observe_corruption(operation, corruption))
            return keys, None
        # Without a documented status the body has no schema; its tasks still count.
        status = spec.status if spec else ""
        return keys, self._observe_body(exchange, operation, status, path_values)

    def _observe_corruption(self, operation: Operation, id: str) -> Iterator[ItemKey]:
        """Count a corruption by its id: `getPet.200/color:null` is the mutation `null` of 200.

        The id contains the status as the contract documents it: `200`, `4XX` or `default`.
        """
        rest = id.removeprefix(f"{quote_operation_id(operation.id)}.")
        mutation = rest.rpartition(":")[2]
        for status in operation.responses:
            # A letter or digit behind the status belongs to a longer status.
            if not rest.startswith(status) or rest[len(status) :][:1].isalnum():
                continue
            group = f"{operation.id}.{status}"
            ids = self._corruption_ids.setdefault((group, mutation), Counter())
            ids[id] += 1
            yield "corruptions", group, mutation

    def _observe_body(
        self,
        exchange: Exchange,
        operation: Operation,
        status: str,
        path_values: _PathValues,
    ) -> Content:
        """Return what a JSON body contains; remember it if equal bodies may follow.

        A client ignores a body that is not declared as JSON, or that is not JSON.
        """
        contents = exchange.contents
        content = None if contents is None else contents.get(_BODY)
        if content is None or content.contract is not self.contract:
            content = self._read_body(exchange, operation, status, path_values)
            if contents is not None:
                contents[_BODY] = content
        return content

    def _read_body(
        self,
        exchange: Exchange,
        operation: Operation,
        status: str,
        path_values: _PathValues,
    ) -> Content:
        response = exchange.response
        content_type = response.headers.get("Content-Type").lower()
        keys: set[ItemKey] = set()
        observations: list[TaskObservation] = []
        if not response.body or "json" not in content_type:
            return Content(self.contract, frozenset(), ())
        try:
            body: object = parse_json(response.body)
        except JsonError:
            if len(response.body) == CUT_BODY:
                self._unknown[CUT_BODIES] += 1
            return Content(self.contract, frozenset(), ())
        tree = build_inventory(self.contract).responses.get((operation.id, status))
        if tree is not None:
            group = f"{operation.id}.{status}"
            observation = observe_value(tree, body)
            keys.update(("properties", group, path) for path in observation.properties)
            keys.update(("values", group, f"{path}={text}") for path, text in observation.values)
        if self.contract.service == "ocp":
            for task in iter_observations(operation.id, path_values, body):
                observations.append(self._shared_tasks.share(task))
                keys.update(("states", group, name) for group, name in task.states)
        return self._make_content(keys, tuple(observations))

    def _record_tasks(self, world: str, content: Content) -> set[ItemKey]:
        """Return the transitions of the tasks that a response shows."""
        # Tasks that were seen with the same statuses since make no transition.
        if content.recorded_at == self._last_statuses.version:
            return set()
        transitions = {key for task in content.observations for key in self._record(world, task)}
        content.recorded_at = self._last_statuses.version
        return transitions

    def _record(self, world: str, observation: TaskObservation) -> Iterator[ItemKey]:
        """Yield the transition of a task or subtask since the last response, if there is one."""
        previous = self._last_statuses.record(world, observation)
        if previous is None:
            return
        transition = name_transition(observation, previous)
        if transition is None:
            self._beside["transitions", SKIPPED_STATES] += 1
        else:
            yield "transitions", observation.kind, transition


def _is_problem_of_stub(exchange: Exchange) -> bool:
    """Return whether the stub answered for itself: an unknown preference, no free thread.

    Such a response has the type `urn:understudy:problem:…` (RFC 9457), which the API never uses.
    """
    if "problem" in exchange.trace:
        return True
    response = exchange.response
    if not response.headers.get("Content-Type").startswith("application/problem+json"):
        return False
    return b"urn:understudy:problem:" in response.body

"""The short way: the same answer to the same call, without taking the whole way again.

Most calls of a client only look, and look at the same things: it polls. Where a call changes
nothing and nothing in the world touches it, its answer is a known representation with a few
members replaced. `is_repeatable` decides once, after the whole way, whether a call is of this
kind; `ShortWay.answer` decides at each repetition whether the world still is as it was. What
neither can see takes the whole way: the pipeline's `step`.

The guide's page on performance lists the conditions. A test compares both ways byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any
from weakref import ref

from understudy.clock import ClockState
from understudy.contract import Match, Operation
from understudy.messages import (
    Exchange,
    Headers,
    Request,
    Response,
    redact_exchange,
    redact_headers,
    redact_path_values,
)
from understudy.replay.call_plan import Decided, Plan, RequestContext, query_key
from understudy.replay.journals.journal_entry import MAX_BODY, estimate_size
from understudy.replay.known.representation import Representation, encode_values
from understudy.replay.known.response_meta import build_meta, http_date
from understudy.replay.world import World
from understudy.replay.world_setup import ReloadedError, Setup
from understudy.replay.world_state import State

MAX_CALLS = 4096
MAX_BYTES = 8 * 1024 * 1024
"""The bounds of the table of known calls: in number, and in bytes of their keys."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownCall:
    """A call that can be repeated on the short way: everything that does not depend on time.

    World and setup are weak references: a table of calls keeps no world alive.
    """

    world: ref[World]
    setup: ref[Setup]
    request: Request
    """As the journal records it: without secrets."""
    operation: Operation
    account: str
    parameters: Mapping[str, Any]
    query_key: tuple[str, str, str, int]
    path_values: Mapping[str, str]
    shape: tuple[object, ...]
    """What the request sent, for coverage: a call that is learned anew has an equal shape."""
    base_size: int
    """The bytes of an exchange in the journal, without those of the response's body."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownAnswer:
    """The answer to a known call, and all that its exchange is built from when a client asks."""

    call: KnownCall
    setup: Setup
    world: str
    """The name of the world."""
    representation: Representation
    number: int
    call_number: int
    now: datetime
    revision: int
    clock: ClockState

    @property
    def shape(self) -> object:
        """What identifies the call's request."""
        return self.call.shape

    @property
    def contents(self) -> dict[object, Any]:
        """What the representation exercises, by the call."""
        return self.representation.contents

    def body(self) -> bytes:
        """Return the response's body."""
        meta = build_meta(self.setup.seed, self.call_number, self.now)
        values = self.setup.service.meta_values(meta)
        return self.representation.body(encode_values(values))

    def recorded_size(self, body: bytes) -> int:
        """Return the bytes of the exchange in the journal, which cuts bodies."""
        return self.call.base_size + min(len(body), MAX_BODY)

    def response(self) -> Response:
        """Return the whole response."""
        fields = (*self.representation.fields, ("Date", http_date(self.now)))
        return Response(self.representation.status, Headers(fields), self.body())

    def exchange(self) -> Exchange:
        """Return the exchange for the journal, without secrets."""
        response = self.response()
        return self._build_exchange(replace(response, headers=redact_headers(response.headers)))

    def outline(self) -> Exchange:
        """Return the exchange with a response that has its status alone: it is built quickly."""
        return self._build_exchange(Response(self.representation.status))

    def _build_exchange(self, response: Response) -> Exchange:
        return Exchange(
            number=self.number,
            world=self.world,
            at=self.now,
            request=self.call.request,
            response=response,
            operation=self.call.operation.id,
            account=self.call.account,
            trace=self._trace(),
            contents=self.contents,
        )

    def _trace(self) -> dict[str, Any]:
        """Return the trace that the whole way would have built."""
        clock = self.clock
        trace: dict[str, Any] = {
            "matched": "service",
            "revision": [self.revision, self.revision],
            "clock": {"mode": clock.mode, "speed": clock.speed, "turn": self.call_number},
        }
        if self.call.path_values:
            trace["path"] = dict(self.call.path_values)
        observation = self.representation.observation
        if observation is not None:
            trace["before"] = trace["after"] = observation
        return trace


def find_known_answer(
    context: RequestContext, plan: Plan, representation: Representation, exchange: Exchange
) -> KnownAnswer | None:
    """Return the answer with its call, if nothing touched the call and it changed nothing.

    Its number is 0 until the journal has recorded it.
    """
    if not is_repeatable(context, plan) or not isinstance(context.route, Match):
        return None
    # A message without a body has other header fields (RFC 9110, section 8.6).
    if exchange.response.status in (204, 304):
        return None
    parameters, redacted = plan.call.parameters, redact_exchange(exchange)
    call = KnownCall(
        world=ref(context.world),
        setup=ref(context.setup),
        request=redacted.request,
        operation=context.route.operation,
        account=context.account,
        parameters=parameters,
        query_key=query_key(context, parameters),
        path_values=redact_path_values(context.route.path_values),
        shape=(redacted.request.target, redacted.request.headers.fields, context.account),
        base_size=estimate_size(redacted) - len(redacted.response.body),
    )
    return KnownAnswer(
        call=call,
        setup=context.setup,
        world=context.world.name,
        representation=representation,
        number=0,
        call_number=context.call_number,
        now=plan.now,
        revision=plan.after.revision,
        clock=plan.after.clock,
    )


def is_repeatable(context: RequestContext, plan: Plan) -> bool:
    """Return whether an equal call would be answered in the same way in an equal world."""
    request, preferences = context.request, context.preferences
    scheme = request.headers.get("Authorization").partition(" ")[0].casefold()
    rules = context.world.rule_set(plan.before)
    return (
        request.method == "GET"
        and not request.body
        # The date of a signature is compared with the wall clock.
        and scheme in ("", "basic")
        and not (preferences.values or preferences.unknown or preferences.invalid)
        and isinstance(plan.outcome, Decided)
        and plan.outcome.patch is None
        and plan.outcome.decision.command is None
        and plan.before is plan.after
        and plan.allowance is None
        and not (plan.violations or plan.active_faults or plan.rule)
        and not (rules.replies or rules.faults)
        and not plan.before.settings
        and plan.before.clock.mode != "per-call"
    )


@dataclass(frozen=True, slots=True, eq=False)
class Recognised:
    """A known call, and what a server needs beside it to send its answer."""

    call: KnownCall
    selector: object
    """The service that selected the world: another one might select another world."""
    head: Any
    """The server's own part of the answer: what does not depend on time."""


class ShortWay:
    """The known calls of a stub, by what a server recognises them by. Thread-safe.

    Bounded in number and bytes; when a bound is reached, the oldest calls go. Looking a call up
    takes no lock.
    """

    def __init__(self, *, max_entries: int = MAX_CALLS, max_bytes: int = MAX_BYTES) -> None:
        self._calls: dict[bytes, Recognised] = {}
        self._bytes = 0
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._calls)

    def put(self, key: bytes, recognised: Recognised) -> None:
        """Remember a call under a key, in place of an older one."""
        with self._lock:
            if self._calls.pop(key, None) is not None:
                self._bytes -= len(key)
            self._calls[key] = recognised
            self._bytes += len(key)
            while len(self._calls) > self._max_entries or self._bytes > self._max_bytes:
                oldest = next(iter(self._calls))
                del self._calls[oldest]
                self._bytes -= len(oldest)

    def calls(self) -> Iterator[Recognised]:
        """Yield the known calls, the oldest first."""
        yield from list(self._calls.values())

    def find(self, key: bytes) -> Recognised | None:
        """Return the call of a key, if it is known."""
        return self._calls.get(key)


def repeat(call: KnownCall, world: World, *, is_quick: bool) -> tuple[KnownAnswer, bytes] | None:
    """Answer a known call and record it; return the answer and its body.

    None: it has to take the whole way, and nothing has happened. This waits for nothing: the
    state is a value, and where another thread uses the journal, the result is None.
    `is_quick`: the result is also None where it would take long to find out whether anything has
    changed that the answer shows, so that the thread of a server's loop can call this.

    The answer is that of the moment of the read. A reset or reload replaces the setup before it
    replaces the state, so a state that is read between two looks at the same setup belongs to it.
    """
    setup = call.setup()
    generation = world.journal.generation
    if setup is None or world.setup is not setup:
        return None
    state = world.state()
    current = _find_current(call, world, setup, state, world.wall.now(), is_quick=is_quick)
    if current is None or world.setup is not setup:
        return None
    now, representation = current
    sent: list[tuple[KnownAnswer, bytes]] = []

    def build(number: int) -> tuple[KnownAnswer, int]:
        answer = KnownAnswer(
            call=call,
            setup=setup,
            world=world.name,
            representation=representation,
            number=number,
            call_number=world.call_numbers.take(setup),
            now=now,
            revision=state.revision,
            clock=state.clock,
        )
        body = answer.body()
        sent.append((answer, body))
        return answer, answer.recorded_size(body)

    try:
        is_recorded = world.journal.append_if_free(build, generation)
    except ReloadedError:  # raised before anything has changed
        return None
    return sent[0] if is_recorded else None


def _find_current(
    call: KnownCall, world: World, setup: Setup, state: State, wall: datetime, *, is_quick: bool
) -> tuple[datetime, Representation] | None:
    """Return the world's moment and the representation that it shows; None if it is not known."""
    if state.settings or state.clock.mode == "per-call":
        return None
    if state.added:
        rules = world.rule_set(state)
        if rules.replies or rules.faults:
            return None
    cached = world.known_model(state)
    if cached is None:
        return None
    model, service = cached.model, setup.service
    now = state.clock.now(wall)
    if not service.is_current(model, now):
        return None
    version = service.version_of(model, call.operation, call.parameters)
    if version is None:
        return None
    find_content = partial(
        service.content_of, model, call.operation, call.parameters, is_quick=is_quick
    )
    representation = world.representations.find(call.query_key, version, find_content)
    return None if representation is None else (now, representation)

"""What strikes one call: a fault whose dice have fallen, and what it does to the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from understudy.messages import Delivery, Ending, Headers, Response
from understudy.rules.matching.call_context import CallContext
from understudy.rules.values.duration_format import format_duration
from understudy.rules.values.seeded_random import random_bytes, random_fraction

if TYPE_CHECKING:  # what only a call that is struck needs is imported with its faults
    from understudy.rules.faults.fault_kinds import Fault, FaultPart

_NO_BODY = (204, 304)
"""Statuses whose responses have no body. Source: RFC 9110, section 6.4.1."""
_SOME_GARBAGE = 256
"""How many bytes `garbage: true` sends at most."""
_NOTHING_SENT = 503
"""The status of a response that is never sent."""


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that strikes one call."""

    rule: str
    """The name of the rule that it came from."""
    fault: Fault
    delay: timedelta = timedelta(0)
    """As it was drawn."""

    @property
    def acts_before(self) -> bool:
        """Whether it acts before the call has any effect."""
        return self.fault.acts_before

    @property
    def occupies_thread(self) -> bool:
        """Whether a thread of the server has to wait for it."""
        return bool(self.delay) or self.fault.timeout is not None or self.fault.dribble is not None

    def to_record(self) -> dict[str, Any]:
        """Give what happens, as JSON data: the rule's name, and what each kind does."""
        fault, record = (
            self.fault,
            {"rule": self.rule, "acts": "before" if self.acts_before else "after"},
        )
        told: dict[str, Any] = {
            "delay": format_duration(self.delay) if fault.delay else None,
            "dribble": f"{fault.dribble.pieces} pieces over {format_duration(fault.dribble.over)}"
            if fault.dribble
            else None,
            "ending": fault.ending.value if fault.ending else None,
            "truncate": (
                f"{fault.truncation.share:.0%}"
                if fault.truncation.size is None
                else fault.truncation.size
            )
            if fault.truncation
            else None,
            "garbage": fault.garbage or (True if fault.garbage == 0 else None),
            "content-type": fault.content_type or None,
            "timeout": format_duration(fault.timeout) if fault.timeout is not None else None,
            "status": fault.gateway.status if fault.gateway else None,
        }
        return record | {name: value for name, value in told.items() if value is not None}


def draw_faults(
    name: str, parts: Sequence[FaultPart], facts: CallContext, number: int
) -> tuple[ActiveFault, ...]:
    """Throw a rule's dice for one call, the rule's `number`-th: give the parts that strike. One dice for all parts."""
    chance = (
        random_fraction(facts.seed, facts.call_number, f"fault/{name}")
        if any(part.high - part.low < 1 for part in parts)
        else 0.0
    )
    return tuple(
        _blow(name, f"{name}/{index}", part.fault, facts)
        for index, part in enumerate(parts)
        if part.low <= chance < part.high and (part.calls is None or part.calls.contains(number))
    )


def _blow(name: str, key: str, fault: Fault, facts: CallContext) -> ActiveFault:
    delay = (
        fault.delay.draw(facts.seed, facts.call_number, f"delay/{key}")
        if fault.delay
        else timedelta(0)
    )
    return ActiveFault(name, fault, delay)


def keep_first_replacement(blows: tuple[ActiveFault, ...]) -> tuple[ActiveFault, ...]:
    """Give the blows that count: of those that replace the answer only the first."""
    first = next((blow for blow in blows if blow.fault.replaces_response), None)
    return tuple(blow for blow in blows if blow is first or not blow.fault.replaces_response)


def first_early_fault(blows: Sequence[ActiveFault]) -> ActiveFault | None:
    """Give the blow that acts before the call has any effect, or None."""
    return next((blow for blow in blows if blow.acts_before), None)


def build_gateway_response(blow: ActiveFault, facts: CallContext) -> Response:
    """Give what is answered instead of the service: the gateway's status, or a response that is never sent."""
    gateway = blow.fault.gateway
    if gateway is None:
        return Response(_NOTHING_SENT)
    named = {name.casefold() for name, _ in gateway.headers}
    kind = (
        [("Content-Type", "text/plain; charset=utf-8")]
        if gateway.text and "content-type" not in named
        else []
    )
    return Response(
        gateway.status,
        Headers.of([*kind, *gateway.headers]),
        gateway.text.encode("utf-8", "replace"),
    )


def apply_faults(response: Response, blows: Sequence[ActiveFault], facts: CallContext) -> Response:
    """Give a response as the blows leave it. Delays add up to one, the longest.

    What acted before the call has answered already (`gateway_response`); a status that acts after it is put here in
    place of the answer, of which the date stays.
    """
    if not blows:
        return response
    for blow in blows:
        response = _damaged(response, blow, facts)
    delivery = _delivery(response, blows)
    return (
        response
        if delivery == (response.delivery or Delivery())
        else replace(response, delivery=delivery)
    )


def _damaged(response: Response, blow: ActiveFault, facts: CallContext) -> Response:
    fault = blow.fault
    if fault.gateway is not None and not blow.acts_before:
        date = [("Date", value) for value in (response.headers.get("Date"),) if value]
        said = build_gateway_response(blow, facts)
        response = replace(
            said, headers=Headers((*said.headers.fields, *date)), delivery=response.delivery
        )
    if response.status in _NO_BODY:
        return response
    if fault.garbage is not None:
        response = replace(response, body=_garbage(fault.garbage, blow.rule, facts))
    if fault.content_type:
        others = [
            (name, value) for name, value in response.headers if name.casefold() != "content-type"
        ]
        response = replace(
            response, headers=Headers.of([("Content-Type", fault.content_type), *others])
        )
    return response


def _garbage(size: int, rule: str, facts: CallContext) -> bytes:
    if not size:
        size = 1 + int(
            random_fraction(facts.seed, facts.call_number, f"size/{rule}") * _SOME_GARBAGE
        )
    return random_bytes(facts.seed, facts.call_number, f"garbage/{rule}", size)


def _delivery(response: Response, blows: Sequence[ActiveFault]) -> Delivery:
    delivery = response.delivery or Delivery()
    waits = [
        delivery.delay,
        *(blow.delay for blow in blows),
        *(blow.fault.timeout or timedelta(0) for blow in blows),
    ]
    delivery = replace(delivery, delay=max(waits))
    for fault in (blow.fault for blow in blows):
        if fault.dribble is not None and response.body:
            delivery = replace(
                delivery, chunks=fault.dribble.pieces, spread_over=fault.dribble.over
            )
        if fault.truncation is not None and response.body and delivery.ending is Ending.WHOLE:
            delivery = replace(
                delivery,
                ending=Ending.TRUNCATE,
                sent_bytes=fault.truncation.sent_length(len(response.body)),
            )
    for fault in (
        blow.fault for blow in blows if blow.fault.replaces_response and blow.fault.gateway is None
    ):
        delivery = replace(delivery, ending=fault.ending or Ending.EMPTY)
    return delivery

"""A fault selected for one call, and what it does to the response."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from understudy.messages import Delivery, Ending, Headers, Json, Response
from understudy.rules.faults.fault_kinds import Fault, FaultPart, Truncation
from understudy.rules.matching.call_context import CallContext
from understudy.rules.values.duration_format import format_duration
from understudy.rules.values.seeded_random import random_bytes, random_fraction

_STATUSES_WITHOUT_BODY: Final = (204, 304)
"""Source: RFC 9110, section 6.4.1."""
_SMALL_GARBAGE_BYTES: Final = 256
"""How many bytes `garbage: true` sends at most."""
_UNSENT_STATUS: Final = 503
"""The status of a response that is never sent."""
_TEXT_FIELD: Final = ("Content-Type", "text/plain; charset=utf-8")


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault selected for one call, with its random values drawn."""

    rule: str
    """The name of the rule that it comes from."""
    fault: Fault
    delay: timedelta = timedelta(0)
    """The delay that was drawn."""

    @property
    def acts_before(self) -> bool:
        """Whether it acts before the call has an effect."""
        return self.fault.acts_before

    @property
    def occupies_thread(self) -> bool:
        """Whether a thread of the server has to wait for it."""
        if self.delay:
            return True
        return self.fault.timeout is not None or self.fault.dribble is not None

    def to_record(self) -> dict[str, Json]:
        """Return what happens, as JSON data.

        The keys are `rule`, `acts` (`before` or `after`), then one for each kind in the fault:
        `delay`, `dribble`, `ending`, `truncate`, `garbage`, `content-type`, `timeout`, `status`.
        """
        fault = self.fault
        record: dict[str, Json] = {
            "rule": self.rule,
            "acts": "before" if self.acts_before else "after",
        }
        if fault.delay is not None:
            record["delay"] = format_duration(self.delay)
        if fault.dribble is not None:
            over = format_duration(fault.dribble.over)
            record["dribble"] = f"{fault.dribble.pieces} pieces over {over}"
        if fault.ending is not None:
            record["ending"] = fault.ending.value
        if fault.truncation is not None:
            record["truncate"] = _format_truncation(fault.truncation)
        if fault.garbage is not None:
            record["garbage"] = fault.garbage or True
        if fault.content_type:
            record["content-type"] = fault.content_type
        if fault.timeout is not None:
            record["timeout"] = format_duration(fault.timeout)
        if fault.gateway is not None:
            record["status"] = fault.gateway.status
        return record


def _format_truncation(truncation: Truncation) -> str | int:
    if truncation.size is not None:
        return truncation.size
    return f"{truncation.share:.0%}"


def draw_faults(
    name: str, parts: Sequence[FaultPart], call: CallContext, number: int
) -> tuple[ActiveFault, ...]:
    """Draw the random values of a rule for one call, and return the faults that act on it.

    All parts share one random value, so that the parts of a profile can exclude each other.
    `number` counts the calls of the rule.
    """
    value = 0.0
    if any(part.high - part.low < 1 for part in parts):
        value = random_fraction(call.seed, call.call_number, f"fault/{name}")
    faults = []
    for index, part in enumerate(parts):
        if not part.low <= value < part.high:
            continue
        if part.calls is None or part.calls.contains(number):
            delay = _draw_delay(part.fault, f"delay/{name}/{index}", call)
            faults.append(ActiveFault(name, part.fault, delay))
    return tuple(faults)


def _draw_delay(fault: Fault, label: str, call: CallContext) -> timedelta:
    if fault.delay is None:
        return timedelta(0)
    return fault.delay.draw(call.seed, call.call_number, label)


def keep_first_replacement(faults: Sequence[ActiveFault]) -> tuple[ActiveFault, ...]:
    """Return the faults without those that replace the response after another one has done so."""
    effective = []
    is_replaced = False
    for fault in faults:
        if fault.fault.replaces_response:
            if is_replaced:
                continue
            is_replaced = True
        effective.append(fault)
    return tuple(effective)


def first_early_fault(faults: Sequence[ActiveFault]) -> ActiveFault | None:
    """Return the first fault that acts before the call has an effect, or None."""
    for fault in faults:
        if fault.acts_before:
            return fault
    return None


def build_gateway_response(fault: ActiveFault, call: CallContext) -> Response:
    """Build the response that a fault gives instead of the service.

    It is the gateway's response; for a fault that sends nothing, a response that is never sent.
    """
    gateway = fault.fault.gateway
    if gateway is None:
        return Response(_UNSENT_STATUS)
    fields = list(gateway.headers)
    names = {name.casefold() for name, _ in fields}
    if gateway.text and "content-type" not in names:
        fields.insert(0, _TEXT_FIELD)
    body = gateway.text.encode("utf-8", "replace")
    return Response(gateway.status, Headers.of(fields), body)


def apply_faults(response: Response, faults: Sequence[ActiveFault], call: CallContext) -> Response:
    """Return a response as the faults leave it; without faults, the response itself.

    Of several delays, the longest counts. A fault that acts before the call has answered already
    (`build_gateway_response`). A status that acts after the call replaces the response here; only
    its Date stays.
    """
    if not faults:
        return response
    for fault in faults:
        response = _damage(response, fault, call)
    delivery = _plan_delivery(response, faults)
    if delivery == (response.delivery or Delivery()):
        return response
    return replace(response, delivery=delivery)


def _damage(response: Response, active: ActiveFault, call: CallContext) -> Response:
    """Return a response with another status, body and content type, as one fault demands."""
    fault = active.fault
    if fault.gateway is not None and not active.acts_before:
        response = _replace_with_gateway(response, active, call)
    if response.status in _STATUSES_WITHOUT_BODY:
        return response
    if fault.garbage is not None:
        response = replace(response, body=_draw_garbage(fault.garbage, active.rule, call))
    if fault.content_type:
        fields = [("Content-Type", fault.content_type)]
        for name, value in response.headers:
            if name.casefold() != "content-type":
                fields.append((name, value))
        response = replace(response, headers=Headers.of(fields))
    return response


def _replace_with_gateway(response: Response, fault: ActiveFault, call: CallContext) -> Response:
    gateway = build_gateway_response(fault, call)
    fields = gateway.headers.fields
    date = response.headers.get("Date")
    if date:
        fields = (*fields, ("Date", date))
    return replace(gateway, headers=Headers(fields), delivery=response.delivery)


def _draw_garbage(size: int, rule: str, call: CallContext) -> bytes:
    seed, number = call.seed, call.call_number
    if not size:
        fraction = random_fraction(seed, number, f"size/{rule}")
        size = 1 + int(fraction * _SMALL_GARBAGE_BYTES)
    return random_bytes(seed, number, f"garbage/{rule}", size)


def _plan_delivery(response: Response, faults: Sequence[ActiveFault]) -> Delivery:
    """Return how the response is sent: its delay, pieces, and ending."""
    delivery = response.delivery or Delivery()
    for active in faults:
        fault = active.fault
        timeout = fault.timeout or timedelta(0)
        delivery = replace(delivery, delay=max(delivery.delay, active.delay, timeout))
        if fault.dribble is not None and response.body:
            dribble = fault.dribble
            delivery = replace(delivery, chunks=dribble.pieces, spread_over=dribble.over)
        if fault.truncation is not None and response.body and delivery.ending is Ending.WHOLE:
            sent = fault.truncation.sent_length(len(response.body))
            delivery = replace(delivery, ending=Ending.TRUNCATE, sent_bytes=sent)
    # Last, since a response that is not sent at all cannot be truncated.
    for active in faults:
        fault = active.fault
        if fault.replaces_response and fault.gateway is None:
            delivery = replace(delivery, ending=fault.ending or Ending.EMPTY)
    return delivery

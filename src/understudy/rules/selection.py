"""Which reply answers a call, and which faults strike it. Pure: counters come in, and go out where they changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from understudy.rules.faults.active_fault import ActiveFault, draw_faults, keep_first_replacement
from understudy.rules.matching.call_context import CallContext
from understudy.rules.replies.reply import ScriptedReply
from understudy.rules.rule_set import FaultRule, ReplyRule, RuleSet

Counters = Mapping[str, int]
"""What a script remembers of a world: `seen:NAME`, the calls that a rule was meant for; `used:NAME`, how often it
has answered or struck; `added-seen:NAME` and `added-used:NAME` for rules that a world was given. Only rules that have
to count do."""


@dataclass(frozen=True, slots=True)
class SelectedReply:
    """The rule that answers, and with what."""

    rule: ReplyRule
    reply: ScriptedReply


class _Tally:
    """Counters that are copied when the first of them changes."""

    __slots__ = ("_told", "now")

    def __init__(self, told: Counters) -> None:
        self._told = told
        self.now: Counters = told

    def count(self, key: str) -> int:
        number = self.now.get(key, 0) + 1
        self.now = {**self.now, key: number}
        return number


def calls_counter(name: str, *, is_added: bool) -> str:
    """Give the counter of the calls that a rule was meant for."""
    return f"{'added-' if is_added else ''}seen:{name}"


def uses_counter(name: str, *, is_added: bool) -> str:
    """Give the counter of how often a rule has answered or struck."""
    return f"{'added-' if is_added else ''}used:{name}"


def is_used_up(rule: ReplyRule | FaultRule, counters: Counters) -> bool:
    """Whether a rule has answered or struck as often as it may."""
    return (
        rule.times is not None
        and counters.get(uses_counter(rule.name, is_added=rule.is_added), 0) >= rule.times
    )


def select_reply(
    script: RuleSet, facts: CallContext, counters: Counters
) -> tuple[Counters, SelectedReply | None]:
    """Give the counters after a call, and the reply that answers it.

    Where nothing had to be counted, the counters are the very same object. Rules that wait for a certain call count
    the calls that they are meant for, also those that another rule answers.
    """
    rules = script.replies_for(facts.view.operation)
    tally, chosen = _Tally(counters), None
    for rule in rules:
        if (chosen is not None and rule.when.call is None) or is_used_up(rule, counters):
            continue
        captured = rule.when.match(facts.view)
        if captured is None:
            continue
        if rule.when.call is not None and not rule.when.call.contains(
            tally.count(calls_counter(rule.name, is_added=rule.is_added))
        ):
            continue
        if chosen is None:
            answer = _next(rule, tally)
            chosen = SelectedReply(
                rule, replace(answer, named_segments=captured) if captured else answer
            )
    return tally.now, chosen


def _next(rule: ReplyRule, tally: _Tally) -> ScriptedReply:
    if not rule.counts_uses:
        return rule.replies[0]
    return rule.replies[
        min(tally.count(uses_counter(rule.name, is_added=rule.is_added)), len(rule.replies)) - 1
    ]


def select_faults(
    script: RuleSet, facts: CallContext, counters: Counters
) -> tuple[Counters, tuple[ActiveFault, ...]]:
    """Give the counters after a call, and what strikes it: delays, damages, and at most one that replaces the answer.

    Where nothing had to be counted, the counters are the very same object.
    """
    rules = script.faults_for(facts.view.operation)
    if not rules:
        return counters, ()
    tally = _Tally(counters)
    blows: tuple[ActiveFault, ...] = ()
    for rule in rules:
        if not is_used_up(rule, counters) and rule.when.match(facts.view) is not None:
            blows += _struck(rule, facts, tally)
    return tally.now, keep_first_replacement(blows)


def _struck(rule: FaultRule, facts: CallContext, tally: _Tally) -> tuple[ActiveFault, ...]:
    seen = tally.count(calls_counter(rule.name, is_added=rule.is_added)) if rule.counts_calls else 0
    if seen <= rule.after and rule.after:
        return ()
    if rule.when.call is not None and not rule.when.call.contains(seen):
        return ()
    blows = draw_faults(rule.name, rule.parts, facts, seen - rule.after)
    if blows and rule.times is not None:
        tally.count(uses_counter(rule.name, is_added=rule.is_added))
    return blows

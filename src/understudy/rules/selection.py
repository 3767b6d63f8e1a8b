"""Which reply answers a call, and which faults strike it. Pure: counters come in, and go out where they changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from understudy.rules.faults.active_fault import Blow, blows_of, standing
from understudy.rules.matching.call_context import Facts
from understudy.rules.replies.reply import Answer
from understudy.rules.rule_set import FaultRule, ReplyRule, Script

Counters = Mapping[str, int]
"""What a script remembers of a world: `seen:NAME`, the calls that a rule was meant for; `used:NAME`, how often it
has answered or struck; `added-seen:NAME` and `added-used:NAME` for rules that a world was given. Only rules that have
to count do."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rule that answers, and with what."""

    rule: ReplyRule
    answer: Answer


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


def seen_key(name: str, *, added: bool) -> str:
    """Give the counter of the calls that a rule was meant for."""
    return f"{'added-' if added else ''}seen:{name}"


def used_key(name: str, *, added: bool) -> str:
    """Give the counter of how often a rule has answered or struck."""
    return f"{'added-' if added else ''}used:{name}"


def is_spent(rule: ReplyRule | FaultRule, counters: Counters) -> bool:
    """Whether a rule has answered or struck as often as it may."""
    return (
        rule.times is not None
        and counters.get(used_key(rule.name, added=rule.added), 0) >= rule.times
    )


def choose_reply(
    script: Script, facts: Facts, counters: Counters
) -> tuple[Counters, Chosen | None]:
    """Give the counters after a call, and the reply that answers it.

    Where nothing had to be counted, the counters are the very same object. Rules that wait for a certain call count
    the calls that they are meant for, also those that another rule answers.
    """
    rules = script.replies_for(facts.sight.operation)
    tally, chosen = _Tally(counters), None
    for rule in rules:
        if (chosen is not None and rule.when.call is None) or is_spent(rule, counters):
            continue
        captured = rule.when.captured(facts.sight)
        if captured is None:
            continue
        if rule.when.call is not None and not rule.when.call.holds(
            tally.count(seen_key(rule.name, added=rule.added))
        ):
            continue
        if chosen is None:
            answer = _next(rule, tally)
            chosen = Chosen(rule, replace(answer, captured=captured) if captured else answer)
    return tally.now, chosen


def _next(rule: ReplyRule, tally: _Tally) -> Answer:
    if not rule.counts_uses:
        return rule.answers[0]
    return rule.answers[
        min(tally.count(used_key(rule.name, added=rule.added)), len(rule.answers)) - 1
    ]


def strike(script: Script, facts: Facts, counters: Counters) -> tuple[Counters, tuple[Blow, ...]]:
    """Give the counters after a call, and what strikes it: delays, damages, and at most one that replaces the answer.

    Where nothing had to be counted, the counters are the very same object.
    """
    rules = script.faults_for(facts.sight.operation)
    if not rules:
        return counters, ()
    tally = _Tally(counters)
    blows: tuple[Blow, ...] = ()
    for rule in rules:
        if not is_spent(rule, counters) and rule.when.captured(facts.sight) is not None:
            blows += _struck(rule, facts, tally)
    return tally.now, standing(blows)


def _struck(rule: FaultRule, facts: Facts, tally: _Tally) -> tuple[Blow, ...]:
    seen = tally.count(seen_key(rule.name, added=rule.added)) if rule.counts_calls else 0
    if seen <= rule.after and rule.after:
        return ()
    if rule.when.call is not None and not rule.when.call.holds(seen):
        return ()
    blows = blows_of(rule.name, rule.parts, facts, seen - rule.after)
    if blows and rule.times is not None:
        tally.count(used_key(rule.name, added=rule.added))
    return blows

"""Selection of the reply that answers a call, and of the faults that act on it.

Everything here is pure: counters come in as an argument, and are returned where they changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from understudy.rules.faults.active_fault import ActiveFault, draw_faults, keep_first_replacement
from understudy.rules.matching.call_context import CallContext
from understudy.rules.replies.reply import ReplyKind, ScriptedReply
from understudy.rules.rule_set import FaultRule, ReplyRule, RuleSet

Counters = Mapping[str, int]
"""The counters of a world's rules, by key.

`seen:NAME` counts the calls that a rule matched, `used:NAME` how often it answered or acted;
`added-seen:NAME` and `added-used:NAME` are those of rules that were added to the world. Only rules
that have to count have counters.
"""


@dataclass(frozen=True, slots=True)
class SelectedReply:
    """The rule that answers a call, and its reply."""

    rule: ReplyRule
    reply: ScriptedReply


class _Tally:
    """Counters that are copied when one of them changes."""

    __slots__ = ("counters",)

    def __init__(self, counters: Counters) -> None:
        self.counters = counters

    def count(self, key: str) -> int:
        number = self.counters.get(key, 0) + 1
        self.counters = {**self.counters, key: number}
        return number


def calls_counter(name: str, *, is_added: bool) -> str:
    """Return the key of the counter of the calls that a rule matched."""
    if is_added:
        return f"added-seen:{name}"
    return f"seen:{name}"


def uses_counter(name: str, *, is_added: bool) -> str:
    """Return the key of the counter of how often a rule answered or acted."""
    if is_added:
        return f"added-used:{name}"
    return f"used:{name}"


def count_calls(rule: ReplyRule | FaultRule, counters: Counters) -> int:
    """Return how many calls a rule has matched; 0 for a rule without this counter."""
    key = calls_counter(rule.name, is_added=rule.is_added)
    return counters.get(key, 0)


def count_uses(rule: ReplyRule | FaultRule, counters: Counters) -> int:
    """Return how often a rule has answered or acted; 0 for a rule without this counter."""
    key = uses_counter(rule.name, is_added=rule.is_added)
    return counters.get(key, 0)


def is_used_up(rule: ReplyRule | FaultRule, counters: Counters) -> bool:
    """Return whether a rule has answered or acted as often as it may."""
    if rule.times is None:
        return False
    return count_uses(rule, counters) >= rule.times


def select_reply(
    rules: RuleSet, call: CallContext, counters: Counters, *, needs_literal: bool = False
) -> tuple[Counters, SelectedReply | None]:
    """Return the counters after a call, and the reply that answers it.

    Where no rule had to count, the counters are the very same object. A rule with a condition on
    `call` counts the calls that it matches, also those that another rule answers, until it is used
    up. With `needs_literal`, a rule whose next reply is not literal answers nothing, so its use is
    not counted.
    """
    tally = _Tally(counters)
    selected: SelectedReply | None = None
    for rule in rules.replies_for(call.view.operation):
        # After the selected rule, only rules with a `call` condition are checked: they must count.
        if selected is not None and rule.when.call is None:
            continue
        # Each rule changes only its own counters, so those from before the call are enough.
        if is_used_up(rule, counters):
            continue
        # None: no match. An empty mapping: a match without captured segments.
        captured = rule.when.match(call.view)
        if captured is None or not _count_and_check_call(rule, tally):
            continue
        if selected is None and (not needs_literal or _is_literal_next(rule, counters)):
            reply = _next_reply(rule, tally)
            if captured:
                reply = replace(reply, named_segments=captured)
            selected = SelectedReply(rule, reply)
    return tally.counters, selected


def _count_and_check_call(rule: ReplyRule, tally: _Tally) -> bool:
    """Count a call that the rule matches, and return whether its `call` condition holds.

    A rule without a `call` condition does not count, and the condition always holds.
    """
    if rule.when.call is None:
        return True
    number = tally.count(calls_counter(rule.name, is_added=rule.is_added))
    return rule.when.call.contains(number)


def _is_literal_next(rule: ReplyRule, counters: Counters) -> bool:
    """Return whether the next reply of a rule needs no operation of the contract."""
    uses = count_uses(rule, counters) if rule.counts_uses else 0
    reply = rule.replies[min(uses, len(rule.replies) - 1)]
    return reply.kind is ReplyKind.LITERAL


def _next_reply(rule: ReplyRule, tally: _Tally) -> ScriptedReply:
    if not rule.counts_uses:
        return rule.replies[0]
    use = tally.count(uses_counter(rule.name, is_added=rule.is_added))
    index = min(use, len(rule.replies)) - 1
    return rule.replies[index]


def select_faults(
    rules: RuleSet, call: CallContext, counters: Counters
) -> tuple[Counters, tuple[ActiveFault, ...]]:
    """Return the counters after a call, and the faults that act on it, in the order of the rules.

    Of the faults that replace the response, only the first is returned; the rules of the others
    count as used. Where no rule had to count, the counters are the very same object.
    """
    fault_rules = rules.faults_for(call.view.operation)
    if not fault_rules:
        return counters, ()
    tally = _Tally(counters)
    faults: list[ActiveFault] = []
    for rule in fault_rules:
        # As for replies, the counters from before the call are enough.
        if not is_used_up(rule, counters) and rule.when.match(call.view) is not None:
            faults += _draw_faults_of(rule, call, tally)
    return tally.counters, keep_first_replacement(faults)


def _draw_faults_of(rule: FaultRule, call: CallContext, tally: _Tally) -> tuple[ActiveFault, ...]:
    # If counts_calls is False, the rule has no condition on numbers: the number is not used.
    number = 0
    if rule.counts_calls:
        number = tally.count(calls_counter(rule.name, is_added=rule.is_added))
        if number <= rule.after:
            return ()
    if rule.when.call is not None and not rule.when.call.contains(number):
        return ()
    number_after_skipped = number - rule.after
    faults = draw_faults(rule.name, rule.parts, call, number_after_skipped)
    if faults and rule.times is not None:
        tally.count(uses_counter(rule.name, is_added=rule.is_added))
    return faults

"""Selection of the reply that answers a call, and of the faults that act on it.

Everything here is pure: counters come in as an argument, and are returned where they changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from understudy.rules.faults.active_fault import ActiveFault, draw_faults, keep_first_replacement
from understudy.rules.matching.call_context import CallContext
from understudy.rules.replies.reply import ScriptedReply
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

    __slots__ = ("now",)

    def __init__(self, counters: Counters) -> None:
        self.now = counters

    def count(self, key: str) -> int:
        number = self.now.get(key, 0) + 1
        self.now = {**self.now, key: number}
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
    """Return how many calls a rule has matched, as far as it counts them."""
    key = calls_counter(rule.name, is_added=rule.is_added)
    return counters.get(key, 0)


def count_uses(rule: ReplyRule | FaultRule, counters: Counters) -> int:
    """Return how often a rule has answered or acted, as far as it counts that."""
    key = uses_counter(rule.name, is_added=rule.is_added)
    return counters.get(key, 0)


def is_used_up(rule: ReplyRule | FaultRule, counters: Counters) -> bool:
    """Return whether a rule has answered or acted as often as it may."""
    if rule.times is None:
        return False
    return count_uses(rule, counters) >= rule.times


def select_reply(
    rules: RuleSet, call: CallContext, counters: Counters
) -> tuple[Counters, SelectedReply | None]:
    """Return the counters after a call, and the reply that answers it.

    Where no rule had to count, the counters are the very same object. A rule with a condition on
    `call` counts the calls that it matches, also those that another rule answers.
    """
    tally = _Tally(counters)
    selected: SelectedReply | None = None
    for rule in rules.replies_for(call.view.operation):
        # Once a reply is selected, the rules after it are only asked if they have to count.
        if selected is not None and rule.when.call is None:
            continue
        if is_used_up(rule, counters):
            continue
        captured = rule.when.match(call.view)
        if captured is None or not _is_in_call_range(rule, tally):
            continue
        if selected is None:
            reply = _next_reply(rule, tally)
            if captured:
                reply = replace(reply, named_segments=captured)
            selected = SelectedReply(rule, reply)
    return tally.now, selected


def _is_in_call_range(rule: ReplyRule, tally: _Tally) -> bool:
    """Count a call that a rule matches, if it has to, and return whether it is one of its calls."""
    if rule.when.call is None:
        return True
    number = tally.count(calls_counter(rule.name, is_added=rule.is_added))
    return rule.when.call.contains(number)


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

    At most one of the faults replaces the response. Where no rule had to count, the counters are
    the very same object.
    """
    fault_rules = rules.faults_for(call.view.operation)
    if not fault_rules:
        return counters, ()
    tally = _Tally(counters)
    faults: list[ActiveFault] = []
    for rule in fault_rules:
        if not is_used_up(rule, counters) and rule.when.match(call.view) is not None:
            faults += _draw_faults_of(rule, call, tally)
    return tally.now, keep_first_replacement(faults)


def _draw_faults_of(rule: FaultRule, call: CallContext, tally: _Tally) -> tuple[ActiveFault, ...]:
    number = 0
    # A rule that does not count sees the number 0; then it has no condition on numbers either.
    if rule.counts_calls:
        number = tally.count(calls_counter(rule.name, is_added=rule.is_added))
        if number <= rule.after:
            return ()
    if rule.when.call is not None and not rule.when.call.contains(number):
        return ()
    faults = draw_faults(rule.name, rule.parts, call, number - rule.after)
    if faults and rule.times is not None:
        tally.count(uses_counter(rule.name, is_added=rule.is_added))
    return faults

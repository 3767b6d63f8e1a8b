"""The rule that is nearest to answering a call which no rule answered."""

from dataclasses import dataclass

from understudy.messages import Json
from understudy.rules.matching.call_context import CallContext
from understudy.rules.matching.when import ConditionResult
from understudy.rules.rule_set import ReplyRule, RuleSet
from understudy.rules.selection import Counters, count_calls, count_uses, is_used_up


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that did not answer, with each of its conditions beside the actual value."""

    rule: str
    """The name of the rule."""
    conditions: tuple[ConditionResult, ...]

    def to_record(self) -> dict[str, Json]:
        """Return it as JSON data: `rule`, and `rows` of `field`, `wanted`, `found`, `matches`."""
        rows: list[Json] = [
            {
                "field": condition.field,
                "wanted": condition.expected,
                "found": condition.actual,
                "matches": condition.matches,
            }
            for condition in self.conditions
        ]
        return {"rule": self.rule, "rows": rows}


def find_near_miss(rules: RuleSet, call: CallContext, counters: Counters) -> NearMiss | None:
    """Return the reply rule that differs least from a call, or None when none is near.

    A rule is near when its operation or request is that of the call, or when at least half of its
    conditions hold. Of rules with as many differences, one for the same operation or request comes
    first, then the first in order. `counters` are those that `select_reply` returned for the call.
    """
    nearest: ReplyRule | None = None
    least = (0, True)
    for rule in rules.replies:
        results = rule.when.check_each(call.view)
        has_same_target = rule.when.has_target and results[0]
        results += tuple(
            result.matches for result in _check_counts(rule, counters, others_hold=all(results))
        )
        differences = results.count(False)
        if not has_same_target and differences * 2 > len(results):
            continue
        distance = (differences, not has_same_target)
        if nearest is None or distance < least:
            nearest, least = rule, distance
    if nearest is None:
        return None
    return _describe(nearest, call, counters)


def _describe(rule: ReplyRule, call: CallContext, counters: Counters) -> NearMiss:
    conditions = rule.when.describe_conditions(call.view)
    others_hold = all(condition.matches for condition in conditions)
    counts = _check_counts(rule, counters, others_hold=others_hold)
    return NearMiss(rule.name, (*conditions, *counts))


def _check_counts(
    rule: ReplyRule, counters: Counters, *, others_hold: bool
) -> tuple[ConditionResult, ...]:
    """Return the results of `call` and `times`.

    `others_hold` is whether all other conditions hold: then the call is counted already.
    """
    results = []
    calls = rule.when.call
    if calls is not None:
        number = count_calls(rule, counters)
        if not others_hold or is_used_up(rule, counters):
            number += 1
        actual = f"call {number}"
        results.append(ConditionResult("call", str(calls), actual, calls.contains(number)))
    if rule.times is not None:
        uses = count_uses(rule, counters)
        expected = f"fewer than {rule.times} uses"
        actual = f"{uses} uses"
        results.append(ConditionResult("times", expected, actual, uses < rule.times))
    return tuple(results)

"""The rule that came nearest to answering a call that none answered."""

from dataclasses import dataclass
from typing import Any

from understudy.rules.matching.call_context import CallContext
from understudy.rules.matching.when import ConditionResult
from understudy.rules.rule_set import ReplyRule, RuleSet
from understudy.rules.selection import Counters, calls_counter, is_used_up, uses_counter


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that did not answer, and why: each condition beside what the call showed."""

    rule: str
    conditions: tuple[ConditionResult, ...]

    def to_record(self) -> dict[str, Any]:
        """Give it as JSON data."""
        rows = [
            {"field": r.field, "wanted": r.expected, "found": r.actual, "matches": r.matches}
            for r in self.conditions
        ]
        return {"rule": self.rule, "rows": rows}


def find_near_miss(script: RuleSet, facts: CallContext, counters: Counters) -> NearMiss | None:
    """Give the reply that differs least from a call that none answered; of equals one for the same operation.

    Only one whose operation or request is the call's, or of whose conditions at least half hold. `counters` are those
    that `choose_reply` gave for the call.
    """
    best, least = None, (0, True)
    for rule in script.replies:
        verdicts = rule.when.check_each(facts.view)
        is_for = rule.when.has_target and verdicts[0]
        verdicts += tuple(row.matches for row in _counted(rule, counters, fits=all(verdicts)))
        differing = verdicts.count(False)
        if (is_for or differing * 2 <= len(verdicts)) and (
            best is None or (differing, not is_for) < least
        ):
            best, least = rule, (differing, not is_for)
    if best is None:
        return None
    rows = best.when.describe_conditions(facts.view)
    return NearMiss(
        best.name, (*rows, *_counted(best, counters, fits=all(row.matches for row in rows)))
    )


def _counted(rule: ReplyRule, counters: Counters, *, fits: bool) -> tuple[ConditionResult, ...]:
    """Tell of what is counted. `fits`: whether all other conditions hold, so that this call has been counted."""
    rows = []
    call = rule.when.call
    if call is not None:
        seen = counters.get(calls_counter(rule.name, is_added=rule.is_added), 0)
        number = seen if fits and not is_used_up(rule, counters) else seen + 1
        rows.append(ConditionResult("call", str(call), f"call {number}", call.contains(number)))
    if rule.times is not None:
        used = counters.get(uses_counter(rule.name, is_added=rule.is_added), 0)
        rows.append(
            ConditionResult(
                "times", f"fewer than {rule.times} uses", f"{used} uses", used < rule.times
            )
        )
    return tuple(rows)

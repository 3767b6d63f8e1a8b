"""The rule that came nearest to answering a call that none answered."""

from dataclasses import dataclass
from typing import Any

from understudy.rules.matching.call_context import Facts
from understudy.rules.matching.when import Row
from understudy.rules.rule_set import ReplyRule, Script
from understudy.rules.selection import Counters, is_spent, seen_key, used_key


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that did not answer, and why: each condition beside what the call showed."""

    rule: str
    rows: tuple[Row, ...]

    def to_record(self) -> dict[str, Any]:
        """Give it as JSON data."""
        rows = [
            {"field": r.field, "wanted": r.wanted, "found": r.found, "matches": r.matches}
            for r in self.rows
        ]
        return {"rule": self.rule, "rows": rows}


def closest_reply(script: Script, facts: Facts, counters: Counters) -> NearMiss | None:
    """Give the reply that differs least from a call that none answered; of equals one for the same operation.

    Only one whose operation or request is the call's, or of whose conditions at least half hold. `counters` are those
    that `choose_reply` gave for the call.
    """
    best, least = None, (0, True)
    for rule in script.replies:
        verdicts = rule.when.verdicts(facts.sight)
        is_for = rule.when.is_headed and verdicts[0]
        verdicts += tuple(row.matches for row in _counted(rule, counters, fits=all(verdicts)))
        differing = verdicts.count(False)
        if (is_for or differing * 2 <= len(verdicts)) and (
            best is None or (differing, not is_for) < least
        ):
            best, least = rule, (differing, not is_for)
    if best is None:
        return None
    rows = best.when.rows(facts.sight)
    return NearMiss(
        best.name, (*rows, *_counted(best, counters, fits=all(row.matches for row in rows)))
    )


def _counted(rule: ReplyRule, counters: Counters, *, fits: bool) -> tuple[Row, ...]:
    """Tell of what is counted. `fits`: whether all other conditions hold, so that this call has been counted."""
    rows = []
    call = rule.when.call
    if call is not None:
        seen = counters.get(seen_key(rule.name, added=rule.added), 0)
        number = seen if fits and not is_spent(rule, counters) else seen + 1
        rows.append(Row("call", str(call), f"call {number}", call.holds(number)))
    if rule.times is not None:
        used = counters.get(used_key(rule.name, added=rule.added), 0)
        rows.append(
            Row("times", f"fewer than {rule.times} uses", f"{used} uses", used < rule.times)
        )
    return tuple(rows)

"""Reads scripts and searches. What reads rules is imported when there are some: most scenarios have none."""

from collections.abc import Collection, Mapping
from typing import Any

from understudy.contract import Contract
from understudy.errors import ProblemReport
from understudy.rules.matching.when import When
from understudy.rules.rule_set import RuleSet


def parse_rule_set(
    data: Mapping[str, Any],
    report: ProblemReport,
    *,
    contract: Contract | None = None,
    codes: Collection[int] | None = None,
    prefix: str = "",
) -> RuleSet:
    """Read the keys `replies` and `faults` of a scenario whose shape has been checked.

    Notes every problem with its place; what the check took out (None) is passed over. With a contract, the rules are
    judged by it: operations, examples, path variables, statuses, bodies, content types. `codes` are the service's own
    codes of errors, beside the statuses of HTTP. A rule without a name is called by its place (`replies/0`); with a
    prefix, by that and a number that goes on from replies to faults (`added-1`).
    """
    if not data.get("replies") and not data.get("faults"):
        return RuleSet()
    from understudy.rules.parse.parse_rules import parse_rules

    return parse_rules(data, report, contract, codes, prefix)


def parse_when(
    data: Any,
    report: ProblemReport,
    pointer: str = "",
    *,
    search: bool = False,
    contract: Contract | None = None,
) -> When:
    """Read conditions that stand at a pointer. Notes every problem; what is broken is left out.

    With `search`, those of a search in a journal: `status` and `account` beside what is told of a request, and nothing
    that only the world knew.
    """
    from understudy.rules.parse.parse_conditions import parse_conditions
    from understudy.rules.parse.parse_context import ParseContext

    reading = ParseContext(report, "the search" if search else "the rule", contract=contract)
    return parse_conditions(data, reading, pointer, search=search)

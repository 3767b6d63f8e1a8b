"""Reads scripts and searches. What reads rules is imported when there are some: most scenarios have none."""

from collections.abc import Collection, Mapping
from typing import Any

from understudy.contract import Contract
from understudy.errors import Report
from understudy.rules.matching.when import When
from understudy.rules.rule_set import Script


def read_script(
    data: Mapping[str, Any],
    report: Report,
    *,
    contract: Contract | None = None,
    codes: Collection[int] | None = None,
    prefix: str = "",
) -> Script:
    """Read the keys `replies` and `faults` of a scenario whose shape has been checked.

    Notes every problem with its place; what the check took out (None) is passed over. With a contract, the rules are
    judged by it: operations, examples, path variables, statuses, bodies, content types. `codes` are the service's own
    codes of errors, beside the statuses of HTTP. A rule without a name is called by its place (`replies/0`); with a
    prefix, by that and a number that goes on from replies to faults (`added-1`).
    """
    if not data.get("replies") and not data.get("faults"):
        return Script()
    from understudy.rules.parse.parse_rules import read_rules

    return read_rules(data, report, contract, codes, prefix)


def read_when(
    data: Any,
    report: Report,
    pointer: str = "",
    *,
    search: bool = False,
    contract: Contract | None = None,
) -> When:
    """Read conditions that stand at a pointer. Notes every problem; what is broken is left out.

    With `search`, those of a search in a journal: `status` and `account` beside what is told of a request, and nothing
    that only the world knew.
    """
    from understudy.rules.parse.parse_conditions import when_of
    from understudy.rules.parse.parse_context import Reading

    reading = Reading(report, "the search" if search else "the rule", contract=contract)
    return when_of(data, reading, pointer, search=search)

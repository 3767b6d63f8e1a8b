"""The door to the parsers of rules.

The parsers are imported with the first rule: most scenarios have none, and a server starts faster.
"""

from collections.abc import Collection, Mapping

from understudy.contract import Contract
from understudy.errors import ProblemReport
from understudy.messages import Json
from understudy.rules.matching.when import When
from understudy.rules.rule_set import RuleSet


def parse_rule_set(
    data: Mapping[str, Json],
    report: ProblemReport,
    *,
    contract: Contract | None = None,
    codes: Collection[int] | None = None,
    prefix: str = "",
) -> RuleSet:
    """Parse the keys `replies` and `faults` of a scenario that its JSON Schema has accepted.

    Every problem is added to the report with its place. None stands for what the schema's check has
    removed; it is skipped.

    :param contract: what the rules are checked against: operations, examples, path variables,
        statuses, bodies, content types. None: they are not checked.
    :param codes: the codes of the service's own errors, which a reply may give beside HTTP
        statuses.
    :param prefix: names rules without a name: prefix and a number that goes on from replies to
        faults (`added-1`). Without a prefix, such a rule has the name of its place (`replies/0`).
    """
    if not data.get("replies") and not data.get("faults"):
        return RuleSet()
    from understudy.rules.parse.parse_rules import parse_rules

    return parse_rules(data, report, contract, codes, prefix)


def parse_when(
    data: object,
    report: ProblemReport,
    pointer: str = "",
    *,
    search: bool = False,
    contract: Contract | None = None,
) -> When:
    """Parse the conditions at a pointer. Every problem is reported; a broken condition is left out.

    With `search`, the conditions are those of a search in a journal: `status` and `account` beside
    those on a request, and none on the world.
    """
    from understudy.rules.parse.parse_conditions import parse_conditions
    from understudy.rules.parse.parse_context import ParseContext

    label = "the search" if search else "the rule"
    context = ParseContext(report, label, contract=contract)
    return parse_conditions(data, context, pointer, search=search)

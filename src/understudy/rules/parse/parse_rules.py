"""Parser of the rules of a scenario: `replies` and `faults`, each a list of mappings.

    replies:
      - {name: third-look, when: {operation: getTaskInstance, call: 3}, reply: {error: 1999}}
    faults:
      - {when: {operation: retryTask}, fault: reset, times: 1}

Here is what stands around conditions, replies and faults; each of these has a parser of its own.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from understudy.contract import Contract
from understudy.errors import ProblemReport
from understudy.messages import Json
from understudy.rules.faults.fault_kinds import FaultPart
from understudy.rules.matching.when import When
from understudy.rules.parse.condition_contract_check import path_variable_names
from understudy.rules.parse.parse_conditions import parse_conditions
from understudy.rules.parse.parse_context import ParseContext
from understudy.rules.parse.parse_faults import parse_fault
from understudy.rules.parse.parse_replies import parse_reply
from understudy.rules.parse.reply_contract_check import check_reply
from understudy.rules.replies.reply import ScriptedReply
from understudy.rules.rule_set import FaultRule, ReplyRule, RuleSet

_RESERVED_NAMES = ("service", "refusal", "tool", "fault", "preference")
"""What the journal calls the authors of responses that no rule has given."""
_REPLY_KEYS = ("name", "when", "reply", "times", "must", "off-contract")
_FAULT_KEYS = ("name", "when", "fault", "times", "after")


def parse_rules(
    data: Mapping[str, Json],
    report: ProblemReport,
    contract: Contract | None,
    codes: Collection[int] | None,
    prefix: str,
) -> RuleSet:
    """Parse `replies` and `faults`; see `parse_rule_set`."""
    context = ParseContext(report, "", contract=contract, codes=codes)
    replies = _list_items(data, "replies")
    faults = _list_items(data, "faults")
    names = _RuleNames(report, prefix)
    reply_names = names.assign("replies", replies)
    fault_names = names.assign("faults", faults)
    reply_rules: list[ReplyRule] = []
    for index, item in enumerate(replies):
        if isinstance(item, dict):
            reply_rules += _parse_reply_rule(item, reply_names[index], index, context)
    fault_rules: list[FaultRule] = []
    for index, item in enumerate(faults):
        if isinstance(item, dict):
            fault_rules += _parse_fault_rule(item, fault_names[index], index, context)
    written = {
        "replies": [item for item in replies if item is not None],
        "faults": [item for item in faults if item is not None],
    }
    return RuleSet(tuple(reply_rules), tuple(fault_rules), written)


def _list_items(data: Mapping[str, Json], key: str) -> list[Json]:
    """Return the items under a key; the schema's check has reported what is not a list."""
    items = data.get(key)
    return items if isinstance(items, list) else []


class _RuleNames:
    """Gives each rule its name, which counters and reports use; names have to be unique."""

    def __init__(self, report: ProblemReport, prefix: str) -> None:
        self._report = report
        self._prefix = prefix
        self._number = 0
        """How many rules have a name: it goes on from replies to faults."""
        self._places: dict[str, str] = {}
        """The pointer of the first rule with each name."""

    def assign(self, key: str, items: Sequence[Json]) -> list[str]:
        """Return the names of the rules under a key; report reserved and duplicate names."""
        names = []
        for index, item in enumerate(items):
            self._number += 1
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str) or not name:
                name = f"{key}/{index}"
                if self._prefix:
                    name = f"{self._prefix}{self._number}"
            self._check(name, f"/{key}/{index}")
            names.append(name)
        return names

    def _check(self, name: str, pointer: str) -> None:
        """Report a name that the journal uses for other authors, or that another rule has."""
        if name in _RESERVED_NAMES:
            self._report.add(
                "reserved-name",
                f'the name "{name}" is reserved for the journal',
                f"{pointer}/name",
                expected="another name, such as my-rule",
            )
        if name in self._places:
            self._report.add(
                "duplicate-name",
                f'duplicate name "{name}"',
                f"{pointer}/name",
                hint=f"It is also the name of {self._places[name][1:]}.",
            )
        self._places.setdefault(name, pointer)


def _parse_reply_rule(
    item: dict[str, Json], name: str, index: int, context: ParseContext
) -> Iterator[ReplyRule]:
    """Yield the rule, or nothing when none of its replies can be parsed."""
    pointer = f"/replies/{index}"
    off_contract = item.get("off-contract") is True
    context = context.for_rule(f'reply "{name}"', name, off_contract=off_contract)
    members = context.parse_mapping(item, _REPLY_KEYS, pointer)
    when = parse_conditions(members.get("when"), context, f"{pointer}/when")
    variables = _list_variables(when, context)
    replies: list[ScriptedReply] = []
    for reply_pointer, data in _iter_replies(members.get("reply"), f"{pointer}/reply"):
        reply = parse_reply(data, context, reply_pointer, variables)
        if reply is not None:
            check_reply(reply, when, context, reply_pointer)
            replies.append(reply)
    times = _parse_times(members, context, pointer)
    if replies:
        must_be_used = members.get("must") is True
        yield ReplyRule(name, when, tuple(replies), times, must_be_used, off_contract)


def _list_variables(when: When, context: ParseContext) -> tuple[str, ...] | None:
    """Return the path variables of the calls that a rule matches; None when they are unknown."""
    contract = context.contract
    if contract is None or not when.matching_operations(contract):
        return None
    return path_variable_names(when, contract)


def _iter_replies(data: Json, pointer: str) -> Iterator[tuple[str, Json]]:
    """Yield the pointer and the data of one reply, or of each in a list."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            if item is not None:
                yield f"{pointer}/{index}", item
    elif data is not None:
        yield pointer, data


def _parse_times(members: dict[str, Json], context: ParseContext, pointer: str) -> int | None:
    """Return `times`: how often the rule acts, at least once; None: without end."""
    if "times" not in members:
        return None
    return context.parse_integer(members["times"], f"{pointer}/times")


def _parse_fault_rule(
    item: dict[str, Json], name: str, index: int, context: ParseContext
) -> Iterator[FaultRule]:
    """Yield the rule, or nothing when its fault cannot be parsed."""
    pointer = f"/faults/{index}"
    context = context.for_rule(f'fault "{name}"', name)
    members = context.parse_mapping(item, _FAULT_KEYS, pointer)
    when = parse_conditions(members.get("when"), context, f"{pointer}/when")
    parts: tuple[FaultPart, ...] = ()
    if "fault" in members:
        parts = parse_fault(members["fault"], context, f"{pointer}/fault")
    times = _parse_times(members, context, pointer)
    after = None
    if "after" in members:
        after = context.parse_integer(members["after"], f"{pointer}/after", 0)
    if parts:
        yield FaultRule(name, when, parts, times, after or 0)

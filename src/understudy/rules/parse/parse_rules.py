"""Reads the rules of a script."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

from understudy.contract import Contract
from understudy.errors import ProblemReport
from understudy.rules.parse.parse_conditions import parse_conditions, path_variable_names
from understudy.rules.parse.parse_context import ParseContext
from understudy.rules.parse.parse_faults import parse_fault
from understudy.rules.parse.parse_replies import parse_reply
from understudy.rules.parse.reply_contract_check import check_reply
from understudy.rules.replies.reply import ScriptedReply
from understudy.rules.rule_set import FaultRule, ReplyRule, RuleSet

T = TypeVar("T")
_ELSE = "another name, such as my-rule"
_OWN = ("service", "refusal", "tool", "fault", "preference")
"""What the journal says of answers that no rule has given: names that would be taken for that."""
_REPLY = ("name", "when", "reply", "times", "must", "off-contract")
_FAULT = ("name", "when", "fault", "times", "after")


def parse_rules(
    data: Mapping[str, Any],
    report: ProblemReport,
    contract: Contract | None,
    codes: Collection[int] | None,
    prefix: str,
) -> RuleSet:
    """Read `replies` and `faults`, as `read_script` tells."""
    reading = ParseContext(report, "", contract=contract, codes=codes)
    replies, faults = _items(data, "replies"), _items(data, "faults")
    names = _names(replies, faults, prefix, report)
    told = {
        "replies": [item for item in replies if item is not None],
        "faults": [f for f in faults if f is not None],
    }
    return RuleSet(
        tuple(
            rule
            for i, item in _there(replies)
            for rule in _reply(item, names["replies", i], i, reading)
        ),
        tuple(
            rule
            for i, item in _there(faults)
            for rule in _fault(item, names["faults", i], i, reading)
        ),
        told,
    )


def _items(data: Mapping[str, Any], key: str) -> list[Any]:
    items = data.get(key)
    return items if isinstance(items, list) else []


def _there(items: list[Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((index, item) for index, item in enumerate(items) if isinstance(item, dict))


def _names(
    replies: list[Any], faults: list[Any], prefix: str, report: ProblemReport
) -> dict[tuple[str, int], str]:
    """Give each rule its name; note names that stand twice: counters and reports go by them."""
    names: dict[tuple[str, int], str] = {}
    known: dict[str, str] = {}
    number = 0
    for key, items in (("replies", replies), ("faults", faults)):
        for index, item in enumerate(items):
            number += 1
            told = item.get("name") if isinstance(item, dict) else None
            name = (
                told
                if isinstance(told, str) and told
                else f"{prefix}{number}"
                if prefix
                else f"{key}/{index}"
            )
            where = f"/{key}/{index}"
            if name in _OWN:
                report.add(
                    "reserved-name",
                    f'the name "{name}" is a word of the journal',
                    f"{where}/name",
                    expected=_ELSE,
                )
            if name in known:
                what = f'the name "{name}" stands twice'
                report.add(
                    "duplicate-name",
                    what,
                    f"{where}/name",
                    hint=f"It is also the name of {known[name][1:]}.",
                )
            known.setdefault(name, where)
            names[key, index] = name
    return names


def _reply(
    told: dict[str, Any], name: str, index: int, reading: ParseContext
) -> Iterator[ReplyRule]:
    pointer, off = f"/replies/{index}", told.get("off-contract") is True
    reading = reading.for_rule(f'reply "{name}"', name, off_contract=off)
    told = reading.parse_mapping(told, _REPLY, pointer)
    when = parse_conditions(told.get("when"), reading, f"{pointer}/when")
    variables = (
        None
        if reading.contract is None or not when.matching_operations(reading.contract)
        else path_variable_names(when, reading.contract)
    )
    answers: list[ScriptedReply] = []
    for where, item in _answers(told.get("reply"), f"{pointer}/reply"):
        answer = parse_reply(item, reading, where, variables)
        if answer is not None:
            check_reply(answer, when, reading, where)
            answers.append(answer)
    times = reading.parse_integer(told["times"], f"{pointer}/times") if "times" in told else None
    if answers:
        yield ReplyRule(name, when, tuple(answers), times, told.get("must") is True, off)


def _answers(told: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(told, list):
        yield from (
            (f"{pointer}/{index}", item) for index, item in enumerate(told) if item is not None
        )
    elif told is not None:
        yield pointer, told


def _fault(
    told: dict[str, Any], name: str, index: int, reading: ParseContext
) -> Iterator[FaultRule]:
    pointer = f"/faults/{index}"
    reading = reading.for_rule(f'fault "{name}"', name)
    told = reading.parse_mapping(told, _FAULT, pointer)
    when = parse_conditions(told.get("when"), reading, f"{pointer}/when")
    parts = parse_fault(told["fault"], reading, f"{pointer}/fault") if "fault" in told else ()
    times = reading.parse_integer(told["times"], f"{pointer}/times") if "times" in told else None
    after = reading.parse_integer(told["after"], f"{pointer}/after", 0) if "after" in told else 0
    if parts:
        yield FaultRule(name, when, parts, times, after or 0)

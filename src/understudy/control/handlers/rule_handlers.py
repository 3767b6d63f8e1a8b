"""Handlers of the replies and faults of a world.

The rules that were added are in `State.added`: `count` (how many ever), `replies` and `faults`
(the newest first, as written, each with a name).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from understudy.control.api.api_call import Call, Handler, json_response, no_content
from understudy.control.api.control_problems import ControlProblem, from_problems
from understudy.control.api.world_types import RuleRecord
from understudy.control.handlers.journal_search import BodyPlaces
from understudy.errors import InputError, Place, Problem, ProblemReport, nearest_name
from understudy.messages import JsonError, Response, dump_json, parse_json
from understudy.replay import World
from understudy.replay.world_state import State
from understudy.rules import (
    FaultRule,
    ReplyRule,
    RuleSet,
    calls_counter,
    parse_rule_set,
    uses_counter,
)
from understudy.scenario.format_schema import check_format
from understudy.scenario.scenario_loader import list_error_codes

REPLIES = "replies"
FAULTS = "faults"
_MAX_RULES = 1000
_SNAPSHOT_LEVELS = 12
"""How many levels deeper a rule is nested in a snapshot or an export than in a call."""
_SINGULAR = {REPLIES: "reply", FAULTS: "fault"}


def build_list_handler(key: str) -> Handler:
    """Return the handler that lists the rules of a kind: REPLIES or FAULTS."""

    def list_rules(call: Call) -> Response:
        world = call.world()
        return json_response({key: list(describe_rules(key, world, world.state()))})

    return list_rules


def build_add_handler(key: str) -> Handler:
    """Return the handler that adds a rule of a kind, before all others."""

    def add_rule(call: Call) -> Response:
        world = call.world()
        # The rule is checked before the update: only its name depends on the state.
        rule = _expand_profile(call.body) if key == FAULTS else call.body
        _check_rule(key, rule, world)

        def change(state: State) -> tuple[State, str]:
            return _add(key, rule, state, world.rule_set(state))

        name = world.update(change)
        return json_response(_describe_added(key, name, rule, world), 201)

    return add_rule


def build_clear_handler(key: str) -> Handler:
    """Return the handler that removes the rules of a kind that were added."""

    def clear_rules(call: Call) -> Response:
        def change(state: State) -> tuple[State, None]:
            added = _added_rules(state)
            names = [rule["name"] for rule in added[key]]
            if not names:
                return state, None
            cleared = replace(state, added={**added, key: []})
            return _without_counters(cleared, names), None

        call.world().update(change)
        return no_content()

    return clear_rules


def build_remove_handler(key: str) -> Handler:
    """Return the handler that removes one rule that was added."""

    def remove_rule(call: Call) -> Response:
        world = call.world()
        name: str = call.values["name"]

        def change(state: State) -> tuple[State, None]:
            added = _added_rules(state)
            remaining = [rule for rule in added[key] if rule["name"] != name]
            if len(remaining) == len(added[key]):
                raise _unknown_rule(key, name, world.rule_set(state))
            changed = replace(state, added={**added, key: remaining})
            return _without_counters(changed, [name]), None

        world.update(change)
        return no_content()

    return remove_rule


def _add(key: str, rule: Mapping[str, Any], state: State, rules: RuleSet) -> tuple[State, str]:
    """Return the state with one more rule, and the rule's name."""
    added = _added_rules(state)
    count = added["count"] + 1
    with_name = {"name": f"added-{count}", **rule}
    name: str = with_name["name"]
    _check_room(name, rules, added)
    changed = replace(state, added={**added, "count": count, key: [with_name, *added[key]]})
    return _without_counters(changed, [name]), name


def _describe_added(key: str, name: str, rule: Mapping[str, Any], world: World) -> RuleRecord:
    """Return the record of a rule; another call may have removed it again."""
    for record in describe_rules(key, world, world.state()):
        if record["name"] == name:
            return record
    return {
        "name": name,
        "from": "added",
        "seen": None,
        "used": None,
        "rule": {**rule, "name": name},
    }


def _added_rules(state: State) -> dict[str, Any]:
    """Return the added rules of a world, also of one without any."""
    return {"count": 0, REPLIES: [], FAULTS: [], **state.added}


def _expand_profile(rule: Any) -> Any:
    """Return the rule with `fault: slow` for `profile: slow`."""
    if not isinstance(rule, dict) or "profile" not in rule:
        return rule
    if "fault" in rule:
        detail = "a rule cannot have both a profile and a fault"
        place = Place("body/profile")
        problem = Problem("bad-mix", detail, place, expected="one of them")
        raise from_problems("bad-request", [problem])
    return {("fault" if key == "profile" else key): value for key, value in rule.items()}


def _check_rule(key: str, rule: Any, world: World) -> None:
    """Check a rule as part of a scenario file.

    Raises ControlProblem (`bad-request`) with all its problems.
    """
    report = ProblemReport(BodyPlaces(f"/{key}/0"))
    contract = world.contract
    codes = list_error_codes(contract)
    try:
        data = check_format({"understudy": 1, key: [rule]}, report)
        parse_rule_set(data, report, contract=contract, codes=codes, prefix="added-")
        report.raise_if_any()
    except InputError as error:
        raise from_problems("bad-request", error.problems) from error
    _check_depth(rule)


def _check_depth(rule: Any) -> None:
    """Check that a snapshot with the rule can be parsed again: JSON has a bound on its depth."""
    nested = rule
    for _ in range(_SNAPSHOT_LEVELS):
        nested = [nested]
    try:
        parse_json(dump_json(nested))
    except JsonError as error:
        raise ControlProblem("bad-request", f"The rule is nested too deeply: {error}.") from error


def _check_room(name: str, rules: RuleSet, added: Mapping[str, Any]) -> None:
    """Check that the name is free and that there are fewer than 1000 added rules."""
    names = [rule.name for key in (REPLIES, FAULTS) for rule in _rules_of(key, rules)]
    if name in names:
        detail = f'Another reply or fault of the world is called "{name}".'
        raise ControlProblem("name-taken", detail)
    if len(added[REPLIES]) + len(added[FAULTS]) >= _MAX_RULES:
        detail = f"{_MAX_RULES} rules were added to the world. Remove some."
        raise ControlProblem("too-many-rules", detail)


def _unknown_rule(key: str, name: str, rules: RuleSet) -> ControlProblem:
    """Return the problem of a rule that cannot be removed: of the scenario, or unknown."""
    kind = _SINGULAR[key]
    names = [rule.name for rule in _rules_of(key, rules)]
    if name in names:
        detail = f'The {kind} "{name}" belongs to the scenario. Add a {kind} that precedes it.'
        return ControlProblem("scenario-rule", detail)
    detail = f'The world has no {kind} "{name}".'
    nearest = nearest_name(name, names)
    if nearest:
        detail += f' Did you mean "{nearest}"?'
    return ControlProblem("no-such-rule", detail)


def _without_counters(state: State, names: Sequence[str]) -> State:
    """Return the state without the counters of added rules: a new rule of the name starts at 0."""
    keys = set()
    for name in names:
        keys.add(calls_counter(name, is_added=True))
        keys.add(uses_counter(name, is_added=True))
    counters = {key: count for key, count in state.counters.items() if key not in keys}
    return replace(state, counters=counters)


def _rules_of(key: str, rules: RuleSet) -> Sequence[ReplyRule | FaultRule]:
    """Return the rules of a kind, the added ones first."""
    return rules.replies if key == REPLIES else rules.faults


def describe_rules(key: str, world: World, state: State) -> Iterator[RuleRecord]:
    """Yield the records of the rules of a kind, the added ones first.

    `seen` and `used` are None for rules whose calls or uses the world does not count.
    """
    rules = world.rule_set(state)
    texts = rules.data.get(key, [])
    for rule, text in zip(_rules_of(key, rules), texts, strict=True):
        calls = state.counters.get(calls_counter(rule.name, is_added=rule.is_added), 0)
        uses = state.counters.get(uses_counter(rule.name, is_added=rule.is_added), 0)
        yield {
            "name": rule.name,
            "from": "added" if rule.is_added else "scenario",
            "seen": calls if _counts_calls(rule) else None,
            "used": uses if _counts_uses(rule) else None,
            "rule": text,
        }


def _counts_calls(rule: ReplyRule | FaultRule) -> bool:
    """Return whether the world counts the calls that match the other conditions."""
    match rule:
        case ReplyRule():
            return rule.when.call is not None
        case FaultRule():
            return rule.counts_calls


def _counts_uses(rule: ReplyRule | FaultRule) -> bool:
    """Return whether the world counts how often the rule was used."""
    match rule:
        case ReplyRule():
            return rule.counts_uses
        case FaultRule():
            return rule.times is not None

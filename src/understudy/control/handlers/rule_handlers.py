"""Handlers: the replies and faults of a world."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from understudy.control.api.api_call import Call, json_response, no_content
from understudy.control.api.control_problems import ControlProblem, from_problems
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

REPLIES, FAULTS = "replies", "faults"
_MOST_RULES = 1000
_LEVELS = 12
"""How much deeper than in a call a rule stands in a snapshot or an export."""
_WORDS = {REPLIES: "reply", FAULTS: "fault"}


def build_list_handler(key: str) -> Callable[[Call], Response]:
    """Give the handler that tells the rules of a kind."""

    def list_rules(call: Call) -> Response:
        world = call.world()
        state = world.state()
        return json_response({key: list(describe_rules(key, world, state))})

    return list_rules


def build_add_handler(key: str) -> Callable[[Call], Response]:
    """Give the handler that adds a rule of a kind, in front of all others."""

    def add_rule(call: Call) -> Response:
        world = call.world()
        rule = _profiled(call.body) if key == FAULTS else call.body
        _check(key, rule, world)

        def change(state: State) -> tuple[State, str]:
            added = _added(state)
            named = {"name": f"added-{added['count'] + 1}", **rule}
            _check_room(named["name"], world.rule_set(state), added)
            told = {**added, "count": added["count"] + 1, key: [named, *added[key]]}
            return _without_counters(replace(state, added=told), [named["name"]]), named["name"]

        name = world.update(change)
        found = next(
            (r for r in describe_rules(key, world, world.state()) if r["name"] == name), None
        )
        told = {
            "name": name,
            "from": "added",
            "seen": None,
            "used": None,
            "rule": {**rule, "name": name},
        }
        return json_response(found or told, 201)

    return add_rule


def build_clear_handler(key: str) -> Callable[[Call], Response]:
    """Give the handler that removes the rules of a kind that were added."""

    def clear_rules(call: Call) -> Response:
        def change(state: State) -> tuple[State, None]:
            added = _added(state)
            names = [rule["name"] for rule in added[key]]
            return (
                _without_counters(replace(state, added={**added, key: []}), names)
                if names
                else state
            ), None

        call.world().update(change)
        return no_content()

    return clear_rules


def build_remove_handler(key: str) -> Callable[[Call], Response]:
    """Give the handler that removes one rule that was added."""

    def remove_rule(call: Call) -> Response:
        world, name = call.world(), call.values["name"]

        def change(state: State) -> tuple[State, None]:
            added = _added(state)
            kept = [rule for rule in added[key] if rule["name"] != name]
            if len(kept) == len(added[key]):
                raise _not_added(key, name, world.rule_set(state))
            return _without_counters(replace(state, added={**added, key: kept}), [name]), None

        world.update(change)
        return no_content()

    return remove_rule


def _added(state: State) -> dict[str, Any]:
    return {"count": 0, REPLIES: [], FAULTS: [], **state.added}


def _profiled(rule: Any) -> Any:
    """Let `profile: slow` mean `fault: slow`."""
    if not isinstance(rule, dict) or "profile" not in rule:
        return rule
    if "fault" in rule:
        what = "both a profile and a fault are told"
        raise from_problems(
            "bad-request", [Problem("bad-mix", what, Place("body/profile"), expected="one of them")]
        )
    return {("fault" if key == "profile" else key): value for key, value in rule.items()}


def _check(key: str, rule: Any, world: World) -> None:
    """Judge a rule as one of a scenario file is judged. Raises ControlProblem with all that is wrong."""
    report = ProblemReport(BodyPlaces(f"/{key}/0"))
    try:
        data = check_format({"understudy": 1, key: [rule]}, report)
        contract = world.contract
        parse_rule_set(
            data, report, contract=contract, codes=list_error_codes(contract), prefix="added-"
        )
        report.raise_if_any()
    except InputError as error:
        raise from_problems("bad-request", error.problems) from error
    nested: Any = rule
    for _ in range(_LEVELS):
        nested = [nested]
    try:
        parse_json(dump_json(nested))
    except JsonError as error:
        raise ControlProblem("bad-request", f"The rule is nested too deeply: {error}.") from error


def _check_room(name: str, script: RuleSet, added: Mapping[str, Any]) -> None:
    if name in {rule.name for key in (REPLIES, FAULTS) for rule in _of(key, script)}:
        raise ControlProblem(
            "name-taken", f'Another reply or fault of the world is called "{name}".'
        )
    if len(added[REPLIES]) + len(added[FAULTS]) >= _MOST_RULES:
        raise ControlProblem(
            "too-many-rules", f"{_MOST_RULES} rules were added to the world. Remove some."
        )


def _not_added(key: str, name: str, script: RuleSet) -> ControlProblem:
    known = [rule.name for rule in _of(key, script)]
    if name in known:
        detail = (
            f'The {_WORDS[key]} "{name}" stands in the scenario. Add one in front of it instead.'
        )
        return ControlProblem("scenario-rule", detail)
    near = nearest_name(name, known)
    hint = f' Did you mean "{near}"?' if near else ""
    return ControlProblem("no-such-rule", f'The world has no {_WORDS[key]} "{name}".{hint}')


def _without_counters(state: State, names: list[str]) -> State:
    """Give the state without what was counted for rules: one that gets the name later begins anew."""
    keys = {make(name, is_added=True) for name in names for make in (calls_counter, uses_counter)}
    return replace(
        state, counters={key: count for key, count in state.counters.items() if key not in keys}
    )


def _of(key: str, script: RuleSet) -> Sequence[ReplyRule | FaultRule]:
    return script.replies if key == REPLIES else script.faults


def describe_rules(key: str, world: World, state: State) -> Iterator[dict[str, Any]]:
    """Give the rules of a kind as JSON data, the added ones first, with what was counted."""
    script = world.rule_set(state)
    for rule, told in zip(_of(key, script), script.data.get(key, []), strict=True):
        counts_seen = (
            rule.when.call is not None if isinstance(rule, ReplyRule) else rule.counts_calls
        )
        counts_used = rule.counts_uses if isinstance(rule, ReplyRule) else rule.times is not None
        yield {
            "name": rule.name,
            "from": "added" if rule.is_added else "scenario",
            "seen": state.counters.get(calls_counter(rule.name, is_added=rule.is_added), 0)
            if counts_seen
            else None,
            "used": state.counters.get(uses_counter(rule.name, is_added=rule.is_added), 0)
            if counts_used
            else None,
            "rule": told,
        }

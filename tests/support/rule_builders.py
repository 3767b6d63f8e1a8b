"""Rules from data, the context of a call, and the problems of rules."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from understudy.contract import Contract, Match, load_contract
from understudy.errors import InputError, Place, ProblemReport
from understudy.messages import Request, dump_json
from understudy.rules import (
    CallContext,
    Counters,
    RuleSet,
    SelectedReply,
    parse_rule_set,
    select_reply,
)

LIST = "GET /api/v2/tasks/instances"
TASK = f"{LIST}/35000312"
START = datetime(2021, 8, 25, 15, 9, 31, tzinfo=UTC)
CODES = (1001, 1011, 3000, 3100, 4001, 4007, 4009, 4010, 1008, 1999)
RUNNING = {(35000312, None): "RUNNING", (35000312, 13000333): "FAILED"}
NO_COUNTERS: Mapping[str, int] = {}


class PointerSource:
    """A source of problems whose places are the pointers themselves."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the pointer; `key` marks the place of a name."""
        return Place(f"{'key ' if key else ''}{pointer}")


@cache
def contract() -> Contract:
    """Return the contract that ships."""
    return load_contract()


def build_rules(
    *replies: Mapping[str, Any],
    faults: Iterable[Mapping[str, Any]] = (),
    prefix: str = "",
    check: bool = False,
) -> RuleSet:
    """Parse valid rules."""
    report = ProblemReport(PointerSource())
    data: dict[str, Any] = {"replies": list(replies), "faults": list(faults)}
    rules = parse_rule_set(
        data, report, contract=contract() if check else None, codes=CODES, prefix=prefix
    )
    report.raise_if_any()
    return rules


def list_problems(
    data: Mapping[str, Any], *, check: bool = True, codes: Collection[int] | None = CODES
) -> list[str]:
    """Return the problems of rules, each as `POINTER: text`."""
    report = ProblemReport(PointerSource())
    parse_rule_set(data, report, contract=contract() if check else None, codes=codes)
    try:
        report.raise_if_any()
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


def build_call(
    call: str = TASK,
    *,
    headers: Iterable[tuple[str, str]] = (),
    body: Any = None,
    raw: bytes = b"",
    after: float = 0,
    seed: int = 0,
    number: int = 1,
    statuses: Mapping[tuple[int, int | None], str] = RUNNING,
) -> CallContext:
    """Build the context of a call as the pipeline does.

    `call` is method and target; `after` is the number of seconds since the start of the world.
    """
    method, _, target = call.partition(" ")
    content = raw if body is None else dump_json(body)
    request = Request.of(method, target, headers=headers, body=content)
    route = contract().route("GET" if method == "HEAD" else method, request.path)
    operation = None
    path: Mapping[str, str] = {}
    parameters: dict[str, Any] = {}
    if isinstance(route, Match):
        operation, path = route.operation, route.path_values
        parameters = dict(operation.decode(path, request).values)
    return CallContext(
        request=request,
        operation=operation,
        path=path,
        parameters=parameters,
        now=START + timedelta(seconds=after),
        start=START,
        world="mine",
        seed=seed,
        call_number=number,
        status_of=lambda task, subtask: statuses.get((task, subtask)),
    )


def select(
    rules: RuleSet, call: CallContext, counters: Counters = NO_COUNTERS
) -> SelectedReply | None:
    """Return the reply that answers a call."""
    return select_reply(rules, call, counters)[1]


def is_answered(when: Mapping[str, Any] | None, call: CallContext) -> bool:
    """Return whether a rule with these conditions answers a call."""
    rule: dict[str, Any] = {"reply": {"status": 200}}
    if when is not None:
        rule["when"] = when
    return select(build_rules(rule), call) is not None


def list_rule_names(rules: RuleSet, calls: Iterable[CallContext]) -> list[str]:
    """Return the rule that answers each of several calls; an empty text where none does."""
    counters: Counters = {}
    names = []
    for call in calls:
        counters, selected = select_reply(rules, call, counters)
        names.append(selected.rule.name if selected else "")
    return names

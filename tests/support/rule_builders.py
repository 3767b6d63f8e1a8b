"""Scripts from data, the facts of a call, and what is wrong with a script."""

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
NONE: Mapping[str, int] = {}


class Told:
    """Gives the pointer as the place."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Give the pointer; with a mark for a name."""
        return Place(f"{'key ' if key else ''}{pointer}")


@cache
def contract() -> Contract:
    """Give the shipped contract."""
    return load_contract()


def script(
    *replies: Mapping[str, Any],
    faults: Iterable[Mapping[str, Any]] = (),
    prefix: str = "",
    judged: bool = False,
) -> RuleSet:
    """Read rules that are in order."""
    report = ProblemReport(Told())
    data = {"replies": list(replies), "faults": list(faults)}
    read = parse_rule_set(
        data, report, contract=contract() if judged else None, codes=CODES, prefix=prefix
    )
    report.raise_if_any()
    return read


def problems(
    data: Mapping[str, Any], *, judged: bool = True, codes: Collection[int] | None = CODES
) -> list[str]:
    """Give what is wrong with rules, each as `POINTER: text`."""
    report = ProblemReport(Told())
    parse_rule_set(data, report, contract=contract() if judged else None, codes=codes)
    try:
        report.raise_if_any()
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


def facts(
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
    """Give the facts of a call, as the pipeline makes them; `after` so many seconds of the world."""
    method, _, target = call.partition(" ")
    request = Request.of(
        method, target, headers=headers, body=raw if body is None else dump_json(body)
    )
    route = contract().route("GET" if method == "HEAD" else method, request.path)
    found = isinstance(route, Match)
    return CallContext(
        request=request,
        operation=route.operation if isinstance(route, Match) else None,
        path=route.path_values if isinstance(route, Match) else {},
        parameters=route.operation.decode(route.path_values, request).values
        if isinstance(route, Match) and found
        else {},
        now=START + timedelta(seconds=after),
        start=START,
        world="mine",
        seed=seed,
        call_number=number,
        status_of=lambda task, subtask: statuses.get((task, subtask)),
    )


def chosen(read: RuleSet, seen: CallContext, counters: Counters = NONE) -> SelectedReply | None:
    """Give the reply that answers a call."""
    return select_reply(read, seen, counters)[1]


def answers(when: Mapping[str, Any] | None, seen: CallContext) -> bool:
    """Whether a rule with these conditions answers a call."""
    rule: dict[str, Any] = {"reply": {"status": 200}}
    if when is not None:
        rule["when"] = when
    return chosen(script(rule), seen) is not None


def names(read: RuleSet, calls: Iterable[CallContext]) -> list[str]:
    """Give which rule answers each of several calls, one after another; an empty text for none."""
    counters: Counters = {}
    told = []
    for call in calls:
        counters, found = select_reply(read, call, counters)
        told.append(found.rule.name if found else "")
    return told

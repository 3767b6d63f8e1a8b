"""Logs, and the envelopes around every answer: of a success with its data, and of an error."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract import Contract
from understudy.strategies.ocp.played_tasks import IDS, NAMES, STARTS, TaskOptions, task_models
from understudy.strategies.ocp.task_payloads import subtasks, task_pages, tasks
from understudy.strategies.ocp.wire_schemas import WireSchema, find_wire_schema, strategy_for_mode
from understudy.strategies.schema.edge_cases import Edge
from understudy.strategies.schema.small_draws import pick
from understudy.strategies.strategy_options import Mode, check_mode, check_option, resolve_contract

LANGUAGES = ("en-US", "zh-CN")
STATUSES = tuple(sorted({text.status for text in ocp.CATALOGUE.values()}))
"""The statuses of HTTP that OCP's errors have."""
_HEX = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")
_DURATIONS = st.integers(0, 2**31 - 1)
_LATER = st.sampled_from(
    [timedelta(0), timedelta(seconds=1), timedelta(seconds=25), timedelta(minutes=7)]
)
_SERVER = "10.0.0.1:8080"
_STATUS = frozenset(["status", "data"])
"""What an edge of an envelope leaves as it is: the status of HTTP, and the data, which have edges of their own."""


def logs(
    *,
    mode: Mode = "valid",
    dialect: str = "documented",
    contract: Contract | None = None,
    schema_only: bool = False,
) -> st.SearchStrategy[Any]:
    """Give logs as `getSubtaskLog` answers them: the value of `data`, told by the engine for a subtask at a moment.

    Empty before the first execution; each execution begins with a banner. Modes and options are those of `tasks`.
    """
    check_mode(mode)
    wire = find_wire_schema(resolve_contract(contract, dialect), "getSubtaskLog", 200, "data")
    valid = wire.schema_values() if schema_only else _logs().map(wire.render)
    return strategy_for_mode(wire, mode, valid, lambda: wire.edge_cases(valid))


def envelopes(
    *,
    operation: str | None = None,
    mode: Mode = "valid",
    dialect: str = "documented",
    contract: Contract | None = None,
    schema_only: bool = False,
) -> st.SearchStrategy[Any]:
    """Give whole bodies of successful answers, of one operation (its operationId) or of any that OCP has.

    With mode `edge`, the edges are the envelope's own. Modes and options are those of `tasks`. Raises ValueError for an
    operation that there is not.
    """
    check_mode(mode)
    chosen = resolve_contract(contract, dialect)
    if operation is None:
        parts = [_envelopes(chosen, name, mode, schema_only) for name in ocp.OPERATIONS]
        return st.one_of(parts)
    return _envelopes(chosen, operation, mode, schema_only)


def errors(
    *,
    mode: Mode = "valid",
    status: int | None = None,
    language: str | None = None,
    operation: str = "retryTask",
    dialect: str = "documented",
    contract: Contract | None = None,
    schema_only: bool = False,
) -> st.SearchStrategy[Any]:
    """Give whole bodies of OCP's errors: code and message of its catalogue, with a status of HTTP that fits.

    `status` allows one status, `language` one of `en-US` and `zh-CN`. `operation` says whose answer it is; the bodies
    are the same for all. Modes and options are those of `tasks`.
    """
    check_mode(mode)
    if status is not None and status not in STATUSES:
        raise ValueError(
            f"no error of OCP has the status {status}; it is one of {', '.join(map(str, STATUSES))}"
        )
    if language is not None:
        check_option(language, LANGUAGES, "language")
    wire = find_wire_schema(resolve_contract(contract, dialect), operation, status or 404)
    kinds = [kind for kind, text in ocp.CATALOGUE.items() if status in (None, text.status)]
    languages = LANGUAGES if language is None else (language,)
    valid = wire.schema_values() if schema_only else _errors(kinds, languages).map(wire.render)
    return strategy_for_mode(wire, mode, valid, lambda: error_edges(wire))


def error_edges(wire: WireSchema) -> st.SearchStrategy[Edge]:
    """Give errors with one edge each: of the envelope, or an entry of the catalogue in a language."""

    def of(kind: ocp.ErrorKind, language: str) -> st.SearchStrategy[Edge]:
        return _errors([kind], (language,)).map(
            lambda body: Edge(wire.render(body), _name(kind, language))
        )

    parts = [of(kind, language) for kind in ocp.CATALOGUE for language in LANGUAGES]
    general = wire.edge_cases(_errors(list(ocp.CATALOGUE), LANGUAGES).map(wire.render), _STATUS)
    return st.booleans().flatmap(lambda listed: st.one_of(parts) if listed else general)


def error_classes() -> dict[str, str]:
    """Give the classes of edges that are entries of the catalogue, with what each is."""
    return {
        _name(
            kind, language
        ): f"the error {kind.value} ({text.status}, code {text.code}) in {language}"
        for kind, text in ocp.CATALOGUE.items()
        for language in LANGUAGES
    }


def envelope_edges(contract: Contract, operation: str) -> st.SearchStrategy[Edge]:
    """Give envelopes with one edge each."""
    wire = find_wire_schema(contract, operation, 200)
    return wire.edge_cases(_bodies(wire, operation), _STATUS)


def _name(kind: ocp.ErrorKind, language: str) -> str:
    return f"error-{kind.value}-{language}"


def _envelopes(
    contract: Contract, operation: str, mode: Mode, schema_only: bool
) -> st.SearchStrategy[Any]:
    check_option(operation, ocp.OPERATIONS, "operation")
    wire = find_wire_schema(contract, operation, 200)
    valid = wire.schema_values() if schema_only else _bodies(wire, operation)
    return strategy_for_mode(wire, mode, valid, lambda: wire.edge_cases(valid, _STATUS))


def _bodies(wire: WireSchema, operation: str) -> st.SearchStrategy[dict[str, Any]]:
    def body(data: Any, now: datetime, duration: int, trace: str) -> dict[str, Any]:
        envelope = ocp.success_envelope(
            ocp.NO_DATA, now=now, duration_ms=duration, status=200, trace_id=trace, server=_SERVER
        )
        told: dict[str, Any] = wire.render(envelope)
        return told if data is ocp.NO_DATA else {"data": data, **told}

    return st.builds(body, _data(wire.contract, operation), STARTS, _DURATIONS, _HEX)


def _data(contract: Contract, operation: str) -> st.SearchStrategy[Any]:
    match operation:
        case "listTaskInstances":
            return task_pages(contract=contract)
        case "getTaskInstance" | "rollbackTask" | "retryTask":
            return tasks(contract=contract)
        case "retrySubtask":
            return subtasks(contract=contract)
        case "getSubtaskLog":
            return logs(contract=contract)
        case _:
            return st.just(ocp.NO_DATA)


@st.composite
def _logs(draw: st.DrawFn) -> dict[str, str]:
    task = draw(_LOGGED)
    subtask = pick(draw, task.subtasks)
    now = max([task.settled or task.create_time, *(e.started for e in subtask.executions)]) + draw(
        _LATER
    )
    return {"log": ocp.render_log(subtask, now)}


_LOGGED = task_models(TaskOptions(most=3, lines=True))


_WORDS = [*(status.value for status in ocp.SubtaskStatus), ocp.Operation.ROLLBACK.value]


@st.composite
def _errors(
    draw: st.DrawFn, kinds: list[ocp.ErrorKind], languages: tuple[str, ...]
) -> dict[str, Any]:
    kind = pick(draw, kinds)
    language = pick(draw, languages)
    first = draw(NAMES) if kind is not ocp.ErrorKind.WRONG_STATE else str(draw(IDS))
    params = (first, pick(draw, _WORDS))
    return ocp.error_envelope(
        ocp.OcpError(kind, params),
        language=language,
        now=draw(STARTS),
        duration_ms=draw(_DURATIONS),
        trace_id=draw(_HEX),
        server=_SERVER,
    )

"""Logs, and the envelopes around every response: of a success with its data, and of an error."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract import Contract
from understudy.strategies.ocp.page_payloads import task_pages
from understudy.strategies.ocp.played_tasks import task_models
from understudy.strategies.ocp.task_options import IDS, NAMES, STARTS, TaskOptions
from understudy.strategies.ocp.task_payloads import subtasks, tasks
from understudy.strategies.ocp.wire_schemas import WireSchema, find_wire_schema, strategy_for_mode
from understudy.strategies.schema.general_edges import Edge
from understudy.strategies.schema.small_draws import pick
from understudy.strategies.strategy_options import Mode, check_mode, check_option, resolve_contract

LANGUAGES = ("en-US", "zh-CN")
STATUSES = tuple(sorted({text.status for text in ocp.CATALOGUE.values()}))
"""The HTTP statuses that OCP's errors have."""
_TRACE_IDS = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")
_DURATIONS_MS = st.integers(0, 2**31 - 1)
_DELAYS = st.sampled_from(
    [timedelta(0), timedelta(seconds=1), timedelta(seconds=25), timedelta(minutes=7)]
)
_SERVER = "10.0.0.1:8080"
_UNCHANGED = frozenset(["status", "data"])
"""What an edge of an envelope leaves as it is: the HTTP status, and the data, which have edges
of their own.
"""


def logs(
    *,
    mode: Mode = "valid",
    dialect: str = "documented",
    contract: Contract | None = None,
    schema_only: bool = False,
) -> st.SearchStrategy[Any]:
    """Return logs: the value of `data` in a response of `getSubtaskLog`.

    The engine writes each of them for a subtask at some moment. A log is empty before the first
    execution; each execution begins with a banner. Modes and options are those of `tasks`.
    """
    check_mode(mode)
    wire = find_wire_schema(resolve_contract(contract, dialect), "getSubtaskLog", 200, "data")
    valid = wire.schema_values() if schema_only else _draw_log().map(wire.render)
    return strategy_for_mode(wire, mode, valid, lambda: wire.edge_cases(valid))


def envelopes(
    *,
    operation: str | None = None,
    mode: Mode = "valid",
    dialect: str = "documented",
    contract: Contract | None = None,
    schema_only: bool = False,
) -> st.SearchStrategy[Any]:
    """Return whole bodies of successful responses, of one operation or of any that OCP has.

    With mode `edge`, the edges are the envelope's own. Modes and options are those of `tasks`.
    Raises ValueError for an unknown operation.
    """
    check_mode(mode)
    resolved = resolve_contract(contract, dialect)
    if operation is None:
        parts = [_envelopes(resolved, name, mode, schema_only) for name in ocp.OPERATIONS]
        return st.one_of(parts)
    return _envelopes(resolved, operation, mode, schema_only)


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
    """Return whole bodies of OCP's errors.

    Each has code and message of the catalogue, and the HTTP status that belongs to them. `status`
    allows one status, `language` one of `en-US` and `zh-CN`. `operation` selects whose response it
    is; the bodies are the same for all. Modes and options are those of `tasks`.

    Raises ValueError for a status or a language that no error has.
    """
    check_mode(mode)
    if status is not None and status not in STATUSES:
        expected = ", ".join(map(str, STATUSES))
        raise ValueError(f"no error of OCP has the status {status}; expected one of {expected}")
    if language is not None:
        check_option(language, LANGUAGES, "language")
    wire = find_wire_schema(resolve_contract(contract, dialect), operation, status or 404)
    kinds = [kind for kind, text in ocp.CATALOGUE.items() if status in (None, text.status)]
    languages = LANGUAGES if language is None else (language,)
    if schema_only:
        valid: st.SearchStrategy[Any] = wire.schema_values()
    else:
        valid = _draw_error(kinds, languages).map(wire.render)
    return strategy_for_mode(wire, mode, valid, lambda: error_edges(wire))


def error_edges(wire: WireSchema) -> st.SearchStrategy[Edge]:
    """Return errors that show one class each.

    The class is one of the envelope, or an entry of the catalogue in a language.
    """
    any_error = _draw_error(list(ocp.CATALOGUE), LANGUAGES).map(wire.render)
    general = wire.edge_cases(any_error, _UNCHANGED)
    entries = [
        _catalogue_edges(wire, kind, language) for kind in ocp.CATALOGUE for language in LANGUAGES
    ]
    return st.booleans().flatmap(lambda is_entry: st.one_of(entries) if is_entry else general)


def error_classes() -> dict[str, str]:
    """Return the classes of edges that are entries of the catalogue: name and description."""
    return {
        _class_name(
            kind, language
        ): f"the error {kind.value} ({text.status}, code {text.code}) in {language}"
        for kind, text in ocp.CATALOGUE.items()
        for language in LANGUAGES
    }


def envelope_edges(contract: Contract, operation: str) -> st.SearchStrategy[Edge]:
    """Return envelopes of an operation that show one class each.

    The edges are those of the envelope's own members: `timestamp`, `duration`, `traceId`….
    """
    wire = find_wire_schema(contract, operation, 200)
    return wire.edge_cases(_bodies(wire, operation), _UNCHANGED)


def _catalogue_edges(
    wire: WireSchema, kind: ocp.ErrorKind, language: str
) -> st.SearchStrategy[Edge]:
    """Return errors of one entry of the catalogue in one language."""
    name = _class_name(kind, language)
    return _draw_error([kind], (language,)).map(lambda body: Edge(wire.render(body), name))


def _class_name(kind: ocp.ErrorKind, language: str) -> str:
    """Return the name of the class of an entry of the catalogue."""
    return f"error-{kind.value}-{language}"


def _envelopes(
    contract: Contract, operation: str, mode: Mode, schema_only: bool
) -> st.SearchStrategy[Any]:
    """Return the bodies of successful responses of one operation, in a mode."""
    check_option(operation, ocp.OPERATIONS, "operation")
    wire = find_wire_schema(contract, operation, 200)
    valid = wire.schema_values() if schema_only else _bodies(wire, operation)
    return strategy_for_mode(wire, mode, valid, lambda: wire.edge_cases(valid, _UNCHANGED))


def _bodies(wire: WireSchema, operation: str) -> st.SearchStrategy[Any]:
    """Return successful bodies of an operation.

    The data come from the strategies of this package and have the contract's names already: only
    the envelope around them is rendered.
    """

    def build(data: Any, now: datetime, duration_ms: int, trace_id: str) -> Any:
        """Return the rendered envelope around data."""
        envelope = ocp.success_envelope(
            ocp.NO_DATA,
            now=now,
            duration_ms=duration_ms,
            status=200,
            trace_id=trace_id,
            server=_SERVER,
        )
        rendered: dict[str, Any] = wire.render(envelope)
        if data is ocp.NO_DATA:
            return rendered
        return {"data": data, **rendered}

    data = _data_of(wire.contract, operation)
    return st.builds(build, data, STARTS, _DURATIONS_MS, _TRACE_IDS)


def _data_of(contract: Contract, operation: str) -> st.SearchStrategy[Any]:
    """Return the data of an operation's successful response; NO_DATA where it has none."""
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


_TASKS_WITH_LOGS = task_models(TaskOptions(max_subtasks=3, has_log_lines=True))


@st.composite
def _draw_log(draw: st.DrawFn) -> dict[str, str]:
    """Draw the log of a subtask, read some time after the last thing that happened."""
    task = draw(_TASKS_WITH_LOGS)
    subtask = pick(draw, task.subtasks)
    moments = [task.settled or task.create_time]
    moments += [execution.started for execution in subtask.executions]
    now = max(moments) + draw(_DELAYS)
    return {"log": ocp.render_log(subtask, now)}


_STATE_NAMES = [*(status.value for status in ocp.SubtaskStatus), ocp.Operation.ROLLBACK.value]


@st.composite
def _draw_error(
    draw: st.DrawFn, kinds: Sequence[ocp.ErrorKind], languages: Sequence[str]
) -> dict[str, Any]:
    """Draw an error of one of some kinds, in one of some languages.

    Every text of the catalogue takes two parameters: what the call is about, and the name of a
    state.
    """
    kind = pick(draw, kinds)
    language = pick(draw, languages)
    # The text of WRONG_STATE names an id, the others a name.
    subject = str(draw(IDS)) if kind is ocp.ErrorKind.WRONG_STATE else draw(NAMES)
    refusal = ocp.OcpError(kind, (subject, pick(draw, _STATE_NAMES)))
    return ocp.error_envelope(
        refusal,
        language=language,
        now=draw(STARTS),
        duration_ms=draw(_DURATIONS_MS),
        trace_id=draw(_TRACE_IDS),
        server=_SERVER,
    )

"""Responses of an operation: of the OCP's with tasks that obey the domain, of any other contract's by its schema."""

from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract import Contract, Operation, render
from understudy.errors import nearest_name
from understudy.messages import Headers, Response, dump_json
from understudy.strategies.schema import payloads_from_schema
from understudy.strategies.tasks import shipped_contract, task_models

_LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)
_HEX = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")


def responses_from_operation(
    operation: str, *, contract: Contract | None = None, status: int = 200
) -> st.SearchStrategy[Response]:
    """Give responses of the operation with this operationId, with this status. Every one validates.

    `contract` is the shipped one unless told. Raises ValueError when it has no such operation, or documents no such
    status.
    """
    chosen = contract or shipped_contract()
    found = chosen.operations.get(operation)
    if found is None:
        near = nearest_name(operation, chosen.operations)
        raise ValueError(f'the contract has no operation "{operation}"' + (f'; did you mean "{near}"?' if near else ""))
    schema = found.response_schema(status)
    if schema is None:
        documented = ", ".join(found.responses)
        raise ValueError(f"{operation} documents no body for the status {status}; it documents {documented}")
    known = chosen.service == "ocp" and operation in ocp.OPERATIONS and status == 200
    bodies = _ocp_bodies(chosen, found, schema) if known else payloads_from_schema(schema, contract=chosen)
    media_type = found.responses[str(status)].media_type if str(status) in found.responses else "application/json"
    headers = Headers.of([("Content-Type", media_type)])
    # OCP's envelope tells the status of HTTP again; a schema cannot say so.
    told = chosen.service == "ocp"
    return bodies.map(lambda body: Response(status, headers, dump_json({**body, "status": status} if told else body)))


def _ocp_bodies(contract: Contract, operation: Operation, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda data, task, duration, trace: render(
            contract,
            schema,
            ocp.success_envelope(
                data,
                now=task.finish_time or task.create_time,
                duration_ms=duration,
                status=200,
                trace_id=trace,
                server="10.0.0.1:8080",
            ),
        ),
        _DATA[operation.id],
        task_models(max_subtasks=1),
        st.integers(0, 2**31 - 1),
        _HEX,
    )


@st.composite
def _pages(draw: st.DrawFn) -> dict[str, Any]:
    drawn = draw(st.lists(task_models(max_subtasks=4), max_size=4, unique_by=lambda task: task.id))
    size = draw(st.integers(max(1, len(drawn)), 2000))
    number = draw(st.integers(1, 1000))
    before = size * (number - 1)
    # A page that is not full is the last one; an empty one may lie past the end.
    total = before + len(drawn) if drawn else draw(st.integers(0, before))
    page = {"totalElements": total, "totalPages": -(-total // size), "number": number, "size": size}
    return {"contents": [ocp.task_summary(task) for task in drawn], "page": page}


_DATA: dict[str, st.SearchStrategy[Any]] = {
    "listTaskInstances": _pages(),
    **{name: task_models().map(ocp.task_detail) for name in ("getTaskInstance", "rollbackTask", "retryTask")},
    "retrySubtask": task_models().map(lambda task: ocp.subtask_detail(task.subtasks[0])),
    "cancelSubtask": st.just(ocp.NO_DATA),
    "skipSubtask": st.just(ocp.NO_DATA),
    "getSubtaskLog": st.lists(_LINES, max_size=20).map(lambda lines: {"log": "\n".join(lines)}),
}

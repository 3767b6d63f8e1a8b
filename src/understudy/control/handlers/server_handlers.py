"""Handlers of the server's health, version and document, and of coverage."""

from functools import cache
from importlib.metadata import version

from understudy.contract import Contract
from understudy.control.api.api_call import Call, json_response, text_response
from understudy.control.api.api_document import build_openapi_document
from understudy.control.api.control_problems import ControlProblem, describe_problem
from understudy.control.api.route import YAML
from understudy.control.api.world_types import HealthRecord, ReloadRecord, TlsRecord
from understudy.messages import Response
from understudy.replay import Stub
from understudy.source import dump_yaml


@cache
def _version() -> str:
    """Return the version from the metadata of the installed package, which are read once."""
    return version("understudy")


def health(call: Call) -> Response:
    """Return the health of the server and the results of reloads."""
    stub = call.stub
    record: HealthRecord = {
        "status": "ok",
        "version": _version(),
        "contract": stub.contract.title,
        "scenario": stub.scenario.name if stub.scenario else None,
        "worlds": len(stub.worlds()),
        "waiting": {
            "active": stub.thread_limit.active,
            "limit": stub.thread_limit.limit,
            "delayed": stub.thread_limit.count_delayed(),
        },
        "warnings": [describe_problem(warning) for warning in stub.contract.warnings],
        "reload": _describe_reloads(stub),
    }
    return json_response(record)


def _describe_reloads(stub: Stub) -> ReloadRecord:
    """Return the results of reloads; all lists are empty without `--watch`."""
    status = stub.reload_status
    return {
        "count": status.count,
        "problems": [describe_problem(problem) for problem in status.problems],
        "dropped": [
            {"world": command.world, "command": dict(command.command), "why": command.reason}
            for command in status.dropped
        ],
        "awaitingReset": [world.name for world in stub.worlds() if world.awaits_reset],
    }


def get_version(call: Call) -> Response:
    """Return the version of understudy."""
    return json_response({"version": _version()})


def openapi_yaml(call: Call) -> Response:
    """Return the OpenAPI document of the control API as YAML."""
    return text_response(_document_text(call.stub.settings.admin_prefix), YAML)


@cache
def _document_text(prefix: str) -> str:
    """Return the document as YAML; writing it takes long, so it is done once."""
    return dump_yaml(build_openapi_document(prefix))


def openapi_json(call: Call) -> Response:
    """Return the OpenAPI document of the control API as JSON."""
    return json_response(build_openapi_document(call.stub.settings.admin_prefix))


def get_tls(call: Call) -> Response:
    """Return what new connections get."""
    tls = call.tls
    record: TlsRecord = {"enabled": call.stub.settings.has_tls, "fault": None, "ca": None}
    if tls is not None:
        record["fault"], record["ca"] = tls.fault or None, tls.ca or None
    return json_response(record)


def change_tls(call: Call) -> Response:
    """Change the certificate of new connections. Raises ControlProblem: no-authority."""
    if call.tls is None or not call.tls.can_change:
        detail = "The server has no authority for certificates. Start it with --tls."
        raise ControlProblem("no-authority", detail)
    call.tls.change_fault(call.body["fault"] or "")
    return get_tls(call)


def get_coverage(call: Call) -> Response:
    """Return the coverage of one world, or the sum over all worlds."""
    from understudy.coverage import Coverage, Report  # late: most servers are never asked

    worlds = [call.world()]
    if call.values["all"]:
        worlds = [*call.stub.worlds(), *worlds]
    # A world that awaits its reset after a reload has a contract of its own.
    totals: dict[Contract, Coverage] = {}
    for world in dict.fromkeys(worlds):
        total = totals.setdefault(world.contract, Coverage(world.contract))
        world.add_coverage_to(total)
    reports = [total.report() for total in totals.values()]
    return json_response(Report.merge(*reports).to_record())

"""Handlers: the server, coverage, the document."""

from functools import cache
from importlib.metadata import version
from typing import Any

from understudy.contract import Contract
from understudy.control.api.api_call import Call, json_response, text_response
from understudy.control.api.control_problems import describe_problem
from understudy.control.api.openapi_document import build_openapi_document
from understudy.control.api.route import YAML
from understudy.messages import Response
from understudy.source import dump_yaml


@cache
def _version() -> str:
    """Read the installed package's metadata, once: they lie in a file."""
    return version("understudy")


def health(call: Call) -> Response:
    """Tell how the server is."""
    stub = call.stub
    waiting = {"active": stub.thread_limit.active, "limit": stub.thread_limit.limit}
    body: dict[str, Any] = {"status": "ok", "version": _version(), "contract": stub.contract.title}
    body |= {
        "scenario": stub.scenario.name if stub.scenario else None,
        "worlds": len(stub.worlds()),
    }
    return json_response({**body, "waiting": waiting, "reload": _reload(call)})


def _reload(call: Call) -> dict[str, Any]:
    reloads = call.stub.reload_status
    return {
        "count": reloads.count,
        "problems": [describe_problem(problem) for problem in reloads.problems],
        "dropped": [
            {"world": one.world, "command": dict(one.command), "why": one.reason}
            for one in reloads.dropped
        ],
        "awaitingReset": [world.name for world in call.stub.worlds() if world.awaits_reset],
    }


def get_version(call: Call) -> Response:
    """Tell the version."""
    return json_response({"version": _version()})


def openapi_yaml(call: Call) -> Response:
    """Give our own document."""
    return text_response(_document_text(call.stub.settings.admin_prefix), YAML)


@cache
def _document_text(prefix: str) -> str:
    return dump_yaml(build_openapi_document(prefix))


def openapi_json(call: Call) -> Response:
    """Give our own document."""
    return json_response(build_openapi_document(call.stub.settings.admin_prefix))


def get_coverage(call: Call) -> Response:
    """Tell what of the contract clients were exercised with; of several worlds, added up."""
    from understudy.coverage import Coverage, Report

    worlds = (*call.stub.worlds(), call.world()) if call.values["all"] else (call.world(),)
    totals: dict[Contract, Coverage] = {}  # a world that awaits its reset has a contract of its own
    for world in dict.fromkeys(worlds):
        world.add_coverage_to(totals.setdefault(world.contract, Coverage(world.contract)))
    return json_response(Report.merge(*(total.report() for total in totals.values())).to_record())

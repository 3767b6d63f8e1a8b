"""Handlers: the server, coverage, the document."""

from functools import cache
from importlib.metadata import version
from typing import Any

from understudy.contract import Contract
from understudy.control.api.api_call import Call, answered, text_answered
from understudy.control.api.control_problems import problem_record
from understudy.control.api.openapi_document import openapi_document
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
    waiting = {"active": stub.waiting.active, "limit": stub.waiting.limit}
    body: dict[str, Any] = {"status": "ok", "version": _version(), "contract": stub.contract.title}
    body |= {
        "scenario": stub.scenario.name if stub.scenario else None,
        "worlds": len(stub.worlds()),
    }
    return answered({**body, "waiting": waiting, "reload": _reload(call)})


def _reload(call: Call) -> dict[str, Any]:
    reloads = call.stub.reloads
    return {
        "count": reloads.count,
        "problems": [problem_record(problem) for problem in reloads.problems],
        "dropped": [
            {"world": one.world, "command": dict(one.command), "why": one.why}
            for one in reloads.dropped
        ],
        "awaitingReset": [world.name for world in call.stub.worlds() if world.awaits_reset],
    }


def tell_version(call: Call) -> Response:
    """Tell the version."""
    return answered({"version": _version()})


def openapi_yaml(call: Call) -> Response:
    """Give our own document."""
    return text_answered(_document_text(call.stub.settings.admin_prefix), YAML)


@cache
def _document_text(prefix: str) -> str:
    return dump_yaml(openapi_document(prefix))


def openapi_json(call: Call) -> Response:
    """Give our own document."""
    return answered(openapi_document(call.stub.settings.admin_prefix))


def get_coverage(call: Call) -> Response:
    """Tell what of the contract clients were exercised with; of several worlds, added up."""
    from understudy.coverage import Coverage, Report

    worlds = (*call.stub.worlds(), call.world()) if call.values["all"] else (call.world(),)
    totals: dict[Contract, Coverage] = {}  # a world that awaits its reset has a contract of its own
    for world in dict.fromkeys(worlds):
        world.count_into(totals.setdefault(world.contract, Coverage(world.contract)))
    return answered(Report.merge(*(total.report() for total in totals.values())).to_record())

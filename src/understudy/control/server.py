"""Handlers: the server, coverage, the document."""

from functools import cache
from importlib.metadata import version
from typing import Any

from understudy.control.call import Call, answered, text_answered
from understudy.control.document import openapi_document
from understudy.control.problems import problem_record
from understudy.control.route import YAML
from understudy.messages import Response
from understudy.source import dump_yaml


def health(call: Call) -> Response:
    """Tell how the server is."""
    stub = call.stub
    waiting = {"active": stub.waiting.active, "limit": stub.waiting.limit}
    body: dict[str, Any] = {"status": "ok", "version": version("understudy"), "contract": stub.contract.title}
    body |= {"scenario": stub.scenario.name if stub.scenario else None, "worlds": len(stub.worlds())}
    return answered({**body, "waiting": waiting, "reload": _reload(call)})


def _reload(call: Call) -> dict[str, Any]:
    reloads = call.stub.reloads
    return {
        "count": reloads.count,
        "problems": [problem_record(problem) for problem in reloads.problems],
        "dropped": [{"world": one.world, "command": dict(one.command), "why": one.why} for one in reloads.dropped],
        "awaitingReset": [world.name for world in call.stub.worlds() if world.awaits_reset],
    }


def tell_version(call: Call) -> Response:
    """Tell the version."""
    return answered({"version": version("understudy")})


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
    """Tell which documented responses were given."""
    stub = call.stub
    worlds = stub.worlds() if call.values["all"] else (call.world(),)
    contract = stub.contract if call.values["all"] else worlds[0].contract
    counts: dict[str, dict[int, int]] = {}
    for world in worlds:
        for (name, status), count in world.tally.counts().items():
            by_status = counts.setdefault(name, {})
            by_status[status] = by_status.get(status, 0) + count
    operations, covered, total = [], 0, 0
    for operation in contract.operations.values():
        found = counts.get(operation.id, {})
        specs = [operation.response_spec(status) for status in found]
        missing = [s for s in operation.responses if s not in {spec.status for spec in specs if spec}]
        total += len(operation.responses)
        covered += len(operation.responses) - len(missing)
        statuses = {str(status): found[status] for status in sorted(found)}
        operations.append({"id": operation.id, "calls": sum(found.values()), "statuses": statuses, "missing": missing})
    ratio = round(covered / total, 4) if total else 1.0
    return answered({"operations": operations, "covered": covered, "total": total, "ratio": ratio})

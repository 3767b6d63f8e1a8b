"""The control API, under /__admin: what a tool may ask of the stub itself."""

from flask import Blueprint
from flask import Response as FlaskResponse

from understudy.messages import Headers, Response, dump_json
from understudy.replay import Stub
from understudy.server.adapter import to_response


def admin_blueprint(stub: Stub) -> Blueprint:
    """Give the control API of one stub."""
    blueprint = Blueprint("understudy_admin", __name__)

    @blueprint.get("/health")
    def health() -> FlaskResponse:
        scenario = stub.scenario.name if stub.scenario else None
        body = {"status": "ok", "contract": stub.contract.title, "scenario": scenario, "worlds": len(stub.worlds())}
        return to_response(Response(200, Headers.of([("Content-Type", "application/json")]), dump_json(body)))

    return blueprint

"""The control API, under /__admin: what a tool may ask of the stub itself."""

from flask import Blueprint, request
from flask import Response as FlaskResponse

from understudy.messages import Headers, Response, dump_json
from understudy.replay import Stub, StubProblem
from understudy.server.adapter import to_message, to_response


def admin_blueprint(stub: Stub) -> Blueprint:
    """Give the control API of one stub."""
    blueprint = Blueprint("understudy_admin", __name__)

    @blueprint.get("/health")
    def health() -> FlaskResponse:
        scenario = stub.scenario.name if stub.scenario else None
        body = {"status": "ok", "contract": stub.contract.title, "scenario": scenario, "worlds": len(stub.worlds())}
        return to_response(Response(200, Headers.of([("Content-Type", "application/json")]), dump_json(body)))

    @blueprint.post("/reset")
    def reset() -> FlaskResponse:
        _refuse_other_sites()
        stub.reset(request.args.get("world") or stub.world_of(to_message(request)))
        return to_response(Response(204))

    return blueprint


def _refuse_other_sites() -> None:
    """A web page that somebody opens must not change a world: browsers say where a call comes from."""
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin.partition("://")[2] != request.host
    if foreign or request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        detail = "The control API is for tools and for its own pages."
        raise StubProblem(403, "foreign-origin", "This call comes from another site", detail)

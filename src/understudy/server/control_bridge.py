"""The bridge from Flask to the control API."""

from flask import Response as FlaskResponse
from flask import request

from understudy.control import Control, Stream
from understudy.messages import Request
from understudy.server.adapter import to_response

_GONE = "waitress.client_disconnected"


def answer_control_call(control: Control, message: Request, world: str) -> FlaskResponse:
    """Answer a call of the control API: `message` without the prefix, for the world that `Stub.select` gave."""
    answer = control.handle(message, world, request.environ.get(_GONE))
    if not isinstance(answer, Stream):
        return to_response(answer)
    made = FlaskResponse(answer.chunks, status=answer.status, headers=list(answer.headers))
    made.call_on_close(answer.close)
    return made

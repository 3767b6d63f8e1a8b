"""Calls of a stub in this process: known ones take the short way, as over a socket."""

from understudy.messages import Headers, Request, Response
from understudy.replay import Stub
from understudy.replay.known.response_meta import http_date
from understudy.replay.known.short_way import KnownCall, Recognised


class RepeatingHandler:
    """Answers requests like `Stub.handle`, but repeats the answers to known calls.

    A call is known by everything that its client sent. The table of known calls is the stub's,
    with its bounds.
    """

    def __init__(self, stub: Stub) -> None:
        self._stub = stub

    def __call__(self, request: Request) -> Response:
        """Answer a request: on the short way if it is known, else on the whole way."""
        if request.method != "GET" or request.body:
            return self._stub.handle(request)
        # A server's keys begin with a method or a variable of WSGI, never with a bracket.
        key = repr((request.target, request.headers.fields)).encode()
        recognised = self._stub.short_way.find(key)
        repeated = None if recognised is None else self._stub.repeat(recognised)
        if repeated is None:
            return self._answer_and_learn(request, key)
        answer, body = repeated
        fields = (*answer.representation.fields, ("Date", http_date(answer.now)))
        return Response(answer.representation.status, Headers(fields), body)

    def _answer_and_learn(self, request: Request, key: bytes) -> Response:
        """Answer on the whole way; remember the call if it can be repeated."""
        stub, learned = self._stub, list[KnownCall]()
        selector = stub.service  # before the world is selected: a reload may come between
        name, inner = stub.select_world(request)
        response = stub.handle_in_world(name, inner, learn=learned.append)
        for call in learned:
            stub.short_way.put(key, Recognised(call, selector, None))
        return response

"""The service of a contract without rules of its own: examples answer, else generated data."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeAlias

from understudy.contract import (
    Contract,
    NoMethod,
    NoPath,
    Operation,
    ResponseSpec,
    Violation,
    sample_body,
    sample_fields,
)
from understudy.messages import Json, Request
from understudy.replay.service import (
    ApiError,
    Author,
    Call,
    CommandRecord,
    Decision,
    ResponseMeta,
    UnrenderedResponse,
    status_number,
)

_PROBLEM = "application/problem+json"
"""The media type of problem documents. Source: RFC 9457, section 3."""
_MAX_RESPONSES = 256
"""How many documented responses are held; when the bound is reached, the oldest goes."""
_ResponseKey: TypeAlias = tuple[str, int, int]
"""What a documented response depends on: its pointer, its status, the seed."""


class ExampleService:
    """Answers any contract with the example or a sample of the lowest documented success.

    It is a `Service[None]`: it has no model, and remembers nothing. The reason of its errors is
    a problem document, or a response of the contract.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._responses: dict[_ResponseKey, UnrenderedResponse] = {}
        self._lock = Lock()

    def world_of(self, request: Request) -> str:
        """Return no world: credentials mean nothing here."""
        return ""

    def authenticate(self, request: Request, wall: datetime) -> str:
        """Accept every caller: a contract does not say which keys are valid."""
        return ""

    def authorize(self, account: str, operation: Operation) -> None:
        """Accept every call."""

    def no_route_error(self, route: NoPath | NoMethod) -> ApiError:
        """Build the error for an unknown path (404) or method (405)."""
        if isinstance(route, NoMethod):
            detail = f"{route.path} allows {', '.join(route.allowed)}"
            return _problem_error(405, "Method not allowed", detail)
        nearest = f' Did you mean "{route.nearest}"?' if route.nearest else ""
        detail = f"{route.path} is not in the contract.{nearest}"
        return _problem_error(404, "No such path", detail)

    def raise_for_violations(self, violations: tuple[Violation, ...]) -> None:
        """Raise the error 400 with every violation, each on a line."""
        detail = "\n".join(str(violation) for violation in violations)
        raise _problem_error(400, "The request breaks the contract", detail)

    def rate_limit_error(self) -> ApiError:
        """Build the error 429."""
        detail = "The calls of this window are used up."
        return _problem_error(429, "Too many requests", detail)

    def build_error(
        self, code: int, message: str, operation: Operation | None, values: Mapping[str, Any]
    ) -> ApiError:
        """Build the documented response of an HTTP status, else a problem document."""
        if not 400 <= code <= 599:
            raise ValueError(f"{code} is not an HTTP status from 400 to 599")
        spec = operation.response_spec(code) if operation and not message else None
        if spec is not None and (spec.examples or spec.schema is not None):
            return ApiError(self._documented_response(spec, code, seed=0))
        return _problem_error(code, _status_phrase(code), message)

    def status_of(self, model: None, task: int, subtask: int | None) -> None:
        """Return None: there are no tasks."""

    def observe(self, model: None, values: Mapping[str, Any]) -> None:
        """Return None: there is no state."""

    def start(self, moment: datetime) -> None:
        """Return None as the model."""

    def advance(self, model: None, now: datetime) -> None:
        """Return None as the model."""

    def apply_command(self, model: None, command: CommandRecord) -> None:
        """Return None as the model."""

    def fold(self, model: None, before: None) -> dict[str, Json]:
        """Return nothing: there is no state to save."""
        return {}

    def unfold(self, model: None, checkpoint: object) -> None:
        """Return None as the model."""

    def is_current(self, model: None, now: datetime) -> bool:
        """Return True: nothing happens by itself."""
        return True

    def version_of(
        self, model: None, operation: Operation, values: Mapping[str, Any]
    ) -> tuple[object, ...]:
        """Return the service itself: an operation has one answer, whatever its parameters."""
        return (self,)

    def relevant_parameters(
        self, operation: Operation, values: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return nothing: no parameter changes an answer."""
        return {}

    def content_of(
        self,
        model: None,
        operation: Operation,
        values: Mapping[str, Any],
        *,
        is_quick: bool = False,
    ) -> None:
        """Return None: the version never changes."""

    def meta_values(self, meta: ResponseMeta) -> tuple[Json, ...]:
        """Return nothing: the contract has no envelope."""
        return ()

    def decide(self, model: None, call: Call) -> Decision:
        """Answer with the lowest success: its first example, else a sample of its schema."""
        responses = call.operation.responses
        statuses = sorted(responses)
        if not statuses:
            return Decision(UnrenderedResponse(200))
        status = next((s for s in statuses if s.startswith("2")), statuses[0])
        number = status_number(status)
        return Decision(self._documented_response(responses[status], number, seed=call.seed))

    def _documented_response(
        self, spec: ResponseSpec, status: int, *, seed: int
    ) -> UnrenderedResponse:
        """Return the documented response; generated data is generated once for each seed."""
        key = spec.pointer, status, seed
        known = self._responses.get(key)
        if known is not None:
            return known
        response = self._build_response(spec, status, seed)
        with self._lock:
            self._responses[key] = response
            if len(self._responses) > _MAX_RESPONSES:
                del self._responses[next(iter(self._responses))]
        return response

    def _build_response(self, spec: ResponseSpec, status: int, seed: int) -> UnrenderedResponse:
        headers = sample_fields(self._contract, spec)
        for example in spec.examples.values():
            return UnrenderedResponse(
                status,
                example,
                headers,
                spec.media_type,
                Author.EXAMPLE,
            )
        if spec.schema is None:
            return UnrenderedResponse(status, headers=headers)
        body = sample_body(self._contract, spec, seed=seed)
        return UnrenderedResponse(status, body, headers, spec.media_type, Author.SAMPLE)

    def success_response(self, decision: Decision, meta: ResponseMeta) -> UnrenderedResponse:
        """Return the decided response; the contract has no envelope."""
        response: UnrenderedResponse = decision.data
        return response

    def error_response(
        self, reason: dict[str, Json] | UnrenderedResponse, request: Request, meta: ResponseMeta
    ) -> UnrenderedResponse:
        """Return the documented response of an error, else a problem document (RFC 9457)."""
        if isinstance(reason, UnrenderedResponse):
            return reason
        body = {"type": "about:blank", **reason}
        status = int(str(reason["status"]))
        return UnrenderedResponse(status, body, media_type=_PROBLEM, author=Author.TOOL)

    def example_calls(self, model: None) -> Iterator[tuple[Operation, dict[str, Any]]]:
        """Yield every operation that a client can read without knowing an id."""
        for operation in self._contract.operations.values():
            if operation.method == "GET" and "{" not in operation.path:
                yield operation, {}


def _problem_error(status: int, title: str, detail: str) -> ApiError:
    """Build an error whose reason is a problem document. Keys: status, title, detail."""
    reason: dict[str, Json] = {"status": status, "title": title}
    if detail:
        reason["detail"] = detail
    return ApiError(reason)


def _status_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"

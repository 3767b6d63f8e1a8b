"""The rules for a contract that has no service of its own: its examples answer, else generated data."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

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
from understudy.messages import Request
from understudy.replay.service import (
    ApiError,
    Author,
    Call,
    Decision,
    ResponseMeta,
    UnrenderedResponse,
)

_PROBLEM = "application/problem+json"


class ExampleService:
    """Answers any contract: the lowest documented success, by its example, else by a sample of its schema."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def world_of(self, request: Request) -> str:
        """Nobody is known, so nobody asks for a world."""
        return ""

    def authenticate(self, request: Request, wall: datetime) -> str:
        """Let everybody in: what a key is worth is not in a contract."""
        return ""

    def authorize(self, account: str, operation: Operation) -> None:
        """Permit everything."""

    def no_route_error(self, route: NoPath | NoMethod) -> ApiError:
        """Say that no operation answers."""
        if isinstance(route, NoMethod):
            detail = f"{route.path} allows {', '.join(route.allowed)}"
            return ApiError({"status": 405, "title": "Method not allowed", "detail": detail})
        near = f' Did you mean "{route.nearest}"?' if route.nearest else ""
        return ApiError(
            {
                "status": 404,
                "title": "No such path",
                "detail": f"{route.path} is not in the contract.{near}",
            }
        )

    def raise_for_violations(self, violations: tuple[Violation, ...]) -> None:
        """Refuse with all that is wrong."""
        detail = "\n".join(str(violation) for violation in violations)
        raise ApiError(
            {"status": 400, "title": "The request breaks the contract", "detail": detail}
        )

    def rate_limit_error(self) -> ApiError:
        """Say that it was too much."""
        return ApiError(
            {
                "status": 429,
                "title": "Too many requests",
                "detail": "The window's calls are used up.",
            }
        )

    def build_error(
        self, code: int, message: str, operation: Operation | None, values: Mapping[str, Any]
    ) -> ApiError:
        """Give what the contract documents for a status of HTTP, else a problem document."""
        if not 400 <= code <= 599:
            raise ValueError(f"{code} is not a status of HTTP from 400 to 599")
        spec = operation.response_spec(code) if operation and not message else None
        if spec is not None and (spec.examples or spec.schema is not None):
            return ApiError(self._documented(spec, code, seed=0))
        try:
            title = HTTPStatus(code).phrase
        except ValueError:
            title = f"Status {code}"
        return ApiError(
            {"status": code, "title": title, **({"detail": message} if message else {})}
        )

    def status_of(self, model: Any, task: int, subtask: int | None) -> None:
        """Know of no tasks."""

    def observe(self, model: Any, values: Mapping[str, Any]) -> None:
        """Know of no state."""

    def start(self, moment: datetime) -> None:
        """Remember nothing."""

    def advance(self, model: Any, now: datetime) -> None:
        """Nothing moves."""

    def fold(self, model: Any) -> None:
        """Nothing is to be kept."""

    def unfold(self, model: Any, checkpoint: Any) -> None:
        """Nothing was kept."""

    def apply_command(self, model: Any, command: dict[str, Any]) -> None:
        """Remember nothing."""

    def decide(self, model: Any, call: Call) -> Decision:
        """Answer with the first example of the lowest success, else with a sample."""
        success = sorted(status for status in call.operation.responses if status.startswith("2"))
        declared = success or sorted(call.operation.responses)
        status = declared[0] if declared else "200"
        number = (
            int(status)
            if status.isdigit()
            else int(status[0]) * 100
            if status[0].isdigit()
            else 200
        )
        response = call.operation.responses.get(status)
        if response is None:
            return Decision(UnrenderedResponse(number))
        return Decision(self._documented(response, number, seed=call.seed))

    def _documented(self, response: ResponseSpec, status: int, *, seed: int) -> UnrenderedResponse:
        fields = sample_fields(self._contract, response)
        for example in response.examples.values():
            return UnrenderedResponse(status, example, fields, response.media_type, Author.EXAMPLE)
        if response.schema is None:
            return UnrenderedResponse(status, headers=fields)
        return UnrenderedResponse(
            status, sample_body(self._contract, response, seed=seed), fields, response.media_type
        )

    def success_response(
        self, operation: Operation, decision: Decision, stamp: ResponseMeta
    ) -> UnrenderedResponse:
        """Give what was decided."""
        reply = decision.data
        assert isinstance(reply, UnrenderedResponse)  # noqa: S101 - decide makes nothing else
        return reply

    def error_response(
        self, reason: Any, request: Request, stamp: ResponseMeta
    ) -> UnrenderedResponse:
        """Give a problem document (RFC 9457), or the reply that stands for the refusal."""
        if isinstance(reason, UnrenderedResponse):
            return reason
        return UnrenderedResponse(
            reason["status"],
            {"type": "about:blank", **reason},
            media_type=_PROBLEM,
            author=Author.TOOL,
        )

    def example_calls(self, model: Any) -> Iterator[tuple[Operation, dict[str, Any]]]:
        """Give each operation that can be read without knowing an id."""
        for operation in self._contract.operations.values():
            if operation.method == "GET" and "{" not in operation.path:
                yield operation, {}

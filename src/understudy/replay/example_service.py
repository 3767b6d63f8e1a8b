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
from understudy.replay.service import Author, Call, Decision, Refused, Reply, Stamp

_PROBLEM = "application/problem+json"


class ExampleService:
    """Answers any contract: the lowest documented success, by its example, else by a sample of its schema."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def world_of(self, request: Request) -> str:
        """Nobody is known, so nobody asks for a world."""
        return ""

    def admit(self, request: Request, wall: datetime) -> str:
        """Let everybody in: what a key is worth is not in a contract."""
        return ""

    def permit(self, account: str, operation: Operation) -> None:
        """Permit everything."""

    def lost(self, route: NoPath | NoMethod) -> Refused:
        """Say that no operation answers."""
        if isinstance(route, NoMethod):
            detail = f"{route.path} allows {', '.join(route.allowed)}"
            return Refused({"status": 405, "title": "Method not allowed", "detail": detail})
        near = f' Did you mean "{route.nearest}"?' if route.nearest else ""
        return Refused(
            {
                "status": 404,
                "title": "No such path",
                "detail": f"{route.path} is not in the contract.{near}",
            }
        )

    def accept(self, violations: tuple[Violation, ...]) -> None:
        """Refuse with all that is wrong."""
        detail = "\n".join(str(violation) for violation in violations)
        raise Refused({"status": 400, "title": "The request breaks the contract", "detail": detail})

    def throttled(self) -> Refused:
        """Say that it was too much."""
        return Refused(
            {
                "status": 429,
                "title": "Too many requests",
                "detail": "The window's calls are used up.",
            }
        )

    def failure(
        self, code: int, message: str, operation: Operation | None, values: Mapping[str, Any]
    ) -> Refused:
        """Give what the contract documents for a status of HTTP, else a problem document."""
        if not 400 <= code <= 599:
            raise ValueError(f"{code} is not a status of HTTP from 400 to 599")
        spec = operation.response_spec(code) if operation and not message else None
        if spec is not None and (spec.examples or spec.schema is not None):
            return Refused(self._documented(spec, code, seed=0))
        try:
            title = HTTPStatus(code).phrase
        except ValueError:
            title = f"Status {code}"
        return Refused({"status": code, "title": title, **({"detail": message} if message else {})})

    def status_of(self, model: Any, task: int, subtask: int | None) -> None:
        """Know of no tasks."""

    def glimpse(self, model: Any, values: Mapping[str, Any]) -> None:
        """Know of no state."""

    def start(self, moment: datetime) -> None:
        """Remember nothing."""

    def advance(self, model: Any, now: datetime) -> None:
        """Nothing moves."""

    def fold(self, model: Any) -> None:
        """Nothing is to be kept."""

    def unfold(self, model: Any, checkpoint: Any) -> None:
        """Nothing was kept."""

    def redo(self, model: Any, command: dict[str, Any]) -> None:
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
            return Decision(Reply(number))
        return Decision(self._documented(response, number, seed=call.seed))

    def _documented(self, response: ResponseSpec, status: int, *, seed: int) -> Reply:
        fields = sample_fields(self._contract, response)
        for example in response.examples.values():
            return Reply(status, example, fields, response.media_type, Author.EXAMPLE)
        if response.schema is None:
            return Reply(status, headers=fields)
        return Reply(
            status, sample_body(self._contract, response, seed=seed), fields, response.media_type
        )

    def reply(self, operation: Operation, decision: Decision, stamp: Stamp) -> Reply:
        """Give what was decided."""
        reply = decision.data
        assert isinstance(reply, Reply)  # noqa: S101 - decide makes nothing else
        return reply

    def refuse(self, reason: Any, request: Request, stamp: Stamp) -> Reply:
        """Give a problem document (RFC 9457), or the reply that stands for the refusal."""
        if isinstance(reason, Reply):
            return reason
        return Reply(
            reason["status"],
            {"type": "about:blank", **reason},
            media_type=_PROBLEM,
            author=Author.TOOL,
        )

    def tour(self, model: Any) -> Iterator[tuple[Operation, dict[str, Any]]]:
        """Give each operation that can be read without knowing an id."""
        for operation in self._contract.operations.values():
            if operation.method == "GET" and "{" not in operation.path:
                yield operation, {}

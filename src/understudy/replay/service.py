"""What gives a contract its behaviour: the seam between the pipeline, which knows no API, and one API's rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from understudy.contract import Match, NoMethod, NoPath, Operation, Violation
from understudy.messages import Request
from understudy.rules import NO_BODY


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was routed, admitted and decoded."""

    request: Request
    operation: Operation
    values: Mapping[str, Any]
    """Parameters by name, decoded; defaults filled in."""
    now: datetime
    """The world's moment."""
    seed: int
    """The world's seed: what is generated comes from it."""


@dataclass(frozen=True, slots=True)
class ResponseMeta:
    """What is different about each answer of a world, and yet the same in each run."""

    now: datetime
    trace_id: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a call does: the data that answers it, and the command to remember, if it changed the world."""

    data: Any
    command: dict[str, Any] | None = None
    model: Any = None
    """The model after the command, so that it need not be applied twice."""


class Author(Enum):
    """Whose words an answer is, and so who is to blame when it breaks the contract."""

    SERVICE = "service"
    """Ours, standing in for the API: it is rendered by the schema, and one that breaks the contract is our bug."""
    EXAMPLE = "example"
    """The contract's own example: served as it is; what is wrong with it is noted."""
    SCRIPT = "script"
    """A scripted reply or a preference: served as it is; what is wrong with it is noted."""
    TOOL = "tool"
    """What only the tool can say, in a problem document: no contract knows it."""


@dataclass(frozen=True, slots=True)
class UnrenderedResponse:
    """An answer before it is text. `body` is canonical data or NO_BODY; rendering follows the response's schema."""

    status: int
    body: Any = NO_BODY
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = "application/json"
    author: Author = Author.SERVICE


class ApiError(Exception):
    """The service says no. Carries what the service needs to put it into words."""

    def __init__(self, reason: Any) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Service(Protocol):
    """One API's rules. Everything is pure; every method may raise Refused where it says so."""

    def world_of(self, request: Request) -> str:
        """Give the world that the credentials ask for, or an empty string. Never raises."""
        ...

    def authenticate(self, request: Request, wall: datetime) -> str:
        """Give the name of the account that asks; Refused when it is not known."""
        ...

    def authorize(self, account: str, operation: Operation) -> None:
        """Refused when the account may not call the operation."""
        ...

    def no_route_error(self, route: NoPath | NoMethod) -> ApiError:
        """Put into words that no operation answers."""
        ...

    def raise_for_violations(self, violations: tuple[Violation, ...]) -> None:
        """Refused when the request breaks the contract (there is at least one violation)."""
        ...

    def rate_limit_error(self) -> ApiError:
        """Put into words that an account has used up its window."""
        ...

    def build_error(
        self, code: int, message: str, operation: Operation | None, values: Mapping[str, Any]
    ) -> ApiError:
        """Put an error into words that was asked for: by the service's own code, or by a status of HTTP.

        `values` are the call's parameters; a message that is told replaces the service's own.
        """
        ...

    def status_of(self, model: Any, task: int, subtask: int | None) -> str | None:
        """Give the status of a task or subtask, or None when there is none."""
        ...

    def observe(self, model: Any, values: Mapping[str, Any]) -> Any:
        """Give how that stands what a call is about, as JSON data for the journal; None when it is about nothing."""
        ...

    def start(self, moment: datetime) -> Any:
        """Give the model of the scenario for a clock that starts at a moment."""
        ...

    def advance(self, model: Any, now: datetime) -> Any:
        """Give the model as it stands at a moment of the world. Where nothing is due, the same object."""
        ...

    def apply_command(self, model: Any, command: dict[str, Any]) -> Any:
        """Apply a remembered command."""
        ...

    def fold(self, model: Any) -> Any:
        """Give the model as JSON data: what is different from the scenario's."""
        ...

    def unfold(self, model: Any, checkpoint: Any) -> Any:
        """Give the model that was folded, over the model of the start."""
        ...

    def decide(self, model: Any, call: Call) -> Decision:
        """Say what the call does; Refused when the model forbids it. The model is not changed."""
        ...

    def success_response(
        self, operation: Operation, decision: Decision, stamp: ResponseMeta
    ) -> UnrenderedResponse:
        """Put a decision into an answer."""
        ...

    def error_response(
        self, reason: Any, request: Request, stamp: ResponseMeta
    ) -> UnrenderedResponse:
        """Put a refusal into an answer."""
        ...

    def example_calls(self, model: Any) -> Iterator[tuple[Operation, dict[str, Any]]]:
        """Give calls that are worth a click: an operation with path parameters whose ids exist."""
        ...


__all__ = [
    "NO_BODY",
    "ApiError",
    "Author",
    "Call",
    "Decision",
    "Match",
    "NoMethod",
    "NoPath",
    "ResponseMeta",
    "Service",
    "UnrenderedResponse",
]

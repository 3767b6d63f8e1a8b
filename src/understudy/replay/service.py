"""The seam between the pipeline, which knows no API, and the rules of one API: a service.

A service gives a contract its behaviour. OCP's is `ocp_service`; a contract without one is
answered by `example_service`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeAlias, TypeVar

from understudy.contract import Match, NoMethod, NoPath, Operation, Violation
from understudy.messages import Json, Request
from understudy.rules import NO_BODY

CommandRecord: TypeAlias = dict[str, Any]
"""A command as JSON data. Keys: operation, task, subtask, at, and those of the operation."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is routed, authorized, validated and decoded."""

    request: Request
    operation: Operation
    values: Mapping[str, Any]
    """Parameters by name, decoded, with defaults."""
    now: datetime
    """The world's moment."""
    seed: int
    """The seed for generated values: the world's, or that of the call."""
    is_dynamic: bool = False
    """Whether data is to be generated although there is an example."""


@dataclass(frozen=True, slots=True)
class ResponseMeta:
    """The members of an envelope that differ from response to response.

    They come from the world's clock, seed and call number: equal runs give equal bytes.
    """

    now: datetime
    trace_id: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A service's answer to a call, and the command to remember if the call changed the world."""

    data: Any
    command: CommandRecord | None = None
    model: Any = None
    """The model after the command, so that the world need not apply it twice."""
    version: tuple[object, ...] | None = None
    """What the data depends on, compared by identity; None: it may differ at each call."""
    content: tuple[object, ...] | None = None
    """What the data shows exactly, where the version is coarse: see `Service.content_of`."""


class Author(Enum):
    """The origin of a response, and so who is responsible when it breaks the contract."""

    SERVICE = "service"
    """The service: rendered by the schema. A broken response is our bug."""
    SAMPLE = "sample"
    """The tool's generated data: served as it is. A broken response is our bug."""
    EXAMPLE = "example"
    """The contract's own example: served as it is; the journal records its violations."""
    SCRIPT = "script"
    """A scripted reply or a preference: served as it is; the journal records its violations."""
    TOOL = "tool"
    """The tool: a problem document, which no contract describes."""


@dataclass(frozen=True, slots=True)
class UnrenderedResponse:
    """A response before its body is rendered by the response's schema.

    `body` is canonical data, or NO_BODY.
    """

    status: int
    body: Any = NO_BODY
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = "application/json"
    author: Author = Author.SERVICE


def status_number(status: str) -> int:
    """Return the status of a key of OpenAPI's responses: `404`, `4XX` (400), `default` (200)."""
    if status.isdigit():
        return int(status)
    return int(status[0]) * 100 if status[0].isdigit() else 200


class ApiError(Exception):
    """An error of the API. `reason` is what the service needs to build the response."""

    def __init__(self, reason: Any) -> None:
        super().__init__(str(reason))
        self.reason = reason


Model = TypeVar("Model")
"""The type of a service's model: what a world's tasks are for OCP."""


class Service(Protocol[Model]):
    """The rules of one API. Every method is pure; those that say so raise ApiError."""

    has_own_errors: bool
    """Whether it has errors beside the documented responses of the contract."""

    def world_of(self, request: Request) -> str:
        """Return the world that the credentials select; empty: none. Never raises."""
        ...

    def authenticate(self, request: Request, wall: datetime) -> str:
        """Return the name of the caller's account. Raises ApiError for an unknown caller.

        `wall` is the moment of the wall clock: the dates of signatures are compared with it.
        """
        ...

    def authorize(self, account: str, operation: Operation) -> None:
        """Raise ApiError when the account may not call the operation."""
        ...

    def find_missing_credentials(
        self, operation: Operation, request: Request
    ) -> tuple[Violation, ...]:
        """Return the violation of a request without the credentials that the contract asks for."""
        ...

    def no_route_error(self, route: NoPath | NoMethod) -> ApiError:
        """Build the error for a request that matches no operation."""
        ...

    def raise_for_violations(
        self, operation: Operation, violations: tuple[Violation, ...], *, accept: str = ""
    ) -> None:
        """Raise ApiError for a request that breaks the contract (at least one violation).

        `accept` is the field Accept of the request: the error has a media type that suits it.
        """
        ...

    def rate_limit_error(self) -> ApiError:
        """Build the error for an account that has used up its window."""
        ...

    def build_error(
        self,
        code: int,
        message: str,
        operation: Operation | None,
        values: Mapping[str, Any],
        *,
        accept: str = "",
    ) -> ApiError:
        """Build the error that a rule or a preference asks for.

        `code` is one of the service's own codes, or an HTTP status. `message` replaces the
        service's own unless it is empty. `values` are the call's parameters. Raises ValueError
        for an unknown code.
        """
        ...

    def documented_response(
        self,
        operation: Operation,
        status: int | None,
        *,
        seed: int,
        is_dynamic: bool,
        accept: str = "",
    ) -> "UnrenderedResponse | None":
        """Return the contract's own response of a status, None: that to a valid request.

        None if the service does not answer with the contract's own responses, or if the status is
        not documented. `is_dynamic`: with generated data although there is an example. Raises
        ApiError if the field Accept suits none of its media types.
        """
        ...

    def status_of(self, model: Model, task: int, subtask: int | None) -> str | None:
        """Return the status of a task or subtask; None when there is none."""
        ...

    def observe(self, model: Model, values: Mapping[str, Any]) -> Json:
        """Return the state of what a call affects, for the journal; None when it affects none.

        `values` are the call's parameters.
        """
        ...

    def start(self, moment: datetime) -> Model:
        """Build the scenario's model for a clock that starts at a moment."""
        ...

    def advance(self, model: Model, now: datetime, max_events: int | None = None) -> Model:
        """Return the model as it is at a moment of the world; unchanged: the same object.

        Raises TooManyEventsError when more than `max_events` happen until then.
        """
        ...

    def apply_command(self, model: Model, command: CommandRecord) -> Model:
        """Apply a remembered command. Raises ApiError when the model forbids it."""
        ...

    def fold(self, model: Model, before: Model | None) -> dict[str, Json]:
        """Return the difference between the model and the scenario's as JSON data.

        `before`: only the members (and members of members) that differ from this earlier model's.
        """
        ...

    def unfold(self, model: Model, checkpoint: Any) -> Model:
        """Return the model of a checkpoint: of what `fold` returned, the later over the earlier.

        `model` is the one at the start.
        """
        ...

    def is_current(self, model: Model, now: datetime) -> bool:
        """Return whether the model is the one of a moment: `advance` would return it unchanged."""
        ...

    def version_of(
        self, model: Model, operation: Operation, values: Mapping[str, Any]
    ) -> tuple[object, ...] | None:
        """Return what the answer to a query depends on, compared by identity.

        The answer stays the same, but for its meta values, as long as each part is the same
        object. None: the call is a command, or its answer may differ at each call.
        """
        ...

    def relevant_parameters(
        self, operation: Operation, values: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the parameters of a query that can change its answer, of its decoded ones."""
        ...

    def content_of(
        self,
        model: Model,
        operation: Operation,
        values: Mapping[str, Any],
        *,
        is_quick: bool = False,
    ) -> tuple[object, ...] | None:
        """Return exactly what the answer to a query shows, where `version_of` is coarse.

        A list shows some tasks, but its version changes with every task. Its content is the same
        as long as each part is the same object, or an equal integer. None: there is no such thing,
        or with `is_quick`, it may take more than a millisecond to find.
        """
        ...

    def meta_values(self, meta: ResponseMeta) -> tuple[Json, ...]:
        """Return the values of `meta` as `success_response` shows them; empty: it shows none."""
        ...

    def decide(self, model: Model, call: Call) -> Decision:
        """Decide what a call does. Raises ApiError. The model itself does not change."""
        ...

    def success_response(self, decision: Decision, meta: ResponseMeta) -> UnrenderedResponse:
        """Build the response to a call that succeeds."""
        ...

    def complete_sample(self, body: Json | bytes, status: int) -> Json | bytes:
        """Return generated data of a response, with the members that depend on its status."""
        ...

    def error_response(
        self, reason: Any, request: Request, meta: ResponseMeta
    ) -> UnrenderedResponse:
        """Build the response for the reason of an ApiError."""
        ...

    def example_calls(self, model: Model) -> Iterator[tuple[Operation, dict[str, Any]]]:
        """Yield operations with path parameters of existing tasks, worth a click in a browser."""
        ...


AnyService: TypeAlias = Service[Any]
"""A service of any model: worlds hold models without looking into them."""

__all__ = [
    "NO_BODY",
    "AnyService",
    "ApiError",
    "Author",
    "Call",
    "CommandRecord",
    "Decision",
    "Match",
    "NoMethod",
    "NoPath",
    "ResponseMeta",
    "Service",
    "UnrenderedResponse",
    "status_number",
]

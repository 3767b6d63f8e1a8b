"""Plans calls of operations: with the document's examples, and with sampled values."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.contract import Operation, Parameter
from understudy.contract.document.pointers import PointerError, resolve_pointer
from understudy.contract.operation.body_validation import Body
from understudy.contract.operation.parameter_encoding import Pair, encode_parameter
from understudy.contract.sampling import sample_valid
from understudy.messages import Headers, Json, Request, dump_json, is_json
from understudy.traffic.calls.learned_values import LearnedValues

SAFE_METHODS = frozenset(["GET", "HEAD", "QUERY"])
"""The methods that change nothing. Source: RFC 9110, section 9.2.1."""
_WITH_EXAMPLES = 2
"""How many calls of an operation have the document's examples for values."""
_CREDENTIALS = frozenset(["authorization", "cookie"])
_HIDDEN = "readOnly"


@dataclass(frozen=True, slots=True)
class CallPlan:
    """How operations are called."""

    samples: int = 2
    """How many calls with sampled values each operation gets, beside those with examples."""
    seed: int = 0
    unsafe: bool = False
    """Whether operations that may change something are called too."""

    def includes(self, operation: Operation) -> bool:
        """Return whether an operation is called."""
        return self.unsafe or operation.method in SAFE_METHODS


def order_operations(operations: Mapping[str, Operation]) -> list[Operation]:
    """Return operations so that lists come before the paths below them, and deletions last."""
    return sorted(
        operations.values(),
        key=lambda operation: (
            operation.method == "DELETE",
            operation.method not in SAFE_METHODS,
            operation.path.count("{"),
            operation.path.count("/"),
        ),
    )


def plan_requests(
    operation: Operation, plan: CallPlan, learned: LearnedValues
) -> Iterator[Request]:
    """Yield different requests of an operation.

    The first has what is required, the second also what the document has examples of; the others
    have sampled values. Values of paths are those that the server has shown, where it has.
    """
    sent: set[tuple[str, bytes]] = set()
    for number in range(plan.samples + _WITH_EXAMPLES):
        request = _build_request(operation, plan, learned, number)
        if request is None:
            return
        key = (request.target, request.body)
        if key not in sent:
            sent.add(key)
            yield request


def _build_request(
    operation: Operation, plan: CallPlan, learned: LearnedValues, number: int
) -> Request | None:
    """Return a request; None for an operation whose body cannot be sampled."""
    path, query = operation.path, list[Pair]()
    headers, cookies = list[Pair](), list[Pair]()
    draws = random.Random(f"{plan.seed}/{operation.id}/{number}")  # noqa: S311 - data
    bindings = learned.bindings(operation.path)
    bound = bindings[number % len(bindings)] if bindings else {}
    for parameter in operation.parameters:
        if not _is_sent(parameter, number, draws):
            continue
        value = _choose_value(operation, parameter, bound, plan.seed + number, number)
        pairs = encode_parameter(parameter, value)
        match parameter.location:
            case "path":
                path = path.replace(f"{{{parameter.name}}}", "".join(text for _, text in pairs))
            case "query":
                query += pairs
            case "header" if parameter.name.lower() not in _CREDENTIALS:
                headers += pairs
            case "cookie":
                cookies += pairs
    if cookies:
        headers.append(("Cookie", "; ".join(f"{name}={text}" for name, text in cookies)))
    body = b""
    if operation.body is not None and operation.method not in ("GET", "HEAD"):
        sampled = _sample_request_body(operation, operation.body, plan.seed + number)
        if sampled is None:
            return None
        media_type, body = sampled
        headers.append(("Content-Type", media_type))
    joined = "&".join(f"{name}={text}" for name, text in query)
    target = f"{path}?{joined}" if joined else path
    return Request(operation.method, target, path, joined, Headers.of(headers), body)


def _is_sent(parameter: Parameter, number: int, draws: random.Random) -> bool:
    """Return whether a parameter is sent: required ones always, others with examples or by chance.

    The draw is made in each case, so that one parameter does not depend on the others.
    """
    by_chance = draws.random() < 0.5
    if parameter.required or parameter.location == "path":
        return True
    if number < _WITH_EXAMPLES:
        return number > 0 and parameter.example is not None
    return by_chance


def _choose_value(
    operation: Operation, parameter: Parameter, bound: Mapping[str, Json], seed: int, number: int
) -> Json:
    if parameter.location == "path" and parameter.name in bound:
        return bound[parameter.name]
    if parameter.example is not None and number < _WITH_EXAMPLES:
        example: Json = parameter.example
        return example
    return sample_valid(operation, parameter.schema, parameter.validator, seed=seed)


def _sample_request_body(
    operation: Operation, documented: Body, seed: int
) -> tuple[str, bytes] | None:
    """Return media type and bytes of a JSON body: an example, else a sample; None without JSON."""
    for media_type, body_validator in documented.media.items():
        if not is_json(media_type):
            continue
        try:
            node = resolve_pointer(operation.document, body_validator.pointer)
        except PointerError:
            continue
        if "example" in node:
            return media_type, dump_json(node["example"])
        value = sample_valid(
            operation, node.get("schema", True), body_validator.validator, seed=seed, hidden=_HIDDEN
        )
        return media_type, dump_json(value)
    return None if documented.required else ("application/json", b"")

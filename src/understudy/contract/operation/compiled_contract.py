"""A contract, loaded and compiled: it routes, decodes and judges. Made once, read by many threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from understudy.contract.document.source_tree import Tree
from understudy.contract.operation.body_validation import BodyValidator
from understudy.contract.operation.parameters import (
    ABSENT,
    Parameter,
    collect_raw_parameters,
    is_present,
    query_names,
    read_parameter,
)
from understudy.contract.operation.path_routing import Router
from understudy.contract.operation.render import Projection
from understudy.contract.operation.violation import Violation
from understudy.errors import Place, nearest_name
from understudy.messages import Request, Response

_MOST_NEAREST = 20


@dataclass(frozen=True, slots=True)
class Body:
    """What a message may carry: a judge for each media type."""

    media: Mapping[str, BodyValidator]
    pointer: str
    required: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """One documented response of an operation."""

    status: str
    """`200`, `4XX` or `default`."""
    pointer: str
    schema: Any = None
    """Of the first media type; None when the response has no body."""
    media_type: str = ""
    examples: Mapping[str, Any] = field(default_factory=dict)
    """By name; of the first media type."""
    body: Body | None = None
    headers: tuple[Parameter, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A request's parameters, read by the contract."""

    values: Mapping[str, Any]
    """By name, defaults filled in. What could not be read is not there."""
    violations: tuple[Violation, ...] = ()
    """How the request breaks the contract."""
    notes: tuple[Violation, ...] = ()
    """What is reported and never refused: unknown query parameters, parameters that lack another one."""
    body: Any = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    """The template: `/pets/{id}`."""
    pointer: str
    parameters: tuple[Parameter, ...]
    responses: Mapping[str, ResponseSpec]
    document: Any = field(repr=False)
    body: Body | None = None
    summary: str = ""
    tags: tuple[str, ...] = ()
    permission: str = ""
    """`x-permission`: what the caller must be allowed."""
    source: str = ""
    """`x-source`: the line of the documents that tells it."""

    def decode(self, path_values: Mapping[str, str], request: Request) -> Decoded:
        """Read a request's parameters and body, and tell everything that is wrong with them."""
        found = collect_raw_parameters(request, path_values)
        values: dict[str, Any] = {}
        violations: list[Violation] = []
        for parameter in self.parameters:
            value, wrong = read_parameter(parameter, found, self.document)
            violations += wrong
            # A path parameter is what the request is about: one of the same name elsewhere does not hide it.
            if value is not ABSENT and (
                parameter.location == "path" or parameter.name not in path_values
            ):
                values[parameter.name] = value
        body, wrong = self._body(request)
        notes = [*self._unknown(found.query), *self._alone(values, found.query)]
        return Decoded(values, (*violations, *wrong), tuple(notes), body)

    def iter_sent_parameters(
        self, path_values: Mapping[str, str], request: Request
    ) -> Iterator[tuple[Parameter, Any]]:
        """Give the parameters that a request carries with their values, None for what cannot be read. No defaults."""
        found = collect_raw_parameters(request, path_values)
        for parameter in self.parameters:
            if is_present(parameter, found):
                value, _ = read_parameter(parameter, found, self.document)
                yield parameter, None if value is ABSENT else value

    def response_spec(self, status: int) -> ResponseSpec | None:
        """Give what documents a status: its own entry, its class (`4XX`), `default`; None when nothing does."""
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    def response_schema(self, status: int) -> Any:
        """Give the schema of the body that comes with a status; None when it has none or is not documented."""
        spec = self.response_spec(status)
        return None if spec is None else spec.schema

    def validate_response(self, response: Response) -> tuple[Violation, ...]:
        """Tell every way in which a response breaks the contract: status, headers, media type, body."""
        spec = self.response_spec(response.status)
        if spec is None:
            expected = (
                f"one of {', '.join(self.responses)}" if self.responses else "no response at all"
            )
            return (
                Violation(
                    "status",
                    "status",
                    response.status,
                    expected,
                    f"{self.pointer}/responses",
                    self.source,
                ),
            )
        return (
            *_headers(spec, response, self.document),
            *_response_body(spec, response, self.document),
        )

    def _body(self, request: Request) -> tuple[Any, tuple[Violation, ...]]:
        if self.body is None:
            return None, ()  # what nobody asked for is not looked at, as real servers do
        if not request.body:
            missing = Violation(
                "body", "required", None, "a body", self.body.pointer, self.body.source
            )
            return None, (missing,) if self.body.required else ()
        judge, wrong = _judge_for(self.body, request.headers.get("Content-Type"))
        if judge is None:
            return None, wrong
        value, broken = judge.validate(request.body, self.document, prefix="body")
        return value, broken

    def _unknown(self, sent: Mapping[str, list[str]]) -> list[Violation]:
        if not sent:
            return []
        names: set[str] = set()
        prefixes: list[str] = []
        for parameter in self.parameters:
            own, prefix = query_names(parameter)
            names |= own
            prefixes += [prefix] if prefix else []
        notes: list[Violation] = []
        for name, texts in sent.items():
            if name not in names and not any(name.startswith(prefix) for prefix in prefixes):
                # A query can hold thousands of names, and looking for a near one takes time.
                near = nearest_name(name[:100], names) if len(notes) < _MOST_NEAREST else ""
                known = (
                    f'the parameter "{near}"'
                    if near
                    else f"one of {', '.join(sorted(names)) or 'no parameters'}"
                )
                notes.append(
                    Violation(
                        f"query.{name}", "unknown", texts[0], known, self.pointer, self.source
                    )
                )
        return notes

    def _alone(self, values: Mapping[str, Any], sent: Mapping[str, list[str]]) -> list[Violation]:
        return [
            parameter.violation(
                "requires", values[parameter.name], f"the parameter {needed} beside it"
            )
            for parameter in self.parameters
            if parameter.requires and parameter.name in values and parameter.name in sent
            for needed in parameter.requires
            if needed not in values
        ]


@dataclass(frozen=True, slots=True)
class Match:
    """An operation answers."""

    operation: Operation
    path_values: Mapping[str, str]
    """The path's variables, decoded."""


@dataclass(frozen=True, slots=True)
class NoPath:
    """No operation has such a path."""

    path: str
    nearest: str = ""
    """The template that is most like it, or empty."""


@dataclass(frozen=True, slots=True)
class NoMethod:
    """The path is there, but not with this method."""

    path: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """An OpenAPI document that was checked and compiled."""

    title: str
    version: str
    file: str
    document: Any = field(repr=False)
    """As plain data, overlays applied, schemas in the words of JSON Schema 2020-12."""
    operations: Mapping[str, Operation] = field(repr=False)
    """By operationId, in the document's order."""
    service: str
    """`info.x-understudy-service`: the name of the code that answers; empty for examples and samples."""
    warnings: tuple[str, ...]
    """What is odd about the document but does not stop it: examples that break their own schema."""
    tree: Tree = field(repr=False)
    router: Router = field(repr=False)
    by_path: Mapping[str, Mapping[str, Operation]] = field(repr=False)
    """By template and method."""
    base_paths: tuple[str, ...] = ()
    """The paths of its `servers`: `/api/v1`. The longest comes first."""
    projections: dict[int, Projection] = field(default_factory=dict, repr=False)
    """What `render` has found out, by identity of the node."""

    def route(self, method: str, path: str) -> Match | NoPath | NoMethod:
        """Find the operation for a method and a path (percent-encoded, without a query)."""
        allowed: list[str] = []
        for template, values in self.router.find(path):
            methods = self.by_path[template]
            if method in methods:
                return Match(methods[method], values)
            allowed += methods
        if allowed:
            return NoMethod(path, tuple(dict.fromkeys(allowed)))
        return NoPath(path, self._nearest(path[:200]))

    def strip_base_path(self, path: str) -> str:
        """Give a path as the templates have it: without the base path of a server, unless a template begins with it."""
        if not self.base_paths or next(iter(self.router.find(path)), None) is not None:
            return path
        base = next(
            (base for base in self.base_paths if path == base or path.startswith(f"{base}/")), ""
        )
        return path[len(base) :] or "/"

    def _nearest(self, path: str) -> str:
        """Give the template that is most like a path, its variables standing for whatever the path has there."""
        parts = path.split("/")
        shown: dict[str, str] = {}
        for template in self.by_path:
            own, filled = template.split("/"), template
            if len(own) == len(parts):
                pairs = zip(own, parts, strict=True)
                filled = "/".join(part if name.startswith("{") else name for name, part in pairs)
            shown.setdefault(filled, template)
        return shown.get(nearest_name(path, shown), "")

    def place(self, pointer: str) -> Place:
        """Give where the document's node at a JSON pointer was written."""
        return self.tree.place(pointer)


def _judge_for(body: Body, content_type: str) -> tuple[BodyValidator | None, tuple[Violation, ...]]:
    """Find the judge for a content type: its own, then a range of it (`text/*`, `*/*`)."""
    media_type = content_type.partition(";")[0].strip().lower()
    for candidate in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if candidate in body.media:
            return body.media[candidate], ()
    expected = " or ".join(body.media)
    found = content_type or None
    return None, (
        Violation(
            "header.Content-Type", "content-type", found, expected, body.pointer, body.source
        ),
    )


def _headers(spec: ResponseSpec, response: Response, document: Any) -> tuple[Violation, ...]:
    if not spec.headers:
        return ()
    sent = collect_raw_parameters(Request("", "", "", headers=response.headers), {})
    return tuple(
        wrong for header in spec.headers for wrong in read_parameter(header, sent, document)[1]
    )


def _response_body(spec: ResponseSpec, response: Response, document: Any) -> tuple[Violation, ...]:
    if spec.body is None:
        return ()  # a response that is documented without content tells nothing of its body
    judge, wrong = _judge_for(spec.body, response.headers.get("Content-Type"))
    if judge is None:
        return wrong
    return judge.validate(response.body, document)[1]

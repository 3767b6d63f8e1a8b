"""A contract, loaded and compiled: it routes, decodes and validates.

It is compiled once and read by many threads. Nothing here is changed later, except caches.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from understudy.contract.document.pointers import JsonObject
from understudy.contract.operation.base_paths import find_first_base_path
from understudy.contract.operation.body_validation import Body
from understudy.contract.operation.credentials import SecurityRequirement
from understudy.contract.operation.parameter_model import Parameter
from understudy.contract.operation.parameters import (
    ABSENT,
    collect_raw_parameters,
    is_present,
    query_names,
    read_parameter,
)
from understudy.contract.operation.path_routing import Router
from understudy.contract.operation.render import Projection
from understudy.contract.operation.violation import Violation, Violations
from understudy.errors import Place, PlaceLookup, Problem, nearest_name
from understudy.messages import ContentKind, Request, Response, content_kind

_MAX_NEAREST_NAMES = 20
"""For how many unknown query names a near one is looked for: a query can have thousands."""
_NEAREST_NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """One documented response of an operation."""

    status: str
    """`200`, `4XX` or `default`."""
    pointer: str
    schema: Any = None
    """The schema of the first media type; None when the response has no body."""
    media_type: str = ""
    """The first media type; empty when the response has no body."""
    examples: Mapping[str, Any] = field(default_factory=dict)
    """The examples of the first media type, by name."""
    body: Body | None = None
    headers: tuple[Parameter, ...] = ()
    source: str = ""
    content_type: str = ""
    """The media type as it is sent: that of `media_type`, or one of the range that it is."""
    item_schema: Any = None
    """The schema of each item of a sequential media type (`itemSchema` of OpenAPI 3.2)."""
    alternatives: tuple["ResponseSpec", ...] = ()
    """This response with each of its media types, in the document's order, if it has several."""


STATUSES_WITHOUT_CONTENT = (204, 205, 304)
"""The statuses whose responses have no content. Source: RFC 9110, sections 15.3.5, 15.3.6, 15.4.5.
"""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A request's parameters and body, decoded by the contract."""

    values: Mapping[str, Any]
    """The parameters by name, with defaults. One that could not be parsed is missing."""
    violations: Violations = ()
    """How the request breaks the contract."""
    notes: Violations = ()
    """Findings that are reported but never reject a request: unknown query parameters, and
    parameters without another one that they need."""
    body: Any = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    id: str
    """The operationId, or method and path (`GET /pets`) when the document has none."""
    method: str
    path: str
    """The template, such as `/pets/{id}`."""
    pointer: str
    parameters: tuple[Parameter, ...]
    responses: Mapping[str, ResponseSpec]
    """By status: `200`, `4XX` or `default`."""
    document: JsonObject = field(repr=False)
    body: Body | None = None
    summary: str = ""
    tags: tuple[str, ...] = ()
    permission: str = ""
    """`x-permission`: the permission that the caller needs."""
    security: SecurityRequirement | None = None
    """The credentials that a call needs, or may have; None: neither."""
    source: str = ""
    """`x-source`: the line of the documents that describes the operation."""
    known_query_names: tuple[frozenset[str], tuple[str, ...]] = field(init=False, repr=False)
    """The names and the prefixes of names that a query can have, of all parameters."""

    def __post_init__(self) -> None:
        names = [query_names(parameter) for parameter in self.parameters]
        known = frozenset[str]().union(*(own for own, _ in names))
        if self.security is not None:
            known |= self.security.query_names()
        prefixes = tuple(prefix for _, prefix in names if prefix is not None)
        object.__setattr__(self, "known_query_names", (known, prefixes))

    def decode(self, path_values: Mapping[str, str], request: Request) -> Decoded:
        """Return a request's parameters and body, with every violation and note."""
        raw = collect_raw_parameters(request, path_values, self.known_query_names[0])
        values: dict[str, Any] = {}
        violations: list[Violation] = []
        for parameter in self.parameters:
            value, parameter_violations = read_parameter(parameter, raw, self.document)
            violations += parameter_violations
            # A path parameter names the resource: a parameter of the same name in another location
            # must not hide it.
            is_hidden = parameter.location != "path" and parameter.name in path_values
            if value is not ABSENT and not is_hidden:
                values[parameter.name] = value
        body, body_violations = self._decode_body(request)
        violations += body_violations
        notes = self._unknown_query_names(raw.query)
        notes += self._missing_companions(values, raw.query)
        return Decoded(values, tuple(violations), tuple(notes), body)

    def iter_sent_parameters(
        self, path_values: Mapping[str, str], request: Request
    ) -> Iterator[tuple[Parameter, Any]]:
        """Yield each parameter that a request carries with its value, without defaults.

        The value is None for a text that cannot be parsed.
        """
        raw = collect_raw_parameters(request, path_values, self.known_query_names[0])
        for parameter in self.parameters:
            if is_present(parameter, raw):
                value, _ = read_parameter(parameter, raw, self.document)
                yield parameter, None if value is ABSENT else value

    def response_spec(self, status: int) -> ResponseSpec | None:
        """Return the documented response of a status, or None.

        Source: OpenAPI 3.1, Responses Object: the status itself, its class (`4XX`), `default`.
        """
        status_class = status // 100
        keys = [str(status), f"{status_class}XX", f"{status_class}xx", "default"]
        for key in keys:
            if key in self.responses:
                return self.responses[key]
        return None

    def response_schema(self, status: int) -> Any:
        """Return the schema of a status' body; None without a body or a documented response."""
        spec = self.response_spec(status)
        return None if spec is None else spec.schema

    def validate_response(self, response: Response) -> Violations:
        """Return every violation of a response: status, headers, media type, body."""
        spec = self.response_spec(response.status)
        if spec is None:
            return (self._undocumented_status(response.status),)
        return (
            *_validate_headers(spec, response, self.document),
            *_validate_response_body(spec, response, self.document),
        )

    def _undocumented_status(self, status: int) -> Violation:
        expected = "no response at all"
        if self.responses:
            expected = f"one of {', '.join(self.responses)}"
        pointer = f"{self.pointer}/responses"
        return Violation("status", "status", status, expected, pointer, self.source)

    def _decode_body(self, request: Request) -> tuple[Any, Violations]:
        if self.body is None:
            # A body that is not documented is ignored, as real servers ignore it.
            return None, ()
        if not request.body:
            if self.body.required:
                return None, (self.body.missing(),)
            # A form without fields has no bytes, so its content type shows that it was sent.
            if content_kind(request.headers.get("Content-Type")) is not ContentKind.FORM:
                return None, ()
        # RFC 9110, 8.3: without the field, a server may look at the data. It has to be of the
        # first documented type, as with other stubs.
        content_type = request.headers.get("Content-Type") or self.body.first_media_type
        validator = self.body.find_validator(content_type)
        if validator is None:
            return None, (self.body.wrong_content_type(content_type),)
        return validator.validate(
            request.body, self.document, prefix="body", content_type=content_type
        )

    def _unknown_query_names(self, query: Mapping[str, list[str]]) -> list[Violation]:
        """Return a note for each name of a query that belongs to no parameter."""
        if not query:
            return []
        known, prefixes = self.known_query_names
        notes: list[Violation] = []
        for name, texts in query.items():
            if name in known or name.startswith(prefixes):
                continue
            with_nearest = len(notes) < _MAX_NEAREST_NAMES
            note = Violation(
                place=f"query.{name}",
                rule="unknown",
                value=unquote_plus(texts[0]),
                expected=_describe_known_names(name, known, with_nearest=with_nearest),
                pointer=self.pointer,
                source=self.source,
            )
            notes.append(note)
        return notes

    def _missing_companions(
        self, values: Mapping[str, object], query: Mapping[str, list[str]]
    ) -> list[Violation]:
        """Return a note for each parameter of a query without one that it needs (`x-requires`)."""
        notes: list[Violation] = []
        for parameter in self.parameters:
            name = parameter.name
            # A value from a default is not the caller's.
            if name not in values or name not in query:
                continue
            for required_name in parameter.requires:
                if required_name not in values:
                    expected = f"the parameter {required_name} beside it"
                    note = parameter.violation("requires", values[name], expected)
                    notes.append(note)
        return notes


def _describe_known_names(name: str, known: frozenset[str], *, with_nearest: bool) -> str:
    if with_nearest:
        nearest = nearest_name(name[:_NEAREST_NAME_LIMIT], known)
        if nearest:
            return f'the parameter "{nearest}"'
    if not known:
        return "no parameters"
    return f"one of {', '.join(sorted(known))}"


_OperationsByMethod = Mapping[str, Operation]


@dataclass(frozen=True, slots=True)
class Match:
    """The result of routing: an operation that answers."""

    operation: Operation
    path_values: Mapping[str, str]
    """The values of the path's variables, decoded, by name."""


@dataclass(frozen=True, slots=True)
class NoPath:
    """The result of routing: no operation has such a path."""

    path: str
    nearest: str = ""
    """The template that is most like the path, or empty."""


@dataclass(frozen=True, slots=True)
class NoMethod:
    """The result of routing: the path exists, but not with this method."""

    path: str
    allowed: tuple[str, ...]
    """The methods of the path, for the header `Allow`."""


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """An OpenAPI document that was checked and compiled."""

    title: str
    version: str
    file: str
    document: JsonObject = field(repr=False)
    """The document as plain data, overlays applied, schemas in JSON Schema 2020-12."""
    operations: Mapping[str, Operation] = field(repr=False)
    """By operationId, in the document's order."""
    service: str
    """`info.x-understudy-service`: the name of the code that answers; empty for a contract that is
    served by its examples and by samples."""
    warnings: tuple[Problem, ...]
    """Flaws of the document that do not stop it from being served, such as an example that breaks
    its own schema, in the order of their places."""
    tree: PlaceLookup = field(repr=False)
    """The places of the document's nodes."""
    router: Router = field(repr=False)
    by_path: Mapping[str, _OperationsByMethod] = field(repr=False)
    """By template and method in upper case."""
    base_paths: tuple[str, ...] = ()
    """The paths of its `servers`, such as `/api/v1`, the longest first."""
    files: tuple[Path, ...] = ()
    """The local files that it was read from: the document, those it refers to, the overlays. One
    that could not be read is among them."""
    digest: str = field(default="", repr=False)
    """The digest of its files and of the code that read them; empty when it was loaded without a
    cache."""
    projections: dict[int, Projection] = field(default_factory=dict, repr=False)
    """The cache of `render`, by identity of the node."""

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
        return NoPath(path, self.router.find_nearest(path))

    @property
    def base_path(self) -> str:
        """The path of its first server, such as `/api/v1`, or empty."""
        return find_first_base_path(self.document)

    def strip_base_path(self, path: str) -> str:
        """Return a path without the base path of a server.

        A path that matches a template as it is stays as it is.
        """
        if not self.base_paths or self._matches_template(path):
            return path
        for base in self.base_paths:
            if path == base or path.startswith(f"{base}/"):
                below = path[len(base) :]
                return below or "/"
        return path or "/"

    def _matches_template(self, path: str) -> bool:
        first = next(self.router.find(path), None)
        return first is not None

    def place(self, pointer: str) -> Place:
        """Return where the document's node at a JSON pointer was written."""
        return self.tree.place(pointer)


def _validate_headers(spec: ResponseSpec, response: Response, document: object) -> Violations:
    if not spec.headers:
        return ()
    # A header field is read like a parameter: as if a request carried the response's fields.
    carrier = Request("", "", "", headers=response.headers)
    raw = collect_raw_parameters(carrier, {})
    violations: list[Violation] = []
    for header in spec.headers:
        _, header_violations = read_parameter(header, raw, document)
        violations += header_violations
    return tuple(violations)


def _validate_response_body(spec: ResponseSpec, response: Response, document: object) -> Violations:
    if spec.body is None:
        # A response that is documented without content makes no statement about its body.
        return ()
    if response.status in STATUSES_WITHOUT_CONTENT and not response.body:
        # A range or `default` may document content, which such a response never has.
        return ()
    content_type = response.headers.get("Content-Type")
    validator = spec.body.find_validator(content_type)
    if validator is None:
        return (spec.body.wrong_content_type(content_type),)
    _, violations = validator.validate(response.body, document, content_type=content_type)
    return violations

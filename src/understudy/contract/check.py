"""Whether a document is one that can be served: every problem at once, each with its place."""

import re
from collections.abc import Iterator
from typing import Any

from understudy.contract.pointers import PointerError, child, follow, resolve
from understudy.contract.routing import shape_of, variables_of
from understudy.contract.schemas import SHAPES, walk
from understudy.contract.tree import Tree
from understudy.errors import InputError, Problem, nearest_name

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_ITEM_KEYS = ("$ref", "summary", "description", "servers", "parameters", *METHODS)
_OPERATION_KEYS = (
    *("tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses"),
    *("callbacks", "deprecated", "security", "servers"),
)
_LOCATIONS = ("path", "query", "header", "cookie")
_STATUS = re.compile(r"[1-5][0-9][0-9]|[1-5]XX|default", re.IGNORECASE)
_DATA = frozenset(["example", "examples", "default", "enum", "const", "value"])


def check_document(tree: Tree) -> None:
    """Raise InputError with everything that keeps the document from being served."""
    checker = _Checker(tree)
    checker.document()
    if checker.problems:
        raise InputError(sorted(checker.problems, key=lambda problem: _position(problem)))


def _position(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    return (place.file, place.line, place.column) if place else ("", 0, 0)


class _Checker:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.data = tree.data
        self.problems: list[Problem] = []

    def add(
        self,
        slug: str,
        what: str,
        pointer: str,
        *,
        key: bool = False,
        expected: str = "",
        hint: str = "",
        nearest: str = "",
    ) -> None:
        place = self.tree.place(pointer, key=key)
        problem = Problem(slug, what, place, expected=expected, hint=hint, nearest=nearest)
        if problem not in self.problems:
            self.problems.append(problem)

    def document(self) -> None:
        data = self.data
        if not isinstance(data, dict):
            self.add("not-a-contract", "this is no OpenAPI document", "", expected="a mapping")
            return
        if "swagger" in data:
            hint = "Convert it to OpenAPI 3 first."
            self.add(
                "contract-version", "this is a Swagger 2.0 document", "/swagger", expected='"openapi: 3.1.0"', hint=hint
            )
            return
        version = data.get("openapi")
        if version is None:
            near = nearest_name("openapi", data)
            expected = 'the key "openapi" with a version such as 3.1.0'
            self.add(
                "not-a-contract",
                "this is no OpenAPI document",
                "",
                expected=expected,
                hint=f'"{near}" is there.' if near else "",
            )
            return
        if not isinstance(version, str) or not re.match(r"3\.[01]\.", version):
            self.add(
                "contract-version", f"the version is {version!r}", "/openapi", expected="3.0.x or 3.1.x, as a text"
            )
            return
        self.info(data.get("info"))
        self.components(data.get("components", {}))
        self.paths(data.get("paths", {}))
        self.references(data, "")

    def info(self, info: Any) -> None:
        if self.mapping(info, "/info", "info"):
            for name in ("title", "version"):
                if not isinstance(info.get(name), str):
                    self.add("missing-key", f'"info" has no "{name}"', "/info", expected=f"{name}: a text")

    def mapping(self, value: Any, pointer: str, name: str) -> bool:
        if isinstance(value, dict):
            return True
        what = f'"{name}" is missing' if value is None else f'"{name}" is no mapping'
        self.add("bad-shape", what, pointer, expected="a mapping")
        return False

    def components(self, components: Any) -> None:
        if not self.mapping(components, "/components", "components"):
            return
        for section, entries in components.items():
            pointer = child("/components", section)
            if section.startswith("x-") or not self.mapping(entries, pointer, section):
                continue
            for name, entry in entries.items():
                self.component(section, entry, child(pointer, name))

    def component(self, section: str, entry: Any, pointer: str) -> None:
        if section == "schemas":
            self.schema(entry, pointer)
        elif section == "parameters":
            self.parameter(entry, pointer)
        elif section == "headers":
            self.header(entry, pointer)
        elif section == "responses":
            self.response(entry, pointer)
        elif section == "requestBodies":
            self.content(entry, pointer)

    def paths(self, paths: Any) -> None:
        if not self.mapping(paths, "/paths", "paths"):
            return
        shapes: dict[str, str] = {}
        ids: dict[str, str] = {}
        for path, item in paths.items():
            pointer = child("/paths", path)
            if path.startswith("x-"):
                continue
            if not path.startswith("/"):
                self.add(
                    "bad-path",
                    f'the path "{path}" does not start with a slash',
                    pointer,
                    key=True,
                    expected=f'"/{path}"',
                )
            if re.search(r"[{}]", re.sub(r"\{[^{}/]+\}", "", path)):
                self.add("bad-path", f'the braces of "{path}" do not match', pointer, key=True, expected="/a/{name}")
            other = shapes.setdefault(shape_of(path), path)
            if other != path:
                what = f'the paths "{other}" and "{path}" match the same requests'
                self.add("ambiguous-path", what, pointer, key=True, expected="one of them")
            if self.mapping(item, pointer, path):
                self.item(path, *self.followed(item, pointer), ids)

    def followed(self, node: Any, pointer: str) -> tuple[Any, str]:
        """Follow references; where one leads nowhere, which is told elsewhere, give what there is."""
        try:
            return follow(self.data, node, pointer)
        except PointerError:
            return {}, pointer

    def item(self, path: str, item: Any, pointer: str, ids: dict[str, str]) -> None:
        if not self.mapping(item, pointer, path):
            return
        self.keys(item, _ITEM_KEYS, pointer)
        shared = list(self.parameters(item.get("parameters", []), child(pointer, "parameters")))
        for method in METHODS:
            if method in item and self.mapping(item[method], child(pointer, method), method):
                self.operation(path, item[method], child(pointer, method), shared, ids)

    def keys(self, node: dict[str, Any], known: tuple[str, ...], pointer: str) -> None:
        for name in node:
            if name not in known and not name.startswith("x-"):
                near = nearest_name(name, known)
                expected = "" if near else f"one of {', '.join(known)}"
                where = child(pointer, name)
                self.add(
                    "unknown-key", f'there is no key "{name}" here', where, key=True, expected=expected, nearest=near
                )

    def operation(
        self, path: str, operation: dict[str, Any], pointer: str, shared: list[tuple[str, str]], ids: dict[str, str]
    ) -> None:
        self.keys(operation, _OPERATION_KEYS, pointer)
        name = operation.get("operationId")
        if name is not None and not isinstance(name, str):
            self.add("bad-shape", "the operationId is no text", f"{pointer}/operationId", expected="a text")
        elif name is not None:
            first = ids.setdefault(name, pointer)
            if first != pointer:
                line = self.tree.place(first).line
                what = f'the operationId "{name}" stands twice (first on line {line})'
                self.add("duplicate-operation-id", what, f"{pointer}/operationId", expected="each once")
        own = list(self.parameters(operation.get("parameters", []), f"{pointer}/parameters"))
        declared = {name for name, location in [*shared, *own] if location == "path"}
        for variable in variables_of(path):
            if variable not in declared:
                near = nearest_name(variable, declared)
                what = f'the path variable "{variable}" is declared by no parameter'
                expected = f"a parameter with name: {variable}, in: path, required: true"
                self.add("path-parameter-missing", what, pointer, expected=expected, nearest=near)
        if "requestBody" in operation:
            self.content(operation["requestBody"], f"{pointer}/requestBody")
        responses = operation.get("responses", {})
        if self.mapping(responses, f"{pointer}/responses", "responses"):
            for status, response in responses.items():
                self.status(status, response, child(pointer, "responses", status))

    def status(self, status: str, response: Any, pointer: str) -> None:
        if status.startswith("x-"):
            return
        if not _STATUS.fullmatch(status):
            self.add("bad-status", f'"{status}" is no status', pointer, key=True, expected='"200", "4XX" or "default"')
        self.response(response, pointer)

    def parameters(self, parameters: Any, pointer: str) -> Iterator[tuple[str, str]]:
        """Check a list of parameters; give name and location of each."""
        if not isinstance(parameters, list):
            self.add("bad-shape", '"parameters" is no list', pointer, expected="a list of parameters")
            return
        seen: set[tuple[str, str]] = set()
        for index, given in enumerate(parameters):
            parameter, where = self.followed(given, child(pointer, index))
            key = self.parameter(parameter, where)
            if key is not None and key in seen:
                what = f'the parameter "{key[0]}" in {key[1]} stands twice'
                self.add("duplicate-parameter", what, child(pointer, index), expected="each once")
            if key is not None:
                seen.add(key)
                yield key

    def parameter(self, parameter: Any, pointer: str) -> tuple[str, str] | None:
        if not isinstance(parameter, dict):
            self.add("bad-shape", "this is no parameter", pointer, expected="a mapping with name and in")
            return None
        if "$ref" in parameter or not parameter:
            return None
        name, location = parameter.get("name"), parameter.get("in")
        if not isinstance(name, str) or not name:
            self.add("missing-key", "the parameter has no name", pointer, expected='"name: …"')
            return None
        if location not in _LOCATIONS:
            near = nearest_name(str(location), _LOCATIONS)
            expected = f"one of {', '.join(_LOCATIONS)}"
            self.add(
                "bad-location",
                f'the parameter "{name}" is in "{location}"',
                f"{pointer}/in",
                expected=expected,
                nearest=near,
            )
            return None
        if location == "path" and parameter.get("required") is not True:
            what = f'the path parameter "{name}" is not required'
            self.add("path-parameter-optional", what, pointer, expected="required: true")
        if "schema" in parameter:
            self.schema(parameter["schema"], f"{pointer}/schema")
        elif "content" in parameter:
            self.content(parameter, pointer)
        else:
            self.add(
                "missing-key", f'the parameter "{name}" has no schema', pointer, expected='"schema: …" or "content: …"'
            )
        return name, str(location)

    def header(self, header: Any, pointer: str) -> None:
        if self.mapping(header, pointer, "header") and "schema" in header:
            self.schema(header["schema"], f"{pointer}/schema")

    def response(self, response: Any, pointer: str) -> None:
        if not self.mapping(response, pointer, "response"):
            return
        self.content(response, pointer)
        headers = response.get("headers", {})
        if self.mapping(headers, f"{pointer}/headers", "headers"):
            for name, header in headers.items():
                self.header(header, child(pointer, "headers", name))

    def content(self, holder: Any, pointer: str) -> None:
        """Check what stands under `content`: media types with their schemas."""
        if not self.mapping(holder, pointer, "body"):
            return
        content = holder.get("content", {})
        if not self.mapping(content, f"{pointer}/content", "content"):
            return
        for media_type, media in content.items():
            where = child(pointer, "content", media_type)
            if self.mapping(media, where, media_type) and "schema" in media:
                self.schema(media["schema"], f"{where}/schema")

    def schema(self, schema: Any, pointer: str) -> None:
        version = str(self.data["openapi"])
        for where, part in walk(schema, pointer):
            if isinstance(part, bool):
                continue
            if not isinstance(part, dict):
                self.add("bad-schema", "this is no schema", where, expected="a mapping, true or false")
                continue
            for keyword, value in part.items():
                if version.startswith("3.0") and keyword in ("exclusiveMinimum", "exclusiveMaximum"):
                    continue
                shape = SHAPES.get(keyword)
                if shape is not None and not shape[0](value):
                    what = f'the schema\'s "{keyword}" does not fit'
                    self.add("bad-schema", what, child(where, keyword), expected=shape[1])

    def references(self, node: Any, pointer: str) -> None:
        """Check that each `$ref` outside of data leads somewhere in this document."""
        if isinstance(node, list):
            for index, item in enumerate(node):
                self.references(item, child(pointer, index))
        if not isinstance(node, dict):
            return
        target = node.get("$ref")
        if isinstance(target, str):
            self.reference(target, child(pointer, "$ref"))
        names = pointer.endswith("/properties")
        for key, value in node.items():
            if names or (key not in _DATA and not key.startswith("x-")):
                self.references(value, child(pointer, key))

    def reference(self, ref: str, pointer: str) -> None:
        if not (ref == "#" or ref.startswith("#/")):
            hint = "Nothing is fetched: put the schema into the document itself."
            what = f'the $ref "{ref}" does not lead into this document'
            self.add(
                "remote-ref", what, pointer, expected='a local one, such as "#/components/schemas/Name"', hint=hint
            )
            return
        from urllib.parse import unquote

        try:
            resolve(self.data, unquote(ref[1:]))
        except PointerError as error:
            what = f'the $ref "{ref}" names nothing: {error}'
            self.add("unresolved-ref", what, pointer, nearest=nearest_name(error.key, error.keys))

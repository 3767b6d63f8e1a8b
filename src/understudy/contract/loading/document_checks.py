"""Whether a document is one that can be served: every problem at once, each with its place."""

import re
from collections.abc import Callable
from typing import Any

from understudy.contract.document.pointers import child_pointer
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.element_checks import ElementChecker
from understudy.contract.operation.path_routing import list_variables, mask_variables
from understudy.errors import nearest_name

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_ROOT_KEYS = (
    *(
        "openapi",
        "info",
        "jsonSchemaDialect",
        "servers",
        "paths",
        "webhooks",
        "components",
        "security",
        "tags",
    ),
    "externalDocs",
)
_ITEM_KEYS = ("$ref", "summary", "description", "servers", "parameters", *METHODS)
_OPERATION_KEYS = (
    *(
        "tags",
        "summary",
        "description",
        "externalDocs",
        "operationId",
        "parameters",
        "requestBody",
        "responses",
    ),
    *("callbacks", "deprecated", "security", "servers"),
)
_STATUS = re.compile(r"[1-5][0-9][0-9]|[1-5]XX|default", re.IGNORECASE)


def check_document(tree: Tree) -> None:
    """Raise InputError with everything that keeps the document from being served."""
    findings = ShapeProblems(tree)
    if _is_openapi(tree.data, findings):
        _Checker(tree, findings).document()
    findings.close()


def _is_openapi(data: Any, findings: ShapeProblems) -> bool:
    if not isinstance(data, dict):
        findings.add("not-a-contract", "this is no OpenAPI document", "", expected="a mapping")
        return False
    if "swagger" in data:
        what, hint = "this is a Swagger 2.0 document", "Convert it to OpenAPI 3 first."
        findings.add("contract-version", what, "/swagger", expected='"openapi: 3.1.0"', hint=hint)
        return False
    version = data.get("openapi")
    if version is None:
        near = nearest_name("openapi", data)
        hint = f'"{near}" is there.' if near else ""
        expected = 'the key "openapi" with a version such as 3.1.0'
        findings.add(
            "not-a-contract", "this is no OpenAPI document", "", expected=expected, hint=hint
        )
        return False
    if not isinstance(version, str) or not re.match(r"3\.[01]\.", version):
        expected = "3.0.x or 3.1.x, as a text"
        findings.add(
            "contract-version", f"the version is {version!r}", "/openapi", expected=expected
        )
        return False
    return True


class _Checker:
    def __init__(self, tree: Tree, findings: ShapeProblems) -> None:
        self.tree = tree
        self.data = tree.data
        self.findings = findings
        self.parts = ElementChecker(tree.data, findings)
        self.ids: dict[str, tuple[str, str]] = {}
        """Path and pointer of the first operation of each operationId."""

    def document(self) -> None:
        self.findings.check_keys(self.data, _ROOT_KEYS, "")
        self.info(self.data.get("info"))
        self.components(self.data.get("components", {}))
        self.paths(self.data.get("paths", {}))
        self.parts.check_references(self.data, "")
        self.parts.check_cycles()

    def info(self, info: Any) -> None:
        if not self.findings.check_mapping(info, "/info", "info"):
            return
        for name in ("title", "version"):
            if name not in info:
                self.findings.add(
                    "missing-key", f'"info" has no "{name}"', "/info", expected=f"{name}: a text"
                )
            elif not isinstance(info[name], str):
                what, expected = f'"{name}" is no text', f'a text, such as "{info[name]}" in quotes'
                self.findings.add("bad-shape", what, f"/info/{name}", expected=expected)

    def components(self, components: Any) -> None:
        if not self.findings.check_mapping(components, "/components", "components"):
            return
        checks: dict[str, Callable[[Any, str], object]] = {
            "schemas": self.parts.check_schema,
            "parameters": self.parts.check_parameter,
            "headers": self.parts.check_header,
            "responses": self.parts.check_response,
            "requestBodies": self.parts.check_body,
        }
        for section, entries in components.items():
            pointer = child_pointer("/components", section)
            if section.startswith("x-") or not self.findings.check_mapping(
                entries, pointer, section
            ):
                continue
            for name, entry in entries.items():
                if section in checks:
                    checks[section](entry, child_pointer(pointer, name))

    def paths(self, paths: Any) -> None:
        if not self.findings.check_mapping(paths, "/paths", "paths"):
            return
        shapes: dict[str, str] = {}
        for path, item in paths.items():
            if path.startswith("x-"):
                continue
            pointer = child_pointer("/paths", path)
            self.template(path, pointer)
            other = shapes.setdefault(mask_variables(path), path)
            if other != path:
                what = f'the paths "{other}" and "{path}" match the same requests'
                self.findings.add("ambiguous-path", what, pointer, key=True, expected="one of them")
            if self.findings.check_mapping(item, pointer, path):
                self.item(path, *self.parts.follow_reference(item, pointer))

    def template(self, path: str, pointer: str) -> None:
        def add(what: str, expected: str) -> None:
            self.findings.add("bad-path", what, pointer, key=True, expected=expected)

        if not path.startswith("/"):
            add(f'the path "{path}" does not start with a slash', f'"/{path}"')
        if re.search(r"[{}]", re.sub(r"\{[^{}/]+\}", "", path)):
            add(f'the braces of "{path}" do not match', "/a/{name}")
        names = list_variables(path)
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            add(f'the variable "{name}" stands twice in "{path}"', "each once")

    def item(self, path: str, item: Any, pointer: str) -> None:
        if item is None or not self.findings.check_mapping(item, pointer, path):
            return
        self.findings.check_keys(item, _ITEM_KEYS, pointer)
        shared = self.parts.check_parameters(
            item.get("parameters", []), child_pointer(pointer, "parameters")
        )
        for method in METHODS:
            if method in item and self.findings.check_mapping(
                item[method], child_pointer(pointer, method), method
            ):
                self.operation(path, item[method], child_pointer(pointer, method), shared)

    def operation(
        self,
        path: str,
        operation: dict[str, Any],
        pointer: str,
        shared: dict[tuple[str, str], tuple[str, ...]],
    ) -> None:
        self.findings.check_keys(operation, _OPERATION_KEYS, pointer)
        self.findings.check_texts(operation, "tags", pointer)
        self.operation_id(path, operation, pointer)
        own = self.parts.check_parameters(operation.get("parameters", []), f"{pointer}/parameters")
        declared = {name: needs for (name, _), needs in [*shared.items(), *own.items()]}
        self.variables(
            path, pointer, [name for name, location in [*shared, *own] if location == "path"]
        )
        for name, needs in declared.items():
            for needed in needs:
                if needed not in declared:
                    near = nearest_name(needed, declared)
                    what = f'the parameter "{name}" requires "{needed}", which is none of this operation'
                    self.findings.add(
                        "no-such-parameter",
                        what,
                        pointer,
                        expected="a parameter's name",
                        nearest=near,
                    )
        if "requestBody" in operation:
            self.parts.check_body(operation["requestBody"], f"{pointer}/requestBody")
        responses = operation.get("responses", {})
        if self.findings.check_mapping(responses, f"{pointer}/responses", "responses"):
            for status, response in responses.items():
                self.status(status, response, child_pointer(pointer, "responses", status))

    def operation_id(self, path: str, operation: dict[str, Any], pointer: str) -> None:
        name = operation.get("operationId")
        if name is None:
            return
        if not isinstance(name, str) or not name:
            what = "the operationId is no text"
            self.findings.add("bad-shape", what, f"{pointer}/operationId", expected="a text")
            return
        first = self.ids.setdefault(name, (path, pointer))
        if first != (path, pointer):
            what = f'the operationId "{name}" stands twice (first on line {self.tree.place(first[1]).line})'
            self.findings.add(
                "duplicate-operation-id", what, f"{pointer}/operationId", expected="each once"
            )

    def variables(self, path: str, pointer: str, declared: list[str]) -> None:
        """Check that each variable of the path is declared, and each path parameter is a variable."""
        names = list_variables(path)
        for name in names:
            if name not in declared:
                near = nearest_name(name, declared)
                what = f'the path variable "{name}" is declared by no parameter'
                expected = f"a parameter with name: {name}, in: path, required: true"
                self.findings.add(
                    "path-parameter-missing", what, pointer, expected=expected, nearest=near
                )
        for name in declared:
            if name not in names:
                near = nearest_name(name, names)
                what = (
                    f'the path "{path}" has no variable "{name}", which a path parameter declares'
                )
                self.findings.add(
                    "path-variable-missing", what, pointer, expected=f"{{{name}}}", nearest=near
                )

    def status(self, status: str, response: Any, pointer: str) -> None:
        if status.startswith("x-"):
            return
        if not _STATUS.fullmatch(status):
            what, expected = f'"{status}" is no status', '"200", "4XX" or "default"'
            self.findings.add("bad-status", what, pointer, key=True, expected=expected)
        self.parts.check_response(response, pointer)

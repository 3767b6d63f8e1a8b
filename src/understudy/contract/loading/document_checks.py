"""Checks that a document can be served: its head, paths and operations.

Every problem is reported at once, each with its place. The elements that operations are made of
(parameters, bodies, responses, schemas) are checked by `element_checks`.
"""

import re
from collections.abc import Callable

from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.element_checks import ElementChecker, ParameterNeeds
from understudy.contract.operation.path_routing import METHODS, list_variables, mask_variables
from understudy.errors import nearest_name

# OpenAPI 3.1, OpenAPI Object.
_ROOT_KEYS = (
    *("openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks", "components"),
    *("security", "tags", "externalDocs"),
)
# OpenAPI 3.1, Path Item Object.
_ITEM_KEYS = ("$ref", "summary", "description", "servers", "parameters", *METHODS)
# OpenAPI 3.1, Operation Object.
_OPERATION_KEYS = (
    *("tags", "summary", "description", "externalDocs", "operationId", "parameters"),
    *("requestBody", "responses", "callbacks", "deprecated", "security", "servers"),
)
# A text, because YAML reads an unquoted 3.1 as a number.
_VERSION = re.compile(r"3\.[01]\.")
# OpenAPI 3.1, Responses Object.
_STATUS = re.compile(r"[1-5][0-9][0-9]|[1-5]XX|default", re.IGNORECASE)

_OperationPlace = tuple[str, str]
"""Path and pointer of an operation."""
_Check = Callable[[object, str], object]
"""Checks the element at a pointer."""


def check_document(tree: Tree) -> None:
    """Raise InputError with every problem that keeps a document from being served."""
    problems = ShapeProblems(tree)
    if _is_openapi(tree.data, problems):
        _DocumentChecker(tree, problems).check()
    problems.raise_if_any()


def _is_openapi(data: object, problems: ShapeProblems) -> bool:
    """Return whether the rest of a document is worth checking, and add a problem when not."""
    if not isinstance(data, dict):
        problems.add("not-a-contract", "not an OpenAPI document", "", expected="a mapping")
        return False
    if "swagger" in data:
        problems.add(
            "contract-version",
            "Swagger 2.0 documents are not supported",
            "/swagger",
            expected='"openapi: 3.1.0"',
            hint="Convert it to OpenAPI 3 first.",
        )
        return False
    version = data.get("openapi")
    if version is None:
        _add_no_version(data, problems)
        return False
    if not isinstance(version, str) or not _VERSION.match(version):
        message = f"unsupported OpenAPI version {version!r}"
        expected = "3.0.x or 3.1.x, as a text"
        problems.add("contract-version", message, "/openapi", expected=expected)
        return False
    return True


def _add_no_version(data: JsonObject, problems: ShapeProblems) -> None:
    """Add a problem for a document without a version, with the key that may be a typo of it."""
    similar = nearest_name("openapi", data)
    hint = ""
    if similar:
        hint = f'It has the key "{similar}".'
    problems.add(
        "not-a-contract",
        "not an OpenAPI document",
        "",
        expected='the key "openapi" with a version such as 3.1.0',
        hint=hint,
    )


class _DocumentChecker:
    """Checks one document, from the root down.

    Every problem is added to the same list, so that one run reports all of them. A part that is
    not a mapping is reported once; nothing below it is checked.
    """

    def __init__(self, tree: Tree, problems: ShapeProblems) -> None:
        self.tree = tree
        self.data = tree.data
        self.problems = problems
        self.elements = ElementChecker(tree.data, problems)
        self.ids: dict[str, _OperationPlace] = {}
        """By operationId: path and pointer of the first operation that has it."""

    def check(self) -> None:
        """Check the whole document. Source: OpenAPI 3.1, OpenAPI Object."""
        self.problems.check_keys(self.data, _ROOT_KEYS, "")
        self.check_info(self.data.get("info"))
        self.check_components(self.data.get("components", {}))
        self.check_paths(self.data.get("paths", {}))
        self.elements.check_references(self.data, "")
        self.elements.check_cycles()

    def check_info(self, info: object) -> None:
        """Check `info`. Source: OpenAPI 3.1, Info Object: title and version are required.

        Both are shown to users; the other members are not read.
        """
        if not self.problems.check_mapping(info, "/info", "info"):
            return
        for name in ("title", "version"):
            if name not in info:
                message = f'missing "{name}" in "info"'
                expected = f"{name}: a text"
                self.problems.add("missing-key", message, "/info", expected=expected)
            elif not isinstance(info[name], str):
                # YAML reads an unquoted 1.0 as a number.
                where = child_pointer("/info", name)
                message = f'"{name}" is not a text'
                expected = f'a text, such as "{info[name]}" in quotes'
                self.problems.add("bad-shape", message, where, expected=expected)

    def check_components(self, components: object) -> None:
        """Check every component, used or not. Source: OpenAPI 3.1, Components Object."""
        if not self.problems.check_mapping(components, "/components", "components"):
            return
        checks: dict[str, _Check] = {
            "schemas": self.elements.check_schema,
            "parameters": self.elements.check_parameter,
            "headers": self.elements.check_header,
            "responses": self.elements.check_response,
            "requestBodies": self.elements.check_body,
        }
        for section, entries in components.items():
            pointer = child_pointer("/components", section)
            if section.startswith("x-"):
                continue
            if not self.problems.check_mapping(entries, pointer, section):
                continue
            # The other sections are read where an operation refers to them.
            if section in checks:
                for name, entry in entries.items():
                    where = child_pointer(pointer, name)
                    checks[section](entry, where)

    def check_paths(self, paths: object) -> None:
        """Check the paths. Source: OpenAPI 3.1, Paths Object.

        Two templates that differ in the names of variables alone match the same requests.
        """
        if not self.problems.check_mapping(paths, "/paths", "paths"):
            return
        by_mask: dict[str, str] = {}
        for path, item in paths.items():
            if path.startswith("x-"):
                continue
            pointer = child_pointer("/paths", path)
            self.check_template(path, pointer)
            first = by_mask.setdefault(mask_variables(path), path)
            if first != path:
                message = f'the paths "{first}" and "{path}" match the same requests'
                expected = "only one of them"
                self.problems.add("ambiguous-path", message, pointer, key=True, expected=expected)
            if self.problems.check_mapping(item, pointer, path):
                target, where = self.elements.follow_reference(item, pointer)
                self.check_item(path, target, where)

    def check_template(self, path: str, pointer: str) -> None:
        """Check a path template. Source: OpenAPI 3.1, "Path Templating".

        A variable may be a part of a segment (`/files/{name}.{ext}`), but not appear twice.
        """

        def add(message: str, expected: str) -> None:
            self.problems.add("bad-path", message, pointer, key=True, expected=expected)

        if not path.startswith("/"):
            add(f'the path "{path}" does not start with a slash', f'"/{path}"')
        without_variables = re.sub(r"\{[^{}/]+\}", "", path)
        if "{" in without_variables or "}" in without_variables:
            add(f'unbalanced braces in the path "{path}"', "/a/{name}")
        names = list_variables(path)
        repeated = [name for name in names if names.count(name) > 1]
        for name in dict.fromkeys(repeated):
            add(f'duplicate variable "{name}" in the path "{path}"', "each variable once")

    def check_item(self, path: str, item: object, pointer: str) -> None:
        """Check a path item; None stands for a `$ref` that `check_references` reports."""
        if item is None:
            return
        if not self.problems.check_mapping(item, pointer, path):
            return
        self.problems.check_keys(item, _ITEM_KEYS, pointer)
        parameters = item.get("parameters", [])
        where = child_pointer(pointer, "parameters")
        shared = self.elements.check_parameters(parameters, where)
        for method in METHODS:
            if method not in item:
                continue
            where = child_pointer(pointer, method)
            if self.problems.check_mapping(item[method], where, method):
                self.check_operation(path, item[method], where, shared)

    def check_operation(
        self, path: str, operation: JsonObject, pointer: str, shared: ParameterNeeds
    ) -> None:
        """Check an operation; `shared` are the parameters of its path.

        Source: OpenAPI 3.1, Operation Object. Links, callbacks and security are not read here, so
        they are not checked.
        """
        self.problems.check_keys(operation, _OPERATION_KEYS, pointer)
        self.problems.check_texts(operation, "tags", pointer)
        self.check_operation_id(path, operation, pointer)
        parameters = operation.get("parameters", [])
        own = self.elements.check_parameters(parameters, f"{pointer}/parameters")
        declared = [*shared, *own]
        in_path = [name for name, location in declared if location == "path"]
        self.check_path_variables(path, pointer, in_path)
        self.check_required_parameters(shared, own, pointer)
        if "requestBody" in operation:
            where = f"{pointer}/requestBody"
            self.elements.check_body(operation["requestBody"], where)
        responses = operation.get("responses", {})
        where = f"{pointer}/responses"
        if self.problems.check_mapping(responses, where, "responses"):
            for status, response in responses.items():
                self.check_status(status, response, child_pointer(where, status))

    def check_required_parameters(
        self, shared: ParameterNeeds, own: ParameterNeeds, pointer: str
    ) -> None:
        """Check that `x-requires` names parameters of the same operation.

        Parameters of the path count too. Of two with one name, the operation's is used.
        """
        needs_by_name: dict[str, tuple[str, ...]] = {}
        for parameters in (shared, own):
            for (name, _), needs in parameters.items():
                needs_by_name[name] = needs
        for name, needs in needs_by_name.items():
            for needed in needs:
                if needed not in needs_by_name:
                    self.problems.add(
                        "no-such-parameter",
                        f'the parameter "{name}" requires the unknown parameter "{needed}"',
                        pointer,
                        expected="the name of a parameter of this operation",
                        nearest=nearest_name(needed, needs_by_name),
                    )

    def check_operation_id(self, path: str, operation: JsonObject, pointer: str) -> None:
        """Check an operationId. Source: OpenAPI 3.1, Operation Object: it is unique."""
        name = operation.get("operationId")
        if name is None:
            return
        where = f"{pointer}/operationId"
        if not isinstance(name, str) or not name:
            self.problems.add("bad-shape", "operationId is not a text", where, expected="a text")
            return
        # Two paths can share one item by `$ref`, so the pointer alone does not identify one.
        place = (path, pointer)
        first = self.ids.setdefault(name, place)
        if first != place:
            _, first_pointer = first
            line = self.tree.place(first_pointer).line
            message = f'duplicate operationId "{name}" (first on line {line})'
            expected = "a unique operationId"
            self.problems.add("duplicate-operation-id", message, where, expected=expected)

    def check_path_variables(self, path: str, pointer: str, declared: list[str]) -> None:
        """Check that each variable of the path is a path parameter, and the reverse.

        Source: OpenAPI 3.1, "Path Templating": every variable needs a parameter of its name.
        """
        names = list_variables(path)
        for name in names:
            if name not in declared:
                self.problems.add(
                    "path-parameter-missing",
                    f'no parameter for the path variable "{name}"',
                    pointer,
                    expected=f"a parameter with name: {name}, in: path, required: true",
                    nearest=nearest_name(name, declared),
                )
        for name in declared:
            if name not in names:
                self.problems.add(
                    "path-variable-missing",
                    f'the path "{path}" has no variable for the path parameter "{name}"',
                    pointer,
                    expected=f"{{{name}}}",
                    nearest=nearest_name(name, names),
                )

    def check_status(self, status: str, response: object, pointer: str) -> None:
        """Check a status and its response. Source: OpenAPI 3.1, Responses Object."""
        if status.startswith("x-"):
            return
        if not _STATUS.fullmatch(status):
            message = f'invalid status "{status}"'
            expected = '"200", "4XX" or "default"'
            self.problems.add("bad-status", message, pointer, key=True, expected=expected)
        self.elements.check_response(response, pointer)

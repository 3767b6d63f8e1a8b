"""Checks of path items and operations; what cannot be used is reported and removed."""

import re
from collections.abc import Iterator
from typing import Any

from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.element_checks import ElementChecker, ParameterNeeds
from understudy.contract.operation.path_routing import METHODS, list_variables

_ADDITIONAL = "additionalOperations"
# OpenAPI 3.2, Path Item Object.
_ITEM_KEYS = (
    *("$ref", "summary", "description", "servers", "parameters"),
    *METHODS,
    _ADDITIONAL,
)
# OpenAPI 3.1, Operation Object.
_OPERATION_KEYS = (
    *("tags", "summary", "description", "externalDocs", "operationId", "parameters"),
    *("requestBody", "responses", "callbacks", "deprecated", "security", "servers"),
)
# OpenAPI 3.1, Responses Object.
_STATUS = re.compile(r"[1-5][0-9][0-9]|[1-5]XX|default", re.IGNORECASE)
# RFC 9110, section 5.6.2.
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_OperationPlace = tuple[str, str]
"""Path and pointer of an operation."""


class OperationChecker:
    """Checks the operations of one document, and repairs them in place."""

    def __init__(self, tree: Tree, problems: ShapeProblems, elements: ElementChecker) -> None:
        self.tree = tree
        self.problems = problems
        self.elements = elements
        self.ids: dict[str, _OperationPlace] = {}
        """By operationId: path and pointer of the first operation that has it."""

    def check_item(self, path: str, item: object, pointer: str) -> bool:
        """Check a path item, and return whether it can be used.

        None stands for one that is not a mapping, or a `$ref` without a target: that is reported.
        """
        if item is None:
            return False
        if not self.problems.check_mapping(item, pointer, path):
            return False
        self.problems.check_keys(item, _ITEM_KEYS, pointer)
        shared = self.elements.check_parameters(item, pointer)
        self.check_additional_operations(item, pointer)
        for method, holder, where in list(self.iter_methods(item, pointer)):
            if self.problems.check_mapping(holder[method], where, method):
                self.check_operation(path, holder[method], where, shared)
            else:
                del holder[method]
        return True

    def check_additional_operations(self, item: JsonObject, pointer: str) -> None:
        """Check the methods beside the usual ones. Source: OpenAPI 3.2, Path Item Object."""
        additional = item.get(_ADDITIONAL, {})
        where = f"{pointer}/{_ADDITIONAL}"
        if not self.problems.check_mapping(additional, where, _ADDITIONAL):
            del item[_ADDITIONAL]
            return
        for method in list(additional):
            if not _METHOD.fullmatch(method) or method.lower() in METHODS:
                message = f'invalid method "{method}"'
                expected = "a method that is not a member of the path item, such as COPY"
                at = child_pointer(where, method)
                self.problems.add("bad-method", message, at, key=True, expected=expected)
                del additional[method]

    def iter_methods(self, item: Any, pointer: str) -> Iterator[tuple[str, JsonObject, str]]:
        """Yield key, container and pointer of each operation of a path item."""
        if not isinstance(item, dict):
            return
        for method in METHODS:
            if method in item:
                yield method, item, child_pointer(pointer, method)
        additional = item.get(_ADDITIONAL, {})
        for method in list(additional):
            yield method, additional, child_pointer(pointer, _ADDITIONAL, method)

    def check_operation(
        self, path: str, operation: JsonObject, pointer: str, shared: ParameterNeeds
    ) -> None:
        """Check an operation; `shared` are the parameters of its path.

        Source: OpenAPI 3.1, Operation Object. Links and callbacks are not read here, so they are
        not checked.
        """
        self.problems.check_keys(operation, _OPERATION_KEYS, pointer)
        if not self.problems.check_texts(operation, "tags", pointer):
            del operation["tags"]
        self.check_operation_id(path, operation, pointer)
        own = self.elements.check_parameters(operation, pointer)
        self.check_path_variables(path, operation, pointer, [*shared, *own])
        self.check_required_parameters(shared, own, pointer)
        if "requestBody" in operation:
            where = f"{pointer}/requestBody"
            if not self.elements.check_body(operation["requestBody"], where):
                del operation["requestBody"]
        self.check_responses(operation, pointer)
        self.check_security(operation, pointer)

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
                        nearest=self.problems.find_nearest(needed, needs_by_name),
                    )

    def check_operation_id(self, path: str, operation: JsonObject, pointer: str) -> None:
        """Check an operationId. Source: OpenAPI 3.1, Operation Object: it is unique.

        A second operation with the same one is named by its method and path.
        """
        name = operation.get("operationId")
        if name is None:
            return
        where = f"{pointer}/operationId"
        if not isinstance(name, str) or not name:
            self.problems.add("bad-shape", "operationId is not a text", where, expected="a text")
            del operation["operationId"]
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
            if first_pointer != pointer:
                del operation["operationId"]

    def check_path_variables(
        self, path: str, operation: JsonObject, pointer: str, declared: list[tuple[str, str]]
    ) -> None:
        """Check that each variable of the path is a path parameter, and the reverse.

        Source: OpenAPI 3.1, "Path Templating": every variable needs a parameter of its name. A
        variable without one is a text; a parameter without a variable is not read.
        """
        names = list_variables(path)
        in_path = [name for name, location in declared if location == "path"]
        for name in dict.fromkeys(names):
            if name not in in_path:
                self.problems.add(
                    "path-parameter-missing",
                    f'no parameter for the path variable "{name}"',
                    pointer,
                    expected=f"a parameter with name: {name}, in: path, required: true",
                    nearest=self.problems.find_nearest(name, in_path),
                )
                self._declare_variable(operation, pointer, name)
        for name in in_path:
            if name not in names:
                self.problems.add(
                    "path-variable-missing",
                    f'the path "{path}" has no variable for the path parameter "{name}"',
                    pointer,
                    expected=f"{{{name}}}",
                    nearest=self.problems.find_nearest(name, names),
                )

    def _declare_variable(self, operation: JsonObject, pointer: str, name: str) -> None:
        """Add the parameter of a path variable that has none."""
        parameters = operation.setdefault("parameters", [])
        parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        parameters.append(parameter)
        origins = self.tree.child_origins.get(id(parameters))
        if isinstance(origins, list):
            origins.append(self.tree.find_origin(pointer))

    def check_responses(self, operation: JsonObject, pointer: str) -> None:
        """Check the responses of an operation. Source: OpenAPI 3.1, Responses Object.

        An operation without responses gets a default one, which allows any answer.
        """
        responses = operation.get("responses", {})
        where = f"{pointer}/responses"
        if self.problems.check_mapping(responses, where, "responses"):
            for status, response in list(responses.items()):
                at = child_pointer(where, status)
                if not self.check_status(status, response, at):
                    del responses[status]
        else:
            responses = {}
        if not any(not status.startswith("x-") for status in responses):
            message = "the operation has no responses: it is answered with 200 and no body"
            expected = '"responses" with at least one status'
            self.problems.add("no-responses", message, pointer, expected=expected)
            responses = {"default": {"description": ""}}
        operation["responses"] = responses

    def check_status(self, status: str, response: object, pointer: str) -> bool:
        """Check a status and its response. Source: OpenAPI 3.1, Responses Object."""
        if status.startswith("x-"):
            return True
        if not _STATUS.fullmatch(status):
            message = f'invalid status "{status}"'
            expected = '"200", "4XX" or "default"'
            self.problems.add("bad-status", message, pointer, key=True, expected=expected)
            return False
        return self.elements.check_response(response, pointer)

    def check_security(self, holder: JsonObject, pointer: str) -> None:
        """Check that the security requirements of a document or operation name known schemes.

        Source: OpenAPI 3.1, Security Requirement Object. What is not a requirement is removed.
        """
        if "security" not in holder:
            return
        where = f"{pointer}/security"
        requirements = holder["security"]
        if not isinstance(requirements, list) or not all(
            isinstance(requirement, dict) for requirement in requirements
        ):
            message = 'invalid "security"'
            expected = "a list of mappings from names of security schemes to scopes"
            self.problems.add("bad-shape", message, where, expected=expected)
            del holder["security"]
            return
        components = self.tree.data.get("components", {})
        known = components.get("securitySchemes", {}) if isinstance(components, dict) else {}
        for index, requirement in enumerate(requirements):
            for name in requirement:
                if name not in known:
                    message = f'unknown security scheme "{name}"'
                    at = child_pointer(where, index, name)
                    expected = (
                        f"one of {', '.join(known)}" if known else "components/securitySchemes"
                    )
                    nearest = self.problems.find_nearest(name, known)
                    self.problems.add(
                        "no-such-scheme", message, at, key=True, expected=expected, nearest=nearest
                    )

"""Checks of a document that can be served: its head, components and paths.

Every flaw is reported, each with its place, and repaired in place: what cannot be used is removed
or replaced by a default. After the checks the compiler can rely on the types of all members that
it reads. Operations are checked by `operation_checks`, their elements by `element_checks`.
"""

import re
from collections.abc import Callable

from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.element_checks import ElementChecker
from understudy.contract.loading.operation_checks import OperationChecker
from understudy.contract.loading.reference_checks import check_references
from understudy.contract.loading.security_checks import check_security_schemes
from understudy.contract.operation.path_routing import (
    list_variables,
    mask_variables,
    path_template,
)

# OpenAPI 3.2, OpenAPI Object.
_ROOT_KEYS = (
    *("openapi", "$self", "info", "jsonSchemaDialect", "servers", "paths", "webhooks"),
    *("components", "security", "tags", "externalDocs"),
)

_Check = Callable[[object, str], object]
"""Checks the element at a pointer, and returns something false for one that cannot be used."""


def check_document(tree: Tree, problems: ShapeProblems) -> bool:
    """Report every flaw of a document, and repair it in place.

    The document is an object of OpenAPI 3.1 or later, its schemas in 2020-12, its references local.
    Returns whether any schema is `writeOnly`.
    """
    checker = _DocumentChecker(tree, problems)
    checker.check()
    return checker.elements.schemas.has_write_only


class _DocumentChecker:
    """Checks one document, from the root down."""

    def __init__(self, tree: Tree, problems: ShapeProblems) -> None:
        self.tree = tree
        self.data: JsonObject = tree.data
        self.problems = problems
        self.elements = ElementChecker(tree, problems)
        self.operations = OperationChecker(tree, problems, self.elements)

    def check(self) -> None:
        """Check the whole document. Source: OpenAPI 3.1, OpenAPI Object."""
        self.problems.check_keys(self.data, _ROOT_KEYS, "")
        self.check_info()
        check_references(self.data, self.problems)
        self.check_components()
        self.check_paths()
        self.operations.check_security(self.data, "")
        check_security_schemes(self.data, self.problems)
        self.elements.schemas.check_cycles()
        self.elements.schemas.check_endless()
        self.elements.schemas.check_impossible()

    def check_info(self) -> None:
        """Check `info`. Source: OpenAPI 3.1, Info Object: title and version are required.

        Both are shown to users; the other members are not read.
        """
        if not self.problems.check_mapping(self.data.get("info"), "/info", "info"):
            self.data["info"] = {"title": "", "version": ""}
            return
        info: JsonObject = self.data["info"]
        for name in ("title", "version"):
            if name not in info:
                message = f'missing "{name}" in "info"'
                expected = f"{name}: a text"
                self.problems.add("missing-key", message, "/info", expected=expected)
                info[name] = ""
            elif not isinstance(info[name], str):
                # YAML reads an unquoted 1.0 as a number.
                where = child_pointer("/info", name)
                message = f'"{name}" is not a text'
                expected = f'a text, such as "{info[name]}" in quotes'
                self.problems.add("bad-shape", message, where, expected=expected)
                info[name] = str(info[name])

    def check_components(self) -> None:
        """Check every component, used or not. Source: OpenAPI 3.1, Components Object."""
        components = self.data.get("components", {})
        if not self.problems.check_mapping(components, "/components", "components"):
            del self.data["components"]
            return
        checks: dict[str, _Check] = {
            "schemas": self.elements.schemas.check,
            "parameters": self.elements.check_parameter,
            "headers": self.elements.check_header,
            "responses": self.elements.check_response,
            "requestBodies": self.elements.check_body,
        }
        for section, entries in list(components.items()):
            pointer = child_pointer("/components", section)
            if section.startswith("x-"):
                continue
            if not self.problems.check_mapping(entries, pointer, section):
                del components[section]
                continue
            # The other sections are read where an operation refers to them. A broken component
            # stays: the checks of what refers to it remove the reference.
            if section in checks:
                for name, entry in entries.items():
                    where = child_pointer(pointer, name)
                    checks[section](entry, where)

    def check_paths(self) -> None:
        """Check the paths. Source: OpenAPI 3.1, Paths Object."""
        paths = self.data.get("paths", {})
        if not self.problems.check_mapping(paths, "/paths", "paths"):
            del self.data["paths"]
            return
        for path, node in list(paths.items()):
            if path.startswith("x-"):
                continue
            pointer = child_pointer("/paths", path)
            self.check_template(path, pointer)
            item, where = None, pointer
            if self.problems.check_mapping(node, pointer, path):
                item, where = self.elements.follow_reference(node, pointer)
                self.check_siblings(node, pointer)
            if not self.operations.check_item(path, item, where):
                del paths[path]
        self.check_same_templates(paths)

    def check_siblings(self, item: JsonObject, pointer: str) -> None:
        """Report members beside the `$ref` of a path item, which are not read."""
        siblings = [key for key in item if key not in ("$ref", "summary", "description")]
        if "$ref" in item and siblings:
            message = f'"{siblings[0]}" beside the $ref of a path has no effect'
            where = child_pointer(pointer, siblings[0])
            self.problems.add("no-effect", message, where, key=True)

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
        template = path_template(path)
        if len(template) < len(path):
            # A request's path ends before its query, and its fragment is never sent.
            separator = f"/{path.removeprefix('/')}"[len(template)]
            add(f'the path "{path}" contains "{separator}"', f'"{template}", without a query')
        names = list_variables(path)
        repeated = [name for name in names if names.count(name) > 1]
        for name in dict.fromkeys(repeated):
            add(f'duplicate variable "{name}" in the path "{path}"', "each variable once")

    def check_same_templates(self, paths: JsonObject) -> None:
        """Check that no two operations match the same requests; the first one is served.

        Source: OpenAPI 3.1, Paths Object: templates that differ in the names of variables alone
        are the same. They are served as long as their methods differ.
        """
        first_paths: dict[str, str] = {}
        first_operations: dict[tuple[str, str], str] = {}
        for path, node in paths.items():
            if path.startswith("x-"):
                continue
            mask = mask_variables(path_template(path))
            pointer = child_pointer("/paths", path)
            first = first_paths.setdefault(mask, path)
            item, where = self.elements.follow_reference(node, pointer)
            has_collision = False
            for method, _, method_pointer in self.operations.iter_methods(item, where):
                owner = first_operations.setdefault((mask, method.upper()), path)
                if owner != path:
                    has_collision = True
                    message = f'{method.upper()} of "{path}" is not served: "{owner}" has it'
                    self._add_ambiguous(message, method_pointer)
            if first != path and not has_collision:
                message = f'the paths "{first}" and "{path}" match the same requests'
                self._add_ambiguous(message, pointer)

    def _add_ambiguous(self, message: str, pointer: str) -> None:
        expected = "only one of them"
        self.problems.add("ambiguous-path", message, pointer, key=True, expected=expected)

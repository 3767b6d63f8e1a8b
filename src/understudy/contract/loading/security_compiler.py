"""Compilation of the security requirements of operations."""

from understudy.contract.document.pointers import JsonObject, PointerError, follow_refs
from understudy.contract.operation.credentials import (
    SecurityRequirement,
    SecurityScheme,
    make_scheme,
)
from understudy.contract.operation.violation import find_source


class SecurityCompiler:
    """Compiles the requirements of one document; its schemes once."""

    def __init__(self, document: JsonObject) -> None:
        self._document = document
        self._schemes = _compile_schemes(document)

    def compile_operation(self, node: JsonObject, pointer: str) -> SecurityRequirement | None:
        """Compile what an operation asks for; None: nothing at all.

        Source: OpenAPI 3.1, Operation Object: the list of the operation replaces that of the
        document, and an empty one removes it.
        """
        holder, where = (node, pointer) if "security" in node else (self._document, "")
        alternatives = [self._combine(requirement) for requirement in holder.get("security") or ()]
        if not alternatives:
            return None
        where = f"{where}/security"
        source = find_source(self._document, where)
        return SecurityRequirement(tuple(alternatives), where, source)

    def _combine(self, requirement: JsonObject) -> tuple[SecurityScheme, ...]:
        """Return the schemes that are needed together.

        One that is unknown cannot be checked: the loader reports it.
        """
        schemes = [self._schemes.get(name) for name in requirement]
        return tuple(scheme for scheme in schemes if scheme is not None)


def _compile_schemes(document: JsonObject) -> dict[str, SecurityScheme]:
    components = document.get("components", {})
    nodes = components.get("securitySchemes", {}) if isinstance(components, dict) else {}
    schemes: dict[str, SecurityScheme] = {}
    if not isinstance(nodes, dict):
        return schemes
    for name, node in nodes.items():
        try:
            target, _ = follow_refs(document, node, "")
        except PointerError:
            continue
        scheme = make_scheme(name, target) if isinstance(target, dict) else None
        if scheme is not None:
            schemes[name] = scheme
    return schemes

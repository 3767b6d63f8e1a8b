"""Checks of security schemes. One that is not described well cannot be checked in requests."""

from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.operation.credentials import make_scheme

_POINTER = "/components/securitySchemes"
_EXPECTED = (
    "type: http with a scheme, apiKey with name and in (header, query or cookie), oauth2, "
    "openIdConnect or mutualTLS"
)


def check_security_schemes(data: JsonObject, problems: ShapeProblems) -> None:
    """Report each scheme that no request can be checked for.

    Source: OpenAPI 3.1, Security Scheme Object. References are reported elsewhere.
    """
    components = data.get("components")
    nodes = components.get("securitySchemes") if isinstance(components, dict) else None
    if not isinstance(nodes, dict):
        return
    for name, node in nodes.items():
        pointer = child_pointer(_POINTER, name)
        # The target of a reference is a scheme of this list: it is reported there.
        if not problems.check_mapping(node, pointer, name) or "$ref" in node:
            continue
        if node.get("type") != "mutualTLS" and make_scheme(name, node) is None:
            message = f'the security scheme "{name}" cannot be checked'
            problems.add("bad-scheme", message, pointer, expected=_EXPECTED)

"""The field WWW-Authenticate of answers to calls without credentials."""

from dataclasses import replace

from understudy.contract import Operation
from understudy.replay.service import UnrenderedResponse

_FIELD = "WWW-Authenticate"


def add_challenges(response: UnrenderedResponse, operation: Operation) -> UnrenderedResponse:
    """Return a response 401 with a challenge for each security scheme of its operation.

    A field that the contract documents with an example stays. Source: RFC 9110, section 15.5.2.
    """
    if response.status != 401 or operation.security is None:
        return response
    if _documents_challenge(operation, response.status):
        return response
    others = [pair for pair in response.headers if pair[0].lower() != _FIELD.lower()]
    value = ", ".join(operation.security.challenges())
    return replace(response, headers=(*others, (_FIELD, value)))


def _documents_challenge(operation: Operation, status: int) -> bool:
    spec = operation.response_spec(status)
    headers = () if spec is None else spec.headers
    return any(
        header.name.lower() == _FIELD.lower() and header.example is not None for header in headers
    )

"""Checks responses in tests and programs: `check` returns findings, `validate` raises them."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

from understudy.contract import Contract, load_contract
from understudy.errors import nearest_name
from understudy.traffic.client_responses import convert_response
from understudy.traffic.finding import Finding, Severity
from understudy.traffic.message_validator import MessageValidator

ContractSource = Contract | str | PathLike[str] | None
"""A contract, or the path of an OpenAPI document; None: the shipped contract."""
_MAX_LISTED = 20
"""How many findings the text of an error lists."""


class ContractError(AssertionError):
    """A response that breaks its contract; `findings` has all that is wrong."""

    def __init__(self, call: str, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        lines = [f"{call or 'the response'} breaks the contract ({len(findings)})"]
        lines += [f"  {finding.text}" for finding in findings[:_MAX_LISTED]]
        if len(findings) > _MAX_LISTED:
            lines.append(f"  … and {len(findings) - _MAX_LISTED} more")
        super().__init__("\n".join(lines))
        self._call = call

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to build it anew: other processes raise it again."""
        return type(self), (self._call, self.findings)


def check(
    response: Any,
    operation: str | None = None,
    *,
    contract: ContractSource = None,
    request: bool = False,
) -> tuple[Finding, ...]:
    """Return what is wrong with a response: errors, then warnings about unknown fields.

    `response` comes from requests, httpx, aiohttp, Django's or werkzeug's test client, or is a
    tuple (status, headers, body). `operation` is the operationId; without it, the operation is
    found by method and URL of the request. `request`: the request is checked too.

    Raises ValueError for an unknown operation, or when there is neither operation nor request;
    TypeError for another object than a response; InputError for a contract that cannot be loaded.
    """
    return _check(response, operation, contract, with_request=request)[1]


def validate(
    response: Any,
    operation: str | None = None,
    *,
    contract: ContractSource = None,
    request: bool = False,
) -> None:
    """Raise ContractError with everything that is wrong with a response; warnings are ignored.

    The arguments are those of `check`.
    """
    call, findings = _check(response, operation, contract, with_request=request)
    errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
    unmatched = tuple(finding for finding in findings if finding.rule == "no-operation")
    if errors or unmatched:
        raise ContractError(call, errors or unmatched)


def validation_hook(
    *, contract: ContractSource = None, request: bool = False
) -> Callable[..., None]:
    """Return a hook that validates each answer of a session, and raises ContractError.

    For requests: `session.hooks["response"].append(validation_hook())`. For httpx:
    `httpx.Client(event_hooks={"response": [validation_hook()]})`.
    """

    def hook(response: Any, *args: object, **kwargs: object) -> None:
        """Read the response and validate it."""
        _read_streamed(response)
        validate(response, contract=contract, request=request)

    return hook


def async_validation_hook(
    *, contract: ContractSource = None, request: bool = False
) -> Callable[[Any], Awaitable[None]]:
    """Return the same hook for `httpx.AsyncClient`."""

    async def hook(response: Any) -> None:
        """Read the response and validate it."""
        await response.aread()
        validate(response, contract=contract, request=request)

    return hook


def _read_streamed(response: Any) -> None:
    """Read the body of an httpx response: a hook sees it before it is read."""
    if hasattr(response, "is_stream_consumed") and not response.is_stream_consumed:
        response.read()


def _check(
    response: Any, operation: str | None, contract: ContractSource, *, with_request: bool
) -> tuple[str, tuple[Finding, ...]]:
    """Return the call and the findings of a response."""
    validator = _find_validator(contract)
    operations = validator.contract.operations
    if operation is not None and operation not in operations:
        nearest = nearest_name(operation, operations)
        hint = f'. Did you mean "{nearest}"?' if nearest else ""
        raise ValueError(f'the contract has no operation "{operation}"{hint}')
    message = convert_response(response, operation or "")
    if message.request is None and not message.operation:
        raise ValueError("the response has no request; name the operation: operation=…")
    findings = validator.validate(message).findings
    call = message.origin("").call or message.operation
    if not with_request:
        findings = tuple(part for part in findings if _is_about_response(part))
    return call, findings


def _is_about_response(finding: Finding) -> bool:
    """Return whether a finding is about the response, or about a call that no operation fits."""
    return finding.side == "response" or finding.rule == "no-operation"


def _find_validator(contract: ContractSource) -> MessageValidator:
    if isinstance(contract, Contract):
        return _validator_of(contract)
    return _load_validator(None if contract is None else Path(contract))


@lru_cache(maxsize=8)
def _validator_of(contract: Contract) -> MessageValidator:
    return MessageValidator(contract)


@lru_cache(maxsize=8)
def _load_validator(path: Path | None) -> MessageValidator:
    return MessageValidator(load_contract(path))

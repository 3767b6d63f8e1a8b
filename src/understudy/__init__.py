"""Understudy: derives an API's contract from its documents and stands in for the server.

The public names are imported on first use: pytest imports the package for its plugin in every
run, also in those that do not use it.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from understudy.contract import Contract as Contract
    from understudy.contract import corruptions as corruptions
    from understudy.contract import load_contract as load_contract
    from understudy.control.client import ControlClient as ControlClient
    from understudy.control.client import ControlError as ControlError
    from understudy.harness import Ocp as Ocp
    from understudy.harness import OcpServer as OcpServer
    from understudy.harness import subtask as subtask
    from understudy.live import LiveServer as LiveServer
    from understudy.server import create_app as create_app
    from understudy.traffic.checks import ContractError as ContractError
    from understudy.traffic.checks import async_validation_hook as async_validation_hook
    from understudy.traffic.checks import check as check
    from understudy.traffic.checks import validate as validate
    from understudy.traffic.checks import validation_hook as validation_hook

# The modules of the public names; type checkers read the imports above.
_HOMES = {
    "Contract": "understudy.contract",
    "ContractError": "understudy.traffic.checks",
    "ControlClient": "understudy.control.client",
    "ControlError": "understudy.control.client",
    "LiveServer": "understudy.live",
    "Ocp": "understudy.harness",
    "OcpServer": "understudy.harness",
    "async_validation_hook": "understudy.traffic.checks",
    "check": "understudy.traffic.checks",
    "corruptions": "understudy.contract",
    "create_app": "understudy.server",
    "load_contract": "understudy.contract",
    "subtask": "understudy.harness",
    "validate": "understudy.traffic.checks",
    "validation_hook": "understudy.traffic.checks",
}

__all__ = [
    "Contract",
    "ContractError",
    "ControlClient",
    "ControlError",
    "LiveServer",
    "Ocp",
    "OcpServer",
    "__version__",
    "async_validation_hook",
    "check",
    "corruptions",
    "create_app",
    "load_contract",
    "subtask",
    "validate",
    "validation_hook",
]


def __getattr__(name: str) -> Any:
    """Import a public name on its first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)

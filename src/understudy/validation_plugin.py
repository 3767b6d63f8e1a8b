"""The fixtures that validate responses; `understudy.pytest_plugin` loads this module.

As there, only pytest and the standard library are imported before a fixture is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from understudy.contract import Contract

    Folder = str | os.PathLike[str] | None
    Options = Mapping[str, Any]
    Validate = Callable[..., None]


@pytest.fixture(scope="session")
def _validated_contract(
    pytestconfig: pytest.Config, ocp_settings: Options, ocp_contract: Folder
) -> Contract:
    """Return the contract that the fixture `ocp` serves too."""
    from understudy.config import Settings, resolve_overlays
    from understudy.contract import load_contract

    own = {name: ocp_settings[name] for name in ("overlays", "dialect") if name in ocp_settings}
    settings = Settings(**{"dialect": pytestconfig.getini("ocp_dialect"), **own})
    path = ocp_settings.get("contract", ocp_contract)
    return load_contract(path and Path(path), overlays=resolve_overlays(settings))


@pytest.fixture
def validate_response(_validated_contract: Contract) -> Validate:
    """Return a function that raises ContractError for a response that breaks the contract.

    `validate_response(response)` takes what `understudy.validate` takes. The contract is that of
    the fixture `ocp_contract`.
    """
    from understudy.traffic.checks import validate

    return partial(validate, contract=_validated_contract)


@pytest.fixture
def ocp_validate(validate_response: Validate) -> Validate:
    """Return the same function as `validate_response`."""
    return validate_response

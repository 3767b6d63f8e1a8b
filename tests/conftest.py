"""Fixtures and settings that all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from understudy.live import LiveServer

pytest_plugins = ["pytester"]

REQUIRED = (
    "cryptography",
    "hypothesis",
    "httpx",
    "markdown_it",
    "openapi_spec_validator",
    "requests",
)
"""Packages that many test modules import."""
TIMEOUT_S = 120
"""The time limit of a test, if pytest-timeout is installed."""


@pytest.hookimpl(tryfirst=True)  # before pytest-timeout reads its options
def pytest_configure(config: pytest.Config) -> None:
    """Name missing packages, set the time limit of a test, and select the profile of Hypothesis.

    The limit is not in pyproject.toml: pytest rejects an option there if its plugin is missing.
    """
    missing = [name for name in REQUIRED if find_spec(name) is None]
    if missing:
        install = "python -m pip install -e '.[all]' --group dev"
        raise pytest.UsageError(f"the tests need {', '.join(missing)}; run: {install}")
    is_set = "PYTEST_TIMEOUT" in os.environ or getattr(config.option, "timeout", None) is not None
    if config.pluginmanager.hasplugin("timeout") and not is_set:
        config.option.timeout = TIMEOUT_S
    _select_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def _select_profile(name: str) -> None:
    """Select a profile: the same examples in each run (`ci`), others (`dev`), or many (`thorough`)."""
    from hypothesis import settings

    settings.register_profile("ci", deadline=None, derandomize=True)
    settings.register_profile("dev", deadline=None)
    settings.register_profile("thorough", deadline=None, max_examples=2000)
    settings.load_profile(name)


@pytest.fixture(scope="session", autouse=True)
def _cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let all tests, and the processes that they start, use a cache of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the repository."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def live() -> Iterator[LiveServer]:
    """Serve the demo on a real socket with a virtual clock. Tests that change something use their own world."""
    from understudy.live import LiveServer

    with LiveServer(scenario="demo", clock="virtual") as server:
        yield server

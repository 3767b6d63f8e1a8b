"""Runs of other people's tests see none of this machine's settings."""

import pytest

TELLING = (
    "BUILD_NUMBER",
    "CI",
    "COLUMNS",
    "FORCE_COLOR",
    "NO_COLOR",
    "PYTEST_ADDOPTS",
    "PY_COLORS",
)
"""What pytest looks at before it prints: with `CI` it no longer shortens its summary's lines, for one."""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compared texts are the same here and in CI."""
    for name in TELLING:
        monkeypatch.delenv(name, raising=False)

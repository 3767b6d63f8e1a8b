"""An environment for inner pytest runs without settings of this machine."""

import pytest

OUTPUT_VARIABLES = (
    "BUILD_NUMBER",
    "CI",
    "COLUMNS",
    "FORCE_COLOR",
    "NO_COLOR",
    "PYTEST_ADDOPTS",
    "PY_COLORS",
)
"""Variables that change the output of pytest: with `CI`, it does not shorten the lines of the summary."""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables, so that the compared texts are the same here and in CI."""
    for name in OUTPUT_VARIABLES:
        monkeypatch.delenv(name, raising=False)

"""Where the shipped data lies. What an installed wheel gives is tested on the wheel (tests/slow/test_wheel.py)."""

from pathlib import Path

import pytest

from understudy.resources import resource_path


@pytest.mark.parametrize(
    "name", ["openapi.yaml", "docs/api/overlays/observed.yaml", "scenarios/demo.yaml"]
)
def test_an_editable_install_reads_the_repositorys_own_files(root: Path, name: str) -> None:
    """So that an edit is served at once."""
    assert resource_path(name) == root / name
    assert resource_path(name).is_file()

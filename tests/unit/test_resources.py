"""Paths of the shipped data. tests/slow/test_wheel.py tests those of an installed wheel."""

from pathlib import Path

import pytest

from understudy.resources import resource_path


@pytest.mark.parametrize(
    "name", ["openapi.yaml", "docs/api/overlays/observed.yaml", "scenarios/demo.yaml"]
)
def test_an_editable_install_reads_the_files_of_the_repository(root: Path, name: str) -> None:
    """An edit takes effect at once."""
    assert resource_path(name) == root / name
    assert resource_path(name).is_file()

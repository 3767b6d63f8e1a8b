"""Paths of the data files that ship with the package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_data"
"""The data inside of an installed wheel; `pyproject.toml` puts it there."""
_REPOSITORY = _PACKAGE.parent.parent


def resource_path(name: str) -> Path:
    """Return the path of a shipped file or folder: `openapi.yaml`, `scenarios`.

    An installed wheel carries its data beside the code. An editable install reads the repository's
    own files, so that an edit takes effect at once.
    """
    if _INSTALLED.is_dir():
        return _INSTALLED / name
    return _REPOSITORY / name

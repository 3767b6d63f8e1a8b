"""Where the data that ships with the package lies: inside the wheel, else in the repository."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_data"
_REPOSITORY = _PACKAGE.parent.parent


def resource_path(name: str) -> Path:
    """Give the path of a shipped file or folder: `openapi.yaml`, `docs/api/overlays`, `scenarios`.

    An installed wheel carries its data beside the code; an editable install reads the repository's own files.
    """
    root = _INSTALLED if _INSTALLED.is_dir() else _REPOSITORY
    return root / name

"""The paths of the console, which a server knows without loading its pages."""

CONSOLE = "/console"
"""The path of the pages, below the prefix of the control API."""


def is_console_path(path: str) -> bool:
    """Return whether a path below the prefix of the control API is one of the console."""
    return path in ("/", CONSOLE) or path.startswith(f"{CONSOLE}/")

"""Public names of a package that are imported on their first use (PEP 562).

A package uses it for the names that a server does not need until its first answer: importing all
of them would double the time that a server takes to start.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from sys import modules
from typing import Any


def import_on_first_use(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package.

    `homes` has the public names and the modules that define them, relative to the package. The
    returned function raises AttributeError for every other name.
    """

    def import_name(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        # Python looks here first, so this function is called once for each name.
        setattr(modules[package], name, value)
        return value

    return import_name

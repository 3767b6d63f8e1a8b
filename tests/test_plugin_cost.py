"""The cost of the plugin for a test run that does not use it."""

import subprocess
import sys

HEAVY = [
    "flask",
    "werkzeug",
    "click",
    "yaml",
    "jsonschema",
    "jsonschema_rs",
    "hypothesis",
    "waitress",
    "referencing",
]


def test_plugin_imports_only_pytest_and_the_standard_library() -> None:
    """After `import pytest`, importing the plugin brings in no third-party module and no other module of ours."""
    code = (
        "import sys, pytest; before = set(sys.modules); import understudy.pytest_plugin; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "ours = sorted(n for n in set(sys.modules) - before if n.startswith('understudy')); "
        "print(sorted(new - set(sys.stdlib_module_names) - {'understudy'}), ours)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] ['understudy', 'understudy.pytest_plugin']"


def test_package_imports_no_library() -> None:
    """`import understudy` is cheap: its names are imported on first use."""
    code = f"import sys, understudy; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_are_importable() -> None:
    """Each name in `__all__` is an attribute of the package; an unknown one raises AttributeError."""
    import understudy

    assert [getattr(understudy, name) for name in understudy.__all__]
    assert not hasattr(understudy, "nonsense")

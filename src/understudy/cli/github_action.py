"""What the GitHub Action of this project runs: a command, with annotations as its output.

The command and its arguments are in the variables UNDERSTUDY_COMMAND and UNDERSTUDY_ARGUMENTS.
"""

import os
import shlex
import sys

from understudy.cli.main import main

_COMMANDS = ("lint", "validate", "diff", "derive")


def build_arguments(command: str, arguments: str) -> list[str]:
    """Return the arguments of the command line. Raises ValueError for another command.

    Annotations are the format unless the arguments name one.
    """
    if command not in _COMMANDS:
        raise ValueError(f'unknown command "{command}"; expected one of {", ".join(_COMMANDS)}')
    parts = shlex.split(arguments)
    if not any(part.partition("=")[0] == "--format" for part in parts):
        parts += ["--format", "github"]
    return [command, *parts]


def run() -> None:
    """Run the command. Exits as the command does; with 2 for arguments that cannot be read."""
    command = os.environ.pop("UNDERSTUDY_COMMAND", "")
    arguments = os.environ.pop("UNDERSTUDY_ARGUMENTS", "")
    try:
        sys.argv = ["understudy", *build_arguments(command, arguments)]
    except ValueError as error:
        sys.stdout.write(f"::error title=arguments::{error}\n")
        sys.exit(2)
    main()


if __name__ == "__main__":
    run()

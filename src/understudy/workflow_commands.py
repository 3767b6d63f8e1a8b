"""Workflow commands of GitHub Actions: annotations of a pull request.

Source: docs.github.com, "Workflow commands for GitHub Actions", and `@actions/core`, which escapes.
"""

_WIDE_SPACE = "\u3000"
"""Common in Chinese texts, but not printable for Python."""


def format_command(
    level: str, message: str, *, title: str, file: str = "", line: int = 0, column: int = 0
) -> str:
    """Return a command: `::error file=…,line=…,title=…::…`.

    `level` is error, warning or notice. Without a file, line and column are left out, each also
    when it is 0.
    """
    properties: list[str] = []
    if file:
        properties.append(f"file={_escape_property(file)}")
        if line:
            properties.append(f"line={line}")
        if line and column:
            properties.append(f"col={column}")
    properties.append(f"title={_escape_property(title)}")
    return f"::{level} {','.join(properties)}::{_escape_data(message)}"


def _escape_data(text: str) -> str:
    escaped = text.replace("%", "%25")
    escaped = escaped.replace("\r", "%0D")
    escaped = escaped.replace("\n", "%0A")
    # The log is shown on terminals too, which control characters would control.
    return "".join(char if char.isprintable() or char == _WIDE_SPACE else " " for char in escaped)


def _escape_property(text: str) -> str:
    """Escape a property; `:` and `,` would end it."""
    escaped = _escape_data(text)
    escaped = escaped.replace(":", "%3A")
    return escaped.replace(",", "%2C")

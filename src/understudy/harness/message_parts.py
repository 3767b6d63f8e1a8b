"""Parts of messages that several modules use: counts and suggestions."""

from collections.abc import Iterable

from understudy.errors import nearest_name


def format_count(count: int, noun: str) -> str:
    """Return a count with its noun: `1 call`, `2 calls`. The plural must end with an s."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun}s"


def suggest_name(name: str, known: Iterable[str], *others: str) -> str:
    """Return a hint for an unknown name: the nearest name, or the list of all known ones.

    `others` may be the nearest name too, but they are not listed.
    """
    names = list(known)
    near = nearest_name(name, [*names, *others])
    if near:
        return f'Did you mean "{near}"?'
    return f"Expected one of {', '.join(names)}."

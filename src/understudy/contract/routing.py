"""Which path template a path belongs to. Source: OpenAPI 3.1, "Path Templating Matching": concrete before templated."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def variables_of(template: str) -> list[str]:
    """Give the names in a template, in order: `/a/{b}` has b."""
    return _VARIABLE.findall(template)


def shape_of(template: str) -> str:
    """Give a template without its names: two of one shape match the same paths."""
    return _VARIABLE.sub("{}", template)


class Router:
    """Finds templates. Compiled once; a look-up tries only templates with the path's number of segments."""

    def __init__(self, templates: Iterable[str]) -> None:
        by_length: dict[int, list[tuple[str, re.Pattern[str]]]] = {}
        for template in sorted(templates, key=_rank):
            by_length.setdefault(template.count("/"), []).append((template, _compiled(template)))
        self._by_length = by_length

    def find(self, path: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Give each template that a (percent-encoded) path matches, with its decoded variables; concrete ones first."""
        for template, pattern in self._by_length.get(path.count("/"), ()):
            match = pattern.fullmatch(path)
            if match:
                names = variables_of(template)
                yield template, {n: unquote(v, errors="replace") for n, v in zip(names, match.groups(), strict=True)}


def _rank(template: str) -> list[tuple[bool, str]]:
    return [("{" in segment, segment) for segment in template.split("/")]


def _compiled(template: str) -> re.Pattern[str]:
    # A concrete part may arrive percent-encoded where it need not be; a variable never spans a slash.
    parts = _VARIABLE.split(template)
    pattern = "".join("([^/]+?)" if index % 2 else _literal(part) for index, part in enumerate(parts))
    return re.compile(pattern)


def _literal(text: str) -> str:
    return "".join(_character(character) for character in text)


def _character(character: str) -> str:
    if character == "/" or (character.isalnum() and character.isascii()):
        return character
    encoded = "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
    return f"(?:{re.escape(character)}|(?i:{encoded}))"

"""Which path template a path belongs to. Source: OpenAPI 3.1, "Path Templating Matching": concrete before templated."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_ENCODED = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def list_variables(template: str) -> list[str]:
    """Give the names in a template, in order: `/a/{b}` has b."""
    return _VARIABLE.findall(template)


def mask_variables(template: str) -> str:
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
        normal = _ENCODED.sub(_normal, path)
        for template, pattern in self._by_length.get(path.count("/"), ()):
            match = pattern.fullmatch(normal)
            if match:
                names = list_variables(template)
                yield (
                    template,
                    {
                        n: unquote(v, errors="replace")
                        for n, v in zip(names, match.groups(), strict=True)
                    },
                )


def _normal(match: re.Match[str]) -> str:
    """Undo the encoding of what need not be encoded, so that paths can be compared. Source: RFC 3986, section 6.2.2."""
    character = chr(int(match[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0].upper()


def _rank(template: str) -> list[tuple[bool, int, str]]:
    return [
        ("{" in segment, -len(_VARIABLE.sub("", segment)), segment)
        for segment in template.split("/")
    ]


def _compiled(template: str) -> re.Pattern[str]:
    return re.compile("/".join(_segment(segment) for segment in template.split("/")))


def _segment(segment: str) -> str:
    """Give the pattern of one segment.

    What follows a variable is looked for from the left and never taken back (an atomic group), but for what ends the
    segment: so a hostile path costs time in proportion to its length.
    """
    parts = _VARIABLE.split(segment)
    literals, count = parts[::2], len(parts) // 2
    pattern = _literal(literals[0])
    for number, literal in enumerate(literals[1:], 1):
        pattern += (
            f"([^/]+){_literal(literal)}" if number == count else f"(?>([^/]+?){_literal(literal)})"
        )
    return pattern


def _literal(text: str) -> str:
    return "".join(_character(character) for character in text)


def _character(character: str) -> str:
    # A reserved character may arrive encoded or not.
    encoded = "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
    plain = re.escape(character)
    return plain if _UNRESERVED.fullmatch(character) else f"(?:{plain}|{encoded})"

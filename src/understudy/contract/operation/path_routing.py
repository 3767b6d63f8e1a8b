"""Matching of paths to path templates.

Source: OpenAPI 3.1, "Path Templating Matching": concrete templates come before templated ones.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_ENCODED = re.compile(r"%[0-9a-fA-F]{2}")
# RFC 3986, section 2.3.
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def list_variables(template: str) -> list[str]:
    """Return the names of a template's variables, in order: `b` for `/a/{b}`."""
    return _VARIABLE.findall(template)


def mask_variables(template: str) -> str:
    """Return a template without the names of its variables.

    Two templates with the same mask match the same paths.
    """
    return _VARIABLE.sub("{}", template)


_SegmentRank = tuple[bool, int, str]
_CompiledTemplate = tuple[str, re.Pattern[str]]
TemplateMatch = tuple[str, dict[str, str]]
"""A template, and the decoded values of its variables by name."""


class Router:
    """A compiled set of templates. A look-up tries those with the path's number of segments."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._by_length: dict[int, list[_CompiledTemplate]] = {}
        for template in sorted(templates, key=_rank):
            same_length = self._by_length.setdefault(template.count("/"), [])
            same_length.append((template, _compile(template)))

    def find(self, path: str) -> Iterator[TemplateMatch]:
        """Yield each template that a percent-encoded path matches, concrete ones first."""
        normalised = _ENCODED.sub(_normalise_encoding, path)
        candidates = self._by_length.get(path.count("/"), [])
        for template, pattern in candidates:
            match = pattern.fullmatch(normalised)
            if match:
                names = list_variables(template)
                values = [unquote(value, errors="replace") for value in match.groups()]
                yield template, dict(zip(names, values, strict=True))


def _normalise_encoding(match: re.Match[str]) -> str:
    """Decode an unreserved character, and write other encodings in upper case.

    Source: RFC 3986, section 6.2.2: paths that differ in that only are the same.
    """
    encoded = match[0]
    character = chr(int(encoded[1:], 16))
    if _UNRESERVED.fullmatch(character):
        return character
    return encoded.upper()


def _rank(template: str) -> list[_SegmentRank]:
    """Return a sort key: concrete segments first, then those with more literal characters."""
    return [_rank_segment(segment) for segment in template.split("/")]


def _rank_segment(segment: str) -> _SegmentRank:
    literals = _VARIABLE.sub("", segment)
    has_variable = "{" in segment
    return has_variable, -len(literals), segment


def _compile(template: str) -> re.Pattern[str]:
    patterns = [_segment_pattern(segment) for segment in template.split("/")]
    return re.compile("/".join(patterns))


def _segment_pattern(segment: str) -> str:
    """Return the pattern of one segment, with a group for each variable.

    The literal after a variable is searched from the left and never given up again (an atomic
    group), except at the end of the segment: a hostile path takes time in proportion to its length.
    """
    # The split has literals at even indexes and names of variables at odd ones.
    parts = _VARIABLE.split(segment)
    first, *following = parts[::2]
    pattern = _literal_pattern(first)
    for number, literal in enumerate(following, 1):
        after = _literal_pattern(literal)
        is_last = number == len(following)
        if is_last:
            pattern += f"([^/]+){after}"
        else:
            pattern += f"(?>([^/]+?){after})"
    return pattern


def _literal_pattern(text: str) -> str:
    patterns = [_character_pattern(character) for character in text]
    return "".join(patterns)


def _character_pattern(character: str) -> str:
    plain = re.escape(character)
    if _UNRESERVED.fullmatch(character):
        return plain
    # A reserved character may arrive encoded or not.
    data = character.encode("utf-8", "surrogatepass")
    encoded = "".join(f"%{byte:02X}" for byte in data)
    return f"(?:{plain}|{encoded})"

"""Matching of paths to path templates.

Source: OpenAPI 3.1, "Path Templating Matching": concrete templates come before templated ones.
Werkzeug's router has an order, converters and redirects of its own, and variables only in its own
notation; here each template that matches is needed, so that the nearest one can be reported.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from understudy.contract.operation.nearest_path import NearestPaths, split_path

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The methods of a path. Source: OpenAPI 3.2, Path Item Object."""
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_ENCODED = re.compile(r"%[0-9a-fA-F]{2}")
# RFC 3986, section 2.3.
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
"""A segment that a path has exactly as the template, once the path is normalised."""


def list_variables(template: str) -> list[str]:
    """Return the names of a template's variables, in order: `b` for `/a/{b}`."""
    return _VARIABLE.findall(template)


def mask_variables(template: str) -> str:
    """Return a template without the names of its variables.

    Two templates with the same mask match the same paths.
    """
    return _VARIABLE.sub("{}", template)


def path_template(path: str) -> str:
    """Return the template of a key of `paths`, as it is served.

    It begins with a slash, and ends before a query or fragment: a request's path has neither.
    """
    template = path if path.startswith("/") else f"/{path}"
    # A variable's name may contain any letter but braces and slashes.
    masked = re.sub(r"\{[^{}/]+\}", lambda match: "x" * len(match[0]), template)
    end = re.search(r"[?#]", masked)
    if end is None:
        return template
    return template[: end.start()]


class PathValues(dict[str, str]):
    """The decoded values of a path's variables by name. A malformed encoding is replaced."""

    __slots__ = ("encoded",)

    def __init__(self, encoded: dict[str, str]) -> None:
        super().__init__((name, unquote(text, errors="replace")) for name, text in encoded.items())
        self.encoded = encoded
        """The values as the path has them, by name."""


_SegmentRank = tuple[bool, int, str]
TemplateMatch = tuple[str, PathValues]
"""A template, and the values of its variables."""


_Candidate = tuple[int, str, re.Pattern[str]]
"""Rank, template and pattern of a template."""


class _Node:
    """The templates with the same segments so far. Lists few candidates among thousands."""

    __slots__ = ("candidates", "literal", "other")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        """By the next segment, where it has no variable and only unreserved characters."""
        self.other: _Node | None = None
        """Where the next segment is anything else: its pattern decides."""
        self.candidates: list[_Candidate] = []

    def add(self, segments: list[str], candidate: _Candidate) -> None:
        node = self
        for segment in segments:
            if _PLAIN.fullmatch(segment):
                node = node.literal.setdefault(segment, _Node())
            else:
                node.other = node.other or _Node()
                node = node.other
        node.candidates.append(candidate)

    def find(self, segments: list[str]) -> list[_Candidate]:
        """Return the templates that may match the segments of a path, concrete ones first."""
        nodes = [self]
        for segment in segments:
            following: list[_Node] = []
            for node in nodes:
                literal = node.literal.get(segment)
                if literal is not None:
                    following.append(literal)
                if node.other is not None:
                    following.append(node.other)
            nodes = following
        return sorted(candidate for node in nodes for candidate in node.candidates)


class Router:
    """A compiled set of templates. A look-up tries those whose plain segments the path has."""

    def __init__(self, templates: Iterable[str]) -> None:
        templates = list(templates)
        self._nearest = NearestPaths(templates)
        self._root = _Node()
        for rank, template in enumerate(sorted(templates, key=_rank)):
            self._root.add(template.split("/"), (rank, template, _compile(template)))

    def find(self, path: str) -> Iterator[TemplateMatch]:
        """Yield each template that a percent-encoded path matches, concrete ones first."""
        normalised = _ENCODED.sub(_normalise_encoding, path)
        backwards = normalised[::-1]
        for _, template, pattern in self._root.find(normalised.split("/")):
            match = pattern.fullmatch(backwards)
            if match:
                texts = [text[::-1] for text in reversed(match.groups())]
                names = list_variables(template)
                yield template, PathValues(dict(zip(names, texts, strict=True)))

    def find_nearest(self, path: str) -> str:
        """Return the template that is most like a path which matches none, or empty."""
        normalised = _ENCODED.sub(_normalise_encoding, path)
        without_slashes = f"/{'/'.join(split_path(normalised))}"
        if without_slashes != normalised:
            match = next(self.find(without_slashes), None)
            if match is not None:
                return match[0]
        return self._nearest.find(normalised)


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
    """Return the pattern of a template that is read backwards, as the path is."""
    patterns = [_segment_pattern(segment) for segment in reversed(template.split("/"))]
    return re.compile("/".join(patterns))


def _segment_pattern(segment: str) -> str:
    """Return the pattern of one segment, read backwards, with a group for each variable.

    Backwards, the last variable is as short as it can be: in `{name}.{ext}`, the name of `a.b.csv`
    is `a.b`. The literal before a variable is searched from the right and never given up again (an
    atomic group), except at the beginning of the segment: a hostile path takes time in proportion
    to its length.
    """
    # The split has literals at even indexes and names of variables at odd ones.
    parts = _VARIABLE.split(segment)
    *preceding, last = parts[::2]
    pattern = _literal_pattern(last)
    for number, literal in enumerate(reversed(preceding), 1):
        before = _literal_pattern(literal)
        if number == len(preceding):
            pattern += f"([^/]+){before}"
        else:
            pattern += f"(?>([^/]+?){before})"
    return pattern


def _literal_pattern(text: str) -> str:
    patterns = [_character_pattern(character) for character in reversed(text)]
    return "".join(patterns)


def _character_pattern(character: str) -> str:
    plain = re.escape(character)
    if _UNRESERVED.fullmatch(character):
        return plain
    # A reserved character may arrive encoded or not.
    data = character.encode("utf-8", "surrogatepass")
    encoded = "".join(f"%{byte:02X}" for byte in data)
    return f"(?:{plain}|{encoded[::-1]})"

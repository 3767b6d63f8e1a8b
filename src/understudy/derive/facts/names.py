"""Names: their parts, plurals, and the operationIds made of methods and paths."""

import re
from collections.abc import Sequence

_SINGULAR_IN_S = (
    "status",
    "address",
    "alias",
    "basis",
    "bus",
    "canvas",
    "process",
    "access",
    "progress",
    "class",
    "news",
)
_PLURAL_WITHOUT_S = (
    "data",
    "children",
    "people",
    "list",
    "media",
    "metadata",
    "feet",
    "criteria",
    "indices",
)


IDENTIFIER_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""One part of an identifier."""


def split_identifier(identifier: str) -> list[str]:
    """Split an identifier at its humps, digits and signs: `obClusterId` is ob, Cluster, Id."""
    return IDENTIFIER_PART.findall(identifier)


def is_plural(word: str) -> bool:
    """Tell whether the last part of a name is a plural by its form."""
    last = (split_identifier(word) or [word])[-1].lower()
    if last in _PLURAL_WITHOUT_S:
        return True
    return (
        last.endswith("s") and not last.endswith(("ss", "us", "is")) and last not in _SINGULAR_IN_S
    )


def to_singular(word: str) -> str:
    """Give the singular of a name's last part: `instances` is `instance`."""
    if not is_plural(word) or not word.lower().endswith("s"):
        return word
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
    ):
        if word.lower().endswith(ending):
            return word[: -len(ending)] + instead
    return word[:-1]


def to_pascal_case(*words: str) -> str:
    """Join words as a type's name: `tasks`, `instances` is `TasksInstances`."""
    pieces = [piece for word in words for piece in re.findall(r"[A-Za-z0-9]+", word)]
    return "".join(piece[0].upper() + piece[1:] for piece in pieces)


def to_camel_case(*words: str) -> str:
    """Join words as a member's name."""
    name = to_pascal_case(*words)
    return name[:1].lower() + name[1:]


_PREFIX = re.compile(r"^(?:/api)?(?:/v\d+(?:\.\d+)*)?(?=/|$)")
_PARAMETER = re.compile(r"\{([^{}]*)\}")


def find_path_parameters(path: str) -> list[str]:
    """Give the names in braces, in order."""
    return _PARAMETER.findall(path)


def erase_parameter_names(path: str) -> str:
    """Give a path without the names of its parameters: two templates of one shape are one path."""
    return _PARAMETER.sub("{}", path)


def make_operation_id(method: str, path: str) -> str:
    """Make the operationId of a method and path.

    `GET /tasks/instances` lists, `GET …/{id}` gets, `GET …/{id}/log` gets the log of, `POST …/{id}/verb` does the verb.
    """
    segments = [segment for segment in _PREFIX.sub("", path).split("/") if segment]
    at = max((i for i, segment in enumerate(segments) if _PARAMETER.search(segment)), default=-1)
    tail = segments[at + 1 :]
    resource = _resource(segments[: at + 1]) if tail else _collection(segments[: at + 1])
    if method == "GET":
        return _reading(resource, tail)
    if method == "POST":
        return _posting(resource, tail)
    verb = {"PUT": "replace", "PATCH": "update"}.get(method, method.lower())
    return to_camel_case(verb, resource, *(to_singular(segment) for segment in tail))


def _reading(resource: str, tail: list[str]) -> str:
    if tail and is_plural(tail[-1]):
        return to_camel_case(
            "list", resource, *(to_singular(segment) for segment in tail[:-1]), tail[-1]
        )
    return to_camel_case("get", resource, *tail)


def _posting(resource: str, tail: list[str]) -> str:
    if not tail:
        return to_camel_case("update", resource) if resource else "post"
    if is_plural(tail[-1]):
        return to_camel_case("create", resource, *(to_singular(segment) for segment in tail))
    *before, verb = tail
    head, *rest = re.findall(r"[A-Za-z][a-z0-9]*", verb) or ["post"]
    return to_camel_case(head, resource, *(to_singular(segment) for segment in before), *rest)


def _resource(segments: list[str]) -> str:
    """Name what the last path parameter chooses: its own name without Id, else the collection before it."""
    names = find_path_parameters(segments[-1]) if segments else []
    if not names:
        return ""
    bare = re.sub(r"(?:Instance)?(?:Id|ID|_id)$", "", names[-1])
    if bare and bare != names[-1]:
        return bare
    return _collection(segments).rpartition(" ")[2] or names[-1]


def _collection(segments: list[str]) -> str:
    """Name what stands between the last path parameter and the one before it: `task instance`."""
    words: list[str] = []
    for segment in reversed(segments[:-1]):
        if _PARAMETER.search(segment):
            break
        words.insert(0, to_singular(segment))
    return " ".join(words) or (find_path_parameters(segments[-1]) or [""])[-1] if segments else ""


def make_distinct(names: Sequence[str]) -> list[str]:
    """Give the names with a number behind each one that stood before."""
    numbers: dict[str, int] = {}
    result = []
    for name in names:
        unique = name
        while unique in numbers:
            numbers[name] += 1
            unique = f"{name}{numbers[name]}"
        numbers[unique] = 1
        result.append(unique)
    return result

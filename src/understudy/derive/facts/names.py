"""Names: parts of identifiers, singular and plural, operationIds of methods and paths."""

import re
from collections.abc import Sequence

_SINGULAR_IN_S = (
    *("status", "address", "alias", "basis", "bus", "canvas"),
    *("process", "access", "progress", "class", "news"),
)
"""Singulars that end like plurals."""
_PLURAL_WITHOUT_S = (
    *("data", "children", "people", "list", "media"),
    *("metadata", "feet", "criteria", "indices"),
)
"""Names of several things that do not end in `s`."""
_SINGULAR_ENDINGS = {
    "ies": "y",
    "sses": "ss",
    "xes": "x",
    "ches": "ch",
    "shes": "sh",
}
"""Endings of plurals that are more than an `s`, with those of their singulars."""

_WORD = re.compile(r"[A-Za-z0-9]+")
IDENTIFIER_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""One part of an identifier: an abbreviation in capitals, or a word with or without a capital."""


def split_identifier(identifier: str) -> list[str]:
    """Split an identifier at its capitals, digits and signs: `obClusterId` is ob, Cluster, Id."""
    return IDENTIFIER_PART.findall(identifier)


def is_plural(word: str) -> bool:
    """Check whether the last part of a name has the form of a plural."""
    parts = split_identifier(word) or [word]
    last = parts[-1].lower()
    if last in _PLURAL_WITHOUT_S:
        return True
    if last in _SINGULAR_IN_S or last.endswith(("ss", "us", "is")):
        return False
    return last.endswith("s")


def to_singular(word: str) -> str:
    """Return a name with its last part in the singular: `instances` becomes `instance`."""
    lowered = word.lower()
    if not is_plural(word) or not lowered.endswith("s"):
        return word
    for plural_ending, singular_ending in _SINGULAR_ENDINGS.items():
        if lowered.endswith(plural_ending):
            stem = word[: -len(plural_ending)]
            return stem + singular_ending
    return word[:-1]


def to_pascal_case(*texts: str) -> str:
    """Join texts to a type's name: `tasks`, `instances` become `TasksInstances`. Signs separate."""
    name = ""
    for text in texts:
        for part in _WORD.findall(text):
            head = part[0].upper()
            name += head + part[1:]
    return name


def to_camel_case(*texts: str) -> str:
    """Join texts to a member's name: `get`, `task` become `getTask`."""
    name = to_pascal_case(*texts)
    head = name[:1].lower()
    return head + name[1:]


_PREFIX = re.compile(r"^(?:/api)?(?:/v\d+(?:\.\d+)*)?(?=/|$)")
"""The head of a path that says nothing of its resource: `/api/v2`."""
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_VERB_PART = re.compile(r"[A-Za-z][a-z0-9]*")
_ID_ENDING = re.compile(r"(?:Instance)?(?:Id|ID|_id)$")


def find_path_parameters(path: str) -> list[str]:
    """Return the names in braces, in order."""
    return _PARAMETER.findall(path)


def erase_parameter_names(path: str) -> str:
    """Return a path with empty braces.

    Source: OpenAPI 3.1, Paths Object: templates that differ in parameter names only are identical.
    """
    return _PARAMETER.sub("{}", path)


def make_operation_id(method: str, path: str) -> str:
    """Build the operationId of a method and path.

    `GET /tasks/instances` is listTaskInstances, `GET /tasks/{taskId}` is getTask,
    `GET …/{subtaskId}/log` is getSubtaskLog, `POST …/{taskId}/retry` is retryTask.
    """
    resource_path = _PREFIX.sub("", path)
    segments = [segment for segment in resource_path.split("/") if segment]
    resource_end = _find_last_parameter(segments) + 1
    head = segments[:resource_end]
    tail = segments[resource_end:]
    resource = _name_resource(head) if tail else _name_collection(head)
    if method == "GET":
        return _name_get(resource, tail)
    if method == "POST":
        return _name_post(resource, tail)
    verbs = {"PUT": "replace", "PATCH": "update"}
    verb = verbs.get(method, method.lower())
    return to_camel_case(verb, resource, *_to_singulars(tail))


def _find_last_parameter(segments: list[str]) -> int:
    """Return the index of the last segment with a parameter, or -1."""
    last = -1
    for at, segment in enumerate(segments):
        if _PARAMETER.search(segment):
            last = at
    return last


def _to_singulars(segments: Sequence[str]) -> list[str]:
    return [to_singular(segment) for segment in segments]


def _name_get(resource: str, tail: list[str]) -> str:
    """Name a GET: a plural at the end is a list, all else one resource or a part of it."""
    if not tail:
        return to_camel_case("get", resource)
    *before, collection = tail
    if not is_plural(collection):
        return to_camel_case("get", resource, *tail)
    return to_camel_case("list", resource, *_to_singulars(before), collection)


def _name_post(resource: str, tail: list[str]) -> str:
    """Name a POST: a plural at the end is created, all else at the end is a verb."""
    if not tail:
        return to_camel_case("update", resource) if resource else "post"
    *before, last = tail
    if is_plural(last):
        return to_camel_case("create", resource, *_to_singulars(tail))
    # The resource stands behind the verb's first part: `hosts/batchCreate` is batchHostCreate.
    parts = _VERB_PART.findall(last)
    verb, *verb_object = parts or ["post"]
    return to_camel_case(verb, resource, *_to_singulars(before), *verb_object)


def _name_resource(segments: list[str]) -> str:
    """Name the resource by its last parameter without Id, else by the collection before it."""
    if not segments:
        return ""
    names = find_path_parameters(segments[-1])
    if not names:
        return ""
    name = names[-1]
    bare = _ID_ENDING.sub("", name)
    if bare and bare != name:
        return bare
    collection = _name_collection(segments)
    return collection.split(" ")[-1] or name


def _name_collection(segments: list[str]) -> str:
    """Name the segments between the last parameter and the one before it: `task instance`."""
    if not segments:
        return ""
    between: list[str] = []
    for segment in reversed(segments[:-1]):
        if _PARAMETER.search(segment):
            break
        between.insert(0, to_singular(segment))
    if between:
        return " ".join(between)
    names = find_path_parameters(segments[-1]) or [""]
    return names[-1]


def make_distinct(names: Sequence[str]) -> list[str]:
    """Return the names, with a number behind each that is taken: `id`, `id` become `id`, `id2`."""
    numbers: dict[str, int] = {}
    distinct = []
    for name in names:
        unique = name
        while unique in numbers:
            numbers[name] += 1
            unique = f"{name}{numbers[name]}"
        numbers[unique] = 1
        distinct.append(unique)
    return distinct

"""Values that a server's own answers show: ids in lists, for the paths below the list."""

import re
from collections import deque
from collections.abc import Iterator, Mapping

from understudy.contract import Operation
from understudy.messages import Json, Response

_MAX_ITEMS = 3
_MAX_DEPTH = 4
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_Bindings = dict[str, Json]
"""The values of a path's variables, by name."""


class LearnedValues:
    """Remembers the items of lists, and gives their ids to the paths that begin with the list's.

    A list is the answer of an operation (`/pets`), or a member of an object that has a path of its
    own: `subtasks` in the answer of `/tasks/{id}` is the list above `/tasks/{id}/subtasks/{subId}`.
    """

    def __init__(self) -> None:
        self._items: dict[str, list[tuple[_Bindings, dict[str, Json]]]] = {}

    def learn(
        self, operation: Operation, path_values: Mapping[str, str], response: Response
    ) -> None:
        """Remember the lists of objects in a successful answer."""
        if response.status != 200:
            return
        try:
            body: Json = response.json()
        except ValueError:
            return
        bound: _Bindings = dict(path_values)
        for number, (name, items) in enumerate(_iter_object_lists(body)):
            places = [f"{operation.path}/{name}"]
            if number == 0:
                places.append(operation.path)
            for place in places:
                known = self._items.setdefault(place, [])
                known += [(bound, item) for item in items[: _MAX_ITEMS - len(known)]]

    def bindings(self, path: str) -> list[_Bindings]:
        """Return values for the variables of a path that the server has shown, or nothing.

        The value of `petId` in `/pets/{petId}` is `petId` or `id` of an item of `/pets`.
        """
        for variable in reversed(list(_VARIABLE.finditer(path))):
            name = variable[1]
            place = path[: variable.start()].rstrip("/")
            candidates: list[_Bindings] = []
            for bound, item in self._items.get(place, []):
                value = item.get(name, item.get("id"))
                if isinstance(value, str | int | float) and not isinstance(value, bool):
                    candidates.append({**bound, name: value})
            if candidates:
                return candidates
        return []


def _iter_object_lists(body: Json) -> Iterator[tuple[str, list[dict[str, Json]]]]:
    """Yield the lists of objects in a body with their names, the outermost first."""
    waiting: deque[tuple[str, Json, int]] = deque([("", body, 0)])
    while waiting:
        name, value, depth = waiting.popleft()
        if isinstance(value, list):
            objects = [item for item in value if isinstance(item, dict)]
            if objects:
                yield name, objects
        elif isinstance(value, dict) and depth < _MAX_DEPTH:
            waiting.extend((key, member, depth + 1) for key, member in value.items())

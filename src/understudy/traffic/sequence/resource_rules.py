"""Rules for the resources of any API: created, read, deleted, listed in pages."""

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from understudy.contract import Contract, Match
from understudy.messages import Json
from understudy.traffic.finding import Finding, Severity
from understudy.traffic.sequence.observed_call import ObservedCall, RecentValues

_PAGE_NAMES = frozenset(["page", "pagenumber", "page_number", "offset", "start", "skip"])
"""Names of query parameters that select a part of a list by its number, in lower case.

A cursor may name any item, so what is behind two cursors may well overlap.
"""
_OFFSET_NAMES = frozenset(["offset", "start", "skip"])
"""Those that count items: two parts that begin less than a part apart overlap."""
_DELETION_MARKS = ("deleted", "isDeleted", "is_deleted", "deletedAt", "deleted_at", "deletedOn")
"""Names of members that mark an item as deleted, in services that keep it."""
_CREATED = 201
_ACCEPTED = 202
"""What is done later has not happened yet. Source: RFC 9110, section 15.3.3."""
_MAX_PAGES = 1000
"""How many pages of a list are remembered."""
_Key = tuple[str, str]


class ResourceRules:
    """What was created can be read, what was deleted is gone, pages do not overlap."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._created: RecentValues[_Key, str] = RecentValues()
        """By scope and path of an item: the call that created it."""
        self._deleted: RecentValues[_Key, str] = RecentValues()
        self._pages: RecentValues[_Key, dict[str, frozenset[str]]] = RecentValues()
        """By scope and list with its other parameters: the ids of each page."""

    def reset(self, scope: str) -> None:
        """Forget a scope, which begins anew."""
        for memory in (self._created, self._deleted, self._pages):
            for key in [key for key in memory if key[0] == scope]:
                del memory[key]

    def check(self, call: ObservedCall) -> Iterator[Finding]:
        """Yield what contradicts earlier calls, and remember the call."""
        method = call.request.method
        if method in ("GET", "HEAD"):
            yield from self._check_read(call)
            if method == "GET" and call.is_success:
                yield from self._check_pages(call)
            return
        if not call.is_success:
            return
        self._forget_pages(call.scope)
        self._forget_near(call)
        is_item = call.operation.path.endswith("}")
        if method == "DELETE" and is_item and call.response.status != _ACCEPTED:
            self._deleted[call.scope, call.path] = call.origin.call
        elif method != "DELETE":
            self._remember_created(call)

    def _forget_near(self, call: ObservedCall) -> None:
        """Forget the items that a call may have deleted, or created anew.

        Those are the item itself, all below it (`/owners/1` has `/owners/1/pets/7`), and the one
        above it (`/pets/7/restore`). A call of the collection may be about any of its items.
        """
        is_creation = call.response.status == _CREATED
        for memory in (self._created, self._deleted):
            for key in [key for key in memory if key[0] == call.scope]:
                is_below = key[1].startswith(f"{call.path.rstrip('/')}/")
                if memory is self._created and is_creation and is_below:
                    continue  # Another item was created beside it.
                if key[1] == call.path or is_below or call.path.startswith(f"{key[1]}/"):
                    del memory[key]

    def _check_read(self, call: ObservedCall) -> Iterator[Finding]:
        key = (call.scope, call.path)
        status = call.response.status
        if status == 404 and key in self._created and not call.request.query:
            text = f"404, but {self._created[key]} created it; expected 200"
            yield call.finding("created-is-readable", "status", text, value=status, expected="200")
        if call.is_success and key in self._deleted and not _is_marked_deleted(call.body):
            text = f"{status}, but {self._deleted[key]} deleted it; expected 404 or 410"
            yield call.finding("deleted-is-gone", "status", text, value=status, expected="404")

    def _remember_created(self, call: ObservedCall) -> None:
        """Remember the path of what a call created, if there is an operation that reads it."""
        if call.response.status != _CREATED:
            return
        for path in _created_paths(call):
            below = self._contract.strip_base_path(path)
            route = self._contract.route("GET", below)
            if isinstance(route, Match) and "{" in route.operation.path:
                self._created[call.scope, below] = call.origin.call
                self._deleted.pop((call.scope, below), None)

    def _check_pages(self, call: ObservedCall) -> Iterator[Finding]:
        """Yield a warning for items that are on another page of the same list too.

        Another client may have created or deleted an item in between.
        """
        pairs = call.request.query_pairs()
        selecting = [pair for pair in pairs if pair[0].lower() in _PAGE_NAMES]
        ids = _list_ids(call.body)
        if len(selecting) != 1 or not ids:
            return
        others = sorted(pair for pair in pairs if pair not in selecting)
        name, page = selecting[0]
        pages = self._pages.setdefault((call.scope, f"{call.path}?{name}&{others}"), {})
        for other, known in pages.items():
            shared = sorted(known & ids)
            if shared and not _may_overlap(name, page, other, max(len(known), len(ids))):
                text = f"the item {shared[0]} is on another page too; expected different items"
                yield call.finding(
                    "pages-do-not-overlap",
                    "body",
                    text,
                    severity=Severity.WARNING,
                    value=shared[0],
                )
                break
        if len(pages) < _MAX_PAGES:
            pages[page] = ids

    def _forget_pages(self, scope: str) -> None:
        """Forget all pages of a scope: what was created or deleted moves the others."""
        for key in [key for key in self._pages if key[0] == scope]:
            del self._pages[key]


def _may_overlap(name: str, page: str, other: str, size: int) -> bool:
    """Return whether two parts of a list may have the same items: they are one, or begin near."""
    if page == other:
        return True
    if name.lower() not in _OFFSET_NAMES:
        return False
    try:
        return abs(int(page) - int(other)) < size
    except ValueError:
        return True  # It does not count items.


def _is_marked_deleted(body: Json) -> bool:
    """Return whether an item says of itself that it is deleted."""
    return isinstance(body, dict) and any(body.get(name) for name in _DELETION_MARKS)


def _created_paths(call: ObservedCall) -> Iterator[str]:
    """Yield paths of what a call created: that of Location, else the collection's with the id."""
    location = call.response.headers.get("Location")
    if location:
        yield urlsplit(location).path
    elif isinstance(call.body, dict):
        number = call.body.get("id")
        if isinstance(number, str | int) and not isinstance(number, bool):
            yield f"{call.path.rstrip('/')}/{quote(str(number), safe='')}"


def _list_ids(body: Json) -> frozenset[str]:
    """Return the ids of the items of a list: of the body, or of its first member that is one."""
    items = body
    if isinstance(body, dict):
        items = next((part for part in body.values() if isinstance(part, list)), [])
        if not items and isinstance(body.get("data"), dict):
            return _list_ids(body["data"])
    if not isinstance(items, list):
        return frozenset()
    ids = [item.get("id") for item in items if isinstance(item, dict)]
    return frozenset(str(number) for number in ids if isinstance(number, str | int))

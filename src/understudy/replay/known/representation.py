"""Representations: the bytes of an answer that stays the same until the world changes.

The first response to a query is made of its representation, and validated. Later responses to the
same query only replace the envelope's members that differ from call to call.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from understudy.contract import Contract, Operation, render
from understudy.messages import Json, dump_json, is_json
from understudy.replay.service import NO_BODY, AnyService, Author, Decision, ResponseMeta

MAX_REPRESENTATIONS = 4096
MAX_BYTES = 32 * 1024 * 1024
"""The bounds of a cache, which all worlds of a stub share."""

Version = tuple[object, ...]
"""What an answer depends on, compared by identity: it stays the same as long as the answer does."""

_SENTINEL = ResponseMeta(
    now=datetime(1, 2, 3, 4, 5, 6, 789000, tzinfo=UTC),
    trace_id="understudy-sentinel-trace",
    duration_ms=987_654_321_987,
)
"""Members of an envelope that no real response has: their places are found by them."""


@dataclass(slots=True, eq=False)
class Representation:
    """The answer to one query at one version of the world."""

    version: Version
    content: Version | None
    """What the answer shows exactly, where the version is coarse: see `Service.content_of`."""
    author: Author
    status: int
    fields: tuple[tuple[str, str], ...]
    """The response's header fields, without those of HTTP itself."""
    parts: tuple[bytes, ...]
    """The body without the members that differ; one of them goes between each two parts."""
    slots: tuple[int, ...]
    """Which value goes after each part but the last: an index into the service's meta values."""
    observation: Json
    """The state of the affected task, as the journal records it."""
    contents: dict[object, Any] = field(default_factory=dict)
    """What responses of it exercise of the contract, by the shape of the request."""

    @property
    def size(self) -> int:
        """The bytes of the parts."""
        return sum(map(len, self.parts))

    def body(self, values: tuple[bytes, ...]) -> bytes:
        """Return the body with the encoded meta values of one response."""
        if not self.slots:
            return self.parts[0]
        pieces = [self.parts[0]]
        for slot, part in zip(self.slots, self.parts[1:], strict=True):
            pieces.append(values[slot])
            pieces.append(part)
        return b"".join(pieces)


def encode_values(values: tuple[Json, ...]) -> tuple[bytes, ...]:
    """Return the meta values of a response as JSON."""
    return tuple(map(dump_json, values))


def build_representation(
    service: AnyService,
    contract: Contract,
    operation: Operation,
    decision: Decision,
    observation: Json,
) -> Representation | None:
    """Build the representation of the answer to a query; None when it has none.

    The decision is rendered with sentinel values, which show where the members of a response's
    meta values stand. A sentinel that is not there exactly once has no place: None.
    """
    if decision.version is None:
        return None
    unrendered = service.success_response(decision, _SENTINEL)
    body = unrendered.body
    if body is NO_BODY or not is_json(unrendered.media_type):
        return None
    if unrendered.author is Author.SERVICE:
        schema = operation.response_schema(unrendered.status)
        if schema is not None:
            body = render(contract, schema, body)
    sentinels = encode_values(service.meta_values(_SENTINEL))
    split = _split(dump_json(body), sentinels)
    if split is None:
        return None
    kind = [("Content-Type", unrendered.media_type)] if unrendered.media_type else []
    return Representation(
        version=decision.version,
        content=decision.content,
        author=unrendered.author,
        status=unrendered.status,
        fields=(*kind, *unrendered.headers),
        parts=split[0],
        slots=split[1],
        observation=observation,
    )


def _split(
    text: bytes, sentinels: tuple[bytes, ...]
) -> tuple[tuple[bytes, ...], tuple[int, ...]] | None:
    """Return the text between the sentinels, and which sentinel follows each part.

    None if a sentinel is there more than once. One that is not there is not shown.
    """
    counts = [text.count(sentinel) for sentinel in sentinels]
    if any(count > 1 for count in counts):
        return None
    shown = [number for number, count in enumerate(counts) if count]
    places = sorted((text.index(sentinels[number]), number) for number in shown)
    parts, slots, position = [], [], 0
    for place, number in places:
        parts.append(text[position:place])
        slots.append(number)
        position = place + len(sentinels[number])
    parts.append(text[position:])
    return tuple(parts), tuple(slots)


def _is_same(parts: Version, others: Version) -> bool:
    """Return whether parts are the same objects, or equal integers."""
    if len(parts) != len(others):
        return False
    for part, other in zip(parts, others, strict=True):
        if part is not other and not (type(part) is int and part == other):
            return False
    return True


_OVERHEAD = 500
"""The estimated bytes of an entry besides its key and its parts."""


def _entry_size(key: object, representation: Representation) -> int:
    """Return the estimated bytes of an entry, its key included."""
    return _OVERHEAD + len(str(key)) + representation.size


class RepresentationCache:
    """Representations by world and query, bounded in number and bytes. Thread-safe.

    Reading takes no lock. When a bound is reached, the oldest go.
    """

    def __init__(
        self, *, max_entries: int = MAX_REPRESENTATIONS, max_bytes: int = MAX_BYTES
    ) -> None:
        self._entries: dict[object, Representation] = {}
        self._bytes = 0
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def find(
        self, key: object, version: Version, find_content: Callable[[], Version | None]
    ) -> Representation | None:
        """Return the representation of a query if it is of this version, or shows the same.

        `find_content` is called when the version is another one.
        """
        known = self._entries.get(key)
        if known is None:
            return None
        if _is_same(known.version, version):
            return known
        if known.content is None:
            return None
        content = find_content()
        if content is None or not _is_same(known.content, content):
            return None
        known.version = version  # the next look at this version is quick
        return known

    def put(self, key: object, representation: Representation) -> None:
        """Hold a representation in place of an older one of the same query."""
        size = _entry_size(key, representation)
        if size > self._max_bytes // 8:
            return  # one giant answer must not push out all others
        with self._lock:
            older = self._entries.pop(key, None)
            if older is not None:
                self._bytes -= _entry_size(key, older)
            self._entries[key] = representation
            self._bytes += size
            while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
                oldest = next(iter(self._entries))
                self._bytes -= _entry_size(oldest, self._entries.pop(oldest))

    def drop_world(self, name: str) -> None:
        """Forget the representations of a world."""
        with self._lock:
            for key in [key for key in self._entries if isinstance(key, tuple) and key[0] == name]:
                self._bytes -= _entry_size(key, self._entries.pop(key))

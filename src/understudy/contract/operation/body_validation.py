"""Validation of bodies of one media type.

A body whose members were valid before and have not changed is not validated again in full: a stub
sends the same data many times.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from typing import Any

from understudy.contract.operation.violation import Violation, convert_schema_errors
from understudy.contract.schema.validator import Validator
from understudy.messages import JsonError, dump_json, parse_json

_REMEMBERED_DIGESTS = 1024
_DIGEST_BYTES = 16
_EXCERPT_BYTES = 200
"""How much of a body that is not JSON a violation shows."""


class RecentDigests:
    """The digests of the data that was valid last; safe for threads."""

    def __init__(self, size: int = _REMEMBERED_DIGESTS) -> None:
        self._size = size
        self._digests: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, digest: bytes) -> bool:
        with self._lock:
            if digest not in self._digests:
                return False
            self._digests.move_to_end(digest)
            return True

    def add(self, digest: bytes) -> None:
        """Add a digest, and drop the one that was used longest ago when there are too many."""
        with self._lock:
            self._digests[digest] = None
            if len(self._digests) > self._size:
                self._digests.popitem(last=False)


@dataclass(frozen=True, slots=True)
class BodyValidator:
    """Parses and validates the bodies of one media type."""

    media_type: str
    pointer: str
    """The media type's node in the contract."""
    validator: Validator | None
    """None when the body is not JSON or has no schema."""
    shallow_validator: Validator | None = None
    """The same schema, in which every member that is an object or array is always valid.

    An envelope changes with each response (time, trace id); the data in it seldom does. So the
    envelope is validated each time, and the data when its digest is new."""
    members: tuple[str, ...] = ()
    """The names of the members that the shallow validator accepts as they are."""
    source: str = ""
    valid_digests: RecentDigests = field(default_factory=RecentDigests, compare=False, repr=False)

    def validate(
        self, body: bytes, document: Any, *, prefix: str = ""
    ) -> tuple[Any, tuple[Violation, ...]]:
        """Return the value of a body and its violations.

        The value is None when the body is not JSON. `prefix` starts the place of each violation.
        """
        if "json" not in self.media_type:
            return None, ()
        try:
            value = parse_json(body)
        except JsonError as error:
            return None, (self._not_json(body, error, prefix),)
        if self.validator is None:
            return value, ()
        digest = self._digest(value)
        if digest is not None and self._is_known_valid(digest, value):
            return value, ()
        errors = list(self.validator.iter_errors(value))
        if digest is not None and not errors:
            self.valid_digests.add(digest)
        violations = convert_schema_errors(
            errors, value, document, prefix=prefix, source=self.source
        )
        return value, violations

    def _not_json(self, body: bytes, error: JsonError, prefix: str) -> Violation:
        text = body[:_EXCERPT_BYTES].decode("utf-8", "replace")
        expected = f"JSON ({error.reason}, line {error.line}, column {error.column})"
        return Violation(prefix or "body", "json", text, expected, self.pointer, self.source)

    def _digest(self, value: object) -> bytes | None:
        """Return a digest of the members that the shallow validator skips; None without any."""
        if self.shallow_validator is None or not isinstance(value, dict):
            return None
        parts = {name: value[name] for name in self.members if name in value}
        if not parts:
            return None
        return blake2b(dump_json(parts), digest_size=_DIGEST_BYTES).digest()

    def _is_known_valid(self, digest: bytes, value: Any) -> bool:
        if self.shallow_validator is None or digest not in self.valid_digests:
            return False
        return self.shallow_validator.is_valid(value)

"""Judges bodies of one media type. What was judged valid and has not changed is not judged again."""

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from typing import Any

from understudy.contract.operation.violation import Violation, convert_schema_errors
from understudy.contract.schema.validator import Validator
from understudy.messages import JsonError, dump_json, parse_json

_REMEMBERED = 1024
"""How many valid representations are remembered, by digest."""


class RecentDigests:
    """The digests of what was found valid, the last ones only."""

    def __init__(self, size: int = _REMEMBERED) -> None:
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
        """Remember a digest; the one that was used longest ago goes."""
        with self._lock:
            self._digests[digest] = None
            if len(self._digests) > self._size:
                self._digests.popitem(last=False)


@dataclass(frozen=True, slots=True)
class BodyValidator:
    """Reads and judges the bodies of one media type."""

    media_type: str
    pointer: str
    """The media type's node in the contract."""
    validator: Validator | None
    """None when the body is no JSON or has no schema."""
    shallow_validator: Validator | None = None
    """The same schema with every member that is an object or array let through: an envelope changes with each answer
    (time, trace), what it carries seldom does."""
    members: tuple[str, ...] = ()
    """The names of the members that the shell lets through."""
    source: str = ""
    valid_digests: RecentDigests = field(default_factory=RecentDigests, compare=False, repr=False)

    def validate(
        self, body: bytes, document: Any, *, prefix: str = ""
    ) -> tuple[Any, tuple[Violation, ...]]:
        """Give the value in a body, and what is wrong with it."""
        if "json" not in self.media_type:
            return None, ()
        try:
            value = parse_json(body)
        except JsonError as error:
            text = body[:200].decode("utf-8", "replace")
            what = f"JSON ({error.reason}, line {error.line}, column {error.column})"
            return None, (
                Violation(prefix or "body", "json", text, what, self.pointer, self.source),
            )
        if self.validator is None:
            return value, ()
        digest = self._digest(value)
        if (
            digest is not None
            and digest in self.valid_digests
            and self.shallow_validator is not None
            and self.shallow_validator.is_valid(value)
        ):
            return value, ()
        errors = list(self.validator.iter_errors(value))
        if digest is not None and not errors:
            self.valid_digests.add(digest)
        return value, convert_schema_errors(
            errors, value, document, prefix=prefix, source=self.source
        )

    def _digest(self, value: Any) -> bytes | None:
        """Give a digest of what the shell lets through; None when there is no such thing."""
        if self.shallow_validator is None or not isinstance(value, dict):
            return None
        parts = {name: value[name] for name in self.members if name in value}
        return blake2b(dump_json(parts), digest_size=16).digest() if parts else None

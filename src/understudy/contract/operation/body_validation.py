"""Validation of bodies: by media type, and by the media types of a message.

A body whose members were valid before and have not changed is not validated again in full: a stub
sends the same data many times.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from typing import Any

from understudy.contract.operation.violation import Violation, Violations, convert_schema_errors
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
        self, body: bytes, document: object, *, prefix: str = ""
    ) -> tuple[Any, Violations]:
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
        place = prefix or "body"
        text = body[:_EXCERPT_BYTES].decode("utf-8", "replace")
        position = f"line {error.line}, column {error.column}"
        expected = f"JSON ({error.reason}, {position})"
        return Violation(place, "json", text, expected, self.pointer, self.source)

    def _digest(self, value: object) -> bytes | None:
        """Return a digest of the members that the shallow validator skips; None without any."""
        if self.shallow_validator is None or not isinstance(value, dict):
            return None
        parts = {name: value[name] for name in self.members if name in value}
        if not parts:
            return None
        data = dump_json(parts)
        return blake2b(data, digest_size=_DIGEST_BYTES).digest()

    def _is_known_valid(self, digest: bytes, value: object) -> bool:
        if self.shallow_validator is None or digest not in self.valid_digests:
            return False
        return self.shallow_validator.is_valid(value)


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request or a response: a validator for each media type."""

    media: Mapping[str, BodyValidator]
    """By media type in lower case; the type may be a range (`text/*`, `*/*`)."""
    pointer: str
    required: bool = False
    source: str = ""

    def find_validator(self, content_type: str) -> BodyValidator | None:
        """Return the validator of a content type: its own, else that of a range (`text/*`)."""
        without_parameters, _, _ = content_type.partition(";")
        media_type = without_parameters.strip().lower()
        main_type, _, _ = media_type.partition("/")
        for candidate in (media_type, f"{main_type}/*", "*/*"):
            if candidate in self.media:
                return self.media[candidate]
        return None

    def missing(self) -> Violation:
        """Return the violation of a message without a body."""
        return Violation(
            place="body",
            rule="required",
            value=None,
            expected="a body",
            pointer=self.pointer,
            source=self.source,
        )

    def wrong_content_type(self, content_type: str) -> Violation:
        """Return the violation of a message whose content type is not documented."""
        return Violation(
            place="header.Content-Type",
            rule="content-type",
            value=content_type or None,
            expected=" or ".join(self.media),
            pointer=self.pointer,
            source=self.source,
        )

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

from understudy.contract.operation.body_decoding import ContentDecoder, DecodedContent
from understudy.contract.operation.violation import (
    MAX_VIOLATIONS,
    Violation,
    Violations,
    convert_schema_errors,
)
from understudy.contract.schema.validator import Validator
from understudy.messages import (
    JsonError,
    MediaType,
    dump_json,
    is_json,
    parse_json,
    parse_media_type,
)

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
    """None when the body is not read or has no schema."""
    shallow_validator: Validator | None = None
    """The same schema, in which every member that is an object or array is always valid.

    An envelope changes with each response (time, trace id); the data in it seldom does. So the
    envelope is validated each time, and the data when its digest is new."""
    members: tuple[str, ...] = ()
    """The names of the members that the shallow validator accepts as they are."""
    source: str = ""
    decoder: ContentDecoder | None = None
    """Reads content that is not one JSON text; None for JSON, and for content that is not read."""
    validates_items: bool = False
    """Whether the validator is that of each item of a sequence."""
    valid_digests: RecentDigests = field(default_factory=RecentDigests, compare=False, repr=False)

    def validate(
        self, body: bytes, document: object, *, prefix: str = "", content_type: str = ""
    ) -> tuple[Any, Violations]:
        """Return the value of a body and its violations.

        The value is None when the body cannot be read. `prefix` starts the place of each violation.
        `content_type` is the field of the message, with its parameters.
        """
        if self.decoder is not None:
            decoded = self.decoder.decode(body, content_type, document)
            return decoded.value, self._validate_content(decoded, document, prefix)
        # A range (`*/*`) does not show what the body is.
        if not is_json(self.media_type) and not is_json(content_type):
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
        errors = list(self.validator.iter_errors(value, limit=MAX_VIOLATIONS))
        if digest is not None and not errors:
            self.valid_digests.add(digest)
        violations = convert_schema_errors(
            errors, value, document, prefix=prefix, source=self.source
        )
        return value, violations

    def _validate_content(
        self, decoded: DecodedContent, document: object, prefix: str
    ) -> Violations:
        """Return the violations of content that a decoder has read."""
        violations = [
            Violation(
                place=f"{prefix}{flaw.place}" or "body",
                rule=flaw.rule,
                value=flaw.value,
                expected=flaw.expected,
                pointer=self.pointer,
                source=self.source,
            )
            for flaw in decoded.flaws
        ]
        if self.validator is None or not decoded.is_read:
            return tuple(violations)
        values = {"": decoded.value}
        if self.validates_items and isinstance(decoded.value, list):
            values = {f"/{number}": item for number, item in enumerate(decoded.value)}
        for place, value in values.items():
            if len(violations) >= MAX_VIOLATIONS:
                break
            errors = self.validator.iter_errors(value, limit=MAX_VIOLATIONS)
            violations += convert_schema_errors(
                errors, value, document, prefix=f"{prefix}{place}", source=self.source
            )
        return tuple(violations[:MAX_VIOLATIONS])

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

    @property
    def first_media_type(self) -> str:
        """The first media type in the document's order; empty without any."""
        return next(iter(self.media), "")

    def find_validator(self, content_type: str) -> BodyValidator | None:
        """Return the validator of a content type: its own, else that of a range (`text/*`).

        Of several that fit, the most specific is returned, those with the same parameters first.
        """
        sent = parse_media_type(content_type)
        if len(self.media) == 1 and sent.name in self.media:
            return self.media[sent.name]
        best: BodyValidator | None = None
        best_rank: tuple[bool, tuple[int, int]] | None = None
        for name, validator in self.media.items():
            documented = parse_media_type(name)
            if documented.includes(sent):
                rank = _closeness(documented, sent)
                if best_rank is None or rank > best_rank:
                    best, best_rank = validator, rank
        return best

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


def _closeness(documented: MediaType, sent: MediaType) -> tuple[bool, tuple[int, int]]:
    """Return a sort key: the media type that documents a content type best is greatest."""
    return sent.has_parameters_of(documented), documented.specificity

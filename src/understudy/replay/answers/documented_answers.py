"""The documented responses of a contract as answers: with an example, else with generated data."""

from threading import Lock
from typing import TypeAlias

from understudy.contract import (
    Contract,
    ResponseSpec,
    has_content,
    sample_content,
    sample_fields,
)
from understudy.messages import ContentKind, content_kind
from understudy.replay.service import NO_BODY, Author, UnrenderedResponse
from understudy.rules.values.http_syntax import SERVER_HEADERS

_MAX_ANSWERS = 256
"""How many answers are held; when the bound is reached, the oldest goes."""
_AnswerKey: TypeAlias = tuple[str, str, str, int, int]
"""What an answer depends on: the pointer of its response, its media type as it is documented and as
it is sent, its status, the seed."""
_UNSENT_FIELDS = SERVER_HEADERS | {"content-encoding"}
"""Header fields that are not sent as documented: those of the server, and that of a coding.

The body has no coding. Source: RFC 9110, section 8.4."""


class DocumentedAnswers:
    """Builds answers from the documented responses of a contract. Thread-safe.

    Generated data is generated once for each seed.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._answers: dict[_AnswerKey, UnrenderedResponse] = {}
        self._lock = Lock()

    def find(self, spec: ResponseSpec, status: int, *, seed: int) -> UnrenderedResponse:
        """Return the answer with the first example, or else with generated data."""
        key = spec.pointer, spec.media_type, spec.content_type, status, seed
        known = self._answers.get(key)
        if known is not None:
            return known
        answer = self._build(spec, status, seed)
        with self._lock:
            self._answers[key] = answer
            if len(self._answers) > _MAX_ANSWERS:
                del self._answers[next(iter(self._answers))]
        return answer

    def _build(self, spec: ResponseSpec, status: int, seed: int) -> UnrenderedResponse:
        for example in spec.examples.values():
            fields = self.header_fields(spec, seed=seed)
            return UnrenderedResponse(status, example, fields, spec.content_type, Author.EXAMPLE)
        return self.generate(spec, status, seed=seed)

    def generate(
        self, spec: ResponseSpec, status: int, *, seed: int, is_dynamic: bool = False
    ) -> UnrenderedResponse:
        """Build the answer with generated data; with an example where there is no schema.

        `is_dynamic`: the examples and defaults of the schema are not used either.
        """
        fields = self.header_fields(spec, seed=seed)
        if has_content(spec):
            body = sample_content(self._contract, spec, seed=seed, is_dynamic=is_dynamic)
            return UnrenderedResponse(status, body, fields, spec.content_type, Author.SAMPLE)
        for example in spec.examples.values():
            return UnrenderedResponse(status, example, fields, spec.content_type, Author.EXAMPLE)
        if not spec.media_type:
            return UnrenderedResponse(status, NO_BODY, fields, author=Author.SAMPLE)
        # Any value is valid, but JSON and XML have to have one.
        has_value = content_kind(spec.content_type) in (ContentKind.JSON, ContentKind.XML)
        any_body = {} if has_value else ""
        return UnrenderedResponse(status, any_body, fields, spec.content_type, Author.SAMPLE)

    def header_fields(self, spec: ResponseSpec, *, seed: int) -> tuple[tuple[str, str], ...]:
        """Return the documented header fields, with their examples or else with generated data."""
        fields = sample_fields(self._contract, spec, seed=seed, with_optional=True)
        return tuple(pair for pair in fields if pair[0].lower() not in _UNSENT_FIELDS)

"""What a rule or a preference answers, before it is put into a response."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

from understudy.rules.matching.call_context import NO_VALUES, CallContext


class RuleError(Exception):
    """A rule cannot do what it says with this call. Its text is a sentence."""


class NoBody(Enum):
    """Stands for the body of an answer that has none: JSON's null is a body."""

    NO_BODY = "no body"


NO_BODY: Final = NoBody.NO_BODY


class ReplyKind(Enum):
    """What an answer is made from."""

    ERROR = "error"
    """The service's own words for an error: `code`, `message`, `headers`."""
    LITERAL = "literal"
    """What is told: `status`, `headers`, and `body` or `text` with its `media_type`."""
    EXAMPLE = "example"
    """The contract's example of a `name`; of a `status`, where one is told."""
    DYNAMIC = "dynamic"
    """Data generated from the contract, for `status` and from `seed` where they are told."""
    PATCH = "patch"
    """The service's own answer, changed by `patch`; with another `status` or more `headers` where they are told."""


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One answer. What its kind does not use is left at its default."""

    kind: ReplyKind
    code: int | None = None
    """The service's own code of an error, or a status of HTTP."""
    status: int | None = None
    """None: 200, or what the kind makes of it."""
    headers: tuple[tuple[str, str], ...] = ()
    """Without Content-Type, which is `media_type`."""
    body: Any = NO_BODY
    """JSON data."""
    text: str | None = None
    media_type: str = ""
    """Empty when there is no body, or when the kind decides."""
    example_name: str = ""
    seed: int | None = None
    patch: tuple[Mapping[str, Any], ...] = ()
    """Operations of RFC 6902."""
    message: str = ""
    has_lookups: bool = False
    """Whether a text of it holds look-ups. What a client sends is never searched for any."""
    named_segments: Mapping[str, str] = field(default_factory=lambda: NO_VALUES)
    """The segments of the call's path to which the rule gave a name."""

    @property
    def is_empty(self) -> bool:
        """Whether it has neither body nor text."""
        return self.body is NO_BODY and self.text is None


def render_reply(answer: ScriptedReply, facts: CallContext) -> ScriptedReply:
    """Put in what the texts of an answer look up in the call. What is put in is not searched again."""
    if not answer.has_lookups:
        return answer
    from understudy.rules.replies.templating import LookupContext, render_text, render_value

    look = LookupContext(
        facts,
        facts.view.with_path_variables(answer.named_segments)
        if answer.named_segments
        else facts.view,
    )
    return replace(
        answer,
        headers=tuple(
            (name, render_text(value, look, header=True)) for name, value in answer.headers
        ),
        body=answer.body if answer.body is NO_BODY else render_value(answer.body, look),
        text=None if answer.text is None else render_text(answer.text, look),
        message=render_text(answer.message, look),
        patch=tuple(
            {**operation, "value": render_value(operation["value"], look)}
            if "value" in operation
            else operation
            for operation in answer.patch
        ),
        has_lookups=False,
    )


def apply_patch(answer: ScriptedReply, body: Any) -> Any:
    """Give JSON data changed by the answer's patch (RFC 6902); the data itself stays as it is.

    Raises ScriptError when the patch does not fit.
    """
    from jsonpatch import (
        JsonPatch,
        JsonPatchException,
    )  # late: few scripts have one, and it takes its time
    from jsonpointer import JsonPointerException

    try:
        # The library puts the values of the patch themselves into what it gives.
        return JsonPatch(deepcopy(list(answer.patch))).apply(deepcopy(body))
    except (JsonPatchException, JsonPointerException, TypeError) as error:
        raise RuleError(
            f"the patch does not fit the answer: {str(error) or type(error).__name__}"
        ) from error

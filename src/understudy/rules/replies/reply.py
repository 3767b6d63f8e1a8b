"""A scripted reply: what a rule or a preference answers, before it becomes a response."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from understudy.messages import Json
from understudy.rules.matching.call_context import NO_VALUES, CallContext
from understudy.rules.replies.templating import LookupContext, render_text, render_value

PatchOperation = Mapping[str, Json]
"""One operation of a JSON Patch: `op`, `path`, and `from` or `value`. Source: RFC 6902."""


class RuleError(Exception):
    """A rule that does not fit the call that it answers; its text is a sentence."""


class NoBody(Enum):
    """The type of NO_BODY: JSON's null is a body, so None cannot stand for a missing one."""

    NO_BODY = "no body"


NO_BODY: Final = NoBody.NO_BODY
"""The body of a reply without a body."""


class ReplyKind(Enum):
    """The source of a reply, and the fields of `ScriptedReply` that it uses."""

    ERROR = "error"
    """An error of the service: `code`, `message`, `headers`."""
    LITERAL = "literal"
    """What the rule writes: `status`, `headers`, and `body` or `text` with its `media_type`."""
    EXAMPLE = "example"
    """The contract's example with `example_name`; with `status`, one of that response."""
    DYNAMIC = "dynamic"
    """Data generated from the contract, by default for its first success: `status`, `seed`."""
    PATCH = "patch"
    """The service's own answer, changed by `patch`; `status` and `headers` change it too."""


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One reply. Fields that its kind does not use have their defaults."""

    kind: ReplyKind
    code: int | None = None
    """A code of the service's own errors, or an HTTP status."""
    status: int | None = None
    """None: 200, or the status that the kind gives."""
    headers: tuple[tuple[str, str], ...] = ()
    """Without Content-Type, which is `media_type`."""
    body: Json | NoBody = NO_BODY
    text: str | None = None
    """A body that is not JSON."""
    media_type: str = ""
    """Empty when there is no body, or when the kind gives the media type."""
    example_name: str = ""
    seed: int | None = None
    patch: tuple[PatchOperation, ...] = ()
    message: str = ""
    """The message of an error; empty: the service's own message."""
    has_lookups: bool = False
    """Whether one of its texts has look-ups. Texts of a client are never searched for them."""
    named_segments: Mapping[str, str] = field(default_factory=lambda: NO_VALUES)
    """The segments of the call's path to which the rule gives a name."""

    @property
    def is_empty(self) -> bool:
        """Whether it has neither body nor text."""
        return self.body is NO_BODY and self.text is None


def render_reply(reply: ScriptedReply, call: CallContext) -> ScriptedReply:
    """Return a reply with its look-ups replaced by the values of a call.

    A value that is put in is not searched for look-ups again. Without look-ups, the reply itself is
    returned.
    """
    if not reply.has_lookups:
        return reply
    view = call.view
    if reply.named_segments:
        view = view.with_path_variables(reply.named_segments)
    context = LookupContext(call, view)
    headers = tuple(
        (name, render_text(value, context, is_header=True)) for name, value in reply.headers
    )
    body = reply.body
    if not isinstance(body, NoBody):
        body = render_value(body, context)
    text = reply.text
    if text is not None:
        text = render_text(text, context)
    return replace(
        reply,
        headers=headers,
        body=body,
        text=text,
        message=render_text(reply.message, context),
        patch=tuple(_render_operation(operation, context) for operation in reply.patch),
        has_lookups=False,
    )


def _render_operation(operation: PatchOperation, context: LookupContext) -> PatchOperation:
    # Only the value has look-ups: a path is a place in the answer, not a text of it.
    if "value" not in operation:
        return operation
    return {**operation, "value": render_value(operation["value"], context)}


def apply_patch(reply: ScriptedReply, body: Json) -> Json:
    """Return JSON data changed by the reply's patch (RFC 6902); `body` itself does not change.

    Raise RuleError when the patch does not fit the data.
    """
    from jsonpatch import JsonPatch, JsonPatchException  # late: few rules have a patch
    from jsonpointer import JsonPointerException

    # Copies of both: the library puts the very values of the patch into its result.
    operations = deepcopy(list(reply.patch))
    changed = deepcopy(body)
    try:
        patched: Json = JsonPatch(operations).apply(changed)
    except (JsonPatchException, JsonPointerException, TypeError) as error:
        reason = str(error) or type(error).__name__
        raise RuleError(f"the patch does not fit the answer: {reason}") from error
    return patched

"""The parts of forms: `application/x-www-form-urlencoded` and `multipart/form-data`.

Source: WHATWG URL, section 5.1; RFC 7578.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from understudy.messages.charsets import find_charset
from understudy.messages.message import Headers

MAX_PARTS = 1000
"""How many parts a form may have."""


class FormError(ValueError):
    """A body is not a form. The message says what is wrong."""


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a multipart form."""

    name: str
    content: bytes
    headers: Headers = field(default_factory=Headers)
    filename: str | None = None
    """None: the part is not a file."""


def parse_urlencoded(body: bytes, charset: str = "utf-8") -> list[tuple[str, str]]:
    """Return the names and values of a form in order. Raises FormError.

    Bytes that do not belong to the charset become replacement characters.
    """
    text = body.decode("utf-8", "replace")
    try:
        codec = find_charset(charset)
        return parse_qsl(text, keep_blank_values=True, encoding=codec, max_num_fields=MAX_PARTS)
    except LookupError as error:
        raise FormError(f'unknown charset "{charset}"') from error
    except ValueError as error:
        raise FormError(f"more than {MAX_PARTS} fields") from error


def parse_multipart(body: bytes, boundary: str) -> list[FormPart]:
    """Return the parts of a form in order. Raises FormError."""
    # Imported late: most servers read no forms.
    from werkzeug.exceptions import RequestEntityTooLarge
    from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

    if not boundary:
        raise FormError("the media type has no boundary")
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_parts=MAX_PARTS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    parts: list[FormPart] = []
    content: list[bytes] = []
    head: Field | File | None = None
    try:
        while not isinstance(event := decoder.next_event(), Epilogue):
            match event:
                case Field() | File():
                    head, content = event, []
                case Data() if head is not None:
                    content.append(event.data)
                    if not event.more_data:
                        parts.append(_build_part(head, b"".join(content)))
                case _:
                    # The preamble has no meaning.
                    pass
    except RequestEntityTooLarge as error:
        raise FormError(f"more than {MAX_PARTS} parts") from error
    except (ValueError, AttributeError) as error:
        # The decoder reports a part without a blank line in either way.
        raise FormError("the parts are not well-formed") from error
    return parts


def _build_part(head: object, content: bytes) -> FormPart:
    name: str | None = getattr(head, "name", None)
    if name is None:
        raise FormError("a part has no name")
    headers = Headers.of(getattr(head, "headers", ()))
    return FormPart(name, content, headers, getattr(head, "filename", None))

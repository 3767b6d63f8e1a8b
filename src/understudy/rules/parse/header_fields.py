"""Parser of the header fields that rules write: a mapping of names and values.

    headers: {Retry-After: 1, X-Trace: "{{world.call}}"}

A value is a text, a number or a boolean, and is sent as a text.
"""

from understudy.contract.document.pointers import child_pointer
from understudy.rules.parse.parse_context import ParseContext, format_scalar
from understudy.rules.values.http_syntax import FIELD_NAME, FIELD_VALUE, SERVER_HEADERS

HeaderFields = tuple[tuple[str, str], ...]


def parse_headers(data: object, context: ParseContext, pointer: str) -> tuple[HeaderFields, str]:
    """Parse a mapping of names and values.

    Return the fields without Content-Type, and the value of Content-Type, or the empty text.
    """
    if not isinstance(data, dict):
        context.add_wrong_value(pointer, data, "a mapping of names and values")
        return (), ""
    fields: list[tuple[str, str]] = []
    content_type = ""
    for key, value in data.items():
        name = str(key)
        field_pointer = child_pointer(pointer, name)
        text = _parse_field(name, value, context, field_pointer)
        if text is None:
            continue
        if name.lower() == "content-type":
            content_type = text
        else:
            fields.append((name, text))
    return tuple(fields), content_type


def _parse_field(name: str, value: object, context: ParseContext, pointer: str) -> str | None:
    """Return the value of a field as a text, or None after reporting what is wrong with it.

    Source: RFC 9110, section 5.5. A line break would let a rule write further fields.
    """
    if not FIELD_NAME.fullmatch(name):
        message = f'"{name}" is not a name of a header field'
        context.add_problem("bad-header", message, pointer, key=True)
        return None
    if name.lower() in SERVER_HEADERS:
        context.add_problem(
            "bad-header",
            f"only the server writes {name}",
            pointer,
            key=True,
            hint="To damage a response, use a fault.",
        )
        return None
    text = format_scalar(value)
    if text is None or not FIELD_VALUE.fullmatch(text):
        context.add_wrong_value(pointer, value, "one line of text (ISO 8859-1)")
        return None
    return text

"""XML as a tree of elements: parsed strictly and within bounds, without document types.

A document type declaration is an error: its entities can make a short text a very long one, or
read files. Source: XML 1.0, fifth edition; Namespaces in XML 1.0.
"""

import re
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType, errors

from understudy.messages.charsets import find_charset

MAX_ELEMENTS = 100_000
"""How many elements and attributes a text may have: each is an object in memory."""
_MAX_DEPTH = 100
"""How deep elements may be nested, as in JSON."""
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


class XmlError(ValueError):
    """A text that is not XML, with the line and column of the error, both from 1."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class XmlName:
    """The name of an element or an attribute."""

    local: str
    """The name without its prefix."""
    namespace: str = ""
    """Empty for a name that is in no namespace, and for a prefix that is not declared."""


@dataclass(frozen=True, slots=True)
class XmlElement:
    """An element with its attributes, children and texts."""

    name: XmlName
    attributes: Mapping[XmlName, str] = field(default_factory=dict)
    """Without the declarations of namespaces."""
    children: "list[XmlElement]" = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """The pieces of text directly inside of the element, in order."""

    @property
    def text(self) -> str:
        """The text directly inside of the element."""
        return "".join(self.texts)


def parse_xml(body: bytes, charset: str = "") -> XmlElement:
    """Return the root element of a document.

    `charset` is that of the media type, which counts before the one that the text declares. Raises
    XmlError for a text that is not well-formed, has a document type declaration, or more than
    `MAX_ELEMENTS` elements and attributes.
    """
    encoding, content = _decode(body, charset)
    return _TreeBuilder(encoding).parse(content)


def _decode(body: bytes, charset: str) -> tuple[str | None, bytes]:
    """Return the encoding to parse with (None: the parser finds out) and the content in it.

    The parser knows few encodings; Python decodes all others. Source: RFC 7303, section 3.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        return "utf-8", body[3:]
    # A byte order mark, or the null bytes of UTF-16 without one.
    if body.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        return None, body
    declared = _DECLARED.match(body)
    name = charset or (declared[1].decode() if declared else "utf-8")
    try:
        return "utf-8", body.decode(find_charset(name)).encode()
    except UnicodeError as error:
        raise XmlError(f"the text is not {name}") from error
    except LookupError as error:
        raise XmlError(f'the encoding "{name}" is not known') from error


class _TreeBuilder:
    """Builds the tree of one document from the events of the parser."""

    def __init__(self, encoding: str | None) -> None:
        self._parser: XMLParserType = ParserCreate(encoding)
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._reject_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._add_text
        self._root: XmlElement | None = None
        self._open: list[XmlElement] = []
        self._scopes: list[ChainMap[str, str]] = [ChainMap({"xml": _XML_NAMESPACE})]
        """The namespaces by prefix: outside of the root, then for each open element."""
        self._count = 0

    def parse(self, content: bytes) -> XmlElement:
        """Return the root element. Raises XmlError."""
        try:
            self._parser.Parse(content, True)
        except ExpatError as error:
            reason = errors.messages[error.code]
            raise XmlError(reason, error.lineno, error.offset + 1) from error
        if self._root is None:
            raise XmlError("no element found")
        return self._root

    def _fail(self, reason: str) -> XmlError:
        return XmlError(
            reason, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        )

    def _reject_doctype(self, *_: object) -> None:
        raise self._fail("a document type declaration is not accepted")

    def _start(self, name: str, pairs: list[str]) -> None:
        self._count += 1 + len(pairs) // 2
        if self._count > MAX_ELEMENTS:
            raise self._fail(f"more than {MAX_ELEMENTS} elements and attributes")
        if len(self._open) == _MAX_DEPTH:
            raise self._fail(f"elements are nested deeper than {_MAX_DEPTH}")
        sent = dict(zip(pairs[::2], pairs[1::2], strict=True))
        scope = self._open_scope(sent)
        attributes = {
            _resolve_name(attribute, scope, ""): value
            for attribute, value in sent.items()
            if attribute != "xmlns" and not attribute.startswith("xmlns:")
        }
        default = scope.get("", "")
        element = XmlElement(_resolve_name(name, scope, default), attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _open_scope(self, attributes: Mapping[str, str]) -> Mapping[str, str]:
        """Add and return the namespaces of an element: those around it, and its own."""
        own: dict[str, str] = {}
        for name, value in attributes.items():
            if name == "xmlns" or name.startswith("xmlns:"):
                own[name.partition(":")[2]] = value
        around = self._scopes[-1]
        self._scopes.append(around.new_child(own) if own else around)
        return self._scopes[-1]

    def _end(self, _: str) -> None:
        self._open.pop()
        self._scopes.pop()

    def _add_text(self, text: str) -> None:
        self._open[-1].texts.append(text)


def _resolve_name(name: str, scope: Mapping[str, str], default: str) -> XmlName:
    """Return a name with its namespace; `default` is that of a name without a prefix.

    The parser does not resolve prefixes itself: it rejects those that are not declared, which many
    documents have.
    """
    prefix, colon, local = name.partition(":")
    if not colon:
        return XmlName(name, default)
    return XmlName(local, scope.get(prefix, ""))

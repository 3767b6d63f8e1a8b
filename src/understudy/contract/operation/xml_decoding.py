"""XML as data: elements and attributes are read by the names and types of a schema.

The opposite of `xml_encoding`. Source: OpenAPI 3.1 and 3.2, XML Object.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from understudy.contract.document.pointers import child_pointer
from understudy.contract.operation.body_decoding import (
    DecodedContent,
    Flaw,
    decode_text,
    report_flaw,
)
from understudy.contract.operation.parameter_values import parse_text
from understudy.contract.operation.xml_schemas import Node, XmlMember, XmlNames, XmlSchema
from understudy.contract.schema.validator import Validator
from understudy.contract.schema.value_types import TypeNames
from understudy.messages import Json, parse_media_type
from understudy.messages.xml_text import XmlElement, XmlError, XmlName, parse_xml

_EXCERPT = 200
_MAX_READINGS = 32
"""How many readings of a document are validated."""
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
"""The namespace of `xsi:nil`. Source: XML Schema part 1, section 2.6."""
_UNREAD_NAMESPACES = (_INSTANCE, "http://www.w3.org/XML/1998/namespace")
"""The namespaces of attributes that are not data."""
_CONTAINERS = ("object", "array")


@dataclass(frozen=True, slots=True)
class XmlDecoder:
    """Reads XML documents by one schema."""

    schema: XmlSchema
    root_names: XmlNames
    validator: Validator = field(repr=False)
    """Chooses between the readings of a text: `5` is a number or a word."""

    def decode(self, body: bytes, content_type: str, document: object) -> DecodedContent:
        """Return the data of a document."""
        charset = parse_media_type(content_type).parameters.get("charset", "")
        try:
            root = parse_xml(body, charset)
        except XmlError as error:
            excerpt = body[:_EXCERPT].decode("utf-8", "replace")
            expected = f"XML ({error.reason}, line {error.line}, column {error.column})"
            return report_flaw("xml", excerpt, expected)
        types = self.schema.shape.types
        if "string" in types and not set(_CONTAINERS) & set(types):
            return self._decode_text(root, body, content_type)
        first: DecodedContent | None = None
        for rotation in range(_MAX_READINGS):
            reader = _Reader(rotation)
            value = reader.read_root(root, self.schema, self.root_names)
            content = DecodedContent(value, tuple(reader.flaws))
            first = first or content
            has_more = rotation + 1 < reader.most_readings
            if not has_more and first is content:
                return content
            if not content.flaws and self.validator.is_valid(value):
                return content
            if not has_more:
                break
        return first or DecodedContent()

    def _decode_text(self, root: XmlElement, body: bytes, content_type: str) -> DecodedContent:
        """Return the text of the root, else the whole document: a schema of a text means either."""
        if not root.children and self.validator.is_valid(root.text):
            return DecodedContent(root.text)
        whole = decode_text(body, content_type)
        if root.children or self.validator.is_valid(whole.value):
            return whole
        return DecodedContent(root.text)


@dataclass(slots=True)
class _Reader:
    """Reads one document in one way.

    Where a content can have several types, a number decides which one is tried first.
    """

    rotation: int
    most_readings: int = 1
    """The largest number of ways in which a content could be read."""
    flaws: list[Flaw] = field(default_factory=list)

    def read_root(self, root: XmlElement, schema: XmlSchema, names: XmlNames) -> Json:
        """Return the value of the whole document."""
        self._check_name(root.name, names, "")
        return self._read(root, schema, "")

    def _read(self, element: XmlElement, schema: XmlSchema, place: str) -> Json:
        """Return the value of an element's content."""
        if _is_nil(element):
            return None
        types = schema.shape.types
        match self._choose(_possible_kinds(element, types)):
            case "object":
                return self._read_object(element, schema, place)
            case "array":
                return self._read_items(element, schema, schema.root_item_names(), place)
            case _:
                return self._convert(element.text, types)

    def _choose(self, kinds: Sequence[str]) -> str:
        self.most_readings = max(self.most_readings, len(kinds))
        return kinds[self.rotation % len(kinds)]

    def _convert(self, text: str, types: TypeNames) -> Json:
        """Return a text as one of the types that it fits; itself when it fits none."""
        scalars = tuple(name for name in types if name not in _CONTAINERS)
        if not scalars:
            return text
        self.most_readings = max(self.most_readings, len(scalars))
        start = self.rotation % len(scalars)
        # XML Schema part 2, section 4.3.6: the spaces around a number have no meaning.
        content = text if "string" in scalars else text.strip()
        return parse_text(content, scalars[start:] + scalars[:start])

    def _read_object(self, element: XmlElement, schema: XmlSchema, place: str) -> Json:
        value: dict[str, Json] = {}
        for attribute, text in _data_attributes(element).items():
            self._read_attribute(value, attribute, text, schema, place)
        text_member = schema.find_text_member()
        if text_member is not None:
            types = text_member.schema.shape.types
            value[text_member.property] = self._convert(element.text, types)
        elif element.text.strip():
            excerpt = element.text.strip()[:_EXCERPT]
            self.flaws.append(Flaw(place, "xml", excerpt, "elements without text between them"))
        for name, elements in self._group_children(element, schema, place).items():
            member = schema.members.get(name) or XmlMember(name, schema.shape.member(name))
            value[name] = self._read_member(elements, member, child_pointer(place, name))
        for member in schema.members.values():
            # A list without items has no element.
            is_list = member.node is Node.ITEMS and member.schema.shape.types == ("array",)
            if is_list and member.property not in value and schema.requires(member.property):
                value[member.property] = []
        return value

    def _read_attribute(
        self, value: dict[str, Json], name: XmlName, text: str, schema: XmlSchema, place: str
    ) -> None:
        """Add the member that an attribute stands for to an object."""
        member = schema.find_member(name, is_attribute=True)
        if member is None and name.local in schema.members:
            self._report_form(schema.members[name.local], "an attribute", place)
        elif member is None:
            types = schema.shape.member(name.local).types
            value[name.local] = self._convert(text, types)
        else:
            self._check_name(name, member.element_names, child_pointer(place, member.property))
            value[member.property] = self._convert(text, member.schema.shape.types)

    def _group_children(
        self, element: XmlElement, schema: XmlSchema, place: str
    ) -> dict[str, list[XmlElement]]:
        """Return the elements inside of an object by the names of their members."""
        grouped: dict[str, list[XmlElement]] = {}
        for child in element.children:
            name = child.name.local
            member = schema.find_member(child.name, is_attribute=False)
            if member is not None:
                name = member.property
                self._check_name(child.name, member.element_names, child_pointer(place, name))
            elif name in schema.members:
                self._report_form(schema.members[name], f"an element {name}", place)
                continue
            grouped.setdefault(name, []).append(child)
        return grouped

    def _read_member(self, elements: list[XmlElement], member: XmlMember, place: str) -> Json:
        """Return the value of a member that one or more elements stand for."""
        first = elements[0]
        types = member.schema.shape.types
        is_nil = len(elements) == 1 and _is_nil(first) and "null" in types
        if member.node is Node.ITEMS and not is_nil:
            kinds = ["array"]
            if len(elements) == 1 and types != ("array",):
                kinds.append("other")
            if self._choose(kinds) == "array":
                return self._read_each(elements, member.schema, place)
        elif len(elements) > 1 and not types:
            return self._read_each(elements, member.schema, place)
        elif len(elements) > 1:
            self.flaws.append(Flaw(place, "repeated", len(elements), "the element once"))
        if member.node is Node.WRAPPED and not is_nil:
            return self._read_items(first, member.schema, member.item_names, place)
        return self._read(first, member.schema, place)

    def _read_items(
        self, element: XmlElement, schema: XmlSchema, names: XmlNames, place: str
    ) -> Json:
        """Return the list whose items stand in an element."""
        text = element.text.strip()
        if text:
            expected = f"elements {names}, not text"
            self.flaws.append(Flaw(place, "xml", text[:_EXCERPT], expected))
        for index, child in enumerate(element.children):
            self._check_name(child.name, names, child_pointer(place, index))
        return self._read_each(element.children, schema, place)

    def _read_each(self, elements: list[XmlElement], schema: XmlSchema, place: str) -> list[Json]:
        return [
            self._read(element, schema.item(index), child_pointer(place, index))
            for index, element in enumerate(elements)
        ]

    def _check_name(self, name: XmlName, names: XmlNames, place: str) -> None:
        if not names.includes(name):
            shown = f"{{{name.namespace}}}{name.local}" if name.namespace else name.local
            self.flaws.append(Flaw(place, "xml", shown, f"the name {names}"))

    def _report_form(self, member: XmlMember, sent: str, place: str) -> None:
        """Report a member that is sent in another form than the documented one."""
        where = child_pointer(place, member.property)
        names = "" if member.node is Node.TEXT else f" {member.element_names}"
        self.flaws.append(Flaw(where, "xml", sent, f"{member.node.value}{names}"))


def _possible_kinds(element: XmlElement, types: TypeNames) -> list[str]:
    """Return the kinds of values that an element can stand for, in the order of its types.

    `scalar` stands for a text and what a text can be.
    """
    kinds = list(dict.fromkeys(name if name in _CONTAINERS else "scalar" for name in types))
    has_members = bool(element.children or _data_attributes(element))
    if not kinds:
        return ["object" if has_members else "scalar"]
    if element.children:
        # A schema of a text alone is broken by an object.
        return [kind for kind in kinds if kind != "scalar"] or ["object"]
    if element.text.strip() and "scalar" in kinds:
        return ["scalar", *(kind for kind in kinds if kind == "object")]
    return kinds


def _is_nil(element: XmlElement) -> bool:
    return element.attributes.get(XmlName("nil", _INSTANCE)) in ("true", "1")


def _data_attributes(element: XmlElement) -> Mapping[XmlName, str]:
    """Return the attributes that are data."""
    return {
        name: text
        for name, text in element.attributes.items()
        if name.namespace not in _UNREAD_NAMESPACES
    }

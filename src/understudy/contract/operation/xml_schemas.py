"""What the elements of XML mean by their schemas: names, attributes, lists; found at the first use.

Source: OpenAPI 3.1 and 3.2, XML Object.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from understudy.contract.document.pointers import JsonObject, follow_refs, parse_pointer, ref_target
from understudy.contract.operation.xml_encoding import clean_name
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.value_shapes import ValueShape
from understudy.messages.xml_text import XmlName


class Node(Enum):
    """How a member of an object is written."""

    ELEMENT = "an element"
    ATTRIBUTE = "an attribute"
    TEXT = "the text of the element"
    ITEMS = "an element for each item"
    WRAPPED = "an element around the items"


@dataclass(frozen=True, slots=True)
class XmlNames:
    """The names that an element or attribute may have."""

    local: tuple[str, ...] = ()
    """Without prefixes, the expected one first; empty: any name."""
    namespace: str = ""
    """The namespace that it has to be in; empty: any."""

    def includes(self, name: XmlName) -> bool:
        """Return whether a name is one of these."""
        has_local = not self.local or name.local in self.local
        return has_local and self.has_namespace(name)

    def has_namespace(self, name: XmlName) -> bool:
        """Return whether a name is in the namespace."""
        return not self.namespace or name.namespace == self.namespace

    def __str__(self) -> str:
        text = " or ".join(self.local) or "of any name"
        return f"{text} in the namespace {self.namespace}" if self.namespace else text


class XmlSchema:
    """The schema of an element's content.

    Threads may share it: two that compute the same part compute the same.
    """

    __slots__ = ("_attributes", "_elements", "_items", "_members", "shape")

    def __init__(self, shape: ValueShape) -> None:
        self.shape = shape
        self._members: dict[str, XmlMember] | None = None
        self._elements: dict[str, list[XmlMember]] = {}
        self._attributes: dict[str, list[XmlMember]] = {}
        self._items: dict[int, XmlSchema] = {}

    @property
    def members(self) -> "Mapping[str, XmlMember]":
        """The documented members of an object, by the names of their properties."""
        if self._members is None:
            names = self.shape.member_names()
            members = {name: XmlMember(name, self.shape.member(name)) for name in names}
            self._elements = _group_by_name(members.values(), is_attribute=False)
            self._attributes = _group_by_name(members.values(), is_attribute=True)
            self._members = members
        return self._members

    def find_member(self, name: XmlName, *, is_attribute: bool) -> "XmlMember | None":
        """Return the member that an element or attribute of a name belongs to.

        Of those with the same local name, the one with the same namespace is preferred.
        """
        if not self.members:
            return None
        by_name = self._attributes if is_attribute else self._elements
        members = by_name.get(name.local, [])
        for member in members:
            if member.element_names.has_namespace(name):
                return member
        return members[0] if members else None

    def find_text_member(self) -> "XmlMember | None":
        """Return the member that the text of an object's element belongs to."""
        for member in self.members.values():
            if member.node is Node.TEXT:
                return member
        return None

    def requires(self, name: str) -> bool:
        """Return whether a member is required."""
        return any(name in part.get("required", ()) for part in self.shape.iter_parts())

    def item(self, index: int) -> "XmlSchema":
        """Return the schema of an array's item."""
        shape = self.shape.item(index)
        # The shape of an array holds those of its items: they keep their identities.
        return self._items.setdefault(id(shape), XmlSchema(shape))

    def root_item_names(self) -> XmlNames:
        """Return the names of the items of a list that no property has: their own, or any."""
        options = _list_options(self.shape.item(0))
        return XmlNames(_own_names(options), _first_text(options, "namespace"))


class XmlMember:
    """A member of an object: how it is written, and the schema of its content."""

    __slots__ = ("element_names", "item_names", "node", "property", "schema")

    def __init__(self, name: str, shape: ValueShape) -> None:
        self.property = name
        self.schema = XmlSchema(shape)
        options = _list_options(shape)
        self.node = _find_node(shape, options)
        own_names = _own_names(options)
        default = clean_name(name)
        # Many servers generate the name of a list for its items, and use the property's for it.
        if not own_names or _may_have_others(shape) or self.node is Node.WRAPPED:
            own_names = (*own_names, default)
        own_names = tuple(dict.fromkeys(own_names))
        self.element_names = XmlNames(own_names, _first_text(options, "namespace"))
        """The names of its element or attribute; without an element around them, of its items."""
        self.item_names = XmlNames()
        """The names of its items inside of an element of their own."""
        if self.node in (Node.ITEMS, Node.WRAPPED):
            names = self.schema.root_item_names()
            local = names.local
            if not local or _may_have_others(shape.item(0)):
                # Items without names of their own are named by the property; many clients use the
                # name of the list.
                local = tuple(dict.fromkeys((*local, *own_names, default)))
            self.item_names = XmlNames(local, names.namespace)
            if self.node is Node.ITEMS:
                self.element_names = self.item_names


def _may_have_others(shape: ValueShape) -> bool:
    """Return whether the names of a schema may be those of another place.

    An alternative has names of its own. The name of a component is often that of its root only.
    """
    parts = shape.iter_parts()
    return any(keyword in part for part in parts for keyword in ("$ref", "oneOf", "anyOf"))


def find_root_names(schema: Schema, document: object) -> XmlNames:
    """Return the names of a document's root: by `xml`, else by the schema's component.

    The root of another schema may have any name.
    """
    shape = ValueShape((schema,), document)
    options = _list_options(shape)
    names = _own_names(options)
    target = ref_target(schema)
    component, _ = follow_refs(document, schema, "")
    # A name of a part (`allOf`) may be that of the whole or not.
    has_own_name = isinstance(component, dict) and bool(component.get("xml", {}).get("name"))
    if target and not has_own_name:
        name = clean_name(parse_pointer(target)[-1])
        # Many clients begin the names of elements with small letters.
        names = (*names, name, name[:1].lower() + name[1:])
    return XmlNames(tuple(dict.fromkeys(names)), _first_text(options, "namespace"))


def _list_options(shape: ValueShape) -> list[JsonObject]:
    """Return the XML objects of a schema and of the schemas that it is composed of."""
    parts = [part.get("xml") for part in shape.iter_parts()]
    return [part for part in parts if isinstance(part, dict)]


def _own_names(options: Iterable[JsonObject]) -> tuple[str, ...]:
    names = [clean_name(str(part["name"])) for part in options if part.get("name")]
    return tuple(dict.fromkeys(names))


def _first_text(options: Iterable[JsonObject], key: str) -> str:
    for part in options:
        if part.get(key):
            return str(part[key])
    return ""


def _find_node(shape: ValueShape, options: list[JsonObject]) -> Node:
    """Return how a member is written. Source: OpenAPI 3.2, `nodeType`, before it 3.1."""
    kind = _first_text(options, "nodeType")
    if kind == "attribute" or any(part.get("attribute") is True for part in options):
        return Node.ATTRIBUTE
    if kind in ("text", "cdata"):
        return Node.TEXT
    if "array" not in shape.types:
        return Node.ELEMENT
    is_wrapped = kind == "element" or any(part.get("wrapped") is True for part in options)
    return Node.WRAPPED if is_wrapped else Node.ITEMS


def _group_by_name(
    members: Iterable[XmlMember], *, is_attribute: bool
) -> dict[str, list[XmlMember]]:
    """Return members by the local names of their elements or attributes.

    An expected name counts before a further name of another member.
    """
    nodes = [Node.ATTRIBUTE] if is_attribute else [Node.ELEMENT, Node.ITEMS, Node.WRAPPED]
    fitting = [member for member in members if member.node in nodes]
    grouped: dict[str, list[XmlMember]] = {}
    for member in fitting:
        grouped.setdefault(member.element_names.local[0], []).append(member)
    for member in fitting:
        for name in member.element_names.local[1:]:
            grouped.setdefault(name, [member])
    return grouped

"""XML built from data by the names of its schema. Source: OpenAPI 3.1 and 3.2, XML Object."""

import re
from io import StringIO
from typing import Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from understudy.contract.document.pointers import JsonObject, follow_refs
from understudy.contract.schema.merge import drop_keywords, merge_schemas
from understudy.messages import Json, dump_json

_DEFAULT_ROOT = "root"
"""The name of a root that neither the schema nor its component names."""
_MAX_DEPTH = 64
"""How many elements deep the data is written; below that, as text."""
_NIL = "http://www.w3.org/2001/XMLSchema-instance"
_REPLACED = dict.fromkeys(
    [
        *(code for code in range(32) if chr(code) not in "\t\n\r"),
        *range(0xD800, 0xE000),
        0xFFFE,
        0xFFFF,
    ],
    "\ufffd",
)
"""Characters that XML 1.0 cannot have (section 2.2), and what stands for each."""
_START = (
    r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u0131\u0134-\u013E\u0141-\u0148\u014A-\u017E"
    r"\u038E-\u03A1\u03A3-\u03CE\u0401-\u040C\u040E-\u044F\u0451-\u045C\u045E-\u0481"
    r"\u05D0-\u05EA\u0621-\u063A\u3041-\u3094\u30A1-\u30FA\u4E00-\u9FA5\uAC00-\uD7A3"
)
"""Letters with which a name may begin for every parser: those of the common scripts.

Source: XML 1.0, fourth edition, appendix B, which many parsers follow.
"""
_NOT_IN_NAME = re.compile(f"[^-.0-9{_START}]")
_NAME_START = re.compile(f"[{_START}]")


def encode_xml(document: object, schema: object, value: Json, *, charset: str = "utf-8") -> bytes:
    """Return data as an XML document, by the names and namespaces of its schema.

    `document` is the contract, for references. The root is named by `xml.name`, else by the
    schema's component, else `root`.
    """
    text = StringIO()
    writer = _XmlWriter(document, XMLGenerator(text, encoding=charset))
    writer.write(schema, value)
    return text.getvalue().encode(charset, "xmlcharrefreplace")


class _XmlWriter:
    """Writes one XML document."""

    def __init__(self, document: object, generator: XMLGenerator) -> None:
        self._document = document
        self._out = generator
        self._prefixes: list[str] = []
        """The prefixes that the open elements declare, one for each element, or empty."""

    def write(self, schema: object, value: Json) -> None:
        """Write the document with its root element."""
        self._out.startDocument()
        target = self._resolve(schema, value)
        name = _component_name(schema) or _DEFAULT_ROOT
        if isinstance(value, list):
            # A root exists in any case: the items stand in it, as if `wrapped` were true.
            self._write_list(target, name, value, 0, is_wrapped=True)
        else:
            self._write_element(target, name, value, 0)
        self._out.endDocument()

    def _resolve(self, schema: object, value: Json) -> JsonObject:
        """Return the one schema of a value: references followed, parts and alternatives merged."""
        merged = merge_schemas([schema], self._document)
        for keyword in ("oneOf", "anyOf"):
            for part in merged.get(keyword, ()):
                alternative, _ = follow_refs(self._document, part, "")
                if isinstance(alternative, dict) and _may_describe(alternative, value):
                    merged = merge_schemas(
                        [drop_keywords(merged, keyword), alternative], self._document
                    )
                    break
        return merged

    def _write_element(self, schema: JsonObject, name: str, value: Json, depth: int) -> None:
        """Write an element with its attributes and children. Lists have their own function."""
        xml = _xml_of(schema)
        members = value if isinstance(value, dict) and depth < _MAX_DEPTH else {}
        properties = schema.get("properties", {})
        additional = schema.get("additionalProperties", {})
        schemas: dict[str, JsonObject] = {}
        attributes = _namespace(xml)
        for member, content in members.items():
            part = self._resolve(properties.get(member, additional), content)
            schemas[member] = part
            if _node_type(part) == "attribute" and content is not None:
                with_prefix = bool(_xml_of(part).get("namespace"))
                attributes[_build_name(part, member, with_prefix=with_prefix)] = _text(content)
                attributes.update(_namespace(_xml_of(part)))
        if value is None:
            attributes.update({"xmlns:xsi": _NIL, "xsi:nil": "true"})
        element = self._start(schema, name, attributes)
        if not isinstance(value, dict) or depth >= _MAX_DEPTH:
            self._out.characters(_text(value))
        for member, content in members.items():
            self._write_member(schemas[member], member, content, depth + 1)
        self._end(element)

    def _start(self, schema: JsonObject, name: str, attributes: dict[str, str]) -> str:
        """Begin an element, and return its name. A prefix that is not declared is left out."""
        xml = _xml_of(schema)
        prefix = str(xml.get("prefix", ""))
        self._prefixes.append(prefix if xml.get("namespace") else "")
        is_declared = prefix in self._prefixes
        element = _build_name(schema, name, with_prefix=is_declared)
        self._out.startElement(element, AttributesImpl(attributes))
        return element

    def _end(self, element: str) -> None:
        self._out.endElement(element)
        self._prefixes.pop()

    def _write_member(self, schema: JsonObject, name: str, value: Json, depth: int) -> None:
        kind = _node_type(schema)
        if kind == "attribute":
            return
        if kind in ("text", "cdata"):
            self._out.characters(_text(value))
        elif isinstance(value, list):
            self._write_list(schema, name, value, depth, is_wrapped=kind == "wrapped")
        else:
            self._write_element(schema, name, value, depth)

    def _write_list(
        self, schema: JsonObject, name: str, items: list[Any], depth: int, *, is_wrapped: bool
    ) -> None:
        """Write the items of a list, each as an element; in an element of the list if wrapped."""
        own = _xml_of(schema)
        element = self._start(schema, name, _namespace(own)) if is_wrapped else ""
        items_schema = schema.get("items", {})
        # The name of a list that is not wrapped has no effect: its items are named by their own.
        item_name = name
        if is_wrapped:
            item_name = _component_name(items_schema) or str(own.get("name", name))
            if depth > 0:
                item_name = str(own.get("name", name))
        for item in items:
            part = self._resolve(items_schema, item)
            if isinstance(item, list) and depth < _MAX_DEPTH:
                self._write_list(part, item_name, item, depth + 1, is_wrapped=True)
            else:
                self._write_element(part, item_name, item, depth + 1)
        if is_wrapped:
            self._end(element)


def _xml_of(schema: JsonObject) -> JsonObject:
    xml = schema.get("xml")
    return xml if isinstance(xml, dict) else {}


def _node_type(schema: JsonObject) -> str:
    """Return `attribute`, `text`, `cdata`, `wrapped` or `element`.

    Source: OpenAPI 3.2, `nodeType`; 3.1, `attribute` and `wrapped`. An array whose type is
    `element` is wrapped.
    """
    xml = _xml_of(schema)
    kind = str(xml.get("nodeType", ""))
    if xml.get("attribute") is True or kind == "attribute":
        return "attribute"
    if kind in ("text", "cdata"):
        return kind
    if xml.get("wrapped") is True or kind == "element":
        return "wrapped"
    return "element"


def _build_name(schema: JsonObject, name: str, *, with_prefix: bool) -> str:
    """Return the name of an element or attribute, perhaps with its prefix."""
    xml = _xml_of(schema)
    own = clean_name(str(xml.get("name", name)))
    prefix = xml.get("prefix") if with_prefix else None
    return f"{clean_name(str(prefix))}:{own}" if prefix else own


def _namespace(xml: JsonObject) -> dict[str, str]:
    """Return the attribute that declares a namespace; empty without one."""
    namespace = xml.get("namespace")
    if not namespace:
        return {}
    prefix = xml.get("prefix")
    return {f"xmlns:{clean_name(str(prefix))}" if prefix else "xmlns": str(namespace)}


def clean_name(name: str) -> str:
    """Return a name that XML allows: other characters become underscores.

    A colon does too: a prefix has its own key.
    """
    text = _NOT_IN_NAME.sub("_", name)
    return text if _NAME_START.match(text) else f"_{text}"


def _component_name(schema: object) -> str:
    """Return the name of the component that a schema refers to; empty for another schema."""
    if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
        return ""
    reference: str = schema["$ref"]
    return reference.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _may_describe(schema: JsonObject, value: Json) -> bool:
    """Return whether a schema seems to be the one of a value: type and required members fit."""
    if not isinstance(value, dict):
        return schema.get("type") != "object" and "properties" not in schema
    return all(name in value for name in schema.get("required", ()))


def _text(value: Json) -> str:
    text = ""
    if isinstance(value, str):
        text = value
    elif value is not None:
        text = dump_json(value).decode()
    return text.translate(_REPLACED)

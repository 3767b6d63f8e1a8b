"""References to other files, replaced by references into the document itself.

Each target becomes a component of the kind that its place asks for; in a place where no reference
is allowed (an operation, a whole section), the target is copied in. So everything else knows one
document and local pointers alone. The places of all nodes stay those of their files.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from understudy.contract.document.document_files import DocumentFiles, resolve_location
from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    child_pointer,
    parse_pointer,
    resolve_pointer,
)
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Origin, Tree, copy_containers
from understudy.contract.loading.object_model import (
    MEMBERS,
    Kind,
    Located,
    Shape,
    iter_children,
    walk,
    walk_below,
)
from understudy.contract.schema.anchors import find_anchor, replace_named_references
from understudy.errors import InputError
from understudy.source import Source

UNRESOLVED = "#/x-unresolved"
"""What replaces a reference whose target could not be read, after the problem was reported."""
# Letters that a component's name must not have. Source: OpenAPI 3.1, Components Object.
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# A discriminator maps to names of schemas too; these are not references.
_REFERENCE = re.compile(r"[/#]|\.(?:ya?ml|json)$")
_MAX_DEPTH = 100
"""Tokens of a pointer: a place where no reference is allowed can refer to one above it."""
_POINTER_SAFE = "/~!$&'()*+,;=:@"
_SWAGGER_SECTIONS = {
    Kind.SCHEMA: "/definitions",
    Kind.PARAMETER: "/parameters",
    Kind.RESPONSE: "/responses",
}

_ComponentKey = tuple[str, str, Kind]
"""Location of a file, pointer in it, and the kind that the reference asks for."""
_CopyPlace = Kind | tuple[Kind, str]
"""The kind of a copied node; for a mapping of names, the kind of its parent and its key there."""


@dataclass(frozen=True, slots=True)
class _File:
    location: str
    source: Source
    data: Any
    """The file's data, its references by name replaced."""


@dataclass(frozen=True, slots=True)
class _Target:
    file: _File
    pointer: str
    value: Any


class _UnresolvedReferenceError(Exception):
    """A reference without a target; the problem is reported."""


def replace_external_references(tree: Tree, files: DocumentFiles, problems: ShapeProblems) -> None:
    """Replace each reference to another file in place; what cannot be read is reported."""
    _ExternalReferences(tree, files, problems).replace()


class _ExternalReferences:
    """Replaces the references of one document.

    In a copied part of another file every reference gets the location of its file, so that it means
    the same wherever the part stands.
    """

    def __init__(self, tree: Tree, files: DocumentFiles, problems: ShapeProblems) -> None:
        self.tree = tree
        self.files = files
        self.problems = problems
        source, _ = tree.origin
        self.root = _File(files.root_location, source, tree.data)
        self.read_files: dict[str, _File] = {files.root_location: self.root}
        """By location, and by the names that files give themselves."""
        self._add_names(self.root)
        self.components: dict[_ComponentKey, str] = {}
        """The pointers of the components that were added."""
        self.waiting: list[Located] = []
        """Components that were added, and whose references are not replaced yet."""

    def replace(self) -> None:
        """Replace the references of the document, then those of the components that it got."""
        for part in walk(self.tree.data):
            self.replace_in(part)
        while self.waiting:
            for part in walk_below(self.waiting.pop()):
                self.replace_in(part)

    def replace_in(self, part: Located) -> None:
        """Replace the references of one node."""
        self.copy_sections(part)
        self.replace_reference(part)
        if part.kind is Kind.SCHEMA:
            self.replace_mapping(part)

    def replace_reference(self, part: Located) -> None:
        """Replace the `$ref` of a node."""
        ref = part.node.get("$ref")
        if not isinstance(ref, str):
            return
        if self.section_of(part.kind) is None:
            self.copy_target(part.node, part.pointer, ref, part.kind)
        elif not ref.startswith("#"):
            part.node["$ref"] = self.embed(ref, part.kind, f"{part.pointer}/$ref", UNRESOLVED)

    def replace_mapping(self, part: Located) -> None:
        """Replace the references of a discriminator."""
        for mapping, value, ref in _iter_mapping_references(part.node):
            if not ref.startswith("#"):
                where = child_pointer(part.pointer, "discriminator", "mapping", value)
                mapping[value] = self.embed(ref, Kind.SCHEMA, where, ref)

    def copy_sections(self, part: Located) -> None:
        """Copy the target of each member that is a reference where a mapping is expected.

        Example: `paths: {$ref: paths.yaml}`. The specifications do not allow it; tools do.
        """
        for key, member in _iter_referring_sections(part):
            where = f"{part.pointer}/{key}"
            self.copy_target(member, where, member["$ref"], (part.kind, key))

    def copy_target(self, node: JsonObject, pointer: str, ref: str, place: _CopyPlace) -> None:
        """Replace the `$ref` of a node by the members of its target; those beside it win."""
        where = f"{pointer}/$ref"
        node.pop("$ref")
        if pointer.count("/") > _MAX_DEPTH:
            self.problems.add("circular-ref", f'circular $ref "{ref}"', where)
            return
        try:
            target = self.resolve(ref, self.root, where)
        except _UnresolvedReferenceError:
            return
        if not isinstance(target.value, dict):
            message = f'the $ref "{ref}" does not lead to a mapping'
            self.problems.add("bad-ref", message, where, expected="a mapping")
            return
        copied = copy_containers(target.value)
        self.complete_references(copied, place, target.file)
        for key, value in copied.items():
            if key not in node:
                origin = self.origin_in(target.file, child_pointer(target.pointer, key))
                self.tree.attach(node, key, value, origin)

    def complete_references(self, copied: JsonObject, place: _CopyPlace, file: _File) -> None:
        """Add the location of a file to every reference in a copy of a part of it."""
        if isinstance(place, Kind):
            nodes: list[tuple[Kind, Any]] = [(place, copied)]
        else:
            kind, key = place
            nodes = [(below, child) for below, _, child in iter_children(kind, {key: copied}, "")]
            if isinstance(copied.get("$ref"), str):
                copied["$ref"] = self.complete(copied["$ref"], file)
        for kind, node in nodes:
            for part in walk_below(Located(kind, "", node)):
                self.complete_node(part, file)

    def complete_node(self, part: Located, file: _File) -> None:
        """Add the location of a file to the references of a node."""
        sections = [member for _, member in _iter_referring_sections(part)]
        for node in (part.node, *sections):
            if isinstance(node.get("$ref"), str):
                node["$ref"] = self.complete(node["$ref"], file)
        if part.kind is Kind.SCHEMA:
            for mapping, value, ref in _iter_mapping_references(part.node):
                mapping[value] = self.complete(ref, file)

    def complete(self, ref: str, file: _File) -> str:
        """Return a reference of a file with its location.

        Files that are parts of one document often refer to the root as if it was their own: such a
        reference stays local.
        """
        uri, fragment = _split(ref)
        if uri:
            known = self.read_files.get(uri)
            location = known.location if known else resolve_location(file.location, uri)
            return f"{location}#{fragment}"
        is_in_root_only = not _exists(file.data, fragment) and _exists(self.root.data, fragment)
        if file is self.root or is_in_root_only:
            return ref
        return f"{file.location}{ref}"

    def embed(self, ref: str, kind: Kind, where: str, default: str) -> str:
        """Return the local reference to a target, which is added to the document at its first use.

        `where` is the reference's pointer, for the problem; `default` is returned with one.
        """
        try:
            target = self.resolve(ref, self.root, where)
        except _UnresolvedReferenceError:
            return default
        if target.file is self.root:
            return "#" + quote(target.pointer, safe=_POINTER_SAFE)
        key = (target.file.location, target.pointer, kind)
        if key not in self.components:
            self.components[key] = self.add_component(kind, target)
        return "#" + quote(self.components[key], safe=_POINTER_SAFE)

    def add_component(self, kind: Kind, target: _Target) -> str:
        """Add a copy of a target to the section of its kind, and return its pointer there."""
        section_pointer = self.section_of(kind) or ""
        section = self.ensure_section(section_pointer)
        tokens = parse_pointer(target.pointer) if target.pointer else []
        stem = target.file.location.rpartition("/")[2].partition(".")[0]
        name = _unique_name(tokens[-1] if tokens else stem, section)
        copied = copy_containers(target.value)
        if isinstance(copied, dict):
            self.complete_references(copied, kind, target.file)
        self.tree.attach(section, name, copied, (target.file.source, target.pointer))
        where = child_pointer(section_pointer, name)
        if isinstance(copied, dict):
            self.waiting.append(Located(kind, where, copied))
        return where

    def ensure_section(self, pointer: str) -> JsonObject:
        """Return the section at a pointer; a missing or broken one is created."""
        node: JsonObject = self.tree.data
        for token in parse_pointer(pointer):
            if not isinstance(node.get(token), dict):
                node[token] = {}
            node = node[token]
        return node

    def section_of(self, kind: Kind) -> str | None:
        """Return the pointer of the section for a kind; None where no reference is allowed."""
        if "swagger" in self.tree.data:
            return _SWAGGER_SECTIONS.get(kind)
        return f"/components/{kind.value}" if kind.value in MEMBERS[Kind.COMPONENTS] else None

    def origin_in(self, file: _File, pointer: str) -> Origin:
        """Return the origin of a node of a file."""
        return self.tree.find_origin(pointer) if file is self.root else (file.source, pointer)

    def resolve(self, ref: str, base: _File, where: str) -> _Target:
        """Return the target of a reference. Raises _UnresolvedReferenceError."""
        uri, fragment = _split(ref)
        try:
            file = self.read(uri, base) if uri else base
            return _find_target(file, unquote(fragment))
        except InputError as error:
            problem = error.problems[0]
            message = f'unresolved $ref "{ref}": {problem.message}'
            if problem.place:
                message += f" ({problem.place})"
            slug = "remote-ref" if problem.slug == "remote-ref" else "unresolved-ref"
            hint, nearest = problem.hint, problem.nearest
            self.problems.add(slug, message, where, hint=hint, nearest=nearest)
            raise _UnresolvedReferenceError from error
        except PointerError as error:
            message = f'unresolved $ref "{ref}": {error}'
            nearest = self.problems.find_nearest(error.key, error.keys)
            self.problems.add("unresolved-ref", message, where, nearest=nearest)
            raise _UnresolvedReferenceError from error
        except ValueError as error:
            self.problems.add("unresolved-ref", f'the $ref "{ref}" is not a URI', where)
            raise _UnresolvedReferenceError from error

    def read(self, uri: str, base: _File) -> _File:
        """Return the file that a URI names in another file. Raises InputError."""
        if uri in self.read_files:
            return self.read_files[uri]
        location = resolve_location(base.location, uri)
        if location not in self.read_files:
            source = self.files.read(location)
            self.problems.extend(source.problems)
            data = copy_containers(source.data)
            replace_named_references(data)
            file = _File(location, source, data)
            self.read_files[location] = file
            self._add_names(file)
        return self.read_files[location]

    def _add_names(self, file: _File) -> None:
        """Add the URIs that a file gives itself. Source: OpenAPI 3.2, OpenAPI Object, `$self`."""
        for keyword in ("$id", "$self"):
            name = file.data.get(keyword) if isinstance(file.data, dict) else None
            if isinstance(name, str):
                uri, _ = _split(name)
                self.read_files.setdefault(uri, file)


def _split(ref: str) -> tuple[str, str]:
    """Return URI and fragment of a reference, which need not be a valid one."""
    uri, _, fragment = ref.partition("#")
    return uri, fragment


def _iter_referring_sections(part: Located) -> Iterator[tuple[str, JsonObject]]:
    """Yield key and value of each member that is a reference instead of a mapping of nodes."""
    members = MEMBERS.get(part.kind, {})
    for key in part.node.keys() & members.keys():
        shape, _ = members[key]
        member = part.node[key]
        if shape is Shape.MAP and isinstance(member, dict) and isinstance(member.get("$ref"), str):
            yield key, member


def _iter_mapping_references(schema: JsonObject) -> Iterator[tuple[JsonObject, str, str]]:
    """Yield the mapping, the value and the reference of each entry of a discriminator.

    Source: OpenAPI 3.1, Discriminator Object: an entry is a name or a reference.
    """
    discriminator = schema.get("discriminator")
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if isinstance(mapping, dict):
        for value, ref in mapping.items():
            if isinstance(ref, str) and _REFERENCE.search(ref):
                yield mapping, value, ref


def _find_target(file: _File, fragment: str) -> _Target:
    """Return the node that a fragment names in a file. Raises PointerError."""
    pointer = fragment
    if fragment and not fragment.startswith("/"):
        pointer = find_anchor(file.data, fragment) or f"/{fragment}"
    return _Target(file, pointer, resolve_pointer(file.data, pointer))


def _exists(data: object, fragment: str) -> bool:
    pointer = unquote(fragment)
    if pointer and not pointer.startswith("/"):
        return find_anchor(data, pointer) is not None
    try:
        resolve_pointer(data, pointer)
    except PointerError:
        return False
    return True


def _unique_name(name: str, section: JsonObject) -> str:
    """Return a component's name that is not in a section yet."""
    base = _UNSAFE.sub("_", name).strip("_") or "part"
    unique = base
    number = 2
    while unique in section:
        unique = f"{base}_{number}"
        number += 1
    return unique

"""A contract from its file and overlays: read, laid over, checked, told in one dialect of JSON Schema, compiled."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.compiler import compile_contract
from understudy.contract.loading.document_checks import check_document
from understudy.contract.operation.compiled_contract import Contract
from understudy.contract.schema.anchors import replace_named_references
from understudy.contract.schema.openapi30 import convert_to_2020_12
from understudy.resources import resource_path
from understudy.source import read_yaml

_OPEN_ENDED = "the $dynamicRef is not followed: several $id have its anchor, and which is meant depends on the caller"


def load_contract(
    path: Path | str | None = None, *, overlays: Sequence[Path] = (), backend: str | None = None
) -> Contract:
    """Load an OpenAPI 3.0 or 3.1 document (YAML or JSON), by default the shipped one, and apply overlays in order.

    `backend` is the validator to use: `jsonschema`, `jsonschema-rs`, or None for the fastest that is there. Nothing is
    fetched: every `$ref` leads into the document. Raises InputError with every problem, each with file, line and
    column.
    """
    source = read_yaml(Path(path) if path else resource_path("openapi.yaml"))
    tree = Tree.of(source)
    if overlays:  # imported late: most starts need none, and JSONPath takes its time
        from understudy.contract.document.overlay import overlay_tree
    for overlay in overlays:
        tree = overlay_tree(tree, read_yaml(overlay))
    open_ended = replace_named_references(tree.data)
    check_document(tree)
    contract = compile_contract(convert_to_2020_12(tree.data), tree, source.file, backend=backend)
    warnings = tuple(f"{tree.place(pointer)}: {_OPEN_ENDED}" for pointer in open_ended)
    return replace(contract, warnings=(*contract.warnings, *warnings)) if warnings else contract

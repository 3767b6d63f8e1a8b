"""Loading of a contract: read the file, apply overlays, check, convert the schemas, compile."""

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

_AMBIGUOUS_REFERENCE = (
    "the $dynamicRef is not followed: several $id have its anchor, so its target depends on the "
    "schema that refers to it"
)


def load_contract(
    path: Path | str | None = None, *, overlays: Sequence[Path] = (), backend: str | None = None
) -> Contract:
    """Load an OpenAPI 3.0 or 3.1 document (YAML or JSON), by default the one that ships.

    The overlays are applied in order. `backend` is the validator to use: `jsonschema`,
    `jsonschema-rs`, or None for the fastest that is installed. Nothing is fetched: every `$ref`
    must lead into the document. Raises InputError with every problem, each with file, line and
    column.
    """
    source = read_yaml(Path(path) if path else resource_path("openapi.yaml"))
    tree = Tree.of(source)
    if overlays:
        # Imported late: most starts need no overlay, and importing its modules takes time.
        from understudy.contract.document.overlay import overlay_tree

        for overlay in overlays:
            tree = overlay_tree(tree, read_yaml(overlay))
    # Before the checks: they follow pointers only.
    ambiguous = replace_named_references(tree.data)
    check_document(tree)
    document = convert_to_2020_12(tree.data)
    contract = compile_contract(document, tree, source.file, backend=backend)
    if not ambiguous:
        return contract
    warnings = [f"{tree.place(pointer)}: {_AMBIGUOUS_REFERENCE}" for pointer in ambiguous]
    return replace(contract, warnings=(*contract.warnings, *warnings))

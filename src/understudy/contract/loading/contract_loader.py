"""Loading of a contract: from the files of an OpenAPI document to its compiled form.

The steps, each on the result of the one before: read, overlay, embed other files, convert to
OpenAPI 3.1 with JSON Schema 2020-12, check and repair, compile. After the conversion everything
else knows one form; the places of all nodes stay those of the files.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from understudy.contract.document.document_files import DocumentFiles
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.compiler import compile_contract
from understudy.contract.loading.dialect_conversion import convert_schemas
from understudy.contract.loading.document_checks import check_document
from understudy.contract.loading.example_checks import check_examples
from understudy.contract.loading.external_references import replace_external_references
from understudy.contract.operation.compiled_contract import Contract
from understudy.contract.schema.anchors import replace_named_references
from understudy.errors import InputError, Problem, nearest_name
from understudy.resources import resource_path
from understudy.source import read_document

_AMBIGUOUS_REFERENCE = (
    "the $dynamicRef is not followed: several $id have its anchor, so its target depends on the "
    "schema that refers to it"
)
MAX_WARNINGS = 1000
"""The warnings of a contract. `strict` raises all of them."""
_VERSION = re.compile(r"3\.[0-2]\.")
_LATER_VERSION = re.compile(r"3\.[0-9]+")


def load_contract(
    path: Path | str | None = None,
    *,
    overlays: Sequence[Path] = (),
    backend: str | None = None,
    strict: bool = False,
    fetch_remote: bool = False,
) -> Contract:
    """Load an OpenAPI 3.0, 3.1 or 3.2 or Swagger 2.0 document, by default the one that ships.

    The overlays are applied in order. `backend` is the validator to use: `jsonschema`,
    `jsonschema-rs`, or None for the fastest that is installed. References lead to files beside the
    document; URLs are fetched only with `fetch_remote`.

    A flaw of the document is a warning of the contract, and costs the operation or rule concerned.
    Raises InputError, each problem with file, line and column, for a document that cannot be
    served, and with `strict` for every flaw.
    """
    files = DocumentFiles(
        Path(path) if path else resource_path("openapi.yaml"), fetch_remote=fetch_remote
    )
    tree, problems = _read_document(files, overlays)
    _convert_document(tree, files, problems)
    has_write_only = check_document(tree, problems)
    source, _ = tree.origin
    contract = compile_contract(tree.data, tree, source.file, backend=backend)
    problems.extend(check_examples(contract, has_write_only=has_write_only))
    if strict:
        problems.raise_if_any()
    paths = tuple(dict.fromkeys((*files.paths, *overlays)))
    return replace(contract, warnings=_limit(problems.problems), files=paths)


def _limit(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return the first problems; the last one counts those that are left out."""
    surplus = len(problems) - MAX_WARNINGS + 1
    if surplus <= 1:
        return problems
    last = Problem("more-warnings", f"{surplus} more flaws", problems[MAX_WARNINGS - 1].place)
    return (*problems[: MAX_WARNINGS - 1], last)


def _read_document(files: DocumentFiles, overlays: Sequence[Path]) -> tuple[Tree, ShapeProblems]:
    """Return the document with its overlays as a tree of its own. Raises InputError."""
    source = files.read(files.root_location)
    tree = Tree.of(source)
    if overlays:
        # Imported late: most starts need no overlay, and importing its modules takes time.
        from understudy.contract.document.overlay import overlay_tree

        for overlay in overlays:
            overlay_source = read_document(overlay)
            if overlay_source.problems:
                raise InputError(overlay_source.problems)
            tree = overlay_tree(tree, overlay_source)
    tree = tree.copy_data()
    problems = ShapeProblems(tree)
    problems.extend(source.problems)
    return tree, problems


def _convert_document(tree: Tree, files: DocumentFiles, problems: ShapeProblems) -> None:
    """Convert a document in place to one of OpenAPI 3.1, without references to other files."""
    version = _find_version(tree, problems)
    # Before everything else: it all follows pointers only.
    ambiguous = replace_named_references(tree.data)
    replace_external_references(tree, files, problems)
    if version == "2.0":
        # Imported late: most documents are of OpenAPI 3.
        from understudy.contract.loading.swagger_conversion import convert_swagger

        convert_swagger(tree, problems)
    convert_schemas(tree, version, problems)
    for pointer in ambiguous:
        problems.add("dynamic-ref", _AMBIGUOUS_REFERENCE, pointer)


def _find_version(tree: Tree, problems: ShapeProblems) -> str:
    """Return the version of a document: `2.0` for Swagger. Raises InputError for no document."""
    data = tree.data
    if not isinstance(data, dict):
        message = "the file is empty" if data is None else "not an OpenAPI document"
        expected = 'a mapping that begins with "openapi: 3.1.0"'
        raise InputError(Problem("not-a-contract", message, tree.place(""), expected))
    if "swagger" in data and "openapi" not in data:
        return _find_swagger_version(tree, problems)
    if data.get("openapi") is None:
        raise InputError(_missing_version(tree))
    version = data["openapi"]
    if isinstance(version, str) and _VERSION.match(version):
        return version
    message = f"unsupported OpenAPI version {version!r}"
    expected = "3.0.x, 3.1.x or 3.2.x, as a text"
    if not _LATER_VERSION.match(str(version)) or isinstance(version, bool):
        place = tree.place("/openapi")
        raise InputError(Problem("contract-version", message, place, expected))
    # YAML reads an unquoted 3.1 as a number; a later version is read like the last one.
    problems.add("contract-version", message, "/openapi", expected=expected)
    return str(version)


def _find_swagger_version(tree: Tree, problems: ShapeProblems) -> str:
    """Return `2.0`. Raises InputError for another version of Swagger."""
    version = tree.data["swagger"]
    if version == "2.0":
        # Imported late: most documents are of OpenAPI 3.
        return "2.0"
    message = f"unsupported Swagger version {version!r}"
    expected = '"2.0", as a text'
    if str(version) not in ("2.0", "2"):
        place = tree.place("/swagger")
        raise InputError(Problem("contract-version", message, place, expected))
    problems.add("contract-version", message, "/swagger", expected=expected)
    return "2.0"


def _missing_version(tree: Tree) -> Problem:
    """Describe a document without a version, with the key that may be a typo of it."""
    similar = nearest_name("openapi", tree.data)
    hint = ""
    if similar:
        hint = f'It has the key "{similar}".'
    expected = 'the key "openapi" with a version such as 3.1.0'
    return Problem("not-a-contract", "not an OpenAPI document", tree.place(""), expected, hint)

"""Layouts: each document under `tests/expected/derive` with its expected contract and ledger.

To accept a change, run this file with `ACCEPT=1` in the environment, and read the difference.
"""

import os
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from derive_builders import assert_doubts_within_lines, assert_same_blocks, derive_text
from understudy.derive import render_ledger
from understudy.source import dump_yaml

LAYOUTS = sorted((Path(__file__).resolve().parents[2] / "expected" / "derive").iterdir())
each_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)


def read_document(layout: Path) -> str:
    """Return the document of a layout."""
    return (layout / "document.md").read_text(encoding="utf-8")


def test_there_are_enough_layouts() -> None:
    """There are at least eight."""
    assert len(LAYOUTS) >= 8


@each_layout
def test_layout_gives_the_expected_contract_and_ledger(layout: Path) -> None:
    """The files are equal to the byte, and the contract is valid OpenAPI."""
    derivation = derive_text(read_document(layout), "document.md")
    texts = {
        "contract.yaml": dump_yaml(derivation.contract),
        "ledger.md": render_ledger(derivation.doubts, []),
    }
    if os.environ.get("ACCEPT"):
        for name, text in texts.items():
            (layout / name).write_bytes(text.encode())
    assert {name: (layout / name).read_bytes().decode() for name in texts} == texts
    assert list(OpenAPIV31SpecValidator(derivation.contract).iter_errors()) == []


@each_layout
def test_layout_cut_at_any_line_is_derived(layout: Path) -> None:
    """Each doubt is on a line of the text."""
    lines = read_document(layout).split("\n")
    for cut in range(len(lines)):
        assert_doubts_within_lines("\n".join(lines[:cut]), "document.md")


@each_layout
def test_layout_has_the_blocks_of_markdown(layout: Path) -> None:
    """The scanner reads the same blocks as markdown-it."""
    assert_same_blocks(read_document(layout))


@each_layout
def test_line_ends_of_a_layout_do_not_matter(layout: Path) -> None:
    """Windows line ends and a byte order mark change nothing."""
    text = read_document(layout)
    assert derive_text("\ufeff" + text.replace("\n", "\r\n")) == derive_text(text)

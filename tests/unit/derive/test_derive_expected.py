"""Layouts: each small document under `tests/expected/derive` with the contract and the ledger that it gives.

To accept a change of what is derived, run this file with `ACCEPT=1` in the environment, and read the difference.
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


def text_of(layout: Path) -> str:
    """The document of a layout."""
    return (layout / "document.md").read_text(encoding="utf-8")


def test_there_are_layouts() -> None:
    """At least eight are kept."""
    assert len(LAYOUTS) >= 8


@each_layout
def test_a_layout(layout: Path) -> None:
    """What is derived is what is kept, to the byte, and the contract is OpenAPI."""
    derivation = derive_text(text_of(layout), "document.md")
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
def test_every_prefix_of_a_layout(layout: Path) -> None:
    """Cut at any line, it is derived, and doubted within its lines."""
    lines = text_of(layout).split("\n")
    for cut in range(len(lines)):
        assert_doubts_within_lines("\n".join(lines[:cut]), "document.md")


@each_layout
def test_the_quick_reading_of_a_layout(layout: Path) -> None:
    """Its blocks are those of Markdown."""
    assert_same_blocks(text_of(layout))


@each_layout
def test_ends_of_lines_of_a_layout(layout: Path) -> None:
    """Windows' ends of lines and a byte order mark change nothing."""
    text = text_of(layout)
    assert derive_text("\ufeff" + text.replace("\n", "\r\n")) == derive_text(text)

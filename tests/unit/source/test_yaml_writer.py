"""The writers of YAML and of whole files."""

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from understudy.source import dump_yaml, read_yaml, write_atomic

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXTS.filter(lambda key: key != "<<"), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_reading_returns_what_was_written(value: Any) -> None:
    """This holds for any JSON value."""
    assert read_yaml(Path("x"), text=dump_yaml({"v": value})).data == {"v": value}


@pytest.mark.parametrize(
    "text", ["NO", "1:30", "012", "1e3", "on", "2021-08-25", "0o17", "0x1F", "1_000", "=", "~", ""]
)
def test_a_yaml_1_1_reader_reads_the_same_text(text: str) -> None:
    """Ambiguous texts are quoted."""
    assert yaml.safe_load(dump_yaml({"v": text})) == {"v": text}


def test_keys_keep_their_order_and_chinese_stays_readable() -> None:
    """People read the file."""
    assert dump_yaml({"b": "任务", "a": ["x\ny\n"]}) == "b: 任务\na:\n  - |\n    x\n    y\n"


def test_a_write_replaces_the_whole_file(tmp_path: Path) -> None:
    """The file has the new text and its old mode; no temporary file is left."""
    path = tmp_path / "deep" / "x.yaml"
    write_atomic(path, "old")
    path.chmod(0o600)
    write_atomic(path, "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)
    assert [entry.name for entry in path.parent.iterdir()] == ["x.yaml"]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    """A text that cannot be encoded leaves the folder as it is."""
    path = tmp_path / "x.yaml"
    write_atomic(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomic(path, "\ud800")
    assert (path.read_text(), [entry.name for entry in tmp_path.iterdir()]) == ("old", ["x.yaml"])

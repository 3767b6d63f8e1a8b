"""The YAML reader: values, places, and errors."""

from pathlib import Path
from typing import Any

import pytest

from understudy.errors import InputError, Place
from understudy.source import read_text, read_yaml


def read(text: str) -> Any:
    return read_yaml(Path("x.yaml"), text=text).data


def read_error(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"), ("on", "on"), ("1:30", "1:30"), ("012", "012"), ("2021-08-25", "2021-08-25"),
        ("1_000", "1_000"), ("12", 12), ("-7", -7), ("0o17", 15), ("0x1F", 31), ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True), ("~", None),
        ("null", None), ("", None), ('"12"', "12"), ("'true'", "true"), (".inf", ".inf"),
        ("9007199254740993", 9007199254740993),
        ("99999999999999999999999", 99999999999999999999999),
        ("0x" + "F" * 3000, 16**3000 - 1), ("0x" + "F" * 4000, "0x" + "F" * 4000),
        ("0o" + "7" * 4000, "0o" + "7" * 4000),
        ("9" * 4300, 10**4300 - 1), ("9" * 4301, "9" * 4301),
    ],
)  # fmt: skip
def test_scalars_follow_yaml_1_2(text: str, value: Any) -> None:
    """Texts that YAML 1.1 converts stay texts; numbers keep all digits."""
    assert read(f"v: {text}") == {"v": value}
    assert type(read(f"v: {text}")["v"]) is type(value)


def test_json_is_yaml() -> None:
    """A JSON file has the same values."""
    assert read('{"a": [1, 2.5, true, null, "\\u4e2d"]}') == {"a": [1, 2.5, True, None, "中"]}


def test_every_key_becomes_a_text() -> None:
    """`200:` is the key "200", as in JSON."""
    assert read("200: a\ntrue: b\nnull: c\n1.5: d") == {
        "200": "a",
        "true": "b",
        "null": "c",
        "1.5": "d",
    }


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [
        ("", 1, 1),
        ("/a", 1, 4),
        ("/b/1", 4, 5),
        ("/b/1/c~1d", 4, 11),
        ("/b/1/missing", 4, 5),
        ("/b/9", 3, 3),
        ("/zz", 1, 1),
    ],
)
def test_a_pointer_leads_to_the_place_of_a_value(pointer: str, line: int, column: int) -> None:
    """A missing node has the place of its nearest ancestor in the file."""
    source = read_yaml(Path("x.yaml"), text="a: 1\nb:\n  - x\n  - {c/d: 5}\n")
    assert source.place(pointer) == Place("x.yaml", line, column)


def test_a_key_has_its_own_place() -> None:
    """`key=True` returns the place of the name."""
    source = read_yaml(Path("x.yaml"), text="a:\n  bb: 1\n")
    assert source.place("/a/bb", key=True) == Place("x.yaml", 2, 3)


def test_an_alias_is_the_value_of_its_anchor() -> None:
    """Containers and scalars may both have anchors."""
    assert read("a: &x {n: 1}\nb: *x\nc: &y t\nd: *y") == {
        "a": {"n": 1},
        "b": {"n": 1},
        "c": "t",
        "d": "t",
    }


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: 1\nb: 2\na: 3",
            'x.yaml:3:1: the key "a" stands twice (first on line 1). Expected each key once.',
        ),
        (
            "a: !!python/object:os.system x",
            'x.yaml:1:4: the tag "tag:yaml.org,2002:python/object:os.sys',
        ),
        ("a: &x [*x]", 'x.yaml:1:8: unknown alias "*x". Expected an anchor before it'),
        ("a: *nope", 'unknown alias "*nope"'),
        ("<<: {a: 1}", 'x.yaml:1:1: the merge key "<<" is not supported'),
        ("? [a]\n: 1", "x.yaml:1:3: a mapping or list is used as a key"),
        ("a: 1\n---\nb: 2", "x.yaml:2:1: a second YAML document starts here"),
        ("a: [1", "x.yaml:2:1: this is not YAML"),
        ("a: \x00", "x.yaml:1:4: this is not YAML"),
        ("[" * 40_000, "the nesting is deeper than 100"),
        ("a: b\n" * 3, "stands twice"),
        (BOMB, "the aliases stand for more than 1000000 nodes"),
        ("[" + "1," * 200_001 + "]", "the file has more than 200000 nodes"),
        ("a:\n\t- b", "x.yaml:2:1: this is not YAML: the line is indented with a tab. Expected spaces."),
        ("a:\n  b: c\n  \td: e", "x.yaml:3:3: this is not YAML: the line is indented with a tab"),
        ("a: 1\n\tb: 2", "x.yaml:2:1: this is not YAML: the line is indented with a tab"),
        ("a: b\n  c: d\te", "this is not YAML: mapping values are not allowed"),
    ],
)  # fmt: skip
def test_an_error_has_a_message_and_a_place(text: str, message: str) -> None:
    """The text names the problem, and the line and column where there is one."""
    assert message in read_error(text)


def test_a_missing_file_offers_the_nearest_name(tmp_path: Path) -> None:
    """The error of a misspelt name offers the file beside it."""
    (tmp_path / "demo.yaml").write_text("a: 1")
    with pytest.raises(InputError, match=r'there is no such file\. Did you mean "demo.yaml"\?'):
        read_text(tmp_path / "dmeo.yaml")


def test_a_folder_is_reported_as_one(tmp_path: Path) -> None:
    """The error says that the path is a folder."""
    with pytest.raises(InputError, match="this is a folder"):
        read_text(tmp_path)


def test_a_byte_that_is_not_utf_8_is_reported_with_its_place(tmp_path: Path) -> None:
    """The error has line and column of the first such byte."""
    (tmp_path / "x.yaml").write_bytes(b"a: 1\nb: \xff")
    with pytest.raises(InputError, match=r"x\.yaml:2:4: the byte 0xff is not UTF-8"):
        read_text(tmp_path / "x.yaml")


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfa: 1")
    assert read_yaml(tmp_path / "x.yaml").data == {"a": 1}


def test_a_file_over_the_limit_is_an_error(tmp_path: Path) -> None:
    """The size is checked before anything is parsed."""
    (tmp_path / "x.yaml").write_text("a" * 11)
    with pytest.raises(InputError, match=r"the file has 11 bytes\. Expected at most 10"):
        read_text(tmp_path / "x.yaml", limit=10)


def test_a_text_over_the_limit_is_an_error() -> None:
    """The limit holds for texts that come from no file, such as an upload."""
    with pytest.raises(InputError, match="Expected at most 5242880") as caught:
        read_yaml(Path("up.yaml"), text="x" * (5 * 1024 * 1024 + 1))
    assert caught.value.problems[0].slug == "file-too-large"

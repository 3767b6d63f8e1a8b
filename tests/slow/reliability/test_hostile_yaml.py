"""YAML that explodes, nests, loops or changes its type: an error with a place, never a crash."""

import time
from pathlib import Path

import pytest

from reliability import show_figure, show_times
from understudy.errors import InputError
from understudy.source import read_yaml

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def build_aliases(levels: int, width: int = 10) -> str:
    """Return aliases of aliases: each level stands for ten times as many nodes."""
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def build_merges(levels: int) -> str:
    """Return merge keys of merge keys."""
    lines = ["a0: &a0 {k: 1}"]
    lines += [
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k{n}: 1}}" for n in range(1, levels)
    ]
    return "\n".join(lines)


HOSTILE = {
    "aliases": build_aliases(12), "many aliases": build_aliases(60, 2), "merges": build_merges(12),
    "self": "a: &a [*a]", "self in a map": "a: &a {b: *a}", "self by merge": "a: &a {<<: *a}",
    "deep flow": "[" * 30_000, "deep closed flow": "[" * 30_000 + "]" * 30_000, "deep maps": "{a: " * 30_000,
    "deep block": "\n".join(" " * n + "a:" for n in range(3000)), "deep items": "- " * 30_000,
    "unknown alias": "a: *b", "undefined tag": "a: !x b", "python": "a: !!python/object/apply:os.system [id]",
    "python name": "a: !!python/name:os.system", "binary": "a: !!binary eA==", "set": "a: !!set {x}",
    "omap": "a: !!omap [x: 1]", "timestamp": "a: !!timestamp 2001-01-01", "float": "a: !!float x",
    "duplicate": "a: 1\na: 2", "duplicate of another style": 'a: 1\n"a": 2', "duplicate number": "1: a\n0x1: b\n1: c",
    "two documents": "a: 1\n---\nb: 2", "tab": "a:\n\tb: 1", "control": "a: \x01", "NUL": "a: \x00",
    "complex key": "? [a]\n: b", "map as a key": "{{a: 1}: 2}", "open quote": "a: 'b", "bad escape": 'a: "\\q"',
    "open flow": "a: [1, 2", "bad indent": "a:\n  b: 1\n c: 2", "directive": "%YAML 9.9\n---\na: 1", "at": "a: @b",
    "anchors": "\n".join(f"a{n}: &a{n} x" for n in range(300_000)), "items": "[" + "1," * 300_000 + "]",
}  # fmt: skip
TEXTS = [
    "NO", "no", "yes", "on", "off", "y", "n", "Yes", "012", "0b1", "1:30", "190:20:30", "2021-08-25",
    "2021-08-25T15:09:31Z", "1_000", "+.inf", ".nan", "=", "<<x", "0o8", "1e", "0x", "1.2.3", "~x", "nil", "None", "True x",
]  # fmt: skip
DECORATED = {
    "BOM": "\ufeffa: 1",
    "CRLF": "a: 1\r\n",
    "CR": "a: 1\r",
    "comment": "# x\na: 1 # y",
    "marker": "---\na: 1\n...",
}


def test_hostile_documents_are_refused() -> None:
    """Each is refused with its place."""
    times = []
    for kind, text in HOSTILE.items():
        start = time.perf_counter()
        with pytest.raises(InputError, match=r"^x\.yaml:") as caught:
            read_yaml(Path("x.yaml"), text=text)
        times.append(time.perf_counter() - start)
        assert caught.value.problems[0].place is not None, kind
    show_figure(14, f"{len(HOSTILE)} documents refused, {show_times(times)}")


@pytest.mark.parametrize("kind", DECORATED)
def test_decorated_documents_are_read(kind: str) -> None:
    """Line ends, a byte order mark, comments and markers change no value."""
    assert read_yaml(Path("x.yaml"), text=DECORATED[kind]).data == {"a": 1}


def test_texts_stay_texts() -> None:
    """What YAML 1.1 converts is a text here, also as a key and in a list."""
    for text in TEXTS:
        data = read_yaml(Path("x.yaml"), text=f"a: {text}\nb: [{text}]\n{text}: c").data
        assert data == {"a": text, "b": [text], text: "c"}, text

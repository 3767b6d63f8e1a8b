"""The cache on disk: what makes an entry invalid, who may write in it, its bounds."""

import logging
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from understudy import disk_cache
from understudy.disk_cache import (
    DiskCache,
    build_key,
    find_cache_folder,
    hash_files,
    open_cache,
)

DATA = {"a": [1, 2.5, None, "\ud800", float("inf")]}


def open_in(folder: Path) -> DiskCache:
    cache = open_cache({"XDG_CACHE_HOME": str(folder)})
    assert cache is not None
    return cache


def write_source(folder: Path, text: str = "first") -> Path:
    source = folder / "source.yaml"
    source.write_text(text)
    return source


def test_entry_is_returned_while_its_files_are_unchanged(tmp_path: Path) -> None:
    """A changed content, or a missing file, makes an entry invalid; the former content makes it valid again."""
    cache, source = open_in(tmp_path), write_source(tmp_path)
    cache.write("key", DATA, hash_files([source]))
    assert cache.read("key") == DATA
    source.write_text("later")
    assert cache.read("key") is None
    source.unlink()
    assert cache.read("key") is None
    source.write_text("first")
    assert cache.read("key") == DATA
    assert cache.read("another") is None


def test_entry_is_not_written_when_a_file_was_saved_meanwhile(tmp_path: Path) -> None:
    """The data may be that of the new content, and the hash that of the old one."""
    cache, source = open_in(tmp_path), write_source(tmp_path)
    hashes = hash_files([source])
    source.write_text("later")
    cache.write("key", DATA, hashes)
    assert list(cache.folder.iterdir()) == []


@pytest.mark.parametrize("data", [{1, 2}, object(), {"a": b""}], ids=["set", "object", "bytes"])
def test_data_that_json_cannot_express_is_not_written(tmp_path: Path, data: object) -> None:
    """Nothing is raised: the next start computes again."""
    cache = open_in(tmp_path)
    cache.write("key", data, {})
    assert list(cache.folder.iterdir()) == []


@pytest.mark.parametrize("cut", [0, 1, 40, 64, 65, 80, -1])
def test_cut_entry_is_ignored_and_replaced(tmp_path: Path, cut: int) -> None:
    """A file that ends anywhere holds no data."""
    cache = open_in(tmp_path)
    cache.write("key", DATA, {})
    [file] = cache.folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:cut])
    assert cache.read("key") is None
    cache.write("key", DATA, {})
    assert (cache.read("key"), file.read_bytes()) == (DATA, whole)


def test_changed_byte_is_noticed(tmp_path: Path) -> None:
    """Every byte counts, that of the checksum too."""
    cache = open_in(tmp_path)
    cache.write("key", DATA, {})
    [file] = cache.folder.iterdir()
    whole = file.read_bytes()
    for index in range(len(whole)):
        changed = bytearray(whole)
        changed[index] ^= 1
        file.write_bytes(changed)
        assert cache.read("key") is None, index


def test_entry_and_folder_are_private(tmp_path: Path) -> None:
    """Other users can neither read nor write them."""
    cache = open_in(tmp_path)
    cache.write("key", DATA, {})
    [file] = cache.folder.iterdir()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (cache.folder, file)]
    assert modes == [0o700, 0o600]


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_folder_that_others_can_write_is_ignored(
    tmp_path: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Another user could have written an entry; a line is logged."""
    folder = open_in(tmp_path).folder
    folder.chmod(mode)
    with caplog.at_level(logging.WARNING):
        assert open_cache({"XDG_CACHE_HOME": str(tmp_path)}) is None
    assert caplog.messages == [f"the cache folder {folder} is ignored: other users can write in it"]


def test_folder_of_another_user_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its owner could change an entry at any time."""
    folder, own = open_in(tmp_path).folder, os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert open_cache({"XDG_CACHE_HOME": str(tmp_path)}) is None
    assert caplog.messages == [f"the cache folder {folder} is ignored: it belongs to another user"]


def test_symbolic_link_is_ignored(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A link can lead to a folder of another user."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "understudy").symlink_to(tmp_path / "elsewhere")
    assert open_cache({"XDG_CACHE_HOME": str(tmp_path)}) is None
    assert caplog.messages == [
        f"the cache folder {tmp_path / 'understudy'} is ignored: it is a symbolic link"
    ]


def test_entry_that_others_can_write_is_ignored(tmp_path: Path) -> None:
    """The folder is private, but the file came from elsewhere."""
    cache = open_in(tmp_path)
    cache.write("key", DATA, {})
    [file] = cache.folder.iterdir()
    file.chmod(0o666)
    assert cache.read("key") is None


def test_folder_that_cannot_be_made_is_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """There is no cache then, and no line of the log."""
    (tmp_path / "file").write_text("")
    assert open_cache({"XDG_CACHE_HOME": str(tmp_path / "file")}) is None
    assert caplog.messages == []


def test_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """A removed folder stands for a read-only one, which does not stop an administrator."""
    cache = open_in(tmp_path)
    shutil.rmtree(cache.folder)
    cache.write("key", DATA, {})
    assert cache.read("key") is None


def test_oldest_entries_are_removed(tmp_path: Path) -> None:
    """The bound is one of files; a read makes an entry young again."""
    cache = DiskCache(open_in(tmp_path).folder, max_files=3)
    for number in range(3):
        cache.write(str(number), number, {})
        os.utime(cache.folder / f"{number}.json", (number, number))
    assert cache.read("0") == 0
    cache.write("3", 3, {})
    assert [cache.read(str(number)) for number in range(4)] == [0, None, 2, 3]


def test_bytes_are_bounded(tmp_path: Path) -> None:
    """An abandoned temporary file counts, and goes when it is the oldest."""
    cache = DiskCache(open_in(tmp_path).folder, max_bytes=3000)
    abandoned = cache.folder / ".key.1-abcd"
    abandoned.write_bytes(b"x" * 1000)
    os.utime(abandoned, (0, 0))
    for number in range(4):
        cache.write(str(number), "x" * 800, {})
        os.utime(cache.folder / f"{number}.json", (number + 1, number + 1))
    names = sorted(path.name for path in cache.folder.iterdir())
    assert names == ["1.json", "2.json", "3.json"]


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "linux", "/c/understudy"),
        ({"XDG_CACHE_HOME": "c", "HOME": "/h"}, "linux", "/h/.cache/understudy"),
        ({"HOME": "/h"}, "linux", "/h/.cache/understudy"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Caches/understudy"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/understudy/cache"),
        ({}, "win32", None),
        ({}, "linux", None),
        ({"HOME": ""}, "linux", None),
        ({"HOME": "relative"}, "linux", None),
        ({"HOME": "/h", "UNDERSTUDY_NO_CACHE": "1"}, "linux", None),
        ({"HOME": "/h", "UNDERSTUDY_NO_CACHE": ""}, "linux", "/h/.cache/understudy"),
    ],
)
def test_folder_follows_the_rules_of_the_system(
    environment: dict[str, str], platform: str, expected: str | None
) -> None:
    """XDG's variable wins, if it is absolute; UNDERSTUDY_NO_CACHE turns the cache off."""
    folder = find_cache_folder(environment, platform)
    assert folder == (None if expected is None else Path(expected))


def test_key_depends_on_kind_parts_and_packages() -> None:
    """Equal input gives equal keys; the kind is readable in the file's name."""
    keys = [
        build_key("contract", ["a"], ["contract"]),
        build_key("contract", ["b"], ["contract"]),
        build_key("contract", ["a"], ["contract", "source"]),
        build_key("scenario", ["a"], ["contract"]),
    ]
    assert len(set(keys)) == 4
    assert build_key("contract", ["a"], ["contract"]) == keys[0]
    assert keys[0].startswith("contract-")


@pytest.mark.parametrize(
    "changed", ["__init__.py", "disk_cache.py", "contract/loading/compiler.py", "../yaml.py"]
)
def test_key_depends_on_the_code(tmp_path: Path, changed: str) -> None:
    """Another version of the package, an edited module and another version of a library give other keys."""
    package = tmp_path / "understudy"
    source = Path(disk_cache.__file__).parent
    shutil.copytree(source / "contract", package / "contract")
    shutil.copy2(source / "__init__.py", package)
    shutil.copy2(source / "disk_cache.py", package)
    (tmp_path / "yaml.py").write_text("__version__ = '6.0.1'\n")
    before = compute_key(tmp_path)
    assert compute_key(tmp_path) == before
    with (package / changed).open("a") as file:
        file.write("# changed\n")
    assert compute_key(tmp_path) != before


def compute_key(folder: Path) -> str:
    """Return the key that a new process computes with the code in a folder."""
    code = "from understudy.disk_cache import build_key; print(build_key('k', [], ['contract']))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_processes_can_start_at_the_same_time(tmp_path: Path) -> None:
    """All get the same contract and scenario, and leave two whole entries."""
    code = (
        "from understudy.replay import Stub; stub = Stub(); "
        "print(stub.contract.digest, stub.scenario.digest, stub.contract.place('/paths'))"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    results = [process.communicate() for process in starts]
    assert {errors for _, errors in results} == {""}
    assert len({output for output, _ in results}) == 1
    kinds = sorted(path.name.partition("-")[0] for path in (tmp_path / "understudy").iterdir())
    assert kinds == ["contract", "scenario"]

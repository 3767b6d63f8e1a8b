"""The site: every page is in a menu, the pictures are current, and the build has no warning."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import understudy
from understudy import pytest_plugin

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIALS = sorted(path.name for path in (DOCS / "zh").glob("*.md"))


def read_menu() -> set[str]:
    """Return the pages that the menus of the start page list, without their endings."""
    text = (DOCS / "index.md").read_text("utf-8")
    blocks = re.findall(r"^:::\{toctree\}\n(.*?)^:::$", text, re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    entries = [line for line in lines if line and not line.startswith(":")]
    return {re.sub(r"^.*<(.*)>$", r"\1", entry) for entry in entries}


def test_each_page_is_in_a_menu() -> None:
    """The menus list all pages, and nothing else."""
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    pages |= {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.rst")}
    assert read_menu() == pages - {"index"}


@pytest.mark.parametrize("name", TUTORIALS)
def test_translation_has_the_same_examples(name: str) -> None:
    """A Chinese page has the code of the English page; names and comments are translated."""
    languages = [
        re.findall(
            r"^<!-- test: (.*) -->\n```(.*)$", (DOCS / folder / name).read_text("utf-8"), re.M
        )
        for folder in ("tutorials", "zh")
    ]
    assert languages[0] == languages[1]


def test_pictures_are_current(tmp_path: Path) -> None:
    """Each picture is what the script draws today: `make pictures` writes them."""
    folder = DOCS / "pictures"
    subprocess.run(
        [sys.executable, str(folder / "draw_pictures.py"), str(tmp_path)], check=True, timeout=60
    )
    saved = {path.name: path.read_text("utf-8") for path in folder.glob("*.svg")}
    drawn = {path.name: path.read_text("utf-8") for path in tmp_path.glob("*.svg")}
    assert len(drawn) == 4
    assert saved == drawn


def test_fixtures_are_documented() -> None:
    """The reference lists each fixture of the plugin."""
    source = Path(pytest_plugin.__file__).read_text("utf-8")
    fixtures = set(re.findall(r"^@pytest\.fixture.*\ndef (\w+)", source, re.M))
    text = (DOCS / "reference/fixtures.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.M)) == fixtures


def test_public_names_are_documented() -> None:
    """The reference has each name of the package."""
    text = (DOCS / "reference/python-api.rst").read_text("utf-8")
    documented = set(re.findall(r"^\.\. auto\w+:: understudy\.(\w+)$", text, re.M))
    assert set(understudy.__all__) - {"__version__"} <= documented


@pytest.mark.slow
def test_site_builds_without_a_warning(tmp_path: Path) -> None:
    """No dead link, no unknown reference, no page outside of the menus. Nothing is fetched."""
    if find_spec("sphinx") is None:
        pytest.skip("the site was not built: pip install -e '.[docs]', or make docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--quiet"]
    done = subprocess.run(
        [*command, "-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "site")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    pages = [path.read_text("utf-8") for path in (tmp_path / "site").rglob("*.html")]
    assert len(pages) > 30
    loaded = [
        url
        for page in pages
        for url in re.findall(r'<(?:script|link|img)\b[^>]*"(https?:[^"]*)"', page)
    ]
    assert loaded == []

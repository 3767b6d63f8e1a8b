"""`understudy diff`: exit codes and forms."""

import json
from pathlib import Path

import pytest

from cli_builders import run_main
from traffic_builders import PETS


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Return two contracts: the new one has a lower limit and one more status."""
    new = PETS.replace("maximum: 100", "maximum: 50").replace(
        '"404": {description: No such pet.}',
        '"404": {description: No such pet.}\n        "410": {description: Gone.}',
    )
    for name, text in {"old.yaml": PETS, "new.yaml": new}.items():
        (tmp_path / name).write_text(text)
    return str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")


@pytest.mark.parametrize(
    ("options", "code"),
    [((), 1), (("--fail-on", "harmless"), 1), (("--fail-on", "never"), 0)],
)
def test_exit_codes(files: tuple[str, str], options: tuple[str, ...], code: int) -> None:
    """By the least impact that fails."""
    assert run_main("diff", *files, *options)[0] == code
    assert run_main("diff", files[0], files[0], *options)[0] == 0


def test_harmless_changes_pass(files: tuple[str, str]) -> None:
    """In the other direction the limit rises, and a status is gone."""
    old, new = files
    assert run_main("diff", new, old)[0] == 0
    assert run_main("diff", new, old, "--fail-on", "dangerous")[0] == 1


def test_forms(files: tuple[str, str]) -> None:
    """Text, Markdown, annotations, JSON."""
    old, new = files
    breaking = f"({old}:9:44 -> {new}:9:44)"
    assert run_main("diff", *files)[1] == (
        "breaking: GET /pets query.limit: maximum was 100, is 50 "
        f"[request-bound-narrowed] {breaking}\n"
        "harmless: GET /pets/{petId} response 410: the status 410 was added "
        f"[response-status-added] ({old}:29:7 -> {new}:36:16)\n"
        "1 breaking, 1 harmless\n"
    )
    assert run_main("diff", *files, "--format", "markdown")[1] == (
        "## Breaking changes\n\n"
        "| operation | where | change | rule |\n| --- | --- | --- | --- |\n"
        "| `GET /pets` | query.limit | maximum was 100, is 50 | request-bound-narrowed |\n\n"
        "## Harmless changes\n\n"
        "| operation | where | change | rule |\n| --- | --- | --- | --- |\n"
        "| `GET /pets/{petId}` | response 410 | the status 410 was added | response-status-added |\n"
    )
    assert run_main("diff", *files, "--format", "github")[1] == (
        f"::error file={new},line=9,col=44,title=request-bound-narrowed"
        "::GET /pets query.limit: maximum was 100, is 50\n"
        f"::notice file={new},line=36,col=16,title=response-status-added"
        "::GET /pets/{petId} response 410: the status 410 was added\n"
    )
    report = json.loads(run_main("diff", *files, "--format", "json")[1])
    assert report["counts"] == {"breaking": 1, "dangerous": 0, "harmless": 1}
    assert report["changes"][0]["old"] == {"file": old, "line": 9, "column": 44}
    assert run_main("diff", old, old)[1] == "no changes\n"
    assert run_main("diff", old, old, "--format", "markdown")[1] == "No changes.\n"


def test_missing_file_is_reported(files: tuple[str, str]) -> None:
    """Exit 2, without a traceback."""
    code, _, err = run_main("diff", files[0], "missing.yaml")
    assert (code, "missing.yaml" in err, "Traceback" in err) == (2, True, False)

"""`understudy sample`: samples on standard output, and a corpus in a folder."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from understudy.cli.corpus import generate_payloads
from understudy.cli.main import cli
from understudy.contract import load_contract
from understudy.errors import InputError
from understudy.messages import Headers, JsonError, Response, parse_json

CONTRACT = load_contract()
OPERATION = CONTRACT.operations["getSubtaskLog"]
SMALL = """\
openapi: "3.1.0"
info: {title: T, version: "1"}
paths:
  /x:
    get:
      operationId: getX
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: integer}}}}
    delete:
      operationId: dropX
      responses: {"204": {description: gone}}
"""


def run(*arguments: object) -> str:
    """Run the command, which must exit with 0, and return what it prints."""
    done = CliRunner().invoke(cli, ["sample", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def run_with_error(*arguments: object) -> InputError:
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(cli, ["sample", *map(str, arguments)], catch_exceptions=False)
    return caught.value


def run_with_usage_error(*arguments: object) -> str:
    done = CliRunner().invoke(cli, ["sample", *map(str, arguments)])
    assert done.exit_code == 2
    return done.output


def write_corpus(folder: Path, *arguments: object) -> dict[str, Any]:
    """Write the corpus of one operation and return its manifest."""
    assert "payloads" in run(OPERATION.id, "--corpus", folder, *arguments)
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return manifest


def write_small_corpus(folder: Path, *arguments: object) -> None:
    """Write the corpus of a small contract."""
    file = folder.parent / "small.yaml"
    file.write_text(SMALL)
    run("--corpus", folder, "--contract", file, *arguments)


def read_files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_sample_is_a_valid_body() -> None:
    """The default status is that of success."""
    json_type = Headers.of([("Content-Type", "application/json")])
    for status, arguments in ((200, []), (404, ["--status", "404"])):
        body = run("getTaskInstance", *arguments).encode()
        assert (
            CONTRACT.operations["getTaskInstance"].validate_response(
                Response(status, json_type, body)
            )
            == ()
        )


def test_samples_are_printed_one_per_line() -> None:
    """They have consecutive seeds."""
    lines = run("getTaskInstance", "--count", 3, "--seed", 5).splitlines()
    assert [json.loads(line) for line in lines] == [
        json.loads(run("getTaskInstance", "--seed", seed)) for seed in (5, 6, 7)
    ]


def test_unknown_operation_or_status_is_reported() -> None:
    """The nearest name is suggested."""
    assert [problem.nearest for problem in run_with_error("getTaskInstanc").problems] == [
        "getTaskInstance"
    ]
    assert [
        problem.slug for problem in run_with_error("getTaskInstance", "--status", "418").problems
    ] == ["no-such-status"]


def test_response_without_body_is_reported(tmp_path: Path) -> None:
    """The problem names status and operation."""
    (tmp_path / "contract.yaml").write_text(SMALL)
    [problem] = run_with_error("dropX", "--contract", tmp_path / "contract.yaml").problems
    assert problem.message == "the response 204 of dropX has no JSON body"


def test_operation_or_corpus_is_required(tmp_path: Path) -> None:
    """A corpus has every status, so --status is an error."""
    assert "name an OPERATION" in run_with_usage_error()
    assert "omit --status" in run_with_usage_error("--corpus", tmp_path, "--status", "200")


def test_manifest_describes_each_file(tmp_path: Path) -> None:
    """Validity and broken rule are those of the file."""
    manifest = write_corpus(tmp_path)
    rows = manifest["files"]
    assert {"manifest.json", *(row["file"] for row in rows)} == set(read_files(tmp_path))
    assert len({row["file"].casefold() for row in rows}) == len(rows)
    for row in rows:
        fields = Headers.of([("Content-Type", row["contentType"])])
        violations = OPERATION.validate_response(
            Response(row["status"], fields, (tmp_path / row["file"]).read_bytes())
        )
        assert row["valid"] is not violations, row
        assert not violations or row["rule"] in [violation.rule for violation in violations]


def test_corpus_has_valid_edge_and_invalid_payloads(tmp_path: Path) -> None:
    """Samples, examples, edge classes and mutations."""
    classes = {
        (row["file"].partition("/")[0], row["class"]) for row in write_corpus(tmp_path)["files"]
    }
    assert {("valid", "sample"), ("edge", "extra-field"), ("invalid", "wrong-type")} <= classes
    every = {
        (payload.group, payload.kind)
        for payload in generate_payloads([CONTRACT.operations["getTaskInstance"]])
    }
    assert {
        ("valid", "example"),
        ("edge", "integer-int64-max"),
        ("invalid", "unknown-enum"),
    } <= every


def test_only_truncated_payloads_are_not_json(tmp_path: Path) -> None:
    """A reader can parse all others."""
    broken = set()
    for row in write_corpus(tmp_path)["files"]:
        try:
            parse_json((tmp_path / row["file"]).read_bytes())
        except JsonError:
            broken.add(row["class"])
    assert broken == {"truncated-json"}


def test_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Another seed changes bytes, but not the names of files."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_small_corpus(tmp_path / name, "--seed", seed)
    first, second, third = (read_files(tmp_path / name) for name in "abc")
    assert first == second != third
    assert first.keys() == third.keys()


def test_corpus_is_updated(tmp_path: Path) -> None:
    """Old files are deleted. Files that are not payloads stay, even if the manifest lists them."""
    write_small_corpus(tmp_path / "corpus", "--count", 2)
    (tmp_path / "corpus/notes.txt").write_text("mine")
    (tmp_path / "outside.json").write_text("mine")
    manifest = json.loads((tmp_path / "corpus/manifest.json").read_text())
    manifest["files"] += [{"file": "../outside.json"}, {"file": "notes.txt"}]
    (tmp_path / "corpus/manifest.json").write_text(json.dumps(manifest))
    write_small_corpus(tmp_path / "corpus")
    write_small_corpus(tmp_path / "fresh")
    assert read_files(tmp_path / "corpus") == {
        **read_files(tmp_path / "fresh"),
        "notes.txt": b"mine",
    }
    assert (tmp_path / "outside.json").read_text() == "mine"


@pytest.mark.parametrize("manifest", [None, "{}", "no JSON", '{"kind": "web app"}'])
def test_folder_with_other_contents_is_rejected(tmp_path: Path, manifest: str | None) -> None:
    """It does not change."""
    (tmp_path / "notes.txt").write_text("mine")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    before = read_files(tmp_path)
    [problem] = run_with_error(OPERATION.id, "--corpus", tmp_path).problems
    assert (problem.slug, read_files(tmp_path)) == ("not-a-corpus", before)


def test_file_is_rejected(tmp_path: Path) -> None:
    """A corpus needs a folder."""
    (tmp_path / "file").write_text("mine")
    [problem] = run_with_error(OPERATION.id, "--corpus", tmp_path / "file").problems
    assert problem.slug == "not-a-corpus"


def test_uncreatable_folder_is_reported(tmp_path: Path) -> None:
    """The problem has the reason of the system."""
    (tmp_path / "file").write_text("mine")
    [problem] = run_with_error(OPERATION.id, "--corpus", tmp_path / "file/corpus").problems
    assert problem.slug == "unwritable-corpus"
    assert problem.message.startswith("the corpus cannot be written (")


@pytest.mark.parametrize(
    ("schema", "rule"),
    [
        ({"not": {}}, "[not]"),
        ({"type": "integer", "minimum": 5, "maximum": 3}, "[maximum]"),
        (
            {"type": "array", "items": {"enum": [1]}, "uniqueItems": True, "minItems": 2},
            "[minItems]",
        ),
    ],
    ids=["not", "bounds", "items"],
)
def test_schema_without_values_has_no_sample(
    tmp_path: Path, schema: dict[str, object], rule: str
) -> None:
    """An invalid sample would be taken for a valid one: exit code 2, with the pointer."""
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "ok", "content": content}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"get": {"operationId": "getX", "responses": responses}}},
    }
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(document), "utf-8")
    result = CliRunner().invoke(cli, ["sample", "getX", "--contract", str(path)])
    assert isinstance(result.exception, InputError)
    [problem] = result.exception.problems
    assert problem.slug == "no-valid-sample"
    assert rule in str(problem)
    assert "/paths/~1x/get/responses/200" in str(problem)

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
    """Run the command, which has to end well; give what it printed."""
    done = CliRunner().invoke(cli, ["sample", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(*arguments: object) -> InputError:
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(cli, ["sample", *map(str, arguments)], catch_exceptions=False)
    return caught.value


def usage(*arguments: object) -> str:
    done = CliRunner().invoke(cli, ["sample", *map(str, arguments)])
    assert done.exit_code == 2
    return done.output


def corpus(folder: Path, *arguments: object) -> dict[str, Any]:
    """Write the corpus of one operation; give its manifest."""
    assert "payloads" in run(OPERATION.id, "--corpus", folder, *arguments)
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return manifest


def small(folder: Path, *arguments: object) -> None:
    """Write the corpus of a small contract."""
    file = folder.parent / "small.yaml"
    file.write_text(SMALL)
    run("--corpus", folder, "--contract", file, *arguments)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_sample_is_a_valid_body() -> None:
    """Of the success, unless another status is told."""
    json_type = Headers.of([("Content-Type", "application/json")])
    for status, arguments in ((200, []), (404, ["--status", "404"])):
        body = run("getTaskInstance", *arguments).encode()
        assert (
            CONTRACT.operations["getTaskInstance"].validate_response(
                Response(status, json_type, body)
            )
            == ()
        )


def test_several_samples_are_one_a_line() -> None:
    """The first is that of the seed, the next those of the next seeds."""
    lines = run("getTaskInstance", "--count", 3, "--seed", 5).splitlines()
    assert [json.loads(line) for line in lines] == [
        json.loads(run("getTaskInstance", "--seed", seed)) for seed in (5, 6, 7)
    ]


def test_what_cannot_be_sampled_is_refused() -> None:
    """With the nearest name."""
    assert [problem.nearest for problem in refused("getTaskInstanc").problems] == [
        "getTaskInstance"
    ]
    assert [problem.slug for problem in refused("getTaskInstance", "--status", "418").problems] == [
        "no-such-status"
    ]


def test_a_response_without_a_body_has_no_sample(tmp_path: Path) -> None:
    """The status and the operation are told."""
    (tmp_path / "contract.yaml").write_text(SMALL)
    [problem] = refused("dropX", "--contract", tmp_path / "contract.yaml").problems
    assert problem.message == "the response 204 of dropX has no JSON body"


def test_one_of_operation_and_corpus_is_needed(tmp_path: Path) -> None:
    """And a corpus has every status."""
    assert "tell an OPERATION" in usage()
    assert "leave --status out" in usage("--corpus", tmp_path, "--status", "200")


def test_the_manifest_tells_what_each_file_is(tmp_path: Path) -> None:
    """Each file is listed, and is as valid as it says, for the rule that it says."""
    manifest = corpus(tmp_path)
    rows = manifest["files"]
    assert {"manifest.json", *(row["file"] for row in rows)} == set(contents(tmp_path))
    assert len({row["file"].casefold() for row in rows}) == len(rows)
    for row in rows:
        fields = Headers.of([("Content-Type", row["contentType"])])
        found = OPERATION.validate_response(
            Response(row["status"], fields, (tmp_path / row["file"]).read_bytes())
        )
        assert row["valid"] is not found, row
        assert not found or row["rule"] in [violation.rule for violation in found]


def test_a_corpus_has_valid_edge_and_invalid_payloads(tmp_path: Path) -> None:
    """Samples, examples, edge classes, and the mutations."""
    classes = {(row["file"].partition("/")[0], row["class"]) for row in corpus(tmp_path)["files"]}
    assert {("valid", "sample"), ("edge", "extra-field"), ("invalid", "wrong-type")} <= classes
    every = {
        (one.group, one.kind) for one in generate_payloads([CONTRACT.operations["getTaskInstance"]])
    }
    assert {
        ("valid", "example"),
        ("edge", "integer-int64-max"),
        ("invalid", "unknown-enum"),
    } <= every


def test_only_a_cut_payload_is_no_json(tmp_path: Path) -> None:
    """So a reader can parse all others."""
    broken = set()
    for row in corpus(tmp_path)["files"]:
        try:
            parse_json((tmp_path / row["file"]).read_bytes())
        except JsonError:
            broken.add(row["class"])
    assert broken == {"truncated-json"}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Another one other bytes in files of the same names."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        small(tmp_path / name, "--seed", seed)
    first, second, third = (contents(tmp_path / name) for name in "abc")
    assert first == second != third
    assert first.keys() == third.keys()


def test_a_corpus_is_refreshed(tmp_path: Path) -> None:
    """Files that are no longer part of it go; what is not ours stays, even when the manifest lists it."""
    small(tmp_path / "corpus", "--count", 2)
    (tmp_path / "corpus/notes.txt").write_text("mine")
    (tmp_path / "outside.json").write_text("mine")
    manifest = json.loads((tmp_path / "corpus/manifest.json").read_text())
    manifest["files"] += [{"file": "../outside.json"}, {"file": "notes.txt"}]
    (tmp_path / "corpus/manifest.json").write_text(json.dumps(manifest))
    small(tmp_path / "corpus")
    small(tmp_path / "fresh")
    assert contents(tmp_path / "corpus") == {**contents(tmp_path / "fresh"), "notes.txt": b"mine"}
    assert (tmp_path / "outside.json").read_text() == "mine"


@pytest.mark.parametrize("manifest", [None, "{}", "no JSON", '{"kind": "web app"}'])
def test_a_folder_of_something_else_is_refused(tmp_path: Path, manifest: str | None) -> None:
    """And left as it was."""
    (tmp_path / "notes.txt").write_text("mine")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    before = contents(tmp_path)
    [problem] = refused(OPERATION.id, "--corpus", tmp_path).problems
    assert (problem.slug, contents(tmp_path)) == ("not-a-corpus", before)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Said in a sentence."""
    (tmp_path / "file").write_text("mine")
    [problem] = refused(OPERATION.id, "--corpus", tmp_path / "file").problems
    assert problem.slug == "not-a-corpus"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """With the system's reason."""
    (tmp_path / "file").write_text("mine")
    [problem] = refused(OPERATION.id, "--corpus", tmp_path / "file/corpus").problems
    assert problem.slug == "unwritable-corpus"
    assert problem.message.startswith("the corpus cannot be written (")

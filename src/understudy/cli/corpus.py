"""A corpus of payloads as files, with a manifest: for tests in languages that cannot ask us."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from understudy.contract import (
    Contract,
    Operation,
    corrupt,
    corruptions,
    edge_cases,
    sample_response,
)
from understudy.errors import InputError, Place, Problem
from understudy.messages import Headers, JsonError, Response, dump_json, parse_json
from understudy.source import write_atomic

MANIFEST = "manifest.json"
KIND = "understudy corpus"
_OURS = re.compile(r"(valid|edge|invalid)/[A-Za-z0-9.-]+\.json")


@dataclass(frozen=True, slots=True)
class Payload:
    """One file of a corpus."""

    group: str
    """`valid`, `edge` or `invalid`: the folder."""
    id: str
    operation: str
    kind: str
    """`sample`, `example`, the name of a class of edge cases, or a mutation."""
    response: Response
    rule: str = ""
    """What is broken; empty when nothing is."""
    pointer: str = ""
    """The place in the schema that was changed: `/data/contents[]/status`; empty for the whole."""

    @property
    def file(self) -> str:
        """The file's path in the corpus; it depends on the id only, and is the same in any case of letters."""
        name = re.sub(r"[^A-Za-z0-9-]+", ".", self.id).strip(".")[:100]
        return f"{self.group}/{name}.{hashlib.sha256(self.id.encode()).hexdigest()[:8]}.json"

    @property
    def manifest_entry(self) -> dict[str, Any]:
        """What the manifest tells of it."""
        return {
            "file": self.file,
            "id": self.id,
            "operation": self.operation,
            "status": self.response.status,
            "contentType": self.response.headers.get("Content-Type"),
            "class": self.kind,
            "rule": self.rule,
            "pointer": self.pointer,
            "valid": self.group != "invalid",
        }


def generate_payloads(
    operations: Iterable[Operation], *, seed: int = 0, count: int = 1
) -> Iterator[Payload]:
    """Give the payloads of operations, `count` samples for each response. The same seed gives the same."""
    for operation in operations:
        bases = {key: sample_response(operation, key, seed=seed) for key in operation.responses}
        for key in (key for key, base in bases.items() if base.body):
            yield from _valid(operation, key, seed, count)
            yield from _edge(operation, key, seed)
        for one in corruptions(operation):
            if bases[one.status].body:
                made = corrupt(one, bases[one.status], seed=seed)
                group = "invalid" if one.breaks else "edge"
                yield Payload(
                    group, one.id, operation.id, str(one.mutation), made, one.rule, one.pointer
                )


def _valid(operation: Operation, key: str, seed: int, count: int) -> Iterator[Payload]:
    stem = f"{operation.id}.{key}"
    for number in range(count):
        made = sample_response(operation, key, seed=seed + number)
        yield Payload("valid", f"{stem}:sample-{number}", operation.id, "sample", made)
    spec = operation.responses[key]
    for name, example in spec.examples.items():
        headers = Headers.of([("Content-Type", spec.media_type)])
        made = Response(sample_response(operation, key).status, headers, dump_json(example))
        if not operation.validate_response(made):
            yield Payload("valid", f"{stem}:example-{name}", operation.id, "example", made)


def _edge(operation: Operation, key: str, seed: int) -> Iterator[Payload]:
    for case in edge_cases(operation, key, seed=seed):
        yield Payload(
            "edge", f"{operation.id}.{key}:{case.name}", operation.id, case.name, case.response
        )


def write_corpus(folder: Path, contract: Contract, found: list[Payload], *, seed: int) -> None:
    """Write payloads and their manifest into a folder that is new, empty, or a corpus, which is refreshed.

    Raises InputError for any other folder, and when it cannot be written.
    """
    try:
        before = _owned(folder)
        manifest = {
            "kind": KIND,
            "contract": contract.title,
            "version": contract.version,
            "seed": seed,
        }
        if before is None:  # first, so that a corpus that was broken off is still known as ours
            write_atomic(folder / MANIFEST, _json({**manifest, "files": []}))
        for payload in found:
            write_atomic(
                folder / payload.file,
                payload.response.body.decode() + _ending(payload.response.body),
            )
        write_atomic(
            folder / MANIFEST,
            _json({**manifest, "files": [payload.manifest_entry for payload in found]}),
        )
        for name in sorted((before or set()) - {payload.file for payload in found}):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        what = f"the corpus cannot be written ({error.strerror})"
        raise InputError(Problem("unwritable-corpus", what, Place(str(folder)))) from error


def _ending(body: bytes) -> str:
    """Whole JSON ends with a line's end; one that is cut off stays as it is."""
    try:
        parse_json(body)
    except JsonError:
        return ""
    return "\n"


def _owned(folder: Path) -> set[str] | None:
    """Give the files that the folder's manifest lists; None when there is nothing in it."""
    if folder.is_dir() and not any(folder.iterdir()):
        return None
    if not folder.exists():
        return None
    try:
        manifest = parse_json((folder / MANIFEST).read_bytes())
    except (OSError, JsonError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        what = "this is no corpus: there is something in it, and no manifest of ours"
        problem = Problem(
            "not-a-corpus", what, Place(str(folder)), expected="a new or empty folder, or a corpus"
        )
        raise InputError(problem)
    rows = manifest.get("files")
    names = (
        [row.get("file") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    )
    return {name for name in names if isinstance(name, str) and _OURS.fullmatch(name)}


def _json(value: Any) -> str:
    return json.dumps(value, indent=1) + "\n"

"""A corpus of payloads as files with a manifest, for tests in other languages than Python.

Three folders: `valid` (samples, examples), `edge` (valid, at the limits) and `invalid` (corruptions
that break the contract). `manifest.json` lists the files, with `kind`, `contract`, `version` and
`seed`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

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
"""The value of `kind` in a manifest, which marks a folder as a corpus."""
_PAYLOAD_FILE = re.compile(r"(valid|edge|invalid)/[A-Za-z0-9.-]+\.json")
"""Files that an update may delete: a manifest of another tool could list anything."""
_MAX_FILE_STEM = 100


ManifestEntry = TypedDict(
    "ManifestEntry",
    {
        "file": str,
        "id": str,
        "operation": str,
        "status": int,
        "contentType": str,
        "class": str,
        "rule": str,
        "pointer": str,
        "valid": bool,
    },
)
"""One payload in the manifest; `class` is a keyword of Python, hence this form.

- `file`: the path relative to the manifest; `id`: stable for one contract.
- `operation`, `status`, `contentType`: what a test server has to answer with.
- `class`: `sample`, `example`, an edge class or a mutation.
- `valid`: whether the contract allows the payload.
- `rule` and `pointer`: the broken rule and the changed location; empty for a valid payload.
"""


@dataclass(frozen=True, slots=True)
class Payload:
    """One file of a corpus."""

    group: str
    """The folder: `valid`, `edge` or `invalid`."""
    id: str
    """Operation, status and kind: `getTaskInstance.200:sample-0`; a corruption has its own id."""
    operation: str
    """The operationId."""
    kind: str
    """`sample`, `example`, the name of an edge class, or a mutation."""
    response: Response
    rule: str = ""
    """The broken rule; empty for a valid payload."""
    pointer: str = ""
    """The changed location in the schema: `/data/contents[]/status`, or empty for the whole."""

    @property
    def file(self) -> str:
        """The path of the file in the corpus.

        It depends on the id alone. Two files differ also if case is ignored, as on some systems.
        """
        stem = re.sub(r"[^A-Za-z0-9-]+", ".", self.id).strip(".")[:_MAX_FILE_STEM]
        # The digest distinguishes ids that differ only in other characters, or in case.
        digest = hashlib.sha256(self.id.encode()).hexdigest()[:8]
        return f"{self.group}/{stem}.{digest}.json"

    @property
    def manifest_entry(self) -> ManifestEntry:
        """The entry of the manifest."""
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
    """Yield the payloads of operations, with `count` samples for each response.

    The same seed gives the same payloads. Responses without a JSON body have none.
    """
    for operation in operations:
        # The samples of the seed are also the bases of the corruptions.
        samples = {}
        for status in operation.responses:
            sample = sample_response(operation, status, seed=seed)
            if sample.body:
                samples[status] = sample
        for status in samples:
            yield from _samples(operation, status, seed, count)
            yield from _examples(operation, status)
            yield from _edge_payloads(operation, status, seed)
        yield from _corruptions(operation, samples, seed)


def _samples(operation: Operation, status: str, seed: int, count: int) -> Iterator[Payload]:
    """Yield the samples; the seeds are consecutive, as in `understudy sample --count`."""
    for number in range(count):
        response = sample_response(operation, status, seed=seed + number)
        payload_id = f"{operation.id}.{status}:sample-{number}"
        yield Payload("valid", payload_id, operation.id, "sample", response)


def _examples(operation: Operation, status: str) -> Iterator[Payload]:
    """Yield the contract's examples that are valid: a document may have wrong ones."""
    documented = operation.responses[status]
    headers = Headers.of([("Content-Type", documented.media_type)])
    code = sample_response(operation, status).status
    for name, example in documented.examples.items():
        response = Response(code, headers, dump_json(example))
        if not operation.validate_response(response):
            payload_id = f"{operation.id}.{status}:example-{name}"
            yield Payload("valid", payload_id, operation.id, "example", response)


def _edge_payloads(operation: Operation, status: str, seed: int) -> Iterator[Payload]:
    """Yield the edge cases of a response, which are valid."""
    for case in edge_cases(operation, status, seed=seed):
        payload_id = f"{operation.id}.{status}:{case.name}"
        yield Payload("edge", payload_id, operation.id, case.name, case.response)


def _corruptions(
    operation: Operation, samples: dict[str, Response], seed: int
) -> Iterator[Payload]:
    """Yield the corruptions; those that break nothing are edge payloads."""
    for corruption in corruptions(operation):
        sample = samples.get(corruption.status)
        if sample is None:
            continue
        yield Payload(
            group="invalid" if corruption.breaks else "edge",
            id=corruption.id,
            operation=operation.id,
            kind=str(corruption.mutation),
            response=corrupt(corruption, sample, seed=seed),
            rule=corruption.rule,
            pointer=corruption.pointer,
        )


def write_corpus(
    folder: Path, contract: Contract, payloads: Sequence[Payload], *, seed: int
) -> None:
    """Write payloads and their manifest into a folder that is new, empty, or a corpus.

    Files of the corpus that are no longer part of it are deleted; other files stay. Raises
    InputError for a folder with other contents, and when a file cannot be written.
    """
    try:
        _write_corpus(folder, contract, payloads, seed)
    except OSError as error:
        detail = f"the corpus cannot be written ({error.strerror})"
        raise InputError(Problem("unwritable-corpus", detail, Place(str(folder)))) from error


def _write_corpus(folder: Path, contract: Contract, payloads: Sequence[Payload], seed: int) -> None:
    """Write all files. Raises OSError; an interrupted run can be repeated."""
    # Which files are ours is read before anything is written.
    previous_files = _corpus_files(folder)
    head = {
        "kind": KIND,
        "contract": contract.title,
        "version": contract.version,
        "seed": seed,
    }
    manifest = folder / MANIFEST
    if previous_files is None:
        # The manifest comes first: an interrupted run leaves a folder that is known as a corpus.
        write_atomic(manifest, _to_json({**head, "files": []}))
    for payload in payloads:
        text = payload.response.body.decode()
        write_atomic(folder / payload.file, text + _line_end(payload.response.body))
    entries = [payload.manifest_entry for payload in payloads]
    write_atomic(manifest, _to_json({**head, "files": entries}))
    # Last: until here, an interrupted run has deleted nothing.
    current_files = {payload.file for payload in payloads}
    for name in sorted((previous_files or set()) - current_files):
        (folder / name).unlink(missing_ok=True)


def _line_end(body: bytes) -> str:
    """Return a line end for JSON; a payload that is cut off stays as it is."""
    try:
        parse_json(body)
    except JsonError:
        return ""
    return "\n"


def _corpus_files(folder: Path) -> set[str] | None:
    """Return the payload files that the manifest lists; None for a new or empty folder.

    Raises InputError for a file, and for a folder with other contents than a corpus.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    try:
        manifest = parse_json((folder / MANIFEST).read_bytes())
    except (OSError, JsonError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        detail = "this is not a corpus: it has contents, but no manifest of a corpus"
        expected = "a new or empty folder, or a corpus"
        raise InputError(Problem("not-a-corpus", detail, Place(str(folder)), expected=expected))
    entries = manifest.get("files")
    if not isinstance(entries, list):
        return set()
    names = [entry.get("file") for entry in entries if isinstance(entry, dict)]
    return {name for name in names if isinstance(name, str) and _PAYLOAD_FILE.fullmatch(name)}


def _to_json(value: object) -> str:
    """Return JSON with one value per line, so that a diff of two manifests is readable."""
    return json.dumps(value, indent=1) + "\n"

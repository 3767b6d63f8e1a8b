"""Run Schemathesis with all checks against public documents that the stub serves.

    python benchmarks/public_schemathesis.py [--documents DIR] [--examples 2] [--only NAME]

Each document is served with `--auth off`. A failure is explained where the document or the way of the stub is its
reason (`REASONS`); all others are printed, and make the exit code 1.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from public_documents import FOLDER, PublicDocument, find_documents
from serve import Server

DOCUMENTS = (
    "Scalar Galaxy",
    "Train Travel",
    "Star Trek",
    "Petstore 3.0",
    "USPTO",
    "nesting",
    "ReadMe, old",
    "response schemas",
)
REASONS = {
    "ST103": "an invalid request gets 422, 415 or 406 where the document has no response for it",
    "ST301": "the stub has no state: what was deleted is still there",
    "ST401": "the stub runs with --auth off",
}
"""By code of a check of Schemathesis: why its failures are expected."""
_FAILURE = re.compile(r"^- (ST\d+) .*?(?=^- ST\d+|^\d+\. Test Case|^_{5,}|^={5,})", re.M | re.S)
_TOOL_PROBLEM = re.compile(r"urn:understudy:problem:(invalid-request|unsupported|not-acceptable)")


def explain(code: str, text: str) -> str:
    """Return why a failure is expected, or an empty text."""
    if code == "ST103" and not _TOOL_PROBLEM.search(text):
        return ""
    if code == "ST201" and re.search(r"Content-Type: (application|text)/\S*xml", text):
        return "the content of XML bodies is not validated"
    return REASONS.get(code, "")


def run(document: PublicDocument, examples: int, folder: Path) -> tuple[str, list[str]]:
    """Return a row of the table, and the failures without a reason."""
    command = [sys.executable, "-m", "understudy", "serve", str(document.path), "--auth", "off"]
    server = Server("the stub", [*command, "--port", "{port}"], first="/")
    server.start()
    try:
        finished = subprocess.run(
            [
                str(Path(sys.executable).parent / "schemathesis"),
                "run",
                str(document.path),
                *("--url", f"http://127.0.0.1:{server.port}", "--checks", "all", "--seed", "1"),
                *("--max-examples", str(examples), "--generation-database", "none"),
                *("--no-color", "--continue-on-failure"),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        server.stop()
    calls = re.search(r"(\d+) generated", finished.stdout)
    explained: Counter[str] = Counter()
    unexplained: list[str] = []
    for failure in _FAILURE.finditer(finished.stdout):
        if explain(failure[1], failure[0]):
            explained[failure[1]] += 1
        else:
            unexplained.append(failure[0])
    if calls is None:
        unexplained.append(finished.stdout[-2000:] + finished.stderr[-2000:])
    counts = ", ".join(f"{count} {code}" for code, count in sorted(explained.items())) or "-"
    sent = calls[1] if calls else "none"
    return f"| {document.name} | {sent} | {counts} | {len(unexplained)} |", unexplained


def main() -> None:
    """Print the table and the failures without a reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=Path, default=FOLDER)
    parser.add_argument("--examples", type=int, default=2, help="examples of each operation")
    parser.add_argument("--only", default="", help="a part of the documents' names")
    arguments = parser.parse_args()
    documents = find_documents(arguments.documents, arguments.only)
    documents = [document for document in documents if document.name in DOCUMENTS]
    if not documents:
        print("No public documents: run benchmarks/public_contracts.py with --fetch (needs npm).")
        return
    print("| document | requests | explained failures | others |\n| --- | --- | --- | --- |")
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for document in documents:
            row, unexplained = run(document, arguments.examples, Path(folder))
            print(row, flush=True)
            failures += [f"{document.name}: {failure}" for failure in unexplained]
    print(*failures, sep="\n")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()

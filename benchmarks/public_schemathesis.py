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
REASONS = (
    ("ST103", "urn:understudy:problem:", "the document has no response for an invalid request"),
    ("ST108", "under more than one of the schemas", "no value of the schema is valid"),
    (
        "ST108",
        "BookingPayment/properties/source",
        "the example of the document has writeOnly values",
    ),
    ("ST201", "not matching the 'email' format", "the format email is an annotation"),
    ("ST201", "Missing `(api_key|Authorization)` at header", "the stub runs with --auth off"),
    ("ST202", r"\[(400|405)\][^\n]*\n\s*<EMPTY>", "the document has no success for the operation"),
    ("ST202", r'"image": null', "nullable has no effect since OpenAPI 3.1"),
    ("ST202", "null; expected a value that matches exactly one", "nullable needs a type beside it"),
    ("ST203", "api_key|Authorization", "the stub runs with --auth off"),
    ("ST204", r'location":\["path"', "another template has the path and the method"),
    ("ST205", "", "another template has the path and the method"),
    ("ST301", "", "the stub has no state: what was deleted is still there"),
    ("ST401", "", "the stub runs with --auth off"),
)
"""Why failures are expected: the code of the check, a pattern of the failure, the reason."""
_CASE_START = re.compile(r"^\d+\. Test Case", re.M)
_CODE = re.compile(r"^- (ST\d+)", re.M)


def explain(code: str, text: str) -> str:
    """Return why a failure is expected, or an empty text."""
    for known, pattern, reason in REASONS:
        if known == code and re.search(pattern, text):
            return reason
    return ""


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
    for case in _CASE_START.split(finished.stdout)[1:]:
        for code in _CODE.findall(case):
            reason = explain(code, case)
            if reason:
                explained[reason] += 1
            else:
                unexplained.append(case)
    if calls is None:
        unexplained.append(finished.stdout[-2000:] + finished.stderr[-2000:])
    counts = "; ".join(f"{count}: {reason}" for reason, count in explained.most_common()) or "-"
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

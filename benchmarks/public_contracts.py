"""Measure public OpenAPI documents: time to load, memory, and how many answers are valid, beside Prism.

    python benchmarks/public_contracts.py --fetch            download the npm packages of the documents, then measure
    python benchmarks/public_contracts.py [--documents DIR]  measure those of a folder [default: build/public-contracts]

Options: `--prism COMMAND`, `--no-prism`, `--only NAME`, `--operations 40`, `--dynamic` (both generate all
answers), `--details` (each answer that counts as a failure). Of each document, 40 operations, evenly spread, get one valid request each, which the project's strategies
draw; both servers get the same. Answers are validated by `independent_validation.py`, which does not use the project.

`load` is the CPU time until the first answer, `MB` the resident memory after all calls. `valid` counts the answers
with a JSON schema that obey it. Not among them are answers that the document makes invalid (`flawed`: an example that
breaks its schema, or a schema that requires itself; the stub warns of each when it starts), answers without a JSON
schema (`no schema`), requests that the server rejects (`rejected`), and server errors that the document does not ask
for (`5xx`).
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import shutil
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from independent_validation import DocumentValidator
from public_documents import (
    FOLDER,
    PublicDocument,
    count_operations,
    credentials,
    fetch_packages,
    find_documents,
)
from serve import Server

from understudy.contract import Contract, Operation, load_contract
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.expansion.schema_solver import SchemaSolver
from understudy.messages import Request
from understudy.strategies import requests_from_operation

OUTCOMES = ("valid", "invalid", "flawed", "no schema", "rejected", "5xx", "no answer")
_EXAMPLES = 3
"""The last of so many draws is sent: the first has no optional parameters."""
_START_S = 240
"""A server that does not answer within this time did not start."""


@dataclass
class Figures:
    """What one server did with one document."""

    name: str
    load_s: float = 0.0
    memory: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def validated(self) -> int:
        """How many answers were validated."""
        return self.outcomes["valid"] + self.outcomes["invalid"]

    def cells(self) -> list[str]:
        """Return the cells of the table."""
        if not self.load_s:
            return ["did not start", *["-"] * (len(OUTCOMES) + 1)]
        share = f"{self.outcomes['valid']} / {self.validated}"
        counts = [str(self.outcomes[name]) for name in OUTCOMES[2:]]
        return [f"{self.load_s:.2f}", f"{self.memory:.0f}", share, *counts]


@dataclass(frozen=True)
class Answer:
    """What a server sent."""

    status: int
    media_type: str
    body: bytes


def draw_requests(contract: Contract, limit: int) -> list[tuple[Operation, Request]]:
    """Return a valid request of each of some operations, evenly spread over a contract."""
    operations = list(contract.operations.values())
    step = max(1, len(operations) / limit)
    chosen = [operations[int(index * step)] for index in range(min(limit, len(operations)))]
    drawn: list[tuple[Operation, Request]] = []
    for operation in chosen:
        request = _draw_request(contract, operation)
        if request is None:
            print(f"{contract.title}: no request for {operation.id}", file=sys.stderr)
        else:
            drawn.append((operation, request))
    return drawn


def _draw_request(contract: Contract, operation: Operation) -> Request | None:
    drawn: list[Request] = []

    @settings(
        max_examples=_EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests_from_operation(operation.id, contract=contract))
    def collect(request: Request) -> None:
        drawn.append(request)

    with contextlib.suppress(Exception):
        collect()
    return drawn[-1] if drawn else None


def send(port: int, operation: Operation, request: Request, document: Any) -> Answer | str:
    """Send a request with credentials; return the answer, or what went wrong."""
    fields, query = credentials(document, operation.path, operation.method)
    headers = {"accept": "application/json, */*;q=0.5"}
    headers |= {name.lower(): value for name, value in fields}
    for name, value in request.headers.fields:
        known = headers.get("cookie") if name.lower() == "cookie" else None
        headers[name.lower()] = f"{known}; {value}" if known else value
    target = request.target
    if query:
        target += ("&" if "?" in target else "?") + "&".join(query)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(request.method, target, body=request.body or None, headers=headers)
        response = connection.getresponse()
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(response.status, media_type, response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


def classify(
    validator: DocumentValidator, contract: Contract, operation: Operation, answer: Answer
) -> tuple[str, str]:
    """Return the outcome of a call, and what is wrong with it."""
    statuses = validator.documented_statuses(operation.path, operation.method)
    has_success = not statuses or any(status.startswith("2") for status in statuses)
    is_documented = str(answer.status) in statuses
    if answer.status >= 400 and (has_success or not is_documented):
        kind = "5xx" if answer.status >= 500 else "rejected"
        return kind, f"{answer.status} {answer.body[:300]!r}"
    call = operation.path, operation.method, answer.status, answer.media_type
    if "json" not in answer.media_type or not validator.has_schema(*call):
        return "no schema", ""
    error = validator.find_error(*call, answer.body)
    if error is None:
        return "valid", ""
    if is_flawed(contract, operation, answer):
        return "flawed", ""
    return "invalid", f"{error} in {answer.body[:300]!r}"


def is_flawed(contract: Contract, operation: Operation, answer: Answer) -> bool:
    """Return whether an answer cannot be valid, and a warning of the contract says why.

    It is an example that breaks its schema, or its schema has no value, as it requires itself.
    """
    spec = operation.response_spec(answer.status)
    if spec is None:
        return False
    slugs = {warning.slug for warning in contract.warnings}
    if json.loads(answer.body) in list(spec.examples.values()):
        start = f"{operation.id}: the example"
        return any(warning.message.startswith(start) for warning in contract.warnings)
    solver = SchemaSolver(contract.document, "writeOnly")
    has_value = solver.find_min_depth((Requirement(spec.schema),)) is not None
    return "endless-schema" in slugs and not has_value


def measure(
    name: str,
    command: list[str],
    contract: Contract,
    requests: list[tuple[Operation, Request]],
    document: Any,
) -> Figures:
    """Return what one server does with one document."""
    figures = Figures(name)
    validator = DocumentValidator(document)
    server = Server(name, command, first="/", patience_s=_START_S)
    try:
        server.start()
    except SystemExit as error:
        figures.failures.append(str(error))
        server.stop()
        return figures
    try:
        figures.load_s = server.cpu_seconds()
        for operation, request in requests:
            answer = send(server.port, operation, request, document)
            outcome, detail = "no answer", str(answer)
            if isinstance(answer, Answer):
                outcome, detail = classify(validator, contract, operation, answer)
            figures.outcomes[outcome] += 1
            if detail:
                figures.failures.append(f"{outcome}: {operation.id}: {request.target}: {detail}")
        figures.memory = server.resident_mb()
    finally:
        server.stop()
    return figures


def commands(
    document: PublicDocument, prism: str | None, options: list[str]
) -> dict[str, list[str]]:
    """Return the command line of each server."""
    ours = [sys.executable, "-m", "understudy", "serve", str(document.path)]
    by_server = {"the stub": [*ours, "--port", "{port}", "--auth", "off", "--no-cache", *options]}
    if prism is not None:
        theirs = [prism, "mock", str(document.path), "-p", "{port}"]
        by_server["Prism"] = [*theirs, "--verboseLevel", "silent", *options]
    return by_server


def measure_document(
    document: PublicDocument, prism: str | None, limit: int, options: list[str]
) -> list[Figures]:
    """Measure one document with each server, and print its rows."""
    published = document.read()
    contract = load_contract(document.path)
    requests = draw_requests(contract, limit)
    rows: list[Figures] = []
    for name, command in commands(document, prism, options).items():
        figures = measure(name, command, contract, requests, published)
        version = published.get("openapi", published.get("swagger"))
        size = f"{document.path.stat().st_size / 1000:.0f}"
        cells = [document.name, str(version), size, str(count_operations(published))]
        print(f"| {' | '.join([*cells, name, *figures.cells()])} |", flush=True)
        rows.append(figures)
    return rows


def print_totals(rows: list[Figures], details: bool) -> None:
    """Print the totals of each server."""
    for name in dict.fromkeys(figures.name for figures in rows):
        own = [figures for figures in rows if figures.name == name]
        outcomes = sum((figures.outcomes for figures in own), Counter[str]())
        total = Figures(name, sum(figures.load_s for figures in own), outcomes=outcomes)
        share = 100 * outcomes["valid"] / max(1, total.validated)
        counts = ", ".join(f"{outcomes[kind]} {kind}" for kind in OUTCOMES[2:])
        print(
            f"\n{name}: {outcomes['valid']} of {total.validated} valid ({share:.1f} %), {counts};"
        )
        print(f"{total.load_s:.1f} s of CPU time to load all.")
        if details:
            for figures in own:
                print(*(f"    {failure}" for failure in figures.failures), sep="\n")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=Path, default=FOLDER)
    parser.add_argument("--fetch", action="store_true", help="download the packages with npm")
    parser.add_argument("--only", default="", help="a part of the documents' names")
    parser.add_argument("--operations", type=int, default=40)
    parser.add_argument("--prism", default=shutil.which("prism"), help="the command of Prism")
    parser.add_argument("--no-prism", dest="prism", action="store_const", const=None)
    parser.add_argument("--dynamic", action="store_true", help="serve no examples")
    parser.add_argument("--details", action="store_true", help="print each failure")
    arguments = parser.parse_args()
    if arguments.fetch:
        fetch_packages(arguments.documents)
    documents = find_documents(arguments.documents, arguments.only)
    if not documents:
        print(f"No public documents in {arguments.documents}: run this with --fetch (needs npm).")
        return
    if arguments.prism is None:
        print("Prism is not installed: npm install -g @stoplight/prism-cli", file=sys.stderr)
    heads = ["document", "version", "kB", "operations", "server", "load s", "MB", "valid"]
    print(f"| {' | '.join([*heads, *OUTCOMES[2:]])} |")
    print("| --- " * (len(heads) + len(OUTCOMES) - 2) + "|")
    options = ["--dynamic"] if arguments.dynamic else []
    rows: list[Figures] = []
    for document in documents:
        rows += measure_document(document, arguments.prism, arguments.operations, options)
    print_totals(rows, arguments.details)


if __name__ == "__main__":
    main()

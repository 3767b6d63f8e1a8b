"""Public OpenAPI documents that benchmarks measure: their npm packages, how they are fetched and read."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[1] / "build" / "public-contracts"
"""Where `--fetch` unpacks the packages. Git ignores it: none of them is part of the project."""
PACKAGES = {
    "@readme/oas-examples": "8.2.2",
    "@octokit/openapi": "23.0.2",
    "@scalar/galaxy": "0.2.20",
    "@blockfrost/openapi": "0.1.93",
    "@directus/specs": "15.2.0",
    "@digdir/dialogporten-schema": "1.118.6",
}
DOCUMENTS = {
    "GitHub": "@octokit/openapi/generated/api.github.com.json",
    "Blockfrost": "@blockfrost/openapi/openapi.yaml",
    "Dialogporten": "@digdir/dialogporten-schema/swagger.verified.json",
    "Directus": "@directus/specs/dist/openapi.json",
    "Scalar Galaxy": "@scalar/galaxy/dist/3.1.yaml",
    "ReadMe": "@readme/oas-examples/3.1/json/readme.json",
    "ReadMe, old": "@readme/oas-examples/3.0/json/readme-legacy.json",
    "Train Travel": "@readme/oas-examples/3.1/json/train-travel.json",
    "Star Trek": "@readme/oas-examples/3.0/json/star-trek.json",
    "Petstore 3.0": "@readme/oas-examples/3.0/json/petstore.json",
    "Petstore 2.0": "@readme/oas-examples/2.0/json/petstore.json",
    "USPTO": "@readme/oas-examples/3.0/json/uspto.json",
    "status codes": "@readme/oas-examples/3.0/json/http-status-codes.json",
    "polymorphism": "@readme/oas-examples/3.0/json/polymorphism.json",
    "discriminators": "@readme/oas-examples/3.0/json/discriminators.json",
    "nesting": "@readme/oas-examples/3.0/json/complex-nesting.json",
    "circular bodies": "@readme/oas-examples/3.0/json/circular-request-bodies.json",
    "circular schemas": "@readme/oas-examples/3.0/json/schema-circular.json",
    "schema types": "@readme/oas-examples/3.1/json/schema-types.json",
    "parameter styles": "@readme/oas-examples/3.0/json/parameters-style.json",
    "security": "@readme/oas-examples/3.1/json/security.json",
    "request examples": "@readme/oas-examples/3.0/json/request-examples.json",
    "response schemas": "@readme/oas-examples/3.0/json/response-schemas.json",
    "media types": "@readme/oas-examples/3.0/json/response-multiple-mediatypes.json",
}
"""The file of each document, below the folder of the packages (a `node_modules` will do)."""
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class PublicDocument:
    """A document with its name in the tables."""

    name: str
    path: Path

    def read(self) -> Any:
        """Return the document as plain data, by a reader that is not the project's."""
        text = self.path.read_text("utf-8-sig")
        if self.path.suffix == ".json":
            return json.loads(text)
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def find_documents(folder: Path, only: str = "") -> list[PublicDocument]:
    """Return the documents that a folder has; with `only`, those whose name contains it."""
    return [
        PublicDocument(name, folder / file)
        for name, file in DOCUMENTS.items()
        if (folder / file).is_file() and only.lower() in name.lower()
    ]


def fetch_packages(folder: Path) -> None:
    """Download the packages with `npm pack`, and unpack them below a folder."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is missing: --fetch needs Node")
    for name, version in PACKAGES.items():
        target = folder / name
        if target.is_dir():
            continue
        with tempfile.TemporaryDirectory() as download:
            command = [npm, "pack", "--silent", "--pack-destination", download]
            subprocess.run([*command, f"{name}@{version}"], check=True, stdout=subprocess.DEVNULL)
            with tarfile.open(next(Path(download).glob("*.tgz"))) as archive:
                archive.extractall(download, filter="data")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(Path(download, "package"), target)


def count_operations(document: Any) -> int:
    """Return how many operations a document has."""
    items = [item for item in document.get("paths", {}).values() if isinstance(item, dict)]
    return sum(method in item for item in items for method in _METHODS)


def credentials(document: Any, path: str, method: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Return header fields and query parts that satisfy the first requirement of an operation."""
    item = document["paths"].get(path, {})
    own = item.get(method.lower(), {}) if isinstance(item, dict) else {}
    requirements = own.get("security", document.get("security")) or [{}]
    schemes = document.get("components", {}).get("securitySchemes", {})
    schemes = {**schemes, **document.get("securityDefinitions", {})}
    fields: dict[str, str] = {}
    query: list[str] = []
    for scheme in [schemes[name] for name in requirements[0] if name in schemes]:
        place, name = scheme.get("in"), scheme.get("name", "")
        if scheme.get("type") == "basic" or scheme.get("scheme", "").lower() == "basic":
            fields["Authorization"] = f"Basic {base64.b64encode(b'user:password').decode()}"
        elif place == "header":
            fields[name] = "key"
        elif place == "query":
            query.append(f"{name}=key")
        elif place == "cookie":
            fields["Cookie"] = f"{name}=key"
        else:
            fields["Authorization"] = "Bearer token"
    return list(fields.items()), query

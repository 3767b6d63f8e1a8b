"""Measure valid payloads per second, beside the generator of Schemathesis and hypothesis-jsonschema.

Each generator draws from the same schemas in the same run. hypothesis-jsonschema is not maintained and fails on object
schemas with current versions of Hypothesis. So it runs in its own temporary environment with the last version that
works.

Run: python benchmarks/strategies.py [EXAMPLES]
"""

import json
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation.jsonschema.builder import build
from schemathesis.specs.openapi.formats import STRING_FORMATS, get_default_format_strategies

from understudy import load_contract
from understudy.contract import compile_validator
from understudy.strategies import payloads_from_schema, tasks

EXAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 100
OLD = ("hypothesis-jsonschema==0.23.1", "hypothesis==6.170.9")
CONTRACT = load_contract()

PEER = """
import json, sys, time
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis_jsonschema import from_schema
job = json.load(sys.stdin)
results = {}
for name, schema in job["schemas"].items():
    values = []
    @given(from_schema(schema))
    @settings(max_examples=job["examples"], phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))
    def draw(value):
        values.append(value)
    try:
        draw()
        values.clear()
        started = time.perf_counter()
        draw()
        results[name] = [time.perf_counter() - started, values]
    except Exception as error:
        results[name] = f"{type(error).__name__}: {error}"
json.dump(results, sys.stdout)
"""


def inline_references(schema: Any) -> Any:
    """Return a schema of the contract with its references replaced, so that all generators read the same."""
    if isinstance(schema, list):
        return [inline_references(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return inline_references(
            CONTRACT.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        )
    return {
        key: inline_references(part) for key, part in schema.items() if not key.startswith("x-")
    }


SCHEMAS: dict[str, Any] = {
    "task": inline_references({"$ref": "#/components/schemas/WrappedTaskInstance"}),
    "page of tasks": inline_references({"$ref": "#/components/schemas/ListTaskInstancesResponse"}),
    "error": inline_references({"$ref": "#/components/schemas/ErrorResponse"}),
    "text with pattern and length": {
        "type": "string",
        "pattern": "^[a-z]+-[0-9]+$",
        "minLength": 6,
        "maxLength": 12,
    },
    "one of two objects": {
        "oneOf": [
            {
                "type": "object",
                "required": ["kind", "size"],
                "properties": {
                    "kind": {"const": "disk"},
                    "size": {"type": "integer", "minimum": 1},
                },
            },
            {
                "type": "object",
                "required": ["kind", "name"],
                "properties": {
                    "kind": {"const": "host"},
                    "name": {"type": "string", "minLength": 1},
                },
            },
        ]
    },
}


def measure(strategy: st.SearchStrategy[Any]) -> tuple[float, list[Any]]:
    """Return the seconds that drawing takes, and the values. A first run warms up."""
    values: list[Any] = []

    @given(strategy)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def draw(value: Any) -> None:
        values.append(value)

    draw()
    values.clear()
    started = time.perf_counter()
    draw()
    return time.perf_counter() - started, values


def peers() -> dict[str, Any]:
    """Return what hypothesis-jsonschema draws in its own environment; a string explains a failure."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = next(
            path
            for path in (Path(folder) / "bin/python", Path(folder) / "Scripts/python.exe")
            if path.exists()
        )
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *OLD]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            return dict.fromkeys(
                SCHEMAS, f"not installed: {done.stderr.strip().splitlines()[-1][:80]}"
            )
        job = json.dumps({"schemas": SCHEMAS, "examples": EXAMPLES})
        done = subprocess.run(
            [python, "-c", PEER], input=job, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return dict.fromkeys(SCHEMAS, f"failed: {done.stderr.strip().splitlines()[-1][:80]}")
        results: dict[str, Any] = json.loads(done.stdout)
        return results


def line(schema: str, generator: str, drawn: Any, base: float = 0.0) -> float:
    """Print a row of the table; return the values per second, valid or not."""
    if isinstance(drawn, str):
        print(f"| {schema} | {generator} | {drawn[:80]} | | | |")
        return 0.0
    seconds, values = drawn
    validator = compile_validator(SCHEMAS[schema])
    valid = sum(validator.is_valid(value) for value in values) / len(values)
    size = sum(len(json.dumps(value)) for value in values) / len(values)
    rate = len(values) / seconds
    times = f"{base / rate:.1f}" if base else "1.0"
    print(f"| {schema} | {generator} | {rate:.0f} | {rate * valid:.0f} | {size:.0f} | {times} |")
    return rate


def main() -> None:
    """Print the table."""
    formats = {**STRING_FORMATS, **get_default_format_strategies()}
    others = peers()
    print(
        f"{EXAMPLES} examples of each. Valid: with the formats that this package asserts, int32 and int64 too."
    )
    print(
        "Times: the examples of payloads_from_schema for each example of the generator, valid or not."
    )
    print()
    print("| schema | generator | examples per second | valid per second | mean bytes | times |")
    print("| --- | --- | --- | --- | --- | --- |")
    rates: dict[tuple[str, str], float] = {}
    for name, schema in SCHEMAS.items():
        base = line(name, "payloads_from_schema", measure(payloads_from_schema(schema)))
        if name == "task":
            line(name, "tasks (obeys the domain)", measure(tasks()))
        peer = build(schema, draft=jsonschema_rs.Draft202012, formats=formats)
        rates[name, "schemathesis"] = base / max(
            line(name, "schemathesis", measure(peer), base), 1e-9
        )
        rates[name, "old"] = base / max(
            line(name, "hypothesis-jsonschema", others[name], base), 1e-9
        )
    print()
    print(
        f"Bar: at least as many as Schemathesis on the task schema: {rates['task', 'schemathesis']:.1f} times."
    )
    print(
        f"Bar: at least 3 times as many as hypothesis-jsonschema on it: {rates['task', 'old']:.1f} times."
    )


if __name__ == "__main__":
    main()

"""Exchanges as a page shows them: cut, indented, with what is wrong."""

import json
from typing import Any

from understudy.messages import Json, JsonError, parse_json

MAX_BODY = 32_768
"""How many characters of a body a page shows."""
_MAX_ROWS = 100


def describe_exchange(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a row of the list shows."""
    request, response = record["request"], record["response"]
    trace = record.get("trace") or {}
    violations = [violation["text"].partition(" (/")[0] for violation in record["violations"]]
    status = response["status"]
    return {
        "number": record["number"],
        "time": record["at"][11:19],
        "method": request["method"],
        "target": request["target"],
        "status": status,
        "kind": "good" if status < 400 else "bad",
        "operation": record["operation"],
        "account": record["account"],
        "matched": trace.get("matched", ""),
        "violations": violations,
        "is_lenient": bool(violations) and status < 400,
    }


def show_message(message: dict[str, Any]) -> dict[str, Any]:
    """Return header fields and body of a request or a response."""
    text = message.get("body")
    if text is None:
        data = str(message.get("bodyBase64", ""))
        text = f"(binary, {len(data) * 3 // 4} bytes)"
    else:
        text = _indent(text)
    return {
        "headers": message.get("headers", []),
        "body": text[:MAX_BODY],
        "is_cut": len(text) > MAX_BODY,
    }


def _indent(text: str) -> str:
    """Return JSON with indentation; other texts as they are. Large bodies are not parsed."""
    if len(text) > MAX_BODY or not text.lstrip().startswith(("{", "[")):
        return text
    try:
        value: Json = parse_json(text)
    except JsonError:
        return text
    return json.dumps(value, ensure_ascii=False, indent=2)


def select_exchanges(
    records: list[dict[str, Any]], kind: str, operation: str, status: str
) -> list[dict[str, Any]]:
    """Return the last exchanges that a filter lets through, the newest first."""
    rows = [describe_exchange(record) for record in reversed(records)]
    if kind == "violations":
        rows = [row for row in rows if row["violations"]]
    elif kind == "unmatched":
        rows = [row for row in rows if not row["operation"]]
    if operation:
        rows = [row for row in rows if row["operation"] == operation]
    if status:
        rows = [row for row in rows if str(row["status"]).startswith(status.rstrip("xX"))]
    return rows[:_MAX_ROWS]

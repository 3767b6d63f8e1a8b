"""The fast validator back end: jsonschema-rs, where it is installed and works as needed."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import jsonschema_rs

from understudy.contract.document.pointers import JsonObject, Token
from understudy.contract.schema.bundle import BundledSchema, KeywordFailure, ValuePath
from understudy.contract.schema.formats import INT_BOUNDS, obeys_format

# `int` of a longer text raises ValueError (Python's limit for conversions).
_NUMBER = re.compile(r"\+?[0-9]{1,4300}")


class RustBackend:
    """Validates values against one bundled schema with jsonschema-rs.

    The constructor raises what the library raises for a schema that it cannot compile.
    """

    def __init__(self, bundle: BundledSchema) -> None:
        self._bundle = bundle
        self._checker = _compile(_use_bounds(bundle.root))
        """Knows whether a value is valid, without a call into Python for each integer."""
        self._reporter: Any = None
        """Knows which keywords are broken; compiled for the first invalid value."""

    def is_valid(self, value: object) -> bool:
        """Return whether the value is valid."""
        return bool(self._checker.is_valid(value))

    def iter_failures(self, value: object) -> Iterator[KeywordFailure]:
        """Yield each keyword that the value breaks, in the library's order.

        Raises ValueError where the library's path does not say which name it means.
        """
        if self._checker.is_valid(value):
            return
        if self._reporter is None:
            self._reporter = _compile(self._bundle.root)
        names = _NumericNames()
        try:
            for error in self._reporter.iter_errors(value):
                path, node = names.restore_path(value, error.instance_path)
                if node != error.instance:
                    # The library leaves empty names out of its paths.
                    raise ValueError(path)
                root = self._bundle.root
                schema_path, _ = names.restore_path(root, error.schema_path)
                yield path, self._bundle.find_origin(schema_path)
        except (LookupError, TypeError) as error:
            raise ValueError(str(error)) from error


def _compile(schema: JsonObject) -> Any:
    return jsonschema_rs.Draft202012Validator(
        schema,
        validate_formats=False,
        keywords={"format": _FormatKeyword},
        retriever=_reject_retrieval,
    )


def _use_bounds(node: Any) -> Any:
    """Return a schema with the formats of integers replaced by `minimum` and `maximum`.

    Both mean the same where `type` is `integer`: other numbers are invalid anyway. Elsewhere the
    format stays, because it allows every number with a fraction.
    """
    if isinstance(node, list):
        return [_use_bounds(item) for item in node]
    if not isinstance(node, dict):
        return node
    copied: JsonObject = {}
    for key, value in node.items():
        # These hold data. A property of such a name is left as it is, which is right too.
        copied[key] = value if key in ("const", "enum") else _use_bounds(value)
    name = copied.get("format")
    if copied.get("type") == "integer" and isinstance(name, str) and name in INT_BOUNDS:
        lowest, highest = INT_BOUNDS[name]
        del copied["format"]
        copied["minimum"] = max(lowest, copied.get("minimum", lowest))
        copied["maximum"] = min(highest, copied.get("maximum", highest))
    return copied


_NamesByNumber = dict[int, list[str]]


class _NumericNames:
    """Restores names in the library's paths: it reports `007` as the number 7."""

    def __init__(self) -> None:
        self._known: dict[int, _NamesByNumber] = {}
        """By identity of an object: its names that are numbers, by number."""

    def restore_path(self, node: Any, tokens: Iterable[Token]) -> tuple[ValuePath, object]:
        """Return the path with the names as they are written, and the node that it leads to."""
        path: list[Token] = []
        for token in tokens:
            key = token
            if isinstance(token, int) and isinstance(node, dict):
                key = self._find_name(node, token)
            node = node[key]
            path.append(key)
        return tuple(path), node

    def _find_name(self, node: JsonObject, number: int) -> str:
        if id(node) not in self._known:
            self._known[id(node)] = _group_by_number(node)
        names = self._known[id(node)].get(number, [])
        # Two names of one number raise ValueError: the other back end can distinguish them.
        [name] = names
        return name


def _group_by_number(names: Iterable[str]) -> _NamesByNumber:
    by_number: _NamesByNumber = {}
    for name in names:
        if _NUMBER.fullmatch(name):
            same_number = by_number.setdefault(int(name), [])
            same_number.append(name)
    return by_number


class _FormatKeyword:
    """The keyword `format` for values of every type: the library's own check is for texts only."""

    def __init__(self, schema: object, value: object, path: object) -> None:
        self._name = value

    def validate(self, value: object) -> None:
        """Raise ValueError when the value does not have the format."""
        if not obeys_format(value, self._name):
            raise ValueError(self._name)


def _reject_retrieval(uri: str) -> NoReturn:
    raise LookupError(f"{uri} is not fetched")


def is_usable() -> bool:
    """Return whether the installed version works as needed: the library changes between releases.

    Checked with a `$ref`, an own keyword and an integer beyond 64 bits.
    """
    schema: JsonObject = {
        "properties": {"a": {"$ref": "#/$defs/0"}},
        "$defs": {"0": {"format": "int64"}},
    }
    bundle = BundledSchema(schema, {id(schema): ("", schema)})
    largest = 2**63 - 1
    try:
        backend = RustBackend(bundle)
        [(path, origin)] = backend.iter_failures({"a": largest + 1})
        keyword, pointer, _ = origin
        if (path, keyword, pointer) != (("a",), "format", "/$defs/0/format"):
            return False
        return backend.is_valid({"a": largest})
    except Exception:
        # A version that fails in any way is one that cannot be used.
        return False

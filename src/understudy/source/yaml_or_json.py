"""Reading of a document that is YAML or JSON, by the reader of its format."""

from pathlib import Path

from understudy.errors import InputError
from understudy.source.json_source import parse_json
from understudy.source.source_file import DOCUMENT_LIMITS, Limits, Source, read_text
from understudy.source.yaml_reader import parse_yaml


def read_document(path: Path, *, name: str | None = None) -> Source:
    """Read an OpenAPI document, leniently and within its bounds. Raise InputError.

    `name` is the file's name in messages; by default, the path as given.
    """
    text = read_text(path, limit=DOCUMENT_LIMITS.max_bytes)
    return parse_document(text, name or str(path))


def parse_document(text: str, file: str, *, limits: Limits = DOCUMENT_LIMITS) -> Source:
    """Parse a text of JSON or YAML leniently. Raise InputError.

    A text that begins like JSON is read as JSON, and as YAML when it is not: `{a: 1}` is YAML. For
    a text that is neither, the name of the file decides which of the two its author meant. The
    source's `problems` are flaws of the text that were passed over.
    """
    is_named_json = file.partition("?")[0].lower().endswith(".json")
    if not text.lstrip(" \t\r\n").startswith(("{", "[")):
        if is_named_json:
            return _parse_misnamed(text, file, limits)
        return parse_yaml(text, file, limits=limits, lenient=True)
    try:
        return parse_json(text, file, limits=limits)
    except InputError as json_error:
        is_syntax = json_error.problems[0].slug == "not-json"
        if not is_syntax:
            raise
        try:
            return parse_yaml(text, file, limits=limits, lenient=True)
        except InputError as yaml_error:
            raise (json_error if is_named_json else yaml_error) from yaml_error


def _parse_misnamed(text: str, file: str, limits: Limits) -> Source:
    """Parse a text with the name of JSON that does not begin like it: a document in YAML, or not.

    Raise InputError with the problems of JSON where it is not a mapping in YAML.
    """
    try:
        source = parse_yaml(text, file, limits=limits, lenient=True)
    except InputError as yaml_error:
        if yaml_error.problems[0].slug != "not-yaml":
            raise
        try:
            return parse_json(text, file, limits=limits)
        except InputError as json_error:
            raise json_error from yaml_error
    if isinstance(source.data, dict):
        return source
    return parse_json(text, file, limits=limits)

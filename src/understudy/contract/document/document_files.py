"""The files that a document consists of: read once each, and remembered.

A location is an absolute path or a URL, percent-encoded, so that it can stand in a reference. URLs
are read only when the user asks for it.
"""

import os.path
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import Request, urlopen

from understudy.errors import InputError, Place, Problem
from understudy.source import Source, parse_document, read_document
from understudy.source.source_file import MAX_DOCUMENT_BYTES, decode_text, too_large

_TIMEOUT_S = 30
_MAX_FILES = 10_000
_REMOTE = ("http", "https")


class DocumentFiles:
    """Reads the files of one document."""

    def __init__(self, root: Path, *, fetch_remote: bool = False) -> None:
        self._root = root
        self.root_location = quote(os.path.abspath(root))
        self._fetch_remote = fetch_remote
        self._sources: dict[str, Source | InputError] = {}
        self.paths: list[Path] = []
        """The local files that were read or looked for, in the order of the first look."""

    def read(self, location: str) -> Source:
        """Return the file at a location. Raises InputError, each time anew for a broken file."""
        if location not in self._sources:
            if len(self._sources) >= _MAX_FILES:
                message = f"the document has more than {_MAX_FILES} files"
                raise InputError(Problem("too-many-files", message, Place(location)))
            self._sources[location] = self._try_to_read(location)
        source = self._sources[location]
        if isinstance(source, InputError):
            raise InputError(source.problems)
        return source

    def _try_to_read(self, location: str) -> Source | InputError:
        try:
            if is_remote(location):
                return self._fetch(location)
            path = self._path_of(location)
            self.paths.append(path)
            if location != self.root_location and path.exists() and not path.is_file():
                # Reading a pipe or a device may never end; the user named the root only.
                message = "this is a folder" if path.is_dir() else "this is not a regular file"
                raise InputError(
                    Problem("unreadable-file", message, Place(str(path)), expected="a file")
                )
            return read_document(path)
        except InputError as error:
            return error

    def _path_of(self, location: str) -> Path:
        """Return a path as the user would write it: relative when that of the document is."""
        if location == self.root_location:
            return self._root
        path = unquote(location)
        if self._root.is_absolute():
            return Path(path)
        return Path(os.path.relpath(path))

    def _fetch(self, url: str) -> Source:
        if not self._fetch_remote:
            hint = "Use --fetch-remote-refs to fetch it, or put its target into a local file."
            problem = Problem("remote-ref", f'"{url}" is not fetched', hint=hint)
            raise InputError(problem)
        request = Request(url, headers={"Accept": "application/json, application/yaml, */*"})  # noqa: S310
        try:
            with urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
                raw = response.read(MAX_DOCUMENT_BYTES + 1)
        except HTTPError as error:
            # It holds the connection.
            error.close()
            message = f'"{url}" cannot be fetched ({error})'
            raise InputError(Problem("unreadable-url", message)) from error
        except (OSError, HTTPException, ValueError) as error:
            message = f'"{url}" cannot be fetched ({error})'
            raise InputError(Problem("unreadable-url", message)) from error
        if len(raw) > MAX_DOCUMENT_BYTES:
            raise InputError(too_large(url, "the answer is too large", MAX_DOCUMENT_BYTES))
        return parse_document(decode_text(raw, url), url)


def is_remote(location: str) -> bool:
    """Return whether a location is a URL that would have to be fetched."""
    return location.partition(":")[0].lower() in _REMOTE


def resolve_location(base: str, reference: str) -> str:
    """Return the location that a reference (without its fragment) names in the file at `base`.

    Source: RFC 3986, section 5.
    """
    if is_remote(reference):
        return reference
    if is_remote(base):
        return urljoin(base, reference)
    parts = urlsplit(reference)
    path = unquote(parts.path if parts.scheme == "file" else reference)
    folder = os.path.dirname(unquote(base))
    return quote(os.path.normpath(os.path.join(folder, path)))

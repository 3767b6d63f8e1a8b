"""The names that servers use instead of the documented ones, from the overlay `observed`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.contract import Contract
from understudy.contract.corruption.mutations import DOCUMENTED_NAME_KEYWORD
from understudy.messages import Json
from understudy.resources import resource_path
from understudy.source import read_document

_SERVICE = "ocp"
"""The service whose contract the overlay describes."""
_OVERLAY = "docs/api/overlays/observed.yaml"
_DOUBT = "x-doubt"
"""A keyword of the overlay: the rule of the ledger's doubt about the documented name."""


@dataclass(frozen=True, slots=True)
class WireName:
    """One name that is seen on the wire."""

    name: str
    documented: str
    doubt: str
    """The ledger's id of the doubt: `singular-array (task-management.md:158)`; empty if none."""


def load_wire_names(contract: Contract) -> Mapping[str, WireName]:
    """Return the names that are seen on the wire, by the documented name.

    Empty for other contracts than OCP's, and in the dialect `observed`, which has these names.
    """
    if contract.service != _SERVICE:
        return {}
    overlay = read_document(resource_path(_OVERLAY)).data
    return {wire.documented: wire for wire in _iter_wire_names(overlay)}


def _iter_wire_names(node: Json) -> Iterator[WireName]:
    """Yield the properties of an overlay that have a documented name of their own."""
    if isinstance(node, list):
        for item in node:
            yield from _iter_wire_names(item)
    if not isinstance(node, dict):
        return
    for name, part in node.items():
        if isinstance(part, dict):
            documented, doubt = part.get(DOCUMENTED_NAME_KEYWORD), part.get(_DOUBT)
            if isinstance(documented, str):
                ledger_id = f"{doubt} ({part.get('x-source', '')})" if doubt else ""
                yield WireName(name, documented, ledger_id)
        yield from _iter_wire_names(part)

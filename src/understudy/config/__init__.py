"""The settings of one stub, as a value."""

from understudy.config.settings import (
    DIALECTS,
    Settings,
    UnknownQuery,
    ValidateRequest,
    resolve_overlays,
)
from understudy.config.tls_settings import TLS_FAULT_HINT, TLS_FAULTS
from understudy.config.web_origins import is_web_origin, normalise_origin

__all__ = [
    "DIALECTS",
    "TLS_FAULTS",
    "TLS_FAULT_HINT",
    "Settings",
    "UnknownQuery",
    "ValidateRequest",
    "is_web_origin",
    "normalise_origin",
    "resolve_overlays",
]

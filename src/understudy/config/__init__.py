"""The settings of one stub, as a value."""

from understudy.config.settings import (
    DIALECTS,
    Settings,
    UnknownQuery,
    ValidateRequest,
    resolve_overlays,
)
from understudy.config.web_origins import is_web_origin, normalise_origin

__all__ = [
    "DIALECTS",
    "Settings",
    "UnknownQuery",
    "ValidateRequest",
    "is_web_origin",
    "normalise_origin",
    "resolve_overlays",
]

"""The settings of one stub, as a value."""

from understudy.config.settings import (
    DIALECTS,
    Settings,
    UnknownQuery,
    ValidateRequest,
    resolve_overlays,
)

__all__ = ["DIALECTS", "Settings", "UnknownQuery", "ValidateRequest", "resolve_overlays"]

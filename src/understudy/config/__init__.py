"""The settings of one stub, as a value."""

from understudy.config.settings import DIALECTS, Settings, ValidateRequest, resolve_overlays

__all__ = ["DIALECTS", "Settings", "ValidateRequest", "resolve_overlays"]

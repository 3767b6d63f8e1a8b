"""The settings of one stub, as a value."""

from understudy.config.settings import DIALECTS, Settings, ValidateRequest, overlays_of

__all__ = ["DIALECTS", "Settings", "ValidateRequest", "overlays_of"]

"""The control API: what a tool may ask of the stub itself.

One table (`routes`) is shared by the server, its OpenAPI document (`document`), the client (`client`) and the guide.
"""

from understudy.control.api.api_call import Stream
from understudy.control.control_api import Control

__all__ = ["Control", "Stream"]

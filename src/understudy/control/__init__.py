"""The control API, which drives the stub itself.

One table (`api.route_table`) is shared by the server, its OpenAPI document
(`api.openapi_document`), the client (`client`) and the guide. A call goes through `control_api`,
`dispatch` and one of the `handlers`.
"""

from understudy.control.api.api_call import Stream
from understudy.control.control_api import Control

__all__ = ["Control", "Stream"]

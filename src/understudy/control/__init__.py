"""The control API, which drives the stub itself.

One table (`api.route_table`) is shared by the server, its OpenAPI document
(`api.openapi_document`), the client (`client`) and the guide. A call goes through `control_api`,
`dispatch` and one of the `handlers`.
"""

from typing import TYPE_CHECKING

from understudy.control.control_api import Control
from understudy.lazy_names import import_on_first_use

if TYPE_CHECKING:
    from understudy.control.api.api_call import Stream

# A server needs it from the first call of the control API on.
__getattr__ = import_on_first_use(__name__, {"Stream": "api.api_call"})

__all__ = ["Control", "Stream"]

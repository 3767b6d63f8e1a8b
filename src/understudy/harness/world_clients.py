"""The way to a world: its URL, the credentials of its accounts, and clients for it."""

from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from understudy.control.api.world_types import AccountRecord
from understudy.harness.message_parts import suggest_name
from understudy.harness.world_session import Credentials, WorldSession

if TYPE_CHECKING:  # optional libraries
    import httpx as _httpx
    import requests as _requests

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

_ALL_PERMISSIONS = {"ADMIN", "TASK_MANAGER"}
"""An account with one of these may do everything with tasks."""


class WorldClients:
    """A world as seen by one of its accounts."""

    def __init__(self, session: WorldSession, account: str = "") -> None:
        """Take the session of the world, and the name of an account.

        Without a name, it is an account with all permissions.
        """
        self._session = session
        self._account = account

    @property
    def name(self) -> str:
        """The name of the world."""
        return self._session.name

    @property
    def url(self) -> str:
        """The base URL. It names the world, so any HTTP client works with it unchanged."""
        return self._session.url

    @property
    def ca(self) -> str | None:
        """The file of the authority that clients have to trust: `requests.get(…, verify=ocp.ca)`.

        None if the server does not speak HTTPS, or if no authority is known: with a certificate of
        your own, and for a running server without `ca`. Clients then use those of the machine.
        """
        return self._session.server.ca

    @property
    def address(self) -> str:
        """Host and port, for clients that accept no path. Then `auth` selects the world."""
        return urlsplit(self._session.server.url).netloc

    @property
    def auth(self) -> tuple[str, str]:
        """User name and password. The user name names the world: `admin+<world>`.

        The account is one with all permissions, unless `as_` selected another one. A contract
        without accounts has two empty texts.
        """
        account = self._find_account()
        if account is None:
            return ("", "")
        return (f"{account['name']}+{self.name}", account["password"])

    @property
    def access_key(self) -> tuple[str, str]:
        """Access key and secret key, for clients that sign requests.

        The access key names the world.

        Raises LookupError for an account without an access key.
        """
        account = self._find_account()
        if account is None:
            raise LookupError("the contract has no accounts, so there is no access key")
        if not account["accessKey"]:
            name = account["name"]
            raise LookupError(f'the account "{name}" has no access key, so it cannot sign requests')
        return f"{account['accessKey']}+{self.name}", account["secretKey"]

    def as_(self, account: str) -> Self:
        """Return the same world for another account of its scenario.

        Raise LookupError for an unknown one.
        """
        known = self._session.accounts
        if account not in known:
            hint = suggest_name(account, known)
            raise LookupError(f'the world has no account "{account}". {hint}')
        return type(self)(self._session, account)

    def requests(self) -> "_requests.Session":
        """Return a `requests` session for the world: `session.get("/api/v2/…")`.

        It uses no socket, unless the server is another process. Raises ImportError without the
        library.
        """
        return self._session.server.requests_session(self.url, self._credentials())

    def httpx(self) -> "_httpx.Client":
        """Return an `httpx` client for the world (of httpx2 or httpx).

        It uses no socket, unless the server is another process. Raises ImportError without the
        library.
        """
        return self._session.server.httpx_client(self.url, self._credentials())

    def httpx_async(self) -> "_httpx.AsyncClient":
        """Return an `httpx` client for asyncio and trio."""
        return self._session.server.httpx_async_client(self.url, self._credentials())

    def _credentials(self) -> Credentials | None:
        """Return user name and password, or None for a contract without accounts."""
        return self.auth if self._session.accounts else None

    def _find_account(self) -> AccountRecord | None:
        """Return the account of this view.

        The default is the first with all permissions, else the first one, else None.
        """
        known = self._session.accounts
        if self._account in known:
            return known[self._account]
        for account in known.values():
            if _ALL_PERMISSIONS.intersection(account["permissions"]):
                return account
        return next(iter(known.values()), None)

"""The state that all views of a world share, and the interface of its server."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from understudy.control.api.world_types import AccountRecord
from understudy.control.client import ControlClient
from understudy.harness.background import Background
from understudy.harness.failure_artifacts import SavedWorld
from understudy.harness.world_rules import Rule

if TYPE_CHECKING:  # optional libraries
    import httpx
    import requests

Credentials = tuple[str, str]
"""A user name and a password."""


class WorldHost(Protocol):
    """The server of a world, as the world uses it."""

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        ...

    @property
    def ca(self) -> str | None:
        """The file of the authority that clients of an `https` URL have to trust."""
        ...

    @property
    def world_prefix(self) -> str:
        """The path before the name of a world."""
        ...

    @property
    def serve_options(self) -> tuple[str, ...]:
        """Options of `understudy serve` that select the same contract."""
        ...

    def requests_session(self, base_url: str, auth: Credentials | None) -> "requests.Session":
        """Return a `requests` session for a base URL."""
        ...

    def httpx_client(self, base_url: str, auth: Credentials | None) -> "httpx.Client":
        """Return an `httpx` client for a base URL."""
        ...

    def httpx_async_client(self, base_url: str, auth: Credentials | None) -> "httpx.AsyncClient":
        """Return an `httpx` client for asyncio and trio."""
        ...

    def before_close(self, name: str) -> None:
        """Take note that a world is about to be deleted."""
        ...

    def record_failure(self, world: SavedWorld, error: BaseException) -> None:
        """Store a world whose block has failed."""
        ...


@dataclass
class WorldSession:
    """One world of a server: its control client, and what the test has added to it."""

    server: WorldHost
    name: str
    control: ControlClient
    strict: bool
    """Whether `verify` reports contract violations and unused replies."""
    backgrounds: list[Background[object]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    """The replies and faults that the test has added."""
    expected: list[str] = field(default_factory=list)
    """The patterns of expected violations: `remove_expected` applies them."""
    closed: bool = False
    _accounts: dict[str, AccountRecord] | None = None

    @property
    def url(self) -> str:
        """The base URL of the world."""
        return f"{self.server.url}{self.server.world_prefix}/{self.name}"

    @property
    def accounts(self) -> dict[str, AccountRecord]:
        """The accounts of the world, by name. They are read once."""
        if self._accounts is None:
            accounts = self.control.list_accounts()["accounts"]
            self._accounts = {account["name"]: account for account in accounts}
        return self._accounts

    def remove_prefix(self, text: str) -> str:
        """Return a text in which request targets do not show the prefix of the world."""
        return text.replace(f" {self.server.world_prefix}/{self.name}/", " /")

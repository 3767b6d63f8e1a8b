"""The text that `understudy serve` prints when it is ready."""

import sys

from understudy.live import LiveServer
from understudy.server.first_page import describe_stub


def render_banner(server: LiveServer, *, shows_token: bool = False) -> str:
    """Return the first page as lines of text, between the server's URL and how to stop it.

    It shows passwords on a terminal only: a pipe may lead to the log of a CI, which many can read.
    With `shows_token`, it also has the token of the control API, which was created for this server.
    """
    lines = [f"understudy is ready on {server.url}"]
    if server.ca is not None:
        lines.append(f"  authority {server.ca}  (clients have to trust this file)")
    lines += describe_stub(server.stub, server.url, shows_passwords=sys.stdout.isatty())
    if shows_token:
        token = server.stub.settings.token
        lines.append(f"  token     {token}  (of the control API; shown only here)")
    return "\n".join([*lines, "Stop with Ctrl-C."])

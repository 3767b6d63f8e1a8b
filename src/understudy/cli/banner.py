"""The text that `understudy serve` prints when it is ready.

It has what a new user needs first: where the server is, how to log in, and URLs that work.
"""

from collections.abc import Iterator

from understudy.live import LiveServer
from understudy.scenario import Scenario


def render_banner(server: LiveServer) -> str:
    """Return contract, scenario, accounts and example URLs as lines of text."""
    stub = server.stub
    contract = stub.contract
    paths = [path for _, path in stub.example_calls()]
    first_path = paths[0] if paths else "/"
    lines = [
        f"understudy is ready on {server.url}",
        f"  contract  {contract.title} ({contract.file}, {len(contract.operations)} operations, "
        f"{stub.settings.dialect} names)",
    ]
    if stub.scenario is not None:
        lines += _scenario_lines(stub.scenario)
    lines.append("  try")
    lines += [f"    {server.url}{path}" for path in paths]
    # The same call in a world of its own shows how the path selects one.
    own_world = f"{server.url}{stub.settings.world_prefix}/mine{first_path}"
    lines.append(f"    {own_world}  (a world of your own)")
    lines.append("Stop with Ctrl-C.")
    return "\n".join(lines)


def _scenario_lines(scenario: Scenario) -> Iterator[str]:
    """Yield the lines about scenario and accounts; the passwords are those of the file."""
    yield f"  scenario  {scenario.name}: {scenario.description}"
    yield "  accounts  (user / password)"
    for account in scenario.accounts.values():
        permissions = ", ".join(sorted(account.permissions)) or "no permissions"
        yield f"    {account.name} / {account.password}  {permissions}"

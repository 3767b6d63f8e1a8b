"""What `understudy serve` prints when it is ready."""

from understudy.live import LiveServer


def render_banner(server: LiveServer) -> str:
    """Say what is served, who may ask, and where to click."""
    stub = server.stub
    lines = [
        f"understudy is ready on {server.url}",
        f"  contract  {stub.contract.title} ({stub.contract.file}, {len(stub.contract.operations)} operations, "
        f"{stub.settings.dialect} names)",
    ]
    if stub.scenario is not None:
        lines.append(f"  scenario  {stub.scenario.name}: {stub.scenario.description}")
        lines.append("  accounts  (user / password)")
        for account in stub.scenario.accounts.values():
            permissions = ", ".join(sorted(account.permissions)) or "no permissions"
            lines.append(f"    {account.name} / {account.password}  {permissions}")
    lines.append("  try")
    lines += [f"    {server.url}{path}" for _, path in stub.example_calls()]
    lines.append(
        f"    {server.url}{stub.settings.world_prefix}/mine{_first_path(server)}  (a world of your own)"
    )
    lines.append("Stop with Ctrl-C.")
    return "\n".join(lines)


def _first_path(server: LiveServer) -> str:
    return next((path for _, path in server.stub.example_calls()), "/")

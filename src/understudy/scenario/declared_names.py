"""Names that a scenario declares for its tasks: accounts, clusters, tenants, hosts, creators."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from understudy.contract.document.pointers import child_pointer
from understudy.errors import ProblemReport
from understudy.ocp import ADMIN, SYSTEM, Account, Cluster, Creator, Host, Permission, Tenant
from understudy.scenario.format_types import (
    AccountData,
    ClusterData,
    HostData,
    ScenarioData,
    TenantData,
)

FIRST_CREATOR_ID = 300
"""The id of the first account other than admin (100) and system (200); the others follow it."""

T = TypeVar("T")
D = TypeVar("D", ClusterData, TenantData, HostData)


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """Everything that a task can name, by the name in the file."""

    accounts: Mapping[str, Account]
    clusters: Mapping[str, Cluster]
    tenants: Mapping[str, Tenant]
    hosts: Mapping[str, Host]
    creators: Mapping[str, Creator]


def parse_declared_names(data: ScenarioData, report: ProblemReport) -> DeclaredNames:
    """Parse `accounts`, `clusters`, `tenants` and `hosts`. Report duplicate ids and access keys."""
    accounts = _parse_accounts(data.get("accounts"), report)
    clusters = _number(data.get("clusters", {}), "cluster", report)
    tenants = _number(data.get("tenants", {}), "tenant", report)
    hosts = _number(data.get("hosts", {}), "host", report)
    return DeclaredNames(
        accounts,
        {key: _build_cluster(key, id_, entry) for key, id_, entry in clusters},
        {key: _build_tenant(key, id_, entry) for key, id_, entry in tenants},
        {key: _build_host(key, id_, entry) for key, id_, entry in hosts},
        _build_creators(accounts),
    )


def number_entries(given_ids: Iterable[int | None]) -> list[int]:
    """Return an id for each entry: the given id, else the next free one, counted up from 1.

    Free ids skip all given ids, also those of later entries, so that every id is unique.
    """
    ids = list(given_ids)
    used = set(ids)
    result: list[int] = []
    next_id = 1
    for id_ in ids:
        if id_ is not None:
            result.append(id_)
            continue
        while next_id in used:
            next_id += 1
        result.append(next_id)
        next_id += 1
    return result


def check_unique(ids: Iterable[tuple[int, str]], kind: str, report: ProblemReport) -> None:
    """Report every duplicate id. `ids` are the ids of the file, each with its pointer."""
    first: dict[int, str] = {}
    for id_, pointer in ids:
        if id_ in first:
            line = report.line(first[id_])
            message = f"duplicate {kind} id {id_} (first on line {line})"
            report.add("duplicate-id", message, pointer, expected="each id once")
        first.setdefault(id_, pointer)


def find_declared(
    name: str,
    known: Mapping[str, T],
    kind: str,
    pointer: str,
    report: ProblemReport,
) -> T | None:
    """Return what a name of a task stands for. Report an unknown name, and return None for it."""
    if name not in known:
        hint = ""
        if not known:
            hint = f"The scenario has no {kind}s."
        near = report.find_nearest(name, known)
        message = f'unknown {kind} "{name}"'
        report.add(f"unknown-{kind}", message, pointer, nearest=near, hint=hint)
    return known.get(name)


def _number(
    entries: dict[str, D],
    kind: str,
    report: ProblemReport,
) -> Iterator[tuple[str, int, D]]:
    """Return the entries of a section with their keys and ids. Report duplicate ids."""
    section = f"{kind}s"
    placed = []
    for key, entry in entries.items():
        if "id" in entry:
            pointer = child_pointer("", section, key, "id")
            placed.append((entry["id"], pointer))
    check_unique(placed, kind, report)
    ids = number_entries(entry.get("id") for entry in entries.values())
    return zip(entries, ids, entries.values(), strict=True)


def _build_cluster(key: str, id_: int, entry: ClusterData) -> Cluster:
    """Return a cluster. The default of OceanBase's own id is OCP's id."""
    return Cluster(
        id_,
        entry.get("name", key),
        entry.get("obClusterId", id_),
        entry.get("type", "PRIMARY"),
    )


def _build_tenant(key: str, id_: int, entry: TenantData) -> Tenant:
    """Return a tenant. The default of OceanBase's own id is OCP's id."""
    return Tenant(
        id_,
        entry.get("name", key),
        entry.get("obTenantId", id_),
        entry.get("mode", "MYSQL"),
    )


def _build_host(key: str, id_: int, entry: HostData) -> Host:
    """Return a host. No response shows it; only its address appears, as an executor."""
    return Host(id_, key, entry.get("address", _default_address(id_)))


def _default_address(host_id: int) -> str:
    """Return an IPv4 address in 10.0.0.0/8 whose last three bytes are those of the id."""
    second = host_id >> 16 & 255
    third = host_id >> 8 & 255
    fourth = host_id & 255
    return f"10.{second}.{third}.{fourth}"


def _parse_accounts(
    data: Mapping[str, AccountData] | None,
    report: ProblemReport,
) -> dict[str, Account]:
    """Return the accounts of a file, or the default account if there are none.

    Access keys must be unique, since a signed request is authenticated by its access key alone.
    """
    if not data:
        permissions = frozenset({Permission.ADMIN.value})
        return {"admin": Account("admin", "admin", permissions)}
    owners: dict[str, str] = {}  # by access key
    for name, account in data.items():
        pointer = child_pointer("/accounts", name)
        _check_user_name(name, pointer, report)
        access_key = account.get("accessKey", "")
        if access_key and access_key in owners:
            owner = owners[access_key]
            message = f'duplicate access key "{access_key}", also used by "{owner}"'
            expected = "each access key once"
            report.add("duplicate-access-key", message, f"{pointer}/accessKey", expected=expected)
        owners[access_key] = name
    return {name: _build_account(name, account) for name, account in data.items()}


def _check_user_name(name: str, pointer: str, report: ProblemReport) -> None:
    """Report a user name that Basic authentication cannot carry."""
    if name and ":" not in name:
        return
    # RFC 7617, section 2: the user name ends at the first colon.
    message = f'the user name "{name}" cannot be sent with Basic authentication'
    expected = "a name that is not empty and has no colon"
    report.add("bad-account", message, pointer, key=True, expected=expected)


def _build_account(name: str, data: AccountData) -> Account:
    """Return an account. The defaults make `viewer: {}` an account that can log in and read."""
    return Account(
        name,
        data.get("password", name),
        frozenset(data.get("permissions", [Permission.TASK_VIEWER.value])),
        data.get("accessKey", ""),
        data.get("secretKey", ""),
    )


def _build_creators(accounts: Mapping[str, Account]) -> dict[str, Creator]:
    """Return the possible creators of tasks: admin, system and the accounts."""
    known = {ADMIN.name: ADMIN, SYSTEM.name: SYSTEM}
    others = [name for name in accounts if name not in known]
    numbered = enumerate(others, start=FIRST_CREATOR_ID)
    return known | {name: Creator(id_, name) for id_, name in numbered}

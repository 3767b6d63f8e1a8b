"""What a scenario declares by name beside its tasks: accounts, clusters, tenants, hosts, creators."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from understudy.contract.document.pointers import child_pointer
from understudy.errors import ProblemReport, nearest_name
from understudy.ocp import ADMIN, SYSTEM, Account, Cluster, Creator, Host, Permission, Tenant

FIRST_CREATOR_ID = 300
"""Accounts other than admin and system are numbered from here."""


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """Everything that a task can name."""

    accounts: Mapping[str, Account]
    clusters: Mapping[str, Cluster]
    tenants: Mapping[str, Tenant]
    hosts: Mapping[str, Host]
    creators: Mapping[str, Creator]


def parse_declared_names(data: Mapping[str, Any], report: ProblemReport) -> DeclaredNames:
    """Read the four sections, each a mapping by name. Notes ids and access keys that stand twice."""
    accounts = _accounts(data.get("accounts"), report)
    return DeclaredNames(
        accounts,
        {
            key: Cluster(
                id_,
                told.get("name", key),
                told.get("obClusterId", id_),
                told.get("type", "PRIMARY"),
            )
            for key, told, id_ in _entries(data, "clusters", "cluster", report)
        },
        {
            key: Tenant(
                id_, told.get("name", key), told.get("obTenantId", id_), told.get("mode", "MYSQL")
            )
            for key, told, id_ in _entries(data, "tenants", "tenant", report)
        },
        {
            key: Host(id_, key, told.get("address", _address(id_)))
            for key, told, id_ in _entries(data, "hosts", "host", report)
        },
        _creators(accounts),
    )


def number_entries(told: Iterable[int | None]) -> list[int]:
    """Give an id for each: as told, else counted up from 1, leaving out what is told elsewhere."""
    ids = list(told)
    taken = set(ids)
    result, following = [], 1
    for id_ in ids:
        if id_ is None:
            while following in taken:
                following += 1
            id_ = following
            following += 1
        result.append(id_)
    return result


def check_unique(ids: Iterable[tuple[int, str]], kind: str, report: ProblemReport) -> None:
    """Note every id that stands twice. `ids`: those that are told, each with its pointer."""
    first: dict[int, str] = {}
    for id_, pointer in ids:
        if id_ in first:
            what = f"the {kind} id {id_} stands twice (first on line {report.line(first[id_])})"
            report.add("duplicate-id", what, pointer, expected="each id once")
        first.setdefault(id_, pointer)


def find_declared(
    name: str, known: Mapping[str, Any], kind: str, pointer: str, report: ProblemReport
) -> Any:
    """Give what a name stands for; note a name that stands for nothing, and give None."""
    if name not in known:
        hint = "" if known else f"The scenario has no {kind}s."
        near = nearest_name(name, known)
        report.add(
            f"unknown-{kind}", f'there is no {kind} "{name}"', pointer, nearest=near, hint=hint
        )
    return known.get(name)


def _entries(
    data: Mapping[str, Any], section: str, kind: str, report: ProblemReport
) -> Iterable[tuple[str, Mapping[str, Any], int]]:
    entries: Mapping[str, Mapping[str, Any]] = data.get(section, {})
    ids = [
        (told["id"], child_pointer("", section, key, "id"))
        for key, told in entries.items()
        if "id" in told
    ]
    check_unique(ids, kind, report)
    return zip(
        entries,
        entries.values(),
        number_entries(told.get("id") for told in entries.values()),
        strict=True,
    )


def _accounts(told: Mapping[str, Any] | None, report: ProblemReport) -> dict[str, Account]:
    if not told:
        return {"admin": Account("admin", "admin", frozenset({Permission.ADMIN.value}))}
    keys: dict[str, str] = {}
    for name, account in told.items():
        pointer = child_pointer("/accounts", name)
        if ":" in name or not name:
            what = (
                f'the user name "{name}" cannot be sent: Basic authentication ends it at the colon'
            )
            report.add(
                "bad-account",
                what,
                pointer,
                key=True,
                expected="a name without a colon, and not empty",
            )
        access_key = account.get("accessKey", "")
        if access_key and access_key in keys:
            what = f'the access key "{access_key}" is that of "{keys[access_key]}" as well'
            report.add(
                "duplicate-access-key",
                what,
                f"{pointer}/accessKey",
                expected="each access key once",
            )
        keys[access_key] = name
    return {name: _account(name, account) for name, account in told.items()}


def _account(name: str, told: Mapping[str, Any]) -> Account:
    return Account(
        name,
        told.get("password", name),
        frozenset(told.get("permissions", [Permission.TASK_VIEWER.value])),
        told.get("accessKey", ""),
        told.get("secretKey", ""),
    )


def _creators(accounts: Mapping[str, Account]) -> dict[str, Creator]:
    known = {ADMIN.name: ADMIN, SYSTEM.name: SYSTEM}
    others = [name for name in accounts if name not in known]
    return known | {
        name: Creator(id_, name) for id_, name in enumerate(others, start=FIRST_CREATOR_ID)
    }


def _address(host_id: int) -> str:
    return f"10.{host_id >> 16 & 255}.{host_id >> 8 & 255}.{host_id & 255}"

"""The journal: limited, exact about what was dropped, and without secrets."""

from datetime import UTC, datetime

import pytest

from understudy.messages import Exchange, Headers, Request, Response
from understudy.replay import Journal, JournalTruncatedError

NOW = datetime(2021, 8, 25, tzinfo=UTC)


def build_exchange(number: int, *, body: bytes = b"", target: str = "/a") -> Exchange:
    request = Request.of("GET", target, headers=[("Authorization", "Basic c2VjcmV0")], body=body)
    return Exchange(
        number, "w", NOW, request, Response(200, Headers.of([("Set-Cookie", "a=secret")]))
    )


def test_oldest_exchanges_are_dropped_and_counted() -> None:
    """Counting after exchanges were dropped raises; counting a complete journal does not."""
    journal = Journal(max_exchanges=2)
    for number in (1, 2, 3):
        journal.append(build_exchange(number))
    assert [exchange.number for exchange in journal.exchanges()] == [2, 3]
    assert journal.dropped == 1
    with pytest.raises(JournalTruncatedError, match="1 exchanges were dropped"):
        journal.count(lambda exchange: True)
    journal.clear()
    assert (journal.count(lambda exchange: True), journal.dropped) == (0, 0)
    assert journal.append(build_exchange(0)) == 1


def test_journal_limits_bytes_and_cuts_bodies() -> None:
    """The journal saves 64 KiB of a body, and at most its limit in all."""
    journal = Journal(max_bytes=150_000)
    for number in (1, 2, 3):
        journal.append(build_exchange(number, body=b"x" * 100_000))
    saved = journal.exchanges()
    assert {len(exchange.request.body) for exchange in saved} == {64 * 1024}
    assert (len(saved), journal.dropped) == (2, 1)


def test_secrets_are_redacted() -> None:
    """No secret of a header field or of the query is saved."""
    journal = Journal()
    journal.append(build_exchange(1, target="/a?token=hush"))
    records = [exchange.to_record() for exchange in journal.exchanges()]
    text = repr(journal.exchanges()) + str(records)
    assert not [secret for secret in ("c2VjcmV0", "a=secret", "hush") if secret in text]

"""The journal: bounded, honest about it, and without secrets."""

from datetime import UTC, datetime

import pytest

from understudy.messages import Exchange, Headers, Request, Response
from understudy.replay import Journal, JournalTruncatedError

NOW = datetime(2021, 8, 25, tzinfo=UTC)


def exchange(number: int, *, body: bytes = b"", target: str = "/a") -> Exchange:
    request = Request.of("GET", target, headers=[("Authorization", "Basic c2VjcmV0")], body=body)
    return Exchange(
        number, "w", NOW, request, Response(200, Headers.of([("Set-Cookie", "a=secret")]))
    )


def test_the_oldest_go_and_are_counted() -> None:
    """A question over a dropped part is refused, one over what is kept is not."""
    journal = Journal(max_exchanges=2)
    for number in (1, 2, 3):
        journal.append(exchange(number))
    assert [kept.number for kept in journal.exchanges()] == [2, 3]
    assert journal.dropped == 1
    with pytest.raises(JournalTruncatedError, match="1 exchanges were dropped"):
        journal.count(lambda kept: True)
    journal.clear()
    assert (journal.count(lambda kept: True), journal.dropped, journal.number()) == (0, 0, 1)


def test_bytes_are_bounded_and_bodies_cut() -> None:
    """64 KiB of a body are kept; the sum of all stays under the bound."""
    journal = Journal(max_bytes=150_000)
    for number in (1, 2, 3):
        journal.append(exchange(number, body=b"x" * 100_000))
    kept = journal.exchanges()
    assert {len(one.request.body) for one in kept} == {64 * 1024}
    assert (len(kept), journal.dropped) == (2, 1)


def test_no_secret_is_kept() -> None:
    """Neither of headers nor of the query."""
    journal = Journal()
    journal.append(exchange(1, target="/a?token=hush"))
    told = repr(journal.exchanges()) + str([one.to_record() for one in journal.exchanges()])
    assert not [secret for secret in ("c2VjcmV0", "a=secret", "hush") if secret in told]

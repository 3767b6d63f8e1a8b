"""The members of a response that differ from call to call, and the field Date."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from understudy.replay.service import ResponseMeta


def build_meta(seed: int, call_number: int, now: datetime) -> ResponseMeta:
    """Build trace id and duration from the seed, so that equal runs give equal bytes."""
    digest = hashlib.blake2b(f"{seed}/{call_number}".encode(), digest_size=9).digest()
    return ResponseMeta(now, trace_id=digest[:8].hex(), duration_ms=1 + digest[8] % 40)


def http_date(now: datetime) -> str:
    """Return a moment as the field Date has it. Source: RFC 9110, section 5.6.7."""
    return _http_date(now.replace(microsecond=0))


@lru_cache(maxsize=64)
def _http_date(now: datetime) -> str:
    return format_datetime(now.astimezone(UTC), usegmt=True)

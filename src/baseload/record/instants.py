"""Instants as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MS = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc(instant: int) -> str:
    """Return an instant [ms since 1970] as date and time, exact to the millisecond.

    >>> utc(1767225600000), utc(1767225600250)
    ('2026-01-01 00:00:00 UTC', '2026-01-01 00:00:00.250 UTC')
    """
    try:
        text = f"{EPOCH + instant * MS:%Y-%m-%d %H:%M:%S}"
    except OverflowError:
        return f"{instant} ms"
    return f"{text}{f'.{instant % 1000:03d}' if instant % 1000 else ''} UTC"

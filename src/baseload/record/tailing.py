"""The newest entries of a log, and those that come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from baseload.record.errors import StoreError
from baseload.record.events import parse
from baseload.record.reader import Reader

PAUSE = 0.5
"""Seconds between two looks at the checkpoint."""

Numbered = tuple[int, bytes]


def last(reader: Reader, count: int, source: str | None = None) -> list[Numbered]:
    """Return the last entries, each with its index, in their order.

    Parameters
    ----------
    reader : the log.
    count : how many.
    source : only of this source.
    """
    found: list[Numbered] = []
    for index in range(reader.size - 1, -1, -1):
        if len(found) == count:
            break
        data = reader.entry(index)
        if _is_of(index, data, source):
            found.append((index, data))
    return found[::-1]


def following(
    log: Path, first: int, source: str | None = None, pause: float = PAUSE
) -> Iterator[Numbered]:
    """Give entries from an index on as they are published, without end.

    Parameters
    ----------
    log : folder of the log.
    first : index of the first.
    source : only of this source.
    pause : seconds between two looks.

    Raises
    ------
    StoreError
        The log has become shorter.
    """
    while True:
        reader = Reader(log)
        if reader.size < first:
            raise StoreError(
                f"log {log}",
                expected=f"{first} entries or more, as it had before",
                found=str(reader.size),
                mend="it was set back: inspect it, with --since and an earlier kit",
            )
        for index, data in enumerate(reader.entries(first), first):
            if _is_of(index, data, source):
                yield index, data
        first = reader.size
        time.sleep(pause)


def _is_of(index: int, data: bytes, source: str | None) -> bool:
    return source is None or parse(data, f"entry {index}").source == source

"""Entries against times that others have proven: what came late, and what was back-dated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from baseload.verify.authority import ORDER_SCHEMAS
from baseload.verify.findings import FAILED, INCOMPLETE, Finding, instant_text

GRACE = 60_000
"""Time from the signing of a checkpoint to the last cosignature, in which orders go on [ms]."""


@dataclass
class Times:
    """The latest instant at which others saw the log without the entries that now come.

    Parameters
    ----------
    proven : that instant [ms]; nothing before the first.
    size : entries of the log at that instant.
    """

    proven: int | None = None
    size: int = 0

    def saw(self, size: int, time: int) -> None:
        """Note that a log of a size was seen at an instant [ms]."""
        if self.proven is None or time > self.proven:
            self.proven, self.size = time, size

    def follow(self, index: int, event: Mapping[str, Any], lateness: int) -> Iterator[Finding]:
        """Give what is wrong with the time of an entry.

        Parameters
        ----------
        index : index of the entry.
        event : the entry as it was read.
        lateness : time that an entry may take to the log [ms].
        """
        if self.proven is None:
            return
        body = event["body"]
        if event["schema"] in ORDER_SCHEMAS and int(body["start"]) < self.proven - GRACE:
            yield Finding(
                "order.backdated",
                FAILED,
                "An order came into the log after the time from which it says it held.",
                f"a start at {instant_text(self.proven)} or later: it was seen without it then",
                instant_text(int(body["start"])),
                index=index,
                source=event["source"],
            )
        elif int(event["t1"]) < self.proven - lateness and "late" not in body:
            yield Finding(
                "entry.late",
                INCOMPLETE,
                "An entry came later into the log than the charter allows, and does not say why.",
                f"{instant_text(self.proven - lateness)} or later",
                instant_text(int(event["t1"])),
                index=index,
                source=event["source"],
            )

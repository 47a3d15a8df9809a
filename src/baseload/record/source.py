"""Who writes events: numbers them, chains them by hash, and signs for them.

References
----------
.. [1] ``docs/record-format.md``, section 2.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

from baseload.record import canonical
from baseload.record.keys import Signer
from baseload.record.merkle import leaf_hash

HEAD_EVERY = 256
"""Events of a source from one signature to the next, at most."""
HEAD_WITHIN = 15 * 60 * 1000
"""Time from an event to a signature that vouches for it, at most [ms]."""
SIGNED = frozenset(
    {
        "access/1",
        "claim/1",
        "correction/1",
        "fleet.setpoint/1",
        "meter.event/1",
        "plan.committed/1",
        "pool.payout/1",
        "rule.change/1",
        "source.head/1",
        "statement/1",
    }
)
"""Types of which each single event is signed."""


class Tail(NamedTuple):
    """How far the events of a source have come in a log.

    Parameters
    ----------
    seq : number of its next event.
    prev : leaf hash of its last event.
    unsigned, since : number of its events after the last signature, and `t1` of the first of them.
    last : `t1` of its last event that was not late.
    """

    seq: int = 0
    prev: str = ""
    unsigned: int = 0
    since: int | None = None
    last: int = 0


class Source:
    """One writer of events.

    Parameters
    ----------
    id : name of the source in the log.
    signer : its key.
    origin : name of the log.
    seq : number of its next event.
    prev : leaf hash of its last event, 64 hex digits; empty before the first.
    unsigned, since : number of its events that no signature vouches for yet, and `t1` of the first.

    Attributes
    ----------
    last : `t1` of its last event that was not late [ms].
    """

    def __init__(
        self,
        id: str,
        signer: Signer,
        origin: str,
        seq: int = 0,
        prev: str = "",
        unsigned: int = 0,
        since: int | None = None,
    ) -> None:
        self.id = id
        self.signer = signer
        self.origin = origin
        self.seq = seq
        self.prev = prev
        self.last = 0
        self._unsigned = unsigned
        self._since = since

    @classmethod
    def after(cls, tail: Tail, id: str, signer: Signer, origin: str) -> Source:
        """Return a source that goes on from where its events have come to."""
        found = cls(id, signer, origin, tail.seq, tail.prev, tail.unsigned, tail.since)
        found.last = tail.last
        return found

    def tail(self) -> Tail:
        """Return how far its events have come."""
        return Tail(self.seq, self.prev, self._unsigned, self._since, self.last)

    def copy(self) -> Source:
        """Return a source that goes on apart from this one, with the same key."""
        return Source.after(self.tail(), self.id, self.signer, self.origin)

    def event(
        self,
        schema: str,
        t0: int,
        t1: int,
        body: Mapping[str, Any],
        clock: str = "synced",
        sign: bool | None = None,
    ) -> bytes:
        """Return the bytes of the source's next event.

        Parameters
        ----------
        schema : type and version.
        t0, t1 : instants it is about [ms since 1970].
        body : what it says; every value text, list, table or truth value.
        clock : quality of the clock.
        sign : whether to sign it; by default where its type or the chain asks for it.
        """
        event = {
            "schema": schema,
            "source": self.id,
            "seq": str(self.seq),
            "prev": self.prev,
            "t0": str(t0),
            "t1": str(t1),
            "clock": clock,
            "body": dict(body),
        }
        time = self._told_at(t1, body)
        must = schema in SIGNED or self._unsigned + 1 >= HEAD_EVERY
        data = canonical.encode(event)
        if must if sign is None else sign:
            signature = self.signer.sign(message(self.origin, data))
            data = canonical.encode(event | {"sig": base64.b64encode(signature).decode()})
            self._unsigned, self._since = 0, None
        else:
            self._unsigned += 1
            self._since = time if self._since is None else self._since
        self.seq += 1
        self.last = time
        self.prev = leaf_hash(data).hex()
        return data

    def _told_at(self, t1: int, body: Mapping[str, Any]) -> int:
        """Return when an event was told: one that is late is about another time than that."""
        return max(self.last, t1) if "late" in body else t1

    def head(self, t: int, clock: str = "synced") -> bytes:
        """Return an event that only signs for those before it."""
        return self.event("source.head/1", t, t, {}, clock, sign=True)

    def signs_at(self, t: int) -> bool:
        """Tell whether its event of an instant must be signed: the next may come too late for it.

        So must the first, and what follows a pause: a source that writes by the hour signs each.
        """
        return self.head_due(t) or t - self.last > HEAD_WITHIN

    def head_due(self, t: int) -> bool:
        """Tell whether events before an instant wait for a signature too long."""
        return self._since is not None and t - self._since >= HEAD_WITHIN


def message(origin: str, unsigned: bytes) -> bytes:
    """Return what the signature of an event signs.

    Parameters
    ----------
    origin : name of the log.
    unsigned : canonical bytes of the event without its signature.
    """
    return b"baseload/event/v1\n" + origin.encode() + b"\n" + unsigned

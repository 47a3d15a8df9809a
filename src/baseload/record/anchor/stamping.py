"""Anchors of a log: stamp a checkpoint, complete the proofs, and say how far each has come."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from baseload.record.anchor import calendar, standing
from baseload.record.anchor.calendar import Calendar
from baseload.record.anchor.commitment import checkpoint_digest
from baseload.record.anchor.headers import Headers
from baseload.record.anchor.ots import (
    APPEND,
    SHA256,
    Bitcoin,
    Pending,
    Step,
    Timestamp,
    encode_file,
)
from baseload.record.anchor.standing import Anchor, blocks, pending, proof, short, waiting
from baseload.record.errors import FormatError, RecordError, StoreError
from baseload.record.writing import replace

NEED = 2
"""Calendars that must answer, so that the loss of one does not lose the anchor."""
NONCE_BYTES = 16


@dataclass(frozen=True)
class Stamped:
    """What became of a checkpoint that was handed in.

    Parameters
    ----------
    size : entries of the checkpoint.
    path : proof file.
    calendars : addresses at which the proof is completed later; empty where nothing was asked.
    alarms : one sentence for each calendar that gave no proof.
    fresh : whether the proof was made now; else it was there already.
    """

    size: int
    path: Path
    calendars: tuple[str, ...]
    alarms: tuple[str, ...]
    fresh: bool


@dataclass(frozen=True)
class Upgraded:
    """What became of all anchors.

    Parameters
    ----------
    anchors : each as it is now.
    completed : sizes of those that lead to a block more than before.
    told : what calendars say of those that they have not completed.
    alarms : one sentence for each thing amiss.
    """

    anchors: tuple[Anchor, ...]
    completed: tuple[int, ...]
    told: tuple[str, ...]
    alarms: tuple[str, ...]


def stamp(
    log: Path,
    anchors: Path,
    urls: Sequence[str],
    need: int = NEED,
    nonce: bytes | None = None,
    timeout: float = calendar.TIMEOUT,
) -> Stamped:
    """Hand the newest published checkpoint to calendars, and write what they promise.

    Calendars see the hash of the checkpoint's hash and a nonce, and so learn nothing that they
    could look up. A checkpoint that has a proof already is left alone.

    Parameters
    ----------
    log : folder of the log.
    anchors : folder of the proofs, made if need be.
    urls : addresses of calendars; no other is asked.
    need : how many of them must answer.
    nonce : 16 bytes; drawn if not given.
    timeout : longest wait for the calendars [s].

    Raises
    ------
    RecordError
        Too few calendars answer, or the log cannot be read: then no file is written.
    """
    calendars = _calendars(urls, timeout)
    size, digest = checkpoint_digest(log)
    path = anchors / f"{size}.ots"
    if path.exists():
        proof(path, digest)
        return Stamped(size, path, (), (), fresh=False)
    if len(calendars) < need:
        raise _too_few(need, f"{len(calendars)} given", "name more of them with --calendar")
    nonce = secrets.token_bytes(NONCE_BYTES) if nonce is None else nonce
    tree, given, alarms = _handed_in(digest, nonce, calendars, timeout)
    ends = sorted({end.uri for _, end in tree.ends() if isinstance(end, Pending)})
    if min(given, len(ends)) < need:
        found = "; ".join([f"{given} answers, of {', '.join(ends) or 'none'}", *alarms])
        raise _too_few(need, found, "try again later, or name more of them with --calendar")
    _write(path, tree)
    return Stamped(size, path, tuple(ends), tuple(alarms), fresh=True)


def upgrade(
    log: Path,
    anchors: Path,
    urls: Sequence[str],
    headers: Path | None = None,
    timeout: float = calendar.TIMEOUT,
) -> Upgraded:
    """Ask calendars for the rest of all proofs that lead to no block yet.

    What a proof says already is never taken out of it. Only addresses that were given are asked,
    whatever a proof names: it may come from anyone.

    Parameters
    ----------
    log : folder of the log.
    anchors : folder of the proofs.
    urls : addresses of calendars.
    headers : folder of block headers; an answer that contradicts one is not taken.
    timeout : longest wait for the calendars, for each proof [s].

    Raises
    ------
    RecordError
        An address is none, or there is no folder.
    """
    known = {one.url: one for one in _calendars(urls, timeout)}
    found = standing.files(anchors)
    work = _Completing(known, Headers(headers), timeout)
    for size, path in found:
        try:
            tree = proof(path, checkpoint_digest(log, size)[1])
            more = work.complete(path.name, tree)
            if set(more.ends()) != set(tree.ends()):
                _write(path, more)
                work.completed.append(size)
        except RecordError as error:
            work.alarms.append(short(error))
    return Upgraded(
        tuple(standing.status(log, anchors, headers)),
        tuple(work.completed),
        tuple(work.told),
        tuple(work.alarms),
    )


class _Completing:
    """One round of asking calendars for the rest of proofs."""

    def __init__(self, known: dict[str, Calendar], headers: Headers, timeout: float) -> None:
        self._known = known
        self._headers = headers
        self._timeout = timeout
        self._out_of_reach: set[str] = set()
        self.completed: list[int] = []
        self.told: list[str] = []
        self.alarms: list[str] = []

    def complete(self, name: str, tree: Timestamp) -> Timestamp:
        """Return a proof with what calendars know by now."""
        asks: dict[str, Callable[[], Timestamp | str]] = {}
        about: dict[str, tuple[str, bytes]] = {}
        anchored = any(holds is not False for _, holds in blocks(tree, self._headers))
        for node in waiting(tree, self._headers):
            for url in sorted({one.uri.rstrip("/") for one in pending(node)}):
                ask = f"{url} for {node.message.hex()}"
                if url in self._known and url not in self._out_of_reach:
                    about[ask] = url, node.message
                    asks[ask] = partial(self._known[url].completed, node.message)
                elif url not in self._known and not anchored:
                    self.alarms.append(f"{name} waits for {url}, which was not asked")
        for ask, answer in calendar.each(asks, self._timeout).items():
            url, message = about[ask]
            if isinstance(answer, RecordError):
                self.alarms.append(f"{name}: {short(answer)}")
                if isinstance(answer, calendar.OutOfReach):
                    self._out_of_reach.add(url)
            else:
                tree = self._taken(name, tree, url, message, answer)
        return tree

    def _taken(
        self, name: str, tree: Timestamp, url: str, message: bytes, answer: Timestamp | str
    ) -> Timestamp:
        """Return a proof with an answer in it, unless the answer is none or is false."""
        if isinstance(answer, str):
            self.told.append(f"{name} waits for {url}, which says: {answer}")
            return tree
        found = blocks(answer, self._headers)
        false = [height for height, holds in found if holds is False]
        if false or not found:
            lack = f"names block {false[0]} with another Merkle root" if false else "names no block"
            self.alarms.append(f"{name}: the answer of {url} {lack}, and is not taken")
            return tree
        try:
            return _merged(tree, message, answer)
        except FormatError as error:
            self.alarms.append(f"{name}: the answer of {url} is not taken: {short(error)}")
            return tree


def _handed_in(
    digest: bytes, nonce: bytes, calendars: Sequence[Calendar], timeout: float
) -> tuple[Timestamp, int, list[str]]:
    """Return a proof of a hash from all calendars, how many answered, and what was amiss."""
    tree = Timestamp(digest)
    message = tree.then(Step(APPEND, nonce), Step(SHA256)).message
    asks = {one.url: partial(_promise, one, message) for one in calendars}
    alarms, taken = [], 0
    for answer in calendar.each(asks, timeout).values():
        try:
            if isinstance(answer, RecordError):
                raise answer
            tree = _merged(tree, message, answer)
            taken += 1
        except RecordError as error:
            alarms.append(short(error))
    return tree, taken, alarms


def _merged(tree: Timestamp, message: bytes, answer: Timestamp) -> Timestamp:
    """Return a proof with a proof of one of its messages in it.

    Raises
    ------
    FormatError
        It would be larger than the format allows.
    """
    found = Timestamp(tree.message)
    found.merge(tree)
    for node in list(found.nodes()):
        if node.message == message:
            node.merge(answer)
    encode_file(found)
    return found


def _promise(one: Calendar, digest: bytes) -> Timestamp:
    """Hand in a hash, and take nothing but a proof that names a calendar.

    No block can hold what was made up a moment ago.
    """
    found = one.submit(digest)
    kinds = {type(end) for _, end in found.ends()}
    if Pending not in kinds or Bitcoin in kinds:
        raise calendar.CalendarError(
            f"calendar {one.url}",
            expected="a proof that names a calendar, and no block yet",
            found=", ".join(sorted(kind.__name__.lower() for kind in kinds)),
            mend="ask another calendar",
        )
    return found


def _write(path: Path, tree: Timestamp) -> None:
    data = encode_file(tree)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            str(path.parent),
            expected="a folder that can be written to",
            found=str(error.strerror),
            mend="name another folder with --anchors",
        ) from None
    replace(path, data)


def _calendars(urls: Sequence[str], timeout: float) -> list[Calendar]:
    """Return the calendars of some addresses, each once."""
    return list({one.url: one for one in (Calendar.at(url, timeout) for url in urls)}.values())


def _too_few(need: int, found: str, mend: str) -> calendar.CalendarError:
    expected = f"answers of at least {need} calendars"
    return calendar.CalendarError("anchor", expected=expected, found=found, mend=mend)

"""Scanning over several processes: the same findings in the same order, sooner."""

from __future__ import annotations

import os
import pickle
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache

from baseload.verify.audit import Audit, Scanner
from baseload.verify.findings import InspectError
from baseload.verify.hashing import TILE
from baseload.verify.kit import Kit
from baseload.verify.notes import take_held
from baseload.verify.scanning import Scan, Task, scan_tile, seals_of

SPAN = 24
"""Tiles that are handed to a process together."""
SMALL = 50_000
"""Entries of a log for which starting processes takes longer than it saves."""

Job = tuple[list[bytes], list[bytes]]
"""Each tile as it is sent, and the digests of signatures of checkpoints that hold."""


def workers_for(size: int) -> int:
    """Return how many processes are worth starting for a log of so many entries."""
    count = getattr(os, "sched_getaffinity", None)
    cores = len(count(0)) if count else os.cpu_count() or 1
    return cores if size >= SMALL else 1


def side_by_side(workers: int) -> Scanner:
    """Return a scanner that hashes and reads entries and checks signatures in so many processes.

    What depends on the order of entries stays in this one. A signature that another process found
    to hold is not checked again; every other one is, here, by the key that then holds.
    """

    def scans(audit: Audit) -> Iterator[Scan]:
        first = audit.next_tile
        if first < audit.tiles:  # the keys of the sources are in the first tile
            yield scan_tile(audit.kit, first, audit.task())
        try:
            with ProcessPoolExecutor(workers, initializer=_stay) as pool:
                yield from _in_order(pool, audit, workers)
        except BrokenProcessPool:
            raise InspectError(
                f"--workers {workers}",
                "processes that go on to the end",
                "one that was ended from outside, perhaps for want of memory",
                "run again with fewer workers",
            ) from None

    return scans


def _in_order(pool: ProcessPoolExecutor, audit: Audit, workers: int) -> Iterator[Scan]:
    waiting: deque[Future[Job]] = deque()
    starts = iter(range(audit.next_tile, audit.tiles, SPAN))
    try:
        while True:
            while len(waiting) < 2 * workers and (start := next(starts, None)) is not None:
                end = min(start + SPAN, audit.tiles)
                sizes = audit.checkpoints_between(start * TILE, end * TILE)
                task = audit.task(signatures=True)
                waiting.append(pool.submit(_scan_span, audit.kit.path, start, end, task, sizes))
            if not waiting:
                return
            scans, held = waiting.popleft().result()
            take_held(held)
            # Unpacked only when its turn comes: a tile stays in the processor's cache, 24 do not.
            yield from map(pickle.loads, scans)
    finally:
        for each in waiting:
            each.cancel()


def _scan_span(path: str, start: int, end: int, task: Task, sizes: tuple[int, ...]) -> Job:
    kit = _kit_at(path)
    scans = [pickle.dumps(scan_tile(kit, number, task), -1) for number in range(start, end)]
    return scans, seals_of(kit, sizes, task.signers)


@lru_cache(1)
def _kit_at(path: str) -> Kit:
    """Open a kit once in each process: the index of a zip can be long."""
    return Kit(path)


def _stay() -> None:
    """Leave it to the first process what an interrupt means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

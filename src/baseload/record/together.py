"""Asking several servers at once, so that none holds up the others, and waiting only so long."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TypeVar

from baseload.record.errors import RecordError

T = TypeVar("T")


def each(
    asks: Mapping[str, Callable[[], T]], limit: float, late: Callable[[str, float], RecordError]
) -> dict[str, T | RecordError]:
    """Ask all at once, and wait no longer than a limit for all of them.

    Parameters
    ----------
    asks : what to call, by a name.
    limit : longest wait [s].
    late : gives the error of one that did not answer, from its name and the limit.

    Returns
    -------
    What each gave, or its error, in the order of the names.

    Notes
    -----
    A server that sends a byte now and then never runs into the limit of a socket. Its thread is
    left behind, and does not keep the program from ending.
    """
    done: queue.SimpleQueue[tuple[str, T | RecordError]] = queue.SimpleQueue()
    for name, ask in asks.items():
        threading.Thread(target=_run, args=(name, ask, done), daemon=True).start()
    found: dict[str, T | RecordError] = {}
    end = monotonic() + limit
    while len(found) < len(asks):
        try:
            name, answer = done.get(timeout=max(end - monotonic(), 0.0))
        except queue.Empty:
            break
        found[name] = answer
    return {name: found[name] if name in found else late(name, limit) for name in asks}


def _run(
    name: str, ask: Callable[[], T], done: queue.SimpleQueue[tuple[str, T | RecordError]]
) -> None:
    try:
        done.put((name, ask()))
    except RecordError as error:
        done.put((name, error))

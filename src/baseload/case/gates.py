"""Gates that must open first, and bars that forbid: pure functions of the tree."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from baseload.case.schema import Bar, Tree

Opening = Mapping[str, dt.date | None]
"""Day on which each gate opens; None for one that stays shut."""


def needed_gates(tree: Tree, needs: Iterable[str]) -> frozenset[str]:
    """Return gates with all those that must open before them."""
    needed: set[str] = set()
    waiting = list(needs)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting.extend(tree.gate[name].after)
    return frozenset(needed)


def opening_dates(
    tree: Tree, assume_open: Iterable[str] = frozenset()
) -> dict[str, dt.date | None]:
    """Return the day on which each gate opens.

    Parameters
    ----------
    tree : the case.
    assume_open : gates taken to open, and with them all that must open before.

    Notes
    -----
    A gate that is open opened on its date, or on a day up to ``case.as_of`` that does not
    matter. One that is shut opens only if it is assumed to: on its own date, or ``delay``
    after the last gate before it, whichever is later; without either on ``case.as_of``.
    """
    assumed = needed_gates(tree, assume_open)
    days: dict[str, dt.date | None] = {}

    def day(name: str) -> dt.date | None:
        if name not in days:
            gate = tree.gate[name]
            if gate.state == "open":
                days[name] = gate.date or tree.case.as_of
            elif name in assumed:
                before = [day(other) for other in gate.after]
                last = max((other for other in before if other is not None), default=None)
                earliest = _later(last or tree.case.as_of, gate.delay)
                days[name] = max(gate.date or earliest, earliest) if last else gate.date or earliest
            else:
                days[name] = None
        return days[name]

    return {name: day(name) for name in tree.gate}


def _later(day: dt.date, hours: float) -> dt.date:
    return day + dt.timedelta(days=math.ceil(round(hours / 24, 6)))


def bars_in_force(tree: Tree, day: dt.date, opening: Opening | None = None) -> tuple[str, ...]:
    """Return the ids of the bars that hold on a day.

    Parameters
    ----------
    tree : the case.
    day : local day.
    opening : when gates open; as things stand if not given.
    """
    opening = opening_dates(tree) if opening is None else opening
    return tuple(name for name in tree.bar if _holds(tree, name, day, opening))


def _holds(tree: Tree, name: str, day: dt.date, opening: Opening) -> bool:
    bar = tree.bar[name]
    if not (bar.since <= day and (bar.until is None or day < bar.until)):
        return False
    lifting = (opening[gate] for gate, entry in tree.gate.items() if name in entry.lifts)
    return not any(opened is not None and opened <= day for opened in lifting)


def barred_by(tree: Tree, mine: str, parties: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the ids of the bars that forbid a mine, or something to one of its parties.

    Their dates are not looked at: see `bars_in_force`.

    Parameters
    ----------
    tree : the case.
    mine : name of the mine; bars name it ``mine.NAME``.
    parties : parties of the arrangement; bars name them ``party.ID``.
    """
    return bars_naming(tree, (f"mine.{mine}", *(f"party.{party}" for party in parties)))


def bars_naming(tree: Tree, subjects: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the bars that forbid any of some subjects, whatever their dates.

    Parameters
    ----------
    tree : the case.
    subjects : as bars name them, ``mine.NAME`` or ``party.ID``.
    """
    named = tuple(subjects)
    return tuple(
        name for name, bar in tree.bar.items() if any(_forbids(bar, subject) for subject in named)
    )


def _forbids(bar: Bar, subject: str) -> bool:
    return _any(bar.blocks, subject) and not _any(bar.excepts, subject)


def _any(patterns: Iterable[str], subject: str) -> bool:
    return any(fnmatchcase(subject, pattern) for pattern in patterns)

"""The registers of a case as rows of tables: gates, bars, claims, proposals, assumptions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baseload.case.case import Case
from baseload.case.gates import bars_in_force, needed_gates, opening_dates
from baseload.case.schema import Status
from baseload.show.language import Language

STATUSES: tuple[Status, ...] = ("confirmed", "reported", "claimed", "assumed", "memory")


@dataclass(frozen=True)
class GateRow:
    """A gate: what must happen, whether it has, when it would, and the news that would show it."""

    title: str
    stage: str
    open: bool
    date: dt.date | None
    """Day it opened, or would open at the earliest if every gate is assumed to open."""
    probability: float
    lifts: tuple[str, ...]
    signal: str
    source: str | None
    status: str | None


@dataclass(frozen=True)
class BarRow:
    """A rule of law, and whether it is in force on the first day of the horizon."""

    name: str
    title: str
    jurisdiction: str
    since: dt.date
    until: dt.date | None
    in_force: bool
    exception: str


@dataclass(frozen=True)
class AssumptionRow:
    """One value of the case as it is written, or the three levels of an unknown."""

    path: str
    value: str
    low: str
    high: str
    status: str | None
    source: str | None
    note: str


def gate_rows(case: Case) -> list[GateRow]:
    """Return all gates in the order in which they would open."""
    tree = case.tree
    every = {name for choice in case.alternatives.values() for name in choice.needs}
    dates = opening_dates(tree, frozenset(needed_gates(tree, tuple(every))))
    rows = [
        GateRow(
            gate.title,
            gate.stage,
            gate.state == "open",
            dates[name] or gate.date,
            gate.probability,
            gate.lifts,
            gate.signal,
            gate.source,
            gate.status,
        )
        for name, gate in tree.gate.items()
    ]
    return sorted(rows, key=lambda row: row.date or dt.date.max)


def bar_rows(case: Case) -> list[BarRow]:
    """Return all bars, those in force on the first day first."""
    start = case.tree.case.start
    held = set(bars_in_force(case.tree, start))
    rows = [
        BarRow(
            name,
            bar.title,
            bar.jurisdiction,
            bar.since,
            bar.until,
            name in held,
            bar.exception,
        )
        for name, bar in case.tree.bar.items()
    ]
    return sorted(rows, key=lambda row: not row.in_force)


def assumption_rows(case: Case) -> list[AssumptionRow]:
    """Return every value that carries a source or a status, with its levels if it is unknown."""
    marks = case.provenance
    levels = {unknown.path: unknown for unknown in case.unknowns}
    rows = []
    for path, mark in marks.items():
        unknown = levels.pop(path, None)
        rows.append(
            AssumptionRow(
                path,
                _as_written(_reach(case.written.raw, path)),
                "" if unknown is None else _as_written(unknown.low),
                "" if unknown is None else _as_written(unknown.high),
                mark.status if unknown is None else unknown.status,
                mark.source if unknown is None else unknown.source or mark.source,
                (unknown.note if unknown is not None else None) or mark.note or "",
            )
        )
    rows += [
        AssumptionRow(
            path,
            _as_written(unknown.base),
            _as_written(unknown.low),
            _as_written(unknown.high),
            unknown.status,
            unknown.source,
            unknown.note or "",
        )
        for path, unknown in levels.items()
    ]
    return rows


def status_counts(rows: list[AssumptionRow]) -> dict[Status, int]:
    """Return how many values there are of each status, surest first."""
    counted = Counter(row.status for row in rows)
    return {status: counted[status] for status in STATUSES if counted[status]}


def contradicted(case: Case) -> list[tuple[str, str]]:
    """Return pairs of claims, or claim and source, that contradict each other; each once."""
    pairs = {
        tuple(sorted((name, other)))
        for name, claim in case.claims.items()
        for other in claim.contradicted_by
    }
    return sorted((first, second) for first, second in pairs)


def source_text(case: Case, name: str | None, tongue: Language) -> str:
    """Return id and place of a source, as it is shown beside a value."""
    if not name:
        return tongue.text("no source")
    source = case.sources.get(name)
    return name if source is None else f"{name}: {source.where}"


def status_word(status: str | None, tongue: Language) -> str:
    """Return the word for how sure a value is."""
    _ = tongue.text
    words = {
        "confirmed": _("confirmed"),
        "reported": _("reported"),
        "claimed": _("claimed"),
        "assumed": _("assumed"),
        "memory": _("from memory, not verified"),
    }
    return words.get(status or "", _("no status"))


def stage_word(stage: str, tongue: Language) -> str:
    """Return the word for a stage of the usual ladder; another stage keeps its own name."""
    _ = tongue.text
    words = {
        "talk": _("talk"),
        "proposal": _("proposal"),
        "agreement": _("agreement"),
        "licence": _("licence"),
        "pilot": _("pilot"),
        "build": _("build"),
        "operate": _("operate"),
    }
    return words.get(stage, stage)


def _reach(raw: Mapping[str, Any], path: str) -> object:
    place: object = raw
    for name in path.split("."):
        if not isinstance(place, Mapping) or name not in place:
            return None
        place = place[name]
    return place


def _as_written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return str(value.get("value", value.get("series", dict(value))))
    if isinstance(value, list | tuple):
        return ", ".join(map(_as_written, value))
    return str(value)

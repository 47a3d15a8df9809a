"""Gates and bars as rows of tables, and the words for stages and statuses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from baseload.case.case import Case
from baseload.case.gates import bars_in_force, needed_gates, opening_dates
from baseload.show.language import Language


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

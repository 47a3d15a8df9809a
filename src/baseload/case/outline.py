"""A case as a person would want to read it: what stands there, what is known, what is not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from baseload.case.case import Case
from baseload.case.contradictions import Contradiction, contradictions
from baseload.case.gates import bars_in_force, opening_dates
from baseload.case.knowledge import Knowledge, knowledge, said
from baseload.case.quantity import SeriesName
from baseload.case.units import format
from baseload.case.written import value_at


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of the case: its name in the tree, what it is called, and what it is."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the project stands: the stage reached, its place, and the gates."""

    reached: str
    number: int
    order: tuple[str, ...]
    gates: tuple[Row, ...]
    open: int


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar in force on the first day of the horizon, or after it."""

    name: str
    title: str
    jurisdiction: str
    since: dt.date
    until: dt.date | None
    blocks: tuple[str, ...]
    exception: str


@dataclass(frozen=True, slots=True)
class Outline:
    """Everything that ``baseload check`` prints, as data."""

    name: str
    head: str
    plant: tuple[Row, ...]
    links: tuple[Row, ...]
    uses: tuple[Row, ...]
    alternatives: tuple[Row, ...]
    knowledge: Knowledge
    stage: Stage | None
    bars: tuple[BarRow, ...]
    contradictions: tuple[Contradiction, ...]
    arrangements: tuple[Row, ...]
    precedents: tuple[Row, ...]
    series: tuple[str, ...]
    fills: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data: texts, numbers, lists and tables; dates as ISO texts."""
        plain = dataclasses.asdict(self)
        plain["knowledge"] |= {
            "by_status": self.knowledge.by_status,
            "unknowns_by_status": self.knowledge.unknowns_by_status,
        }
        data: dict[str, Any] = json.loads(json.dumps(plain, default=str))
        return data

    def as_text(self) -> str:
        """Return the outline as lines of plain text."""
        return "\n".join(_lines(self))


def outline(case: Case) -> Outline:
    """Describe a case."""
    return Outline(
        name=case.tree.case.name,
        head=f"Case '{case.tree.case.name}' · {case.clock!r}",
        plant=tuple(_plant(case)),
        links=tuple(_links(case)),
        uses=tuple(_uses(case)),
        alternatives=tuple(_alternatives(case)),
        knowledge=knowledge(case),
        stage=_stage(case),
        bars=_bars(case),
        contradictions=contradictions(case.registers),
        arrangements=tuple(_arrangements(case)),
        precedents=tuple(
            Row(name, entry.title, entry.figures) for name, entry in case.precedents.items()
        ),
        series=tuple(str(reading) for reading in case.readings),
        fills=tuple(str(reading) for reading in case.fills),
    )


# --- what stands there -----------------------------------------------------------------------


def _plant(case: Case) -> Iterator[Row]:
    plant = case.tree.plant
    net = sum(unit.gross - unit.house_load for unit in plant.unit.values())
    running = [unit for unit in plant.unit.values() if unit.state == "running"]
    made = sum(unit.gross - unit.house_load for unit in running)
    today = f"today {format(made, 'MW')}" if len(running) < len(plant.unit) else "all running"
    count = len(plant.unit)
    text = f"{count} unit{'s' * (count > 1)}, {format(net, 'MW')} net; {today}{_draw(case)}"
    yield Row("plant", plant.name, text)
    if plant.running_units_cap is not None:
        cap = plant.running_units_cap
        run = "no unit may run" if not cap else f"at most {cap} of {count} units may run"
        yield Row("plant.running_units_cap", "", run)
    for name, bus in plant.bus.items():
        units = [unit for unit, entry in plant.unit.items() if entry.bus == name]
        yield Row(
            f"plant.bus.{name}", bus.title, f"units {', '.join(units)}" if units else "no units"
        )


def _draw(case: Case) -> str:
    """Say what the units that stand still draw, with its range if it is an unknown."""
    stopped = {
        f"plant.unit.{name}.shutdown_load": unit.shutdown_load
        for name, unit in case.tree.plant.unit.items()
        if unit.state == "stopped"
    }
    if not stopped:
        return ""
    low, high = dict(stopped), dict(stopped)
    for unknown in case.unknowns:
        given = case.levels(unknown)
        for path in stopped.keys() & set(given.paths):
            low[path], high[path] = cast(float, given.low), cast(float, given.high)
    least, most = sum(low.values()), sum(high.values())
    if least < most:
        return f", draws {format(least, '1', 4)} to {format(most, 'MW', 4)}"
    return f", draws {format(most, 'MW', 4)}"


def _links(case: Case) -> Iterator[Row]:
    for name, link in case.tree.link.items():
        path = f"link.{name}"
        voltage = f"{format(link.voltage, 'kV')} " if link.voltage is not None else ""
        yield Row(
            path,
            f"{voltage}{name}",
            f"{link.bus} to {link.area}: {said(case, f'{path}.export_limit')} out, "
            f"{said(case, f'{path}.import_limit')} in ({_availability(link.availability)})",
        )


def _availability(share: float | SeriesName) -> str:
    return (
        "availability varies" if isinstance(share, SeriesName) else f"{share * 100:.0f} % available"
    )


def _uses(case: Case) -> Iterator[Row]:
    for area, entry in case.tree.area.items():
        for name, owed in entry.obligation.items():
            path = f"area.{area}.obligation.{name}"
            text = f"owed to {owed.to}: {said(case, f'{path}.power')}"
            yield Row(path, f"{name} in {entry.title or area}", text)
        if entry.market is not None:
            price = said(case, f"area.{area}.market.price")
            verb = "sells and buys" if entry.market.sells else "buys only"
            yield Row(f"area.{area}.market", f"market of {entry.title or area}", f"{verb}: {price}")
    for name, mine in case.tree.mine.items():
        efficiency = f" ({format(mine.efficiency, 'J/TH')})" if mine.efficiency else ""
        text = f"{said(case, f'mine.{name}.power')} of {mine.machine}{efficiency}"
        yield Row(f"mine.{name}", f"mine {mine.title or name}", text)
    for name, store in case.tree.storage.items():
        yield Row(f"storage.{name}", f"battery {name}", format(store.energy, "MWh"))


def _alternatives(case: Case) -> Iterator[Row]:
    for name, choice in case.alternatives.items():
        changes = ", ".join(
            f"{patch.path} = {patch.value}" for patch in case.registers.choices[name]
        )
        waits = f"; waits for {', '.join(choice.needs)}" if choice.needs else ""
        under = f"; under {choice.arrangement}" if choice.arrangement else ""
        yield Row(name, f"{name}: {choice.title}", f"{changes or 'nothing changed'}{waits}{under}")


def _arrangements(case: Case) -> Iterator[Row]:
    for name, entry in case.arrangements.items():
        shares = " : ".join(f"{party} {share:.4g}" for party, share in (entry.energy or {}).items())
        split = shares or entry.energy_rule or "energy split not said"
        yield Row(name, entry.title, f"{split}; operator {entry.operator or 'not said'}")


# --- what must happen first --------------------------------------------------------------------


def _stage(case: Case) -> Stage | None:
    stages = case.tree.stages
    if stages is None:
        return None
    gates = tuple(
        Row(name, gate.title, f"{gate.state}{f', {gate.date}' if gate.date else ''}")
        for name, gate in case.tree.gate.items()
    )
    number = stages.order.index(stages.reached) + 1
    count = sum(gate.state == "open" for gate in case.tree.gate.values())
    return Stage(stages.reached, number, stages.order, gates, count)


def _bars(case: Case) -> tuple[BarRow, ...]:
    names = bars_in_force(case.tree, case.tree.case.start, opening_dates(case.tree))
    return tuple(
        BarRow(name, bar.title, bar.jurisdiction, bar.since, bar.until, bar.blocks, bar.exception)
        for name, bar in ((name, case.tree.bar[name]) for name in names)
    )


# --- as text -----------------------------------------------------------------------------------


def brief(case: Case) -> str:
    """Return the few lines that a case prints itself as."""
    tree = case.tree
    lines = [f"Case '{tree.case.name}' · {case.clock!r}"]
    plant, *_ = _plant(case)
    lines.append(f"  plant    {plant.text}")
    if tree.link:
        lines.append(f"  links    {_listed(_short_links(case))}")
    uses = [f"{row.title}: {row.text}" for row in _uses(case) if not _is_nothing(case, row.name)]
    if uses:
        lines.append(f"  uses     {_listed(uses)}")
    stage = _stage(case)
    bars = ", ".join(row.name for row in _bars(case))
    if stage is not None:
        place = f"{stage.reached} ({stage.number} of {len(stage.order)})"
        lines.append(f"  stage    {place}{f'; barred by {bars}' if bars else ''}")
    known = knowledge(case)
    parts = ", ".join(f"{count} {status}" for status, count in known.unknowns_by_status.items())
    count = f"{known.unknown_values} of {len(known.figures)} values"
    lines.append(
        f"  unknown  {count}{f', in {len(known.unknowns)} entries: {parts}' if parts else ''}"
    )
    if case.fills:
        lines.append(f"  filled   {_listed([str(reading) for reading in case.fills])}")
    return "\n".join(lines)


def _is_nothing(case: Case, path: str) -> bool:
    """Tell whether a use is there but takes no power."""
    return bool(value_at(case.tree, f"{path}.power") == 0.0)


def _short_links(case: Case) -> list[str]:
    texts = []
    for name, link in case.tree.link.items():
        share = link.availability
        if share == 0.0 or link.export_limit == 0.0:
            continue
        texts.append(f"{name} {said(case, f'link.{name}.export_limit')} ({_availability(share)})")
    return texts


def _listed(texts: list[str], most: int = 3) -> str:
    more = f"; {len(texts) - most} more" if len(texts) > most else ""
    return "; ".join(texts[:most]) + more


def _lines(found: Outline) -> Iterator[str]:
    yield found.head
    for heading, rows in (
        ("Plant", found.plant),
        ("Links", found.links),
        ("Uses", found.uses),
        ("Alternatives", found.alternatives),
    ):
        yield from _section(heading, [f"{row.title or row.name}: {row.text}" for row in rows])
    yield from _section("What is known", _known_lines(found.knowledge))
    yield from _section("What is not known", _unknown_lines(found.knowledge))
    yield from _section("Stage", _stage_lines(found.stage))
    yield from _section("Bars in force on the first day", [_bar_line(bar) for bar in found.bars])
    yield from _section(
        "Claims that contradict each other",
        [
            f"{pair.first} {pair.says} <> {pair.second} {pair.against}"
            for pair in found.contradictions
        ],
    )
    yield from _section(
        "Arrangements", [f"{row.name} {row.title}: {row.text}" for row in found.arrangements]
    )
    yield from _section("Series", list(found.series))


def _section(heading: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield heading
        yield from (f"  {line}" for line in lines)


def _known_lines(known: Knowledge) -> list[str]:
    counts = ", ".join(f"{count} {status}" for status, count in known.by_status.items())
    lines = [f"{len(known.figures)} values: {counts}"]
    lines += [
        f"from memory: {figure.path} = {figure.value} ({figure.source or 'no source'})"
        for figure in known.from_memory
    ]
    return lines


def _unknown_lines(known: Knowledge) -> list[str]:
    counts = ", ".join(f"{count} {status}" for status, count in known.unknowns_by_status.items())
    lines = [f"{len(known.unknowns)} entries for {known.unknown_values} values: {counts}"]
    lines += [
        f"{entry.name}: {entry.low} … {entry.base} … {entry.high} "
        f"({entry.status}, {entry.source or 'no source'})"
        for entry in known.unknowns
    ]
    return lines if known.unknowns else []


def _stage_lines(stage: Stage | None) -> list[str]:
    if stage is None:
        return []
    lines = [f"{stage.reached}, {stage.number} of {len(stage.order)}: {', '.join(stage.order)}"]
    lines.append(f"{stage.open} of {len(stage.gates)} gates open")
    return lines + [f"{gate.name}: {gate.title} ({gate.text})" for gate in stage.gates]


def _bar_line(bar: BarRow) -> str:
    until = f"until {bar.until}" if bar.until else "no end stated"
    return f"{bar.name} {bar.title} ({bar.jurisdiction}; since {bar.since}, {until})"

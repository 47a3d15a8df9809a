"""Tampers with power and hashes: many seeds of a year, by the tests of the reconciliation alone.

Entries are made from daily sums, without signatures and without a log: a day is the metering
interval of these sites, and the random errors of the 96 quarters of an hour are those of a day
over the root of 96. The reconciliation cannot tell, and a year takes a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from baseload.record.example import metering, physics, scene
from baseload.record.example.metering import Measured
from baseload.record.example.physics import World
from baseload.record.example.tampers.registry import Tamper
from baseload.verify.reconciliation.collect import Collector

HORIZONS = (7, 30, 90, 182, 189, 212, 365)
"""Days after which the reconciliation is asked; what begins at mid-year begins on day 182."""

UNFED = {"T5"}
"""Tests that lack what they test: these entries keep no shares, which T5 rightly calls an alarm."""


@dataclass
class Seen:
    """How many of some seeds gave an alarm by each horizon, and which tests gave it.

    Parameters
    ----------
    seeds : number of seeds.
    by : alarms by each of `HORIZONS`.
    tests : alarms of each test at the last horizon.
    """

    seeds: int = 0
    by: list[int] = field(default_factory=lambda: [0] * len(HORIZONS))
    tests: dict[str, int] = field(default_factory=dict)

    def add(self, alarms: list[list[str]]) -> None:
        """Count one seed: the tests that gave an alarm at each horizon."""
        self.seeds += 1
        found = False
        for place, tests in enumerate(alarms):
            found = found or bool(tests)
            self.by[place] += found
        for test in alarms[-1]:
            self.tests[test] = self.tests.get(test, 0) + 1


def measured(ways: list[tuple[Tamper | None, float]], seeds: range) -> list[Seen]:
    """Return what the reconciliation sees of each tamper and size; None is an honest year."""
    found = [Seen() for _ in ways]
    for seed in seeds:
        true = physics.world(HORIZONS[-1], seed)
        for seen, (way, size) in zip(found, ways, strict=True):
            seen.add(alarms_of(*tampered(true, way, size)))
    return found


def tampered(true: World, way: Tamper | None, size: float) -> tuple[World, Measured]:
    """Return truth and measurement with what a tamper does to them; the first truth stays."""
    world = replace(true, plant=true.plant.copy(), main=true.main.copy(), racks=true.racks.copy())
    if way is not None and way.layer == "truth":
        way.act(world, size)
    said = metering.measure(world)
    if way is not None and way.layer == "measured":
        way.act(world, said, size)
    return world, said


def alarms_of(world: World, said: Measured) -> list[list[str]]:
    """Return the tests that give an alarm at each horizon."""
    collector = Collector()
    place = iter(entries(world, said))
    index = 0
    found = []
    for horizon in HORIZONS:
        end = scene.START + horizon * scene.DAY
        for entry in place:
            collector.add(index, entry)
            index += 1
            if (
                int(entry["t1"]) >= end
                and entry["schema"] == "shares.summary/1"
                and (entry["source"] == scene.POOLS[-1].source)
            ):
                break
        results = collector.results(scene.START, end)
        alarms = {str(r["test"]) for r in results if r["verdict"] == "alarm"}
        found.append(sorted(alarms - UNFED))
    return found


def entries(world: World, said: Measured) -> Iterator[dict[str, Any]]:
    """Return the entries of a record whose metering interval is a day."""
    yield _entry("plant.desk", "rule.change/1", 0, 0, {"kind": "site", "site": daily_site()})
    energy = {meter.id: _daily(said.energy[meter.id]) for meter in scene.METERS}
    factor = _daily_truth(world) / _daily(world.plant)
    for meter in scene.METERS:
        if meter.place == "plant":
            energy[meter.id] = energy[meter.id] * factor
    hashes = [_daily(row) for row in said.hashes]
    shares = {pool.id: _daily(said.accepted[pool.id]) for pool in scene.POOLS}
    refused = {pool.id: _daily(said.rejected[pool.id]) for pool in scene.POOLS}
    stale = {pool.id: _daily(said.stale[pool.id]) for pool in scene.POOLS}
    for day in range(world.days):
        for meter in scene.METERS:
            yield _reading(meter, day, float(energy[meter.id][day]))
        for number, hall in enumerate(scene.HALLS):
            yield _telemetry(hall, day, float(energy[f"rack-{number + 1}"][day]),
                             float(hashes[number][day]))  # fmt: skip
        for pool in scene.POOLS:
            counts = tuple(int(kind[pool.id][day]) for kind in (shares, refused, stale))
            yield _summary(pool, day, counts)


def daily_site() -> dict[str, Any]:
    """Return the site with days as intervals."""
    site = deepcopy(scene.site())
    site["interval_ms"] = str(scene.DAY)
    for meter in site["meters"]:
        meter["random_ppm"] = str(round(int(meter["random_ppm"]) / scene.PER_DAY**0.5))
    return site


def _daily(values: Any) -> Any:
    return np.asarray(values, dtype=float).reshape(-1, scene.PER_DAY).sum(axis=1)


def _daily_truth(world: World) -> Any:
    """Return the energy at the plant if the loss were that of the mean power of each day [Wh]."""
    taken = world.plant - world.main - physics.line_loss(world.main, world.loss_factor)
    main = _daily(world.main)
    loss = physics.line_loss(main / scene.PER_DAY, world.loss_factor) * scene.PER_DAY
    return main + loss + _daily(taken)


def _entry(source: str, schema: str, first: int, last: int, body: Any) -> dict[str, Any]:
    return {
        "schema": schema,
        "source": source,
        "seq": "0",
        "prev": "",
        "t0": str(scene.START + first * scene.DAY),
        "t1": str(scene.START + last * scene.DAY),
        "clock": "synced",
        "body": body,
    }


def _reading(meter: scene.Meter, day: int, energy: float) -> dict[str, Any]:
    body = {
        "meter": meter.id,
        "register": "import",
        "energy": str(round(energy)),
        "quality": "measured",
    }
    return _entry(meter.source, "meter.reading/1", day, day + 1, body)


def _telemetry(hall: str, day: int, energy: float, hashes: float) -> dict[str, Any]:
    body = {
        "fleet": hall,
        "energy": str(round(energy)),
        "hashes": str(int(hashes)),
        "machines": "7000",
    }
    return _entry("mine.firmware", "fleet.telemetry/1", day, day + 1, body)


def _summary(pool: scene.Pool, day: int, counts: tuple[int, ...]) -> dict[str, Any]:
    accepted, rejected, stale = counts
    body = {
        "pool": pool.id,
        "account": pool.account,
        "accepted": str(accepted),
        "rejected": str(rejected),
        "stale": str(stale),
        "work": str(accepted * scene.SHARE_DIFFICULTY),
        "work_squared": str(accepted * scene.SHARE_DIFFICULTY**2),
    }
    return _entry(pool.source, "shares.summary/1", day, day + 1, body)

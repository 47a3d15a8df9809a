"""Who and what the example is about: a mine of 100 MW beside a plant. All of it is invented.

Names stand for roles; no company, person or place is meant. Powers in W, energies in Wh, times
in Unix milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

START = 1_748_736_000_000
"""First instant of the example: 2025-06-01 00:00 UTC."""
INTERVAL = 900_000
HOUR = 3_600_000
DAY = 86_400_000
PER_HOUR = HOUR // INTERVAL
PER_DAY = DAY // INTERVAL
MAX_DAYS = 365

ORIGIN = "example.invalid/baseload-synthetic"
SYNTHETIC = "Synthetic record: every figure, header and key in it is invented."
LATENESS = HOUR

RATED = 100e6
RESOLUTION = 1000
"""Wh of one count of a meter's register."""

SCALE_BITS = 70
"""One hash that is computed for the example stands for 2**70 of the fleet's."""
RETAINED_DIFFICULTY = 1 << 41
SHARE_DIFFICULTY = 1 << 17
SUBSIDY = 312_500_000


@dataclass(frozen=True)
class Meter:
    """A meter: its id, where it is, one sigma of its errors, and the source that reads it."""

    id: str
    place: str
    random_ppm: int
    systematic_ppm: int
    source: str
    stands_for: str = ""


METERS = (
    Meter("plant-1", "plant", 500, 1000, "plant.meters"),
    Meter("plant-2", "plant", 700, 1500, "plant.meters", stands_for="plant-1"),
    Meter("main-1", "main", 500, 1000, "mine.intake"),
    Meter("main-2", "main", 700, 1500, "mine.intake", stands_for="main-1"),
    Meter("rack-1", "rack", 1000, 2000, "mine.racks"),
    Meter("rack-2", "rack", 1000, 2000, "mine.racks"),
    Meter("rack-3", "rack", 1000, 2000, "mine.racks"),
    Meter("rack-4", "rack", 1000, 2000, "mine.racks"),
    Meter("aux-1", "aux", 2000, 5000, "mine.racks"),
)
HALLS = ("hall-1", "hall-2", "hall-3", "hall-4")
HALL_SHARES = (0.28, 0.26, 0.24, 0.22)

LOSS_CONSTANT = 150_000
LOSS_PER_TERAWATT = 80
LOSS_SIGMA_PPM = 20_000
MILLIJOULE_PER_TERAHASH = 17_500
MACHINES_SIGMA_PPM = 5_000
MACHINE_WATTS = 3_500
"""Antminer S21: 200 TH/s at 17.5 J/TH (name plate, 2024)."""


@dataclass(frozen=True)
class Pool:
    """A pool account: how it pays, its part of the fleet, and what marks its shares."""

    id: str
    account: str
    method: str
    part: float
    fee_ppm: int
    script: bytes
    tag: bytes
    source: str
    pay_source: str


POOLS = (
    Pool(
        "pool-f",
        "mine.fpps",
        "fpps",
        0.85,
        20_000,
        bytes.fromhex("0014") + bytes(range(1, 21)),
        b"/example.invalid:f/",
        "pool.f",
        "pool.f.pay",
    ),
    Pool(
        "pool-t",
        "mine.tides",
        "tides",
        0.15,
        10_000,
        bytes.fromhex("0014") + bytes(range(21, 41)),
        b"/example.invalid:t/",
        "pool.t",
        "pool.t.pay",
    ),
)

PARTIES = {
    "plant": ("Plant (owner company)", ("observe", "operate", "settle", "admin")),
    "mine": ("Mine (operator)", ("observe", "operate", "settle", "admin")),
    "grid": ("Grid (offtaker and market agent)", ("observe", "operate", "settle")),
    "inspector": ("Inspector", ("observe", "inspect", "admin")),
}
QUORUM = 2
"""Administrators that must approve a change, of three."""

HEAD = "source.head/1"
DESK = ("statement/1", "access/1", "claim/1", "correction/1", "rule.change/1", HEAD)
SOURCES = {
    "plant.meters": ("plant", ("meter.reading/1", "meter.event/1", HEAD)),
    "plant.desk": ("plant", DESK),
    "mine.intake": ("mine", ("meter.reading/1", "meter.event/1", HEAD)),
    "mine.racks": ("mine", ("meter.reading/1", "meter.event/1", HEAD)),
    "mine.firmware": ("mine", ("fleet.telemetry/1", HEAD)),
    "mine.control": ("mine", ("fleet.setpoint/1", "plan.committed/1", HEAD)),
    "mine.desk": ("mine", DESK),
    "pool.f": ("mine", ("shares.summary/1", "shares.retained/1", HEAD)),
    "pool.f.pay": ("mine", ("pool.payout/1", HEAD)),
    "pool.t": ("mine", ("shares.summary/1", "shares.retained/1", HEAD)),
    "pool.t.pay": ("mine", ("pool.payout/1", HEAD)),
    "grid.desk": ("grid", ("grid.signal/1", *DESK)),
    "inspector.desk": ("inspector", DESK),
    "chain.node": ("inspector", ("chain.header/1", HEAD)),
}
WITNESSES = (
    "witness.plant.example.invalid",
    "witness.inspector.example.invalid",
    "witness.outside.example.invalid",
)
WITNESS_QUORUM = 2


def instant(interval: int) -> int:
    """Return when an interval of the example begins [ms]."""
    return START + interval * INTERVAL


def site() -> dict[str, Any]:
    """Return the site as its rule change states it."""
    return {
        "interval_ms": str(INTERVAL),
        "meters": [_meter(meter) for meter in METERS],
        "loss": {
            "constant": str(LOSS_CONSTANT),
            "per_terawatt": str(LOSS_PER_TERAWATT),
            "sigma_ppm": str(LOSS_SIGMA_PPM),
        },
        "machines": {
            "millijoule_per_terahash": str(MILLIJOULE_PER_TERAHASH),
            "sigma_ppm": str(MACHINES_SIGMA_PPM),
        },
        "pools": [_pool(pool) for pool in POOLS],
        "false_alarm_ppm": "50000",
        "scale_bits": str(SCALE_BITS),
    }


def _meter(meter: Meter) -> dict[str, str]:
    found = {
        "id": meter.id,
        "place": meter.place,
        "random_ppm": str(meter.random_ppm),
        "systematic_ppm": str(meter.systematic_ppm),
    }
    return found | ({"stands_for": meter.stands_for} if meter.stands_for else {})


def _pool(pool: Pool) -> dict[str, str]:
    return {
        "id": pool.id,
        "method": pool.method,
        "fee_ppm": str(pool.fee_ppm),
        "script": pool.script.hex(),
        "tag": pool.tag.hex(),
        "retained_difficulty": str(RETAINED_DIFFICULTY),
    }

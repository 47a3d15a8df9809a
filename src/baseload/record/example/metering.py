"""What meters, firmware and pools say of the truth, errors and all.

A meter reads ``true × (1 + systematic + random)``: the systematic part is drawn once within two
sigma of its certificate, the random one anew for each interval; its register counts whole
kilowatt-hours, so that rounding does not add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from baseload.record.example import physics, scene
from baseload.record.example.physics import World
from baseload.record.example.streams import Floats, Integers, stream

REJECTED, STALE = 0.0004, 0.0009
"""Parts of all shares that a pool refuses, or that come too late."""


@dataclass
class Measured:
    """What is said, by interval.

    Parameters
    ----------
    energy : Wh of each meter by its id.
    start : register of each meter at the start [Wh].
    hashes : hashes of each hall by the firmware, as floats (exact to 2**-53).
    machines : machines that hash, each hall.
    accepted, rejected, stale : shares of each pool's account.
    """

    energy: dict[str, Integers]
    start: dict[str, int]
    hashes: Floats
    machines: Integers
    accepted: dict[str, Integers]
    rejected: dict[str, Integers]
    stale: dict[str, Integers]


def systematic(seed: int, meter: scene.Meter) -> float:
    """Return the constant error of a meter, as a part of what it reads."""
    rng = stream(seed, f"systematic {meter.id}")
    return physics.bounded(rng) * meter.systematic_ppm * 1e-6


def true_energy(world: World, meter: scene.Meter) -> Floats:
    """Return what a perfect meter would read [Wh]."""
    if meter.place == "rack":
        return np.asarray(world.racks[int(meter.id[-1]) - 1])
    return {"plant": world.plant, "main": world.main, "aux": world.aux}[meter.place]


def measure(world: World) -> Measured:
    """Return what all instruments say of a world."""
    energy, start = {}, {}
    for meter in scene.METERS:
        rng = stream(world.seed, f"random {meter.id}")
        start[meter.id] = int(rng.integers(1_000, 90_000_000)) * scene.RESOLUTION
        error = systematic(world.seed, meter) + rng.standard_normal(world.intervals) * (
            meter.random_ppm * 1e-6
        )
        energy[meter.id] = counted(true_energy(world, meter) * (1.0 + error))
    machines = physics.rounded(world.racks / physics.HOURS / scene.MACHINE_WATTS)
    shares = [_shares(world, pool) for pool in scene.POOLS]
    ids = [pool.id for pool in scene.POOLS]
    accepted, rejected, stale = (
        dict(zip(ids, kind, strict=True)) for kind in zip(*shares, strict=True)
    )
    return Measured(energy, start, world.hashes.copy(), machines, accepted, rejected, stale)


def counted(energy: Floats) -> Integers:
    """Return energies as a register of whole counts gives them [Wh]."""
    register = np.floor(np.cumsum(energy) / scene.RESOLUTION).astype(np.int64)
    return np.diff(register, prepend=0) * scene.RESOLUTION


def _shares(world: World, pool: scene.Pool) -> tuple[Integers, Integers, Integers]:
    rng = stream(world.seed, f"shares {pool.id}")
    hashes = world.hashes.sum(axis=0) * pool.part
    expected = hashes / physics.difficulty_hashes(scene.SHARE_DIFFICULTY)
    return (
        rng.poisson(expected * (1.0 - REJECTED - STALE)),
        rng.poisson(expected * REJECTED),
        rng.poisson(expected * STALE),
    )

"""Tampers with power, meters and hashes: the signatures hold, the physics does not."""

from __future__ import annotations

import numpy as np

from baseload.record.example import physics, scene
from baseload.record.example.metering import Measured
from baseload.record.example.physics import World
from baseload.record.example.streams import Floats, stream
from baseload.record.example.tampers.registry import from_middle, tamper


def _running(world: World, power: float) -> Floats:
    """Return the energy of a load of some power [Wh], no more than a third of what runs."""
    return np.minimum(power * physics.HOURS, world.main / 3.0)


@tamper("constant-skim", "truth", size=4e6, unit="W", tests=("T1",))
def constant_skim(world: World, size: float) -> None:
    """Someone at the plant taps the line before the mine's intake from the first day on.

    The hope is that a constant error passes as the calibration of the meters. Only the bounds of
    the certificates can show it.
    """
    world.plant += _running(world, size)


@tamper("skim-from-midyear", "truth", size=2e6, unit="W", tests=("T1",))
def skim_from_midyear(world: World, size: float) -> None:
    """Someone at the plant taps the line from the middle of the record on.

    The hope is that it drowns in the random errors; a change against the first half shows it.
    """
    half = from_middle(world.intervals)
    world.plant[half] += _running(world, size)[half]


@tamper("slow-ramp", "truth", size=4e6, unit="W at the end", tests=("T1",))
def slow_ramp(world: World, size: float) -> None:
    """Someone taps the line, a little more every day, up to the size at the end.

    The hope is that no day differs from the one before.
    """
    world.plant += _running(world, size) * np.linspace(0.0, 1.0, world.intervals)


@tamper("stolen-hours", "truth", size=20e6, unit="W in one hour a day", tests=("T1",))
def stolen_hours(world: World, size: float) -> None:
    """Someone taps much power, but only for one hour a day, at another time each day.

    The hope is that a daily balance dilutes it.
    """
    rng = stream(world.seed, "stolen hours")
    for day in range(world.days):
        start = day * scene.PER_DAY + int(rng.integers(0, 24)) * scene.PER_HOUR
        hour = slice(start, start + scene.PER_HOUR)
        world.plant[hour] += _running(world, size)[hour]


@tamper("hidden-load", "truth", size=3e6, unit="W", tests=("T2",))
def hidden_load(world: World, size: float) -> None:
    """The mine's operator feeds machines of his own behind the main intake, past the racks.

    The hope is that it passes as cooling. Main intake and the sum of racks and aux differ.
    """
    extra = _running(world, size)
    world.plant += physics.line_loss(world.main + extra, world.loss_factor) - physics.line_loss(
        world.main, world.loss_factor
    )
    world.main += extra
    world.plant += extra


@tamper("ct-multiplier", "measured", size=0.03, unit="of the reading", tests=("T1", "T2"))
def ct_multiplier(world: World, measured: Measured, size: float) -> None:
    """A current transformer at the main intake is exchanged for one of another ratio.

    The mine pays for less than it gets. Plant, check meter and racks disagree with it at once.
    """
    half = from_middle(world.intervals)
    _scale(measured, "main-1", half, 1.0 - size)


@tamper("both-intake-meters", "measured", size=0.03, unit="of the reading", tests=("T1", "T2"))
def both_intake_meters(world: World, measured: Measured, size: float) -> None:
    """The operator sets back both meters of the main intake, main and check, alike.

    The hope is that two that agree are believed. Plant and racks stand on either side.
    """
    for meter in ("main-1", "main-2"):
        _scale(measured, meter, from_middle(world.intervals), 1.0 - size)


@tamper("all-meters-low", "measured", size=0.05, unit="of the reading", tests=("T3",))
def all_meters_low(world: World, measured: Measured, size: float) -> None:
    """Plant and mine agree to let every meter read low, so that less energy is taxed.

    All energies agree with each other; hashes and coins would need better machines than exist.
    """
    for meter in scene.METERS:
        _scale(measured, meter.id, slice(None), 1.0 - size)


@tamper("swapped-meters", "measured", tests=("T1",))
def swapped_meters(world: World, measured: Measured, size: float) -> None:
    """The readings of the plant's meters and of the main intake's are exchanged.

    A mistake of wiring, or an attempt to charge the losses of the line to the other side.
    """
    energy = measured.energy
    for one, other in (("plant-1", "main-1"), ("plant-2", "main-2")):
        energy[one], energy[other] = energy[other], energy[one]


@tamper("opposite-shift", "measured", size=0.02, unit="of rack-1")
def opposite_shift(world: World, measured: Measured, size: float) -> None:
    """The operator moves energy from one hall's meter to another's; their sum stays.

    The hope is to charge one tenant for another. No balance of sums can see it.
    """
    moved = physics.rounded(measured.energy["rack-1"] * size / scene.RESOLUTION) * scene.RESOLUTION
    measured.energy["rack-1"] = measured.energy["rack-1"] - moved
    measured.energy["rack-2"] = measured.energy["rack-2"] + moved


@tamper("stuck-meter", "measured", size=1.0, unit="day", tests=("T1", "T2", "T8"))
def stuck_meter(world: World, measured: Measured, size: float) -> None:
    """The meter of the main intake repeats its last value for a day: a failure, or a magnet."""
    start = world.intervals // 2
    stop = start + int(size * scene.PER_DAY)
    measured.energy["main-1"][start:stop] = measured.energy["main-1"][start] // 2000 * 1000


@tamper("kilowatt-hours", "measured", size=1.0, unit="day", tests=("T1", "T2", "T8"))
def kilowatt_hours(world: World, measured: Measured, size: float) -> None:
    """A new reader writes kilowatt-hours where watt-hours are meant, for a day: a mistake."""
    start = world.intervals // 2
    day = slice(start, start + int(size * scene.PER_DAY))
    measured.energy["main-1"][day] //= 1000


@tamper("hash-without-power", "measured", size=0.04, unit="of the hashes", tests=("T3",))
def hash_without_power(world: World, measured: Measured, size: float) -> None:
    """The operator hides machines that feed from elsewhere, and lets the counters show them.

    Hashes and shares are real, the energy for them is in no meter: it was taken unmetered, or
    the hashes were bought.
    """
    measured.hashes *= 1.0 + size
    _scale_shares(measured, 1.0 + size)


@tamper("rented-hashrate", "measured", size=0.01, unit="of the hashes", tests=("T4",))
def rented_hashrate(world: World, measured: Measured, size: float) -> None:
    """The operator rents hashrate from others to fill an account that was emptied elsewhere.

    Shares come that no counter of the fleet has worked for.
    """
    _scale_shares(measured, 1.0 + size)


@tamper("diverted-shares", "measured", size=0.01, unit="of the shares", tests=("T4",))
def diverted_shares(world: World, measured: Measured, size: float) -> None:
    """Someone with access to the machines points a part of them at an account of his own.

    The firmware counts the work, the site's accounts never see the shares.
    """
    _scale_shares(measured, 1.0 - size)


@tamper("diverted-hashes", "measured", size=0.04, unit="of the hashes", tests=("T3",))
def diverted_hashes(world: World, measured: Measured, size: float) -> None:
    """The same, by a firmware that does not count what it works for others.

    Counters and shares agree; energy is used that no hash explains.
    """
    measured.hashes *= 1.0 - size
    diverted_shares(world, measured, size)


@tamper("firmware-counter-reset", "measured", size=0.25, unit="day", tests=("T3", "T4", "T8"))
def firmware_counter_reset(world: World, measured: Measured, size: float) -> None:
    """The firmware of one hall restarts, and what it counted for hours is gone.

    A failure, or a way to hide what a hall worked for.
    """
    start = world.intervals // 2
    measured.hashes[0, start : start + max(1, int(size * scene.PER_DAY))] = 0.0


def _scale(measured: Measured, meter: str, where: slice, factor: float) -> None:
    energy = measured.energy[meter]
    energy[where] = physics.rounded(energy[where] * factor / scene.RESOLUTION) * scene.RESOLUTION


def _scale_shares(measured: Measured, factor: float) -> None:
    for pool, accepted in measured.accepted.items():
        measured.accepted[pool] = physics.rounded(accepted.astype(np.float64) * factor)

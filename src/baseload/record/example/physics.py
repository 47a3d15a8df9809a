"""What truly happens in the example, before anybody measures or writes it.

All series have one value for each interval of 15 minutes. The chain of power is
plant → line with losses → main intake → racks and auxiliaries; of work, racks → hashes → shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from baseload.record.example import scene
from baseload.record.example.streams import Floats, Integers, autoregressive, stream

HOURS = 1.0 / scene.PER_HOUR
"""Length of an interval [h]."""
REFUELLING = (240, 275)
"""Days of the refuelling outage, when only a neighbouring unit feeds the mine."""
JOULE_PER_WATT_HOUR = 3600.0


@dataclass
class Order:
    """A limit that somebody with authority gives the mine.

    Parameters
    ----------
    given, start, end : intervals: when it is logged, from when and until when it holds.
    power : limit [W].
    by, reason : party, and a reason of ``fleet.setpoint/1``.
    """

    given: int
    start: int
    end: int
    power: float
    by: str
    reason: str


@dataclass
class World:
    """The truth: energies in Wh an interval, hashes, temperature in degrees Celsius.

    Parameters
    ----------
    days, seed : length and seed.
    temperature, surplus : weather; power that the plant can spare [W].
    plan : power by interval as committed the day before [W].
    orders : limits below the plan.
    racks : energy of each hall, (4, intervals).
    aux, main, plant : energies of auxiliaries, at the main intake and at the plant's feeder.
    efficiency : joule per terahash of each hall.
    hashes : hashes of each hall, (4, intervals).
    """

    days: int
    seed: int
    temperature: Floats
    surplus: Floats
    plan: Floats
    orders: list[Order]
    racks: Floats
    aux: Floats
    main: Floats
    plant: Floats
    efficiency: Floats
    hashes: Floats
    loss_factor: float = 1.0

    @property
    def intervals(self) -> int:
        """Return how many intervals there are."""
        return int(self.main.size)


def world(days: int, seed: int) -> World:
    """Return what happens on the given days."""
    count = days * scene.PER_DAY
    hours = np.arange(count, dtype=np.float64) * HOURS
    temperature = _temperature(hours, seed)
    surplus = _surplus(hours, seed)
    plan = _plan(surplus, temperature)
    orders = _orders(plan, days, seed)
    racks, aux = _consumption(plan, orders, temperature, seed)
    main = racks.sum(axis=0) + aux
    rng = stream(seed, "line and machines")
    loss_factor = 1.0 + bounded(rng) * scene.LOSS_SIGMA_PPM * 1e-6
    efficiency = _efficiency(rng)
    return World(
        days,
        seed,
        temperature,
        surplus,
        plan,
        orders,
        racks,
        aux,
        main,
        main + line_loss(main, loss_factor),
        efficiency,
        racks * (JOULE_PER_WATT_HOUR * 1e12) / efficiency[:, None],
        loss_factor,
    )


def line_loss(main: Floats, factor: float = 1.0) -> Floats:
    """Return the energy lost between plant and main intake [Wh] by the site's loss model.

    Parameters
    ----------
    main : energy at the main intake in an interval [Wh].
    factor : what the true loss is of the model's.
    """
    power = main / HOURS
    loss = scene.LOSS_CONSTANT + scene.LOSS_PER_TERAWATT * power**2 / 1e12
    return np.asarray(loss * HOURS * factor)


def difficulty_hashes(work: float) -> float:
    """Return the expected hashes of an amount of difficulty: 2**48 / 65535 each."""
    return work * 2.0**48 / 65535.0


def bounded(rng: np.random.Generator) -> float:
    """Return a standard normal number within the two sigma that a certificate vouches for."""
    while abs(value := float(rng.standard_normal())) > 2.0:
        pass
    return value


def _temperature(hours: Floats, seed: int) -> Floats:
    day_of_year = hours / 24.0 + 151.0
    season = -10.0 * np.cos(2 * np.pi * (day_of_year - 20.0) / 365.25)
    day = -4.0 * np.cos(2 * np.pi * (hours % 24.0 - 4.0) / 24.0)
    weather = autoregressive(stream(seed, "weather"), hours.size, 0.995, 3.0)
    return np.asarray(11.0 + season + day + weather)


def _surplus(hours: Floats, seed: int) -> Floats:
    day_of_year = hours / 24.0 + 151.0
    season = 30e6 * np.cos(2 * np.pi * (day_of_year - 200.0) / 365.25)
    evening = -18e6 * np.exp(-(((hours % 24.0) - 19.0) ** 2) / 6.0)
    noise = autoregressive(stream(seed, "surplus"), hours.size, 0.98, 12e6)
    surplus = 118e6 + season + evening + noise
    day = hours / 24.0
    refuelling = (day >= REFUELLING[0]) & (day < REFUELLING[1])
    return np.clip(np.where(refuelling, 0.25 * surplus, surplus), 8e6, None)


def _plan(surplus: Floats, temperature: Floats) -> Floats:
    """Return whole half megawatts by the hour: the least surplus in it, less on hot afternoons."""
    least = surplus.reshape(-1, scene.PER_HOUR).min(axis=1)
    hottest = temperature.reshape(-1, scene.PER_HOUR).max(axis=1)
    derated = scene.RATED * (1.0 - 0.01 * np.clip(hottest - 28.0, 0.0, 20.0))
    hourly = np.floor(np.minimum(least, derated) / 5e5) * 5e5
    return np.repeat(hourly, scene.PER_HOUR)


def _orders(plan: Floats, days: int, seed: int) -> list[Order]:
    """Return about four limits a week, most by the grid, each with half an hour of notice."""
    rng = stream(seed, "orders")
    orders: list[Order] = []
    free = 2
    for day in range(days):
        if rng.random() > 0.6:
            continue
        start = day * scene.PER_DAY + int(rng.integers(24, 84))
        end = start + int(rng.integers(4, 17))
        by, reason = ("grid", "limit") if rng.random() < 0.75 else ("plant", "obligation")
        power = float(rng.integers(4, 15)) * 5e6
        if start - 2 >= free and end < plan.size and power < plan[start]:
            orders.append(Order(start - 2, start, end, power, by, reason))
            free = end + 2
    return orders


def _consumption(
    plan: Floats, orders: list[Order], temperature: Floats, seed: int
) -> tuple[Floats, Floats]:
    """Return energies of the halls and of the auxiliaries [Wh] that follow plan and orders."""
    rng = stream(seed, "halls")
    wanted = plan.copy()
    for order in orders:
        wanted[order.start : order.end] = np.minimum(wanted[order.start : order.end], order.power)
    # Machines that are down, and the lag of a fleet behind its orders.
    ready = np.clip(0.992 + autoregressive(rng, plan.size, 0.99, 0.004), 0.95, 1.0)
    intake = wanted * ready
    aux = np.minimum(1.2e6 + 0.03 * intake * (1.0 + 0.01 * (temperature - 15.0)), 0.5 * intake)
    shares = np.array(scene.HALL_SHARES)[:, None] * np.exp(
        np.stack([autoregressive(rng, plan.size, 0.999, 0.01) for _ in scene.HALLS])
    )
    racks = (intake - aux) * shares / shares.sum(axis=0)
    return racks * HOURS, aux * HOURS


def _efficiency(rng: np.random.Generator) -> Floats:
    """Return joule per terahash of each hall: one common error within sigma, and a small own."""
    nominal = scene.MILLIJOULE_PER_TERAHASH / 1000.0
    common = bounded(rng) * scene.MACHINES_SIGMA_PPM * 1e-6
    own = np.array([bounded(rng) for _ in scene.HALLS]) * 5e-4
    return np.asarray(nominal * (1.0 + common + own))


def rounded(values: Floats) -> Integers:
    """Return whole numbers, nearest."""
    return np.rint(values).astype(np.int64)

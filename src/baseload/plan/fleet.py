"""A mine's machines over the horizon: how much they may draw and what they earn with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin.conditions import altitude_derate, inlet_derate
from baseload.bitcoin.machines import Machine, find, segments
from baseload.bitcoin.pools import SCHEMES
from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.case.schema import Mine
from baseload.plan.earnings import HOURS_PER_YEAR, Earnings
from baseload.plan.world import Setting

Floats = NDArray[np.float64]

CURVE_SEGMENTS = 4
"""Pieces into which a machine's power/hash curve is cut."""


@dataclass(frozen=True)
class Piece:
    """A segment of the power/hash curve: its part of the power, and hashes it gives."""

    power_share: float
    ths_per_mw: float


@dataclass(frozen=True)
class Fleet:
    """The machines of one mine; all arrays have shape (T,).

    Attributes
    ----------
    name : the mine.
    installed : power at the meter of what is built and allowed to run [MW].
    power : of that, what works on average in the heat and height of the place [MW].
    segments : pieces of the power/hash curve, best first.
    age_factor : energy per hash compared with a new machine [-].
    hashprice : as this fleet is paid, before the pool's fee [USD/PH/day].
    price : price of a bitcoin [USD/BTC].
    """

    name: str
    installed: Floats
    power: Floats
    segments: tuple[Piece, ...]
    age_factor: Floats
    hashprice: Floats
    price: Floats

    def hashrate(self, segment: int) -> Floats:
        """Hashrate of one megawatt at the meter [TH/s/MW]."""
        return self.segments[segment].ths_per_mw / self.age_factor

    def revenue(self, segment: int) -> Floats:
        """Worth of the coins of one megawatt-hour at the meter, before the fee [USD/MWh]."""
        return self.hashrate(segment) * self.hashprice / (1000.0 * 24.0)

    def coins(self, segment: int) -> Floats:
        """Coins of one megawatt-hour at the meter, before the fee [BTC/MWh]."""
        return self.revenue(segment) / self.price

    def cut(self, stretch: slice) -> Fleet:
        """Return the fleet over a stretch of steps."""
        arrays = ("installed", "power", "age_factor", "hashprice", "price")
        return replace(self, **{name: getattr(self, name)[stretch] for name in arrays})

    @property
    def installed_ths_per_mw(self) -> float:
        """Hashrate of the machines, new and at full load [TH/s/MW]."""
        return sum(piece.power_share * piece.ths_per_mw for piece in self.segments)


def fleets(setting: Setting, market: Earnings, dilution: Floats) -> dict[str, Fleet]:
    """Fleets of all mines that run at some time.

    Parameters
    ----------
    setting : an alternative in a world.
    market : what a hash earns when only the others mine.
    dilution : what own hashes leave of the hashprice, shape (T,) [-].
    """
    built = {}
    for name in setting.tree.mine:
        installed = setting.over("mine", name, "power") * setting.mine_running(name)
        if installed.any():
            built[name] = _fleet(setting, name, installed, market, dilution)
    return built


def _fleet(
    setting: Setting, name: str, installed: Floats, market: Earnings, dilution: Floats
) -> Fleet:
    mine = setting.tree.mine[name]
    hashprice = market.hashprice * dilution
    if not SCHEMES[mine.pool.scheme].pays_fees:
        hashprice = hashprice * market.subsidy_part
    uptime = setting.over("mine", name, "uptime")
    return Fleet(
        name=name,
        installed=installed,
        power=installed * uptime * _derate(setting, name),
        segments=pieces(mine, name, machine_of(setting.case, name)),
        age_factor=_age_factor(setting, mine, installed),
        hashprice=hashprice,
        price=market.price,
    )


def machine_of(case: Case, name: str) -> Machine:
    """Return the machine of a mine.

    Raises
    ------
    baseload.case.errors.InputError
        If there is none of that name; says where it is written.
    """
    model = case.tree.mine[name].machine
    try:
        return find(model)
    except InputError as error:
        where = case.written.where(f"mine.{name}.machine", model)
        raise InputError(
            where, expected=error.expected, found=error.found, mend=error.mend
        ) from None


def pieces(mine: Mine, name: str, machine: Machine) -> tuple[Piece, ...]:
    """Cut the power/hash curve of a mine's machine, best first.

    Raises
    ------
    baseload.case.errors.InputError
        Where part load counts and was not measured.
    """
    rated = machine.nameplate_jth
    efficiency = rated if mine.efficiency is None else mine.efficiency
    if mine.curve == "flat":
        return (Piece(1.0, 1e6 / (efficiency * mine.pue)),)
    if machine.curve is None:
        raise InputError(
            f"mine.{name}.curve",
            expected="'flat', as no part load of this machine was measured",
            found=f"'{mine.curve}' with machine \"{mine.machine}\"",
            mend='choose a machine with a measured curve, or write curve = "flat"',
        )
    cut = segments(machine, CURVE_SEGMENTS, pue=mine.pue)
    # The draw of machines asleep counts with their first hashes, so that at full load the mine
    # draws its power and makes its hashes.
    awake = sum(piece.power_fraction for piece in cut)
    better = awake * rated / efficiency
    return tuple(Piece(piece.power_fraction / awake, piece.ths_per_mw * better) for piece in cut)


def _derate(setting: Setting, name: str) -> Floats:
    """Share of the power that air-cooled machines can draw where they stand."""
    mine = setting.tree.mine[name]
    if mine.cooling != "air":
        return np.ones(setting.steps)
    height = altitude_derate(mine.altitude)
    if mine.inlet_temperature is None:
        return np.full(setting.steps, float(height))
    return np.asarray(height * inlet_derate(setting.over("mine", name, "inlet_temperature")))


def _age_factor(setting: Setting, mine: Mine, installed: Floats) -> Floats:
    """Growth of energy per hash since the machines were new; replacement makes them new."""
    first = int(np.argmax(installed > 0.0))
    hours = np.maximum(0.0, (np.arange(setting.steps) - first) * setting.case.clock.step)
    return np.asarray((1.0 + mine.ageing) ** (np.mod(hours, mine.life) / HOURS_PER_YEAR))

"""The machines that can be bought: hashrate, power, cooling, and what each earns.

The table is ``machines.csv`` beside this module: facts from name plates and public reviews,
one source per row. Release dates are approximate.
"""

from __future__ import annotations

import csv
import difflib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, TypedDict, cast

from baseload.bitcoin import curves
from baseload.bitcoin.conditions import PUE, Cooling
from baseload.bitcoin.curves import CURVES, Curve, Segment
from baseload.bitcoin.revenue import hashprice, value_of_energy
from baseload.case.errors import InputError

_BRANDS: Final = ("antminer", "whatsminer", "avalonminer", "avalon", "teraflux", "sealminer")
_MAKERS: Final = ("bitmain", "microbt", "canaan", "bitdeer", "auradine")


@dataclass(frozen=True)
class Machine:
    """A model of miner, as its name plate has it.

    Parameters
    ----------
    name, maker : what it is called and who makes it.
    hashrate_ths : hashrate at 25 °C [TH/s].
    power_w : power at the wall [W].
    nameplate_jth : energy per hash as the maker states it, rounded [J/TH].
    cooling : ``air``, ``hydro`` or ``immersion``.
    released : year and, where known, month of first delivery, approximate.
    hashrate_tolerance, power_tolerance : what the maker allows for, where known [-].
    curve : name of its measured part load, where there is one.
    source : where the figures come from.
    confidence : ``high`` or ``medium``.
    """

    name: str
    maker: str
    hashrate_ths: float
    power_w: float
    nameplate_jth: float
    cooling: Cooling
    released: str
    hashrate_tolerance: float | None
    power_tolerance: float | None
    curve: str | None
    source: str
    confidence: str

    @property
    def efficiency_jth(self) -> float:
        """Energy per hash [J/TH]."""
        return self.power_w / self.hashrate_ths

    @property
    def pue(self) -> float:
        """Usual energy at the meter per energy at the machine, by its cooling [-]."""
        return PUE[self.cooling].base

    def __str__(self) -> str:
        """Say what it is, with units."""
        return (
            f"{self.name}: {self.hashrate_ths:g} TH/s, {self.power_w:,.0f} W, "
            f"{self.nameplate_jth:g} J/TH, {self.cooling}, {self.released}"
        )


@cache
def machines() -> tuple[Machine, ...]:
    """List all machines, by maker and date.

    Returns
    -------
    The rows of ``machines.csv``.
    """
    text = files("baseload.bitcoin").joinpath("machines.csv").read_text(encoding="utf-8")
    return tuple(_machine(row) for row in csv.DictReader(text.splitlines()))


def _machine(row: dict[str, str]) -> Machine:
    return Machine(
        name=row["name"],
        maker=row["maker"],
        hashrate_ths=float(row["hashrate_ths"]),
        power_w=float(row["power_w"]),
        nameplate_jth=float(row["nameplate_jth"]),
        cooling=cast(Cooling, row["cooling"]),
        released=row["released"],
        hashrate_tolerance=_share(row["hashrate_tolerance_pct"]),
        power_tolerance=_share(row["power_tolerance_pct"]),
        curve=row["curve"] or None,
        source=row["source"],
        confidence=row["confidence"],
    )


def _share(percent: str) -> float | None:
    return float(percent) / 100 if percent else None


def find(name: str) -> Machine:
    """Find a machine by its name.

    Parameters
    ----------
    name : name in any case; maker, brand, spaces and a rating such as ``(200T)`` may be
        there or not, as long as one machine answers to it.

    Returns
    -------
    The machine.

    Raises
    ------
    InputError
        No machine has this name, or several have it. The error proposes the nearest.

    Examples
    --------
    >>> find("s21 xp").efficiency_jth
    13.5
    """
    found = _by_key().get(_key(name), [])
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"machine {name!r}",
            expected="the name of one machine",
            found=f"one that {len(found)} machines have",
            mend="did you mean " + " or ".join(f'"{machine.name}"' for machine in found) + "?",
        )
    raise InputError(
        f"machine {name!r}",
        expected=f"one of the {len(machines())} machines of the table",
        found="a name that none of them has",
        mend=_proposal(name),
    )


def _key(name: str) -> str:
    """Reduce a name to what tells machines apart."""
    words = re.sub(r"[()\s_/-]+", " ", name.lower()).split()
    kept = [word for word in words if word not in _BRANDS + _MAKERS]
    return "".join(kept).replace("th", "t")


@cache
def _by_key() -> dict[str, list[Machine]]:
    index: dict[str, list[Machine]] = {}
    for machine in machines():
        bare = _key(machine.name)
        rating = f"{machine.hashrate_ths:g}t"
        for key in {bare, bare.removesuffix(rating), bare.removesuffix(rating) + rating}:
            index.setdefault(key, []).append(machine)
    return index


def _proposal(name: str) -> str:
    near = difflib.get_close_matches(_key(name), list(_by_key()), n=3, cutoff=0.5)
    names = dict.fromkeys(machine.name for key in near for machine in _by_key()[key])
    if not names:
        return "list them with: baseload machines"
    return "did you mean " + " or ".join(f'"{each}"' for each in names) + "?"


def segments(
    machine: Machine,
    n: int = 4,
    *,
    curve: Curve | None = None,
    top: float = 1.0,
    sleep_w: float = curves.SLEEP_W,
    pue: float = 1.0,
) -> list[Segment]:
    """Cut the power of a fleet of one machine into segments of falling worth.

    Parameters
    ----------
    machine : the machine.
    n : pieces into which a fitted curve is cut above its best point [-].
    curve : part load to take in place of its own, as an assumption. A machine without a
        measured curve is on or asleep, which is one segment.
    top : hash fraction up to which it may be driven [-].
    sleep_w : power of the sleeping machine [W].
    pue : energy at the meter of the mine per energy at the machine [-].

    Returns
    -------
    Segments in the order in which they are filled, see
    :func:`baseload.bitcoin.curves.concave_segments`. Energy in a segment is worth
    hashprice / (0.024 * J/TH) [USD/MWh].
    """
    own = CURVES[machine.curve] if machine.curve else None
    return curves.concave_segments(
        machine.hashrate_ths,
        machine.power_w,
        curve or own,
        n,
        top=top,
        sleep_w=sleep_w,
        pue=pue,
    )


def minimum_load(machine: Machine, curve: Curve | None = None) -> tuple[float, float]:
    """Give the smallest operating point of one machine.

    Parameters
    ----------
    machine : the machine.
    curve : part load to take in place of its own, as an assumption.

    Returns
    -------
    Power and hashrate there, as fractions of the default [-]; both 1 where no part load
    was measured. A fleet goes below it by putting machines to sleep.
    """
    held = curve or (CURVES[machine.curve] if machine.curve else None)
    return (1.0, 1.0) if held is None else (held.power(held.lowest), held.lowest)


def sleep_fraction(machine: Machine, sleep_w: float = curves.SLEEP_W) -> float:
    """Give the part of its power that a fleet draws asleep [-].

    Parameters
    ----------
    machine : the machine.
    sleep_w : power of the sleeping machine [W].

    Returns
    -------
    Power asleep over default power [-].
    """
    return sleep_w / machine.power_w


class MachineRow(TypedDict):
    """A row of the table of machines; units are in the names."""

    name: str
    maker: str
    hashrate_ths: float
    power_w: float
    efficiency_jth: float
    cooling: str
    released: str
    curve: str | None
    source: str
    confidence: str


class RevenueRow(TypedDict):
    """What one machine earns; units are in the names."""

    name: str
    efficiency_jth: float
    cooling: str
    hashprice_usd_per_ph_day: float
    usd_per_mwh: float
    usd_per_day: float


def machine_table() -> list[MachineRow]:
    """Give the table of machines as plain rows, the most efficient first.

    Returns
    -------
    One row per machine.
    """
    return [
        MachineRow(
            name=machine.name,
            maker=machine.maker,
            hashrate_ths=machine.hashrate_ths,
            power_w=machine.power_w,
            efficiency_jth=machine.nameplate_jth,
            cooling=machine.cooling,
            released=machine.released,
            curve=machine.curve,
            source=machine.source,
            confidence=machine.confidence,
        )
        for machine in _ranked()
    ]


def _ranked() -> list[Machine]:
    return sorted(machines(), key=lambda machine: (machine.nameplate_jth, machine.name))


def machine_revenue(
    difficulty: float, price: float, fee_share: float = 0.0, subsidy: float = 3.125
) -> list[RevenueRow]:
    """Give what each machine earns, the most efficient first.

    Parameters
    ----------
    difficulty : network difficulty [-].
    price : price of a bitcoin [USD/BTC].
    fee_share : mean fees of a block as a share of its subsidy [-].
    subsidy : block subsidy [BTC].

    Returns
    -------
    One row per machine: hashprice [USD/PH/day], the worth of energy at the machine
    [USD/MWh] and revenue [USD/day], before pool fee and cooling.

    Raises
    ------
    InputError
        Difficulty is not positive, or another value is negative, or one is not finite.
    """
    _check_market(difficulty, price, fee_share, subsidy)
    earned = hashprice(difficulty, subsidy, subsidy * fee_share, price)
    return [
        RevenueRow(
            name=machine.name,
            efficiency_jth=machine.nameplate_jth,
            cooling=machine.cooling,
            hashprice_usd_per_ph_day=earned,
            usd_per_mwh=value_of_energy(earned, machine.efficiency_jth),
            usd_per_day=earned * machine.hashrate_ths / 1000,
        )
        for machine in _ranked()
    ]


def _check_market(difficulty: float, price: float, fee_share: float, subsidy: float) -> None:
    values = {"price": price, "fee_share": fee_share, "subsidy": subsidy}
    if not 0 < difficulty < float("inf"):
        raise InputError(
            "difficulty",
            expected="a positive, finite number",
            found=f"{difficulty}",
            mend="give the network difficulty, for example 1.25e14",
        )
    for name, value in values.items():
        if not 0 <= value < float("inf"):
            raise InputError(
                name,
                expected="a finite number from 0 upwards",
                found=f"{value}",
                mend="check the value and its unit",
            )

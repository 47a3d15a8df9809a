"""Part load: how hashrate follows power, and the concave segments a dispatch can fill.

A machine that runs slower needs less energy per hash, down to the point where what it
draws in any case weighs more. A fleet holds its best value for any power by running
machines between that best point and full load, and by putting machines to sleep below it:
the concave envelope over the sleeping machine and its curve. Its pieces are the segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from baseload.bitcoin.revenue import MWH_PER_JTH
from baseload.case.errors import InputError

SLEEP_W: Final = 25.0
"""Power of a sleeping machine [W]: LuxOS, "~25 W" (vendor's claim, hashrateindex.com, "How
LuxOS Powers Down Fast"); fans left on by hand draw more."""


class Curve(Protocol):
    """Power over hashrate, both as a fraction of what the machine does by default."""

    @property
    def lowest(self) -> float:
        """Smallest hash fraction that was measured [-]."""
        ...

    @property
    def highest(self) -> float:
        """Largest hash fraction that was measured [-]."""
        ...

    def power(self, hash_fraction: float) -> float:
        """Give the power fraction at a hash fraction [-]."""
        ...

    def nodes(self, n: int, top: float, sleep: float) -> NDArray[np.float64]:
        """List the hash fractions between which the curve is taken as straight [-]."""
        ...


@dataclass(frozen=True)
class QuadraticCurve:
    """A fitted curve w = a + b h + c h^2.

    Parameters
    ----------
    name : the key by which a machine names it.
    coefficients : a, b, c [-].
    lowest, highest : hash fractions between which the fit was made [-].
    source : where it comes from.
    """

    name: str
    coefficients: tuple[float, float, float]
    lowest: float
    highest: float
    source: str

    def power(self, hash_fraction: float) -> float:
        """Give the power fraction at a hash fraction.

        Parameters
        ----------
        hash_fraction : hashrate over the default hashrate [-].

        Returns
        -------
        Power over the default power [-].

        Raises
        ------
        InputError
            The fraction lies outside the range of the fit.
        """
        _check_range(self, self.name, hash_fraction)
        a, b, c = self.coefficients
        return a + b * hash_fraction + c * hash_fraction**2

    def nodes(self, n: int, top: float, sleep: float) -> NDArray[np.float64]:
        """Cut the curve at n + 1 evenly spaced hash fractions up to a top.

        The cuts begin where energy per hash beyond that of sleep is least, at
        h = sqrt((a - sleep) / c): a fleet never runs below it, since some machines asleep
        and the others there take less power.
        """
        a, _, c = self.coefficients
        best = min(max((max(a - sleep, 0.0) / c) ** 0.5, self.lowest), top)
        return np.linspace(best, top, n + 1)


@dataclass(frozen=True)
class TableCurve:
    """A curve of measured points, straight in between.

    Parameters
    ----------
    name : the key by which a machine names it.
    hash_fractions, power_fractions : the points, rising [-].
    source : where it comes from.
    """

    name: str
    hash_fractions: tuple[float, ...]
    power_fractions: tuple[float, ...]
    source: str

    @property
    def lowest(self) -> float:
        """Smallest hash fraction of the table [-]."""
        return self.hash_fractions[0]

    @property
    def highest(self) -> float:
        """Largest hash fraction of the table [-]."""
        return self.hash_fractions[-1]

    def power(self, hash_fraction: float) -> float:
        """Give the power fraction at a hash fraction, straight between the points.

        Parameters
        ----------
        hash_fraction : hashrate over the default hashrate [-].

        Returns
        -------
        Power over the default power [-].

        Raises
        ------
        InputError
            The fraction lies outside the table.
        """
        _check_range(self, self.name, hash_fraction)
        return float(np.interp(hash_fraction, self.hash_fractions, self.power_fractions))

    def nodes(self, n: int, top: float, sleep: float) -> NDArray[np.float64]:
        """List the points of the table up to a top; ``n`` and ``sleep`` do not move them."""
        points = np.asarray(self.hash_fractions)
        return np.append(points[points < top], top)


def _check_range(curve: Curve, name: str, hash_fraction: float) -> None:
    if not curve.lowest <= hash_fraction <= curve.highest:
        raise InputError(
            f"curve {name}",
            expected=f"a hash fraction from {curve.lowest:g} to {curve.highest:g}, as measured",
            found=f"{hash_fraction:g}",
            mend="stay inside the measured range, or put machines to sleep",
        )


S19K_PRO: Final = QuadraticCurve(
    "luxos-s19k-pro",
    (0.0718, 0.5168, 0.4114),
    0.32,
    1.34,
    "least squares on the 25 LuxOS profiles of an Antminer S19k Pro, 39.2 TH/s at 784 W to "
    "163.1 TH/s at 4,195 W (asic-rs test fixture, Apache-2.0); error at most 0.06 %",
)

# The preset of 142 TH/s lies next to the machine's default of 143 TH/s and is the unit here.
S19_XP: Final = TableCurve(
    "epic-s19-xp",
    tuple(ths / 142.0 for ths in (80.0, 100.0, 120.0, 142.0, 154.0, 169.0)),
    tuple(watts / 3350.0 for watts in (1700.0, 2200.0, 2700.0, 3350.0, 3850.0, 4400.0)),
    "tune presets of an Antminer S19 XP under ePIC PowerPlay (asic-rs test fixture, Apache-2.0)",
)

CURVES: Final[dict[str, Curve]] = {S19K_PRO.name: S19K_PRO, S19_XP.name: S19_XP}


class Segment(NamedTuple):
    """A piece of a fleet's power, filled in the order of the list.

    Parameters
    ----------
    power_fraction : its part of the fleet's full power [-].
    ths_per_mw : hashrate that each megawatt of it adds [TH/s/MW].
    """

    power_fraction: float
    ths_per_mw: float

    @property
    def jth(self) -> float:
        """Marginal energy per hash [J/TH]."""
        return 1e6 / self.ths_per_mw

    def value(self, hashprice: float) -> float:
        """Give the worth of energy in this piece [USD/MWh], from USD/PH/day."""
        return hashprice / (MWH_PER_JTH * self.jth)


def concave_segments(
    hashrate_ths: float,
    power_w: float,
    curve: Curve | None,
    n: int = 4,
    *,
    top: float = 1.0,
    sleep_w: float = SLEEP_W,
    pue: float = 1.0,
) -> list[Segment]:
    """Cut the power of a fleet of one machine into segments of falling worth.

    Parameters
    ----------
    hashrate_ths, power_w : what the machine does by default [TH/s], [W].
    curve : its measured part load; without one it is either on or asleep.
    n : pieces into which a fitted curve is cut above its best point [-]. A straight piece
        lies below the curve, so that few pieces err on the safe side.
    top : hash fraction up to which the machine may be driven [-].
    sleep_w : power of the sleeping machine [W].
    pue : energy at the meter of the mine per energy at the machine [-].

    Returns
    -------
    Segments with rising J/TH. Their power fractions, of the machine's default power, add
    up to the power at ``top`` less that of sleep, which the fleet draws in any case unless
    a breaker opens.

    Raises
    ------
    InputError
        ``n`` is below 1, ``top`` lies outside the curve, or the machine has no curve and
        ``top`` is not 1, or sleep takes as much power as work.
    """
    hashes, powers = _points(power_w, curve, n, top, sleep_w)
    kept = _envelope(powers, hashes)
    width = np.diff(powers[kept])
    slope = np.diff(hashes[kept]) / width
    per_mw = hashrate_ths / (power_w * pue / 1e6)
    return [Segment(float(w), float(s * per_mw)) for w, s in zip(width, slope, strict=True)]


def _points(
    power_w: float, curve: Curve | None, n: int, top: float, sleep_w: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """List the sleeping machine and the points of its curve as hash and power fractions."""
    if n < 1:
        raise InputError(
            "n", expected="at least one segment", found=f"{n}", mend="ask for 1 or more"
        )
    sleep = sleep_w / power_w
    if curve is None:
        if top != 1.0:
            raise InputError(
                "top",
                expected="1, as no part load of this machine was measured",
                found=f"{top:g}",
                mend="name a curve, for example S19K_PRO as an assumption",
            )
        hashes, powers = np.array([0.0, 1.0]), np.array([sleep, 1.0])
    else:
        curve.power(top)
        nodes = curve.nodes(n, top, sleep)
        hashes = np.concatenate(([0.0], nodes))
        powers = np.array([sleep] + [curve.power(float(node)) for node in nodes])
    if not 0 <= sleep < powers[1]:
        raise InputError(
            "sleep_w",
            expected=f"from 0 to below the least power at work, {powers[1] * power_w:g} W",
            found=f"{sleep_w:g} W",
            mend="give the power of one sleeping machine in watts",
        )
    return hashes, powers


def _envelope(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[int]:
    """Find the points of the upper concave envelope, from left to right."""
    kept: list[int] = []
    for i in range(x.size):
        while len(kept) >= 2:
            a, b = kept[-2], kept[-1]
            if (y[b] - y[a]) * (x[i] - x[a]) > (y[i] - y[a]) * (x[b] - x[a]):
                break
            kept.pop()
        kept.append(i)
    return kept

"""An alternative run through the horizon: every section dispatched, own hashes in the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseload.plan.busbar import Busbar, cut, lay_out
from baseload.plan.dispatch.result import Dispatch
from baseload.plan.dispatch.solve import solve
from baseload.plan.earnings import Earnings, earnings
from baseload.plan.fleet import Fleet, fleets
from baseload.plan.plant import PlantState, plant_state
from baseload.plan.world import Setting

Floats = NDArray[np.float64]

SETTLED = 1e-6
"""Change of the hashprice between two rounds below which the network has settled [-]."""
MOST_ROUNDS = 30


@dataclass(frozen=True)
class Operation:
    """How an alternative runs: sections, their dispatch, fleets and the market they meet.

    Attributes
    ----------
    plant, market, fleets : over the whole horizon.
    stretch : the steps that are dispatched.
    sections, dispatches : busbar sections over the stretch.
    unsettled : change of the hashprice in the last round [-]; 0 where own hashes do not count.
    """

    setting: Setting
    plant: PlantState
    market: Earnings
    fleets: Mapping[str, Fleet]
    stretch: slice
    sections: tuple[Busbar, ...]
    dispatches: tuple[Dispatch, ...]
    unsettled: float

    @property
    def own_hashrate(self) -> Floats:
        """Hashrate of all own fleets over the stretch [TH/s]."""
        return _own_hashrate(self.sections, self.dispatches)

    @property
    def network_share(self) -> Floats:
        """Own part of all hashes over the stretch [-]; 0 where no network is given."""
        own = self.own_hashrate
        if self.market.network is None:
            return np.zeros_like(own)
        given = self.market.network[self.stretch]
        # A network that does not respond is the whole network, own hashes included.
        responds = self.setting.tree.bitcoin.network_response
        return np.asarray(own / (given + own) if responds else own / np.maximum(given, own))


def run(setting: Setting, *, mines: bool = True, stretch: slice | None = None) -> Operation:
    """Dispatch every busbar section of a setting.

    Parameters
    ----------
    setting : an alternative in a world.
    mines : False leaves all mines out: the same world without them.
    stretch : steps to dispatch; the whole horizon if not given.

    Notes
    -----
    Own hashes lower the hashprice by ``others / (others + own)``, month by month. Dispatch and
    hashprice are repeated in turn until they agree; a lower hashprice never adds hours of
    mining, so the two close in on each other.
    """
    steps = stretch or slice(0, setting.steps)
    plant, market = plant_state(setting), earnings(setting)
    dilution = np.ones(setting.steps)
    for round_ in range(MOST_ROUNDS):
        own = fleets(setting, market, dilution) if mines else {}
        sections = tuple(
            cut(lay_out(setting, bus, plant, own), steps) for bus in setting.tree.plant.bus
        )
        dispatches = tuple(solve(section.problem) for section in sections)
        settled = _dilution(setting, market, steps, _own_hashrate(sections, dispatches))
        change = float(np.abs(settled - dilution).max())
        if change < SETTLED:
            break
        # After a few rounds only half a step, lest hours at the margin swing to and fro.
        dilution = settled if round_ < 3 else (dilution + settled) / 2.0
    return Operation(setting, plant, market, own, steps, sections, dispatches, change)


def _own_hashrate(sections: tuple[Busbar, ...], dispatches: tuple[Dispatch, ...]) -> Floats:
    total = np.zeros(sections[0].problem.steps)
    for section, dispatch in zip(sections, dispatches, strict=True):
        for use, power in zip(section.uses, dispatch.delivered, strict=True):
            if use.fleet is not None:
                total += power * (1.0 - use.loss) * use.fleet.hashrate(use.segment)
    return total


def _dilution(setting: Setting, market: Earnings, stretch: slice, own: Floats) -> Floats:
    """What own hashes leave of the hashprice, by the mean of each month, shape (T,)."""
    left = np.ones(setting.steps)
    if market.network is None or not setting.tree.bitcoin.network_response:
        return left
    month = setting.case.clock.month[stretch]
    month = month - month[0]
    count = np.bincount(month)
    mean = np.bincount(month, own) / count
    others = np.bincount(month, market.network[stretch]) / count
    left[stretch] = (others / (others + mean))[month]
    return left

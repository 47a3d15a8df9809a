"""An alternative run through the horizon: every section dispatched, own hashes in the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.plan.busbar import Busbar, cut, lay_out
from baseload.plan.dispatch.infeasible import InfeasibleError
from baseload.plan.dispatch.result import Dispatch
from baseload.plan.dispatch.solve import solve
from baseload.plan.earnings import Earnings, earnings
from baseload.plan.fleet import Fleet, fleets
from baseload.plan.plant import PlantState, plant_state
from baseload.plan.world import Setting

Floats = NDArray[np.float64]

SETTLED = 1e-4
"""Width to which the hashprice of each month is closed in, relative to the undiluted one [-]."""


@dataclass(frozen=True)
class Search:
    """How hard to look for the best dispatch of a section.

    Attributes
    ----------
    gap : relative distance from the bound that is good enough [-].
    time_limit : longest search [s]; when it ends the best schedule so far is taken.
    """

    gap: float = 1e-6
    time_limit: float = np.inf


THOROUGH = Search()


@dataclass(frozen=True)
class Operation:
    """How an alternative runs: sections, their dispatch, fleets and the market they meet.

    Attributes
    ----------
    plant, market, fleets : over the whole horizon.
    stretch : the steps that are dispatched.
    sections, dispatches : busbar sections over the stretch.
    dilution : what own hashes leave of the hashprice, over the whole horizon [-].
    unsettled : width within which the hashprice is known [-]; 0 where own hashes do not count.
    """

    setting: Setting
    plant: PlantState
    market: Earnings
    fleets: Mapping[str, Fleet]
    stretch: slice
    sections: tuple[Busbar, ...]
    dispatches: tuple[Dispatch, ...]
    dilution: Floats
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


def run(
    setting: Setting,
    *,
    mines: bool = True,
    stretch: slice | None = None,
    like: Operation | None = None,
    hashprice_factor: float = 1.0,
    search: Search = THOROUGH,
) -> Operation:
    """Dispatch every busbar section of a setting.

    Parameters
    ----------
    setting : an alternative in a world.
    mines : False leaves all mines out: the same world without them.
    stretch : steps to dispatch; the whole horizon if not given.
    like : an operation that is much the same: its dilution is tried first, and where a section
        comes out the same to the last bit its dispatch is taken over.
    hashprice_factor : multiplies the price of a bitcoin, and with it the hashprice [-].
    search : how hard to look for the best dispatch.

    Raises
    ------
    baseload.case.errors.InputError
        Where no schedule keeps all limits: which of them conflict, when, and by how much each
        would have to give.

    Notes
    -----
    Own hashes lower the hashprice by ``others / (others + own)``, month by month, and a lower
    hashprice never adds hours of mining. So what own hashes leave, as a function of what they
    were paid by, falls, and has one fixed point. The second round tries what the first left,
    which settles every month whose hours of mining stay the same; the others are closed in by
    halving, all at once, to `SETTLED`. Every round dispatches the sections anew that have a mine.
    """
    steps = stretch or slice(0, setting.steps)
    plant = like.plant if like and _same_plant(like.setting, setting) else plant_state(setting)
    market = earnings(setting, hashprice_factor)
    low, high = np.zeros(setting.steps), np.ones(setting.steps)
    guess = high if like is None else like.dilution
    sections = () if like is None else like.sections
    dispatches = () if like is None else like.dispatches
    for round_ in count():
        own = fleets(setting, market, guess) if mines else {}
        sections, dispatches = _dispatched(setting, plant, own, steps, search, sections, dispatches)
        left = _dilution(setting, market, steps, _own_hashrate(sections, dispatches))
        low = np.where(left >= guess, guess, np.maximum(low, left))
        high = np.where(left <= guess, guess, np.minimum(high, left))
        # Where a guess reproduces itself, low and high are both the guess.
        width = float((high - low)[steps].max())
        if width <= SETTLED:
            break
        closer = left if round_ == 0 else (low + high) / 2.0
        guess = np.where(high - low <= SETTLED, guess, closer)
    return Operation(setting, plant, market, own, steps, sections, dispatches, guess, width)


def _dispatched(
    setting: Setting,
    plant: PlantState,
    own: Mapping[str, Fleet],
    steps: slice,
    search: Search,
    before: tuple[Busbar, ...],
    known: tuple[Dispatch, ...],
) -> tuple[tuple[Busbar, ...], tuple[Dispatch, ...]]:
    """Lay out all sections and dispatch those that are not the same as before."""
    sections, dispatches = [], []
    earlier = {section.name: place for place, section in enumerate(before)}
    for bus in _in_use(setting, plant):
        section = cut(lay_out(setting, bus, plant, own), steps)
        place = earlier.get(bus)
        sections.append(section)
        if place is not None and _same(before[place].problem, section.problem):
            dispatches.append(known[place])
        else:
            dispatches.append(_solved(setting, section, steps, search))
    return tuple(sections), tuple(dispatches)


def _solved(setting: Setting, section: Busbar, steps: slice, search: Search) -> Dispatch:
    try:
        return solve(section.problem, gap=search.gap, time_limit=search.time_limit)
    except InfeasibleError as error:
        local = setting.case.clock.local[steps]
        gives = [
            f"{give.limit}, {len(give.steps)} steps from {local[give.steps[0]]} to "
            f"{local[give.steps[-1]]}: up to {max(give.amounts):,.3f} {give.unit}"
            for give in error.report.gives
        ]
        raise InputError(
            f"alternative '{setting.name}', plant.bus.{section.name}",
            expected="limits that some schedule can keep",
            found="limits that conflict; together these would have to give (local time):\n    "
            + "\n    ".join(gives),
            mend="ease one of them, for example by a shortfall price, a longer ramp or a higher "
            "budget",
        ) from None


def _same_plant(one: Setting, other: Setting) -> bool:
    """Whether the units of two settings are in the same state throughout."""
    restart = one.tree.plant.restart
    returns = restart is None or one.opening.get(restart.gate) == other.opening.get(restart.gate)
    plants = [[(stretch, tree.plant) for stretch, tree in each.segments] for each in (one, other)]
    return returns and plants[0] == plants[1] and one.case.clock == other.case.clock


def _same(one: Any, other: Any) -> bool:
    """Compare two problems, or parts of them, to the last bit."""
    if isinstance(one, np.ndarray):
        return bool(one.shape == other.shape) and one.tobytes() == other.tobytes()
    if is_dataclass(one):
        return all(_same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other)


def _in_use(setting: Setting, plant: PlantState) -> list[str]:
    """Sections that anything stands on, in the order of the case."""
    tree = setting.tree
    busy = {
        *plant.bus.values(),
        *(tree.mine[name].bus for name in setting.mines),
        *(store.bus for store in tree.storage.values()),
        *(
            name
            for name in tree.plant.bus
            if setting.over("plant", "bus", name, "house_load").any()
        ),
    }
    return [name for name in tree.plant.bus if name in busy]


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

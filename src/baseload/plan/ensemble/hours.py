"""A future of one alternative from its first step to its last, compiled.

One pass through time. Every step is filled in merit order, which is exact where steps do not
depend on each other; what a hash earns on a day follows the difficulty to which the network,
own hashes in it, has come by then.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.ensemble.arrays import (
    AVAILABLE,
    GIVEN,
    SINCE,
    Bytes,
    Integers,
    Network,
    Now,
    Plan,
    Sums,
    Tally,
    Time,
    World,
)
from baseload.plan.ensemble.booking import book, book_slopes
from baseload.plan.ensemble.network import close_day
from baseload.plan.ensemble.present import set_grid, set_mines, set_plant, set_uses
from baseload.plan.ensemble.steps import run_steps
from baseload.plan.ensemble.structure import Structure


@compiled(inner=True, error_model="numpy")
def new_now(s: Structure) -> Now:
    """Return an empty present."""
    buses, areas, mines = s.bus_at.shape[0], s.area_at.shape[0], s.mine_at.shape[0]
    return Now(
        np.zeros((buses, 6)),
        np.zeros((buses, max(1, s.unit_bus.shape[0]), 4)),
        np.zeros(buses, np.int64),
        np.zeros((areas, 4)),
        np.zeros((buses, areas)),
        np.zeros((mines, 8)),
        np.full(mines, -1),
        np.zeros((s.use_kind.shape[0], 6)),
        np.ones(mines),
    )


@compiled(inner=True, error_model="numpy")
def new_tally(s: Structure) -> Tally:
    """Return sums of zero."""
    buses, areas, mines = s.bus_at.shape[0], s.area_at.shape[0], s.mine_at.shape[0]
    return Tally(
        np.zeros((s.use_kind.shape[0], 3)),
        np.zeros((buses, max(1, s.unit_bus.shape[0]))),
        np.zeros(buses),
        np.zeros((areas, 2)),
        np.zeros(5),
        np.zeros(mines),
        np.zeros((mines, 3)),
        np.zeros(mines),
    )


@compiled(inner=True, error_model="numpy")
def new_network(world: World, mines: int, slopes: int) -> Network:
    """Return a network that no own hashes have reached yet."""
    copies = 1 + mines if slopes == 1 else 1
    states = np.zeros((copies, world.state.shape[0]))
    states[:] = world.state
    own, window, pay = np.zeros(copies), np.zeros(copies), np.zeros(copies)
    return Network(states, own, window, pay, np.full(3, -1.0))


@compiled(error_model="numpy")
def run_hours(s: Structure, time: Time, world: World, plan: Plan, out: Sums) -> None:
    """Run an alternative through a future and add up what it comes to."""
    mines, steps = s.mine_at.shape[0], time.month.shape[0]
    now, tally = new_now(s), new_tally(s)
    network = new_network(world, mines, plan.slopes)
    order, got = np.arange(s.use_kind.shape[0]), np.zeros(s.use_kind.shape[0])
    room = np.zeros(s.area_at.shape[0])
    mode = plan.mode if plan.responds == 1 else GIVEN
    # Not literals, for which the compiler would make versions of their own.
    g, owing, t = np.int64(-1), np.int64(0), plan.start[0]
    while t < steps:
        if g < 0 or t == plan.start[g + 1]:
            g += 1
        set_grid(s, world, plan, g, t, now)
        set_plant(s, world, plan, g, t, now)
        for b in range(s.bus_at.shape[0]):
            if now.bus[b, AVAILABLE] > 0.0:
                owing = 1
        if mines > 0:
            set_mines(s, world, plan, g, t, time.step, now)
        set_uses(s, world, plan, g, t, time.step, owing, now)
        end = next_change(time.month, world.grid_changed, plan.unit_changed, plan.varying[g],
                          plan.start[g + 1], t)  # fmt: skip
        run_steps(s, time, world, mode, network, now, tally, t, end, order, room, got,
                  plan.slopes, out)  # fmt: skip
        book(s, now, tally, time.month[t], out)
        if plan.slopes == 1:
            book_slopes(s, now, tally, time.month[t], out)
        t = end
    if mines > 0:
        close_day(
            mode, network, world.coin[time.day[steps - 1]],
            (steps - network.today[SINCE]) * time.step, time.month[steps - 1], s.use_kind,
            s.use_of, tally.use, now.mine, now.paid, tally.hashes, tally.slope_hashes, out.mine,
            out.coins, out.network_share, out.slope_mine,
        )  # fmt: skip


@compiled(inner=True, error_model="numpy")
def next_change(
    month: Integers, grid_changed: Bytes, unit_changed: Bytes, varying: int, stop: int, t: int
) -> int:
    """First step after `t` in which anything but market prices and pay may change.

    A new month counts: sums are kept by month, and machines grow older.
    """
    end, now = t + 1, month[t]
    if varying == 1:
        return end
    while end < stop and month[end] == now:
        if unit_changed[end] == 1 or grid_changed[end] == 1:
            break
        end += 1
    return end

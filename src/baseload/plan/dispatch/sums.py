"""Compiled sums of the merit order over scenarios; see `ensemble` for what they mean.

Most steps are easy: nothing worth feeding is left out, so no order is needed and whole blocks
of steps are handled in lanes. Only the other steps are filled use by use.
"""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.dispatch.problem import Array, Booleans, Integers

BLOCK = 512
"""Steps handled at once: few enough to stay in the first cache."""

SUMS = {"reassoc", "nsz"}
"""Lets the compiler add in lanes; the order of sums is fixed in the compiled code."""


@compiled()
def value_block(
    begin: int,
    drivers: Array,
    driver: Integers,
    slope: Array,
    offset: Array,
    constant: Array,
    worth: Array,
) -> None:
    """Write what each use of the block from step `begin` is worth; see `sum_scenarios`."""
    for k in range(worth.shape[0]):
        if driver[k] >= 0:
            line = drivers[driver[k], begin : begin + BLOCK]
            for i in range(line.shape[0]):
                worth[k, i] = slope[k] * line[i] + offset[k]
        else:
            for i in range(worth.shape[1]):
                worth[k, i] = constant[k, i]


@compiled(fastmath=SUMS)
def screen(
    worth: Array,
    capacity: Array,
    must_run: Array,
    quantity: Array,
    cost: Array,
    floor: float,
    below: Booleans,
    limit: Array,
    demand: Array,
    easy: Booleans,
) -> None:
    """Find the steps of a block in which no use competes with another.

    Where everything worth more than the dearest supply fits into supply and limits, and no
    other use could take what is left, each use takes all or nothing: no order is needed.

    Parameters
    ----------
    worth : shape (K, B) [USD/MWh].
    capacity : shape (K, B) [MW].
    quantity, cost : supply beyond what must run, cheapest first, shape (J, B).
    below : which uses lie below each node, shape (N, K).
    demand : what is worth more than the dearest supply, shape (B,); out [MW].
    easy : shape (B,); out.
    """
    block, top = demand.shape[0], cost.shape[0] - 1
    middle = np.zeros(block, np.bool_)
    demand[:] = 0.0
    for k in range(worth.shape[0]):
        for i in range(block):
            high = worth[k, i] > cost[top, i]
            demand[i] += capacity[k, i] if high else 0.0
            middle[i] |= (not high) & (worth[k, i] >= floor)
    for i in range(block):
        cheap = must_run[i]
        for j in range(top):
            cheap += quantity[j, i]
        fits = demand[i] <= cheap + quantity[top, i]
        free = (not middle[i]) | (demand[i] >= cheap)
        easy[i] = fits & free & (cost[0, i] >= floor)
    load = np.empty(block)
    for n in range(below.shape[0]):
        load[:] = 0.0
        for k in range(worth.shape[0]):
            if below[n, k]:
                for i in range(block):
                    high = worth[k, i] > cost[top, i]
                    load[i] += capacity[k, i] if high else 0.0
        for i in range(block):
            easy[i] &= load[i] <= limit[n, i]


@compiled(fastmath=SUMS)
def take_easy(
    worth: Array,
    capacity: Array,
    must_run: Array,
    quantity: Array,
    cost: Array,
    curtailment_cost: float,
    demand: Array,
    easy: Booleans,
    energy: Array,
) -> tuple[float, float, float]:
    """Add up the easy steps of a block; return income, output and what is curtailed."""
    block, top = demand.shape[0], cost.shape[0] - 1
    income, output, lost = 0.0, 0.0, 0.0
    for k in range(worth.shape[0]):
        amount, money = 0.0, 0.0
        for i in range(block):
            high = easy[i] & (worth[k, i] > cost[top, i])
            part = capacity[k, i] if high else 0.0
            amount += part
            money += part * worth[k, i]
        energy[k] += amount
        income += money
    for j in range(top + 1):
        for i in range(block):
            want = demand[i] - must_run[i]
            for cheaper in range(j):
                want -= quantity[cheaper, i]
            part = min(max(want, 0.0), quantity[j, i]) if easy[i] else 0.0
            output += part
            income -= part * cost[j, i]
    for i in range(block):
        lost += max(must_run[i] - demand[i], 0.0) if easy[i] else 0.0
    if lost > 0.0:
        income -= lost * curtailment_cost
    return income, output, lost


@compiled()
def take_hard(
    worth: Array,
    capacity: Array,
    must_run: Array,
    quantity: Array,
    cost: Array,
    curtailment_cost: float,
    node: Integers,
    parent: Integers,
    limit: Array,
    easy: Booleans,
    energy: Array,
) -> tuple[float, float, float]:
    """Fill the other steps of a block in merit order; see `take_easy` for what comes back."""
    n_uses, n_supplies = worth.shape[0], cost.shape[0]
    room, order = np.empty(parent.shape[0]), np.arange(n_uses)
    income, output, lost = 0.0, 0.0, 0.0
    for i in range(easy.shape[0]):
        if easy[i]:
            continue
        for p in range(1, n_uses):
            item = order[p]
            q = p
            while q > 0 and worth[order[q - 1], i] < worth[item, i]:
                order[q] = order[q - 1]
                q -= 1
            order[q] = item
        for n in range(room.shape[0]):
            room[n] = limit[n, i]
        left, j, have = must_run[i], 0, quantity[0, i]
        for place in range(n_uses + 1):
            # After the last use comes curtailing, which takes whatever is cheaper still.
            k = order[place] if place < n_uses else -1
            value = -curtailment_cost if k < 0 else worth[k, i]
            if k >= 0 and value < -curtailment_cost:
                continue
            want = np.inf if k < 0 else capacity[k, i]
            n = node[k] if k >= 0 else -1
            while n >= 0:
                want = min(want, room[n])
                n = parent[n]
            got = min(left, want)
            left -= got
            while got < want and j < n_supplies and cost[j, i] < value:
                part = min(have, want - got)
                got += part
                have -= part
                output += part
                income -= part * cost[j, i]
                if have <= 0.0:
                    j += 1
                    have = quantity[j, i] if j < n_supplies else 0.0
            if k < 0:
                lost += got
                income += got * value if got > 0.0 else 0.0
                break
            energy[k] += got
            income += got * value
            n = node[k]
            while n >= 0:
                room[n] -= got
                n = parent[n]
    return income, output, lost


@compiled()
def sum_scenarios(
    first: int,
    last: int,
    drivers: Array,
    driver: Integers,
    slope: Array,
    offset: Array,
    constant: Array,
    capacity: Array,
    must_run: Array,
    quantity: Array,
    cost: Array,
    curtailment_cost: float,
    node: Integers,
    parent: Integers,
    limit: Array,
    below: Booleans,
    income: Array,
    energy: Array,
    output: Array,
    lost: Array,
) -> None:
    """Sum scenarios `first` to `last`, block of steps by block of steps.

    Parameters
    ----------
    drivers : shape (S, D, T).
    driver, slope, offset : uses, shape (K,).
    constant, capacity, quantity, cost, limit : shared by all scenarios, shape (blocks, items,
        BLOCK); `constant` is the worth of the uses without a driver. `must_run` likewise,
        shape (blocks, BLOCK).
    income, energy, output, lost : sums of USD/h and MW, shapes (S,), (S, K), (S,), (S,); out.
        Income leaves out what does not depend on the future.
    """
    worth, demand = np.zeros((node.shape[0], BLOCK)), np.empty(BLOCK)
    easy = np.empty(BLOCK, np.bool_)
    # Blocks outside, scenarios inside: what the scenarios share stays in the cache.
    for b in range(must_run.shape[0]):
        for s in range(first, last):
            value_block(b * BLOCK, drivers[s], driver, slope, offset, constant[b], worth)
            screen(
                worth, capacity[b], must_run[b], quantity[b], cost[b], -curtailment_cost, below,
                limit[b], demand, easy,
            )  # fmt: skip
            one = take_easy(
                worth, capacity[b], must_run[b], quantity[b], cost[b], curtailment_cost, demand,
                easy, energy[s],
            )  # fmt: skip
            two = take_hard(
                worth, capacity[b], must_run[b], quantity[b], cost[b], curtailment_cost, node,
                parent, limit[b], easy, energy[s],
            )  # fmt: skip
            income[s] += one[0] + two[0]
            output[s] += one[1] + two[1]
            lost[s] += one[2] + two[2]


def in_blocks(values: Array) -> Array:
    """Return shape (items, T) as (blocks, items, BLOCK), the last block filled up with zeros."""
    items, steps = values.shape
    count = -(-steps // BLOCK)
    padded = np.zeros((items, count * BLOCK))
    padded[:, :steps] = values
    return np.ascontiguousarray(padded.reshape(items, count, BLOCK).transpose(1, 0, 2))

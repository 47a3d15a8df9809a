"""What energy on the busbar is worth under a path of the plant's output, and what imports bring."""

from __future__ import annotations

import numpy as np

from baseload.compiled import compiled
from baseload.plan.dispatch.problem import Array, Booleans, Integers
from baseload.plan.dispatch.ramp import SLACK_MW, demand_row


@compiled()
def import_income(
    capacity: Array,
    price: Array,
    order: Integers,
    worth: Array,
    must_serve: Booleans,
    use_order: Integers,
    reach: Array,
    money: Array,
) -> None:
    """Write what imports bring while the plant feeds no must-serve load, shape (T,) [USD/h]."""
    for t in range(worth.shape[0] if order.shape[1] else 0):
        at, have, money[t] = 0, 0.0, 0.0
        for place in range(use_order.shape[1]):
            k = use_order[t, place]
            want = reach[t, k]
            while must_serve[k] and want > 0.0:
                while have <= 0.0 and at < order.shape[1]:
                    have = capacity[t, order[t, at]]
                    at += 1
                if have <= 0.0 or price[t, order[t, at - 1]] >= worth[t, k]:
                    break
                part = min(have, want)
                money[t] += part * (worth[t, k] - price[t, order[t, at - 1]])
                have -= part
                want -= part


@compiled()
def energy_price(
    total: Array,
    must_run: Array,
    quantity: Array,
    cost: Array,
    supply_order: Integers,
    capacity_import: Array,
    price_import: Array,
    import_order: Integers,
    worth: Array,
    must_serve: Booleans,
    use_order: Integers,
    reach: Array,
    floor: float,
    margin: Array,
    price: Array,
) -> None:
    """Write the worth of one more MWh on the busbar in each step, shape (T,) [USD/MWh].

    It is the marginal cost of the plant's output plus ``margin``, as far as what the uses
    would give for more and for less allows.
    """
    most = 2 * use_order.shape[1] + import_order.shape[1] + 1
    length, value = np.empty(most), np.empty(most)
    for t in range(total.shape[0]):
        parts = demand_row(
            t, capacity_import, price_import, import_order, worth, must_serve, use_order, reach,
            length, value,
        )  # fmt: skip
        at, left, right = 0.0, np.inf, floor
        for i in range(parts):
            if value[i] < floor:
                break
            if total[t] < at + SLACK_MW:
                right = value[i]
                break
            at += length[i]
            left = value[i]
            if total[t] < at - SLACK_MW:
                right = left
                break
        if right == floor and total[t] > at + SLACK_MW:
            left = floor
        above, rising = total[t] - must_run[t], 0.0
        for position in range(supply_order.shape[1]):
            j = supply_order[t, position]
            if position == 0 or above > SLACK_MW:
                rising = cost[t, j]
            above -= quantity[t, j]
        price[t] = min(max(rising + margin[t], right), left)

"""One week of dispatch to look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baseload.plan.dispatch.problem import UseKind
from baseload.plan.operation import Operation
from baseload.plan.outcome import Week
from baseload.plan.uses import market_price

Floats = NDArray[np.float64]

DAYS = 7
MONDAY = 0


def typical_week(operation: Operation) -> Week:
    """Cut out the week in the middle of the time in which most of the alternative is running.

    Notes
    -----
    It begins on the first Monday after the middle of the time from the first mining (else the
    first generation, else the start) to the end of the horizon.
    """
    stretch = _stretch(operation)
    supply: dict[str, Floats] = {}
    use: dict[str, Floats] = {}
    worth = np.full(stretch.stop - stretch.start, -np.inf)
    for section, dispatch in zip(operation.sections, operation.dispatches, strict=True):
        for name, power in zip(section.units, dispatch.generation, strict=True):
            supply[f"generation {name}"] = power[stretch]
        for purchase, power in zip(section.purchases, dispatch.imported, strict=True):
            _stack(supply, f"import {purchase.area}", power[stretch])
        for each, power in zip(section.uses, dispatch.delivered, strict=True):
            mine = each.kind is UseKind.MINE
            _stack(use, f"mine {each.name}" if mine else each.label, power[stretch])
            if mine:
                np.maximum(worth, each.value[stretch], out=worth)
        stores = dispatch.schedule
        if len(stores.charge):
            _stack(supply, "storage", stores.discharge.sum(axis=0)[stretch])
            _stack(use, "storage", stores.charge.sum(axis=0)[stretch])
        _stack(use, "curtailed", dispatch.curtailed[stretch])
    setting = operation.setting
    return Week(
        times=setting.case.clock.utc[stretch],
        time_zone=setting.case.clock.time_zone,
        supply=supply,
        use=use,
        market_price={
            name: market_price(setting, name)[stretch]
            for name, area in setting.tree.area.items()
            if area.market is not None
        },
        mining_value=np.where(np.isfinite(worth), worth, np.nan),
    )


def _stack(parts: dict[str, Floats], name: str, power: Floats) -> None:
    parts[name] = parts[name] + power if name in parts else power.copy()


def _stretch(operation: Operation) -> slice:
    clock = operation.setting.case.clock
    running = [fleet.installed > 0.0 for fleet in operation.fleets.values()]
    running = running or [power > 0.0 for power in operation.plant.net.values()]
    any_ = np.logical_or.reduce(running)
    begin = int(np.argmax(any_)) if any_.any() else 0
    middle = (begin + len(clock)) // 2
    length = round(DAYS * 24 / clock.step)
    days = clock.local.astype("datetime64[D]")
    # 1970-01-01 was a Thursday, three days after a Monday.
    weekday = (days.astype(np.int64) + 3) % DAYS
    first_step = np.flatnonzero((weekday == MONDAY) & (np.diff(clock.day, prepend=-1) > 0))
    later = first_step[(first_step >= middle) & (first_step + length <= len(clock))]
    at = int(later[0]) if later.size else max(0, len(clock) - length)
    return slice(at, min(len(clock), at + length))

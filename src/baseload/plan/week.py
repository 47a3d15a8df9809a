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
SAME_MW = 1e-6
"""Difference of two weeks' means that is rounding [MW]."""


def typical_week(operation: Operation) -> Week:
    """Cut out the week, Monday to Sunday, in which mining is most like its mean.

    Notes
    -----
    Of weeks that are equally like it, the first in the second half of that time is taken.
    The mean is that of the time since the mine stands; without a mine it is that of generation
    since the first unit runs, and without both it is the first week.
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
    length = round(DAYS * 24 / clock.step)
    telling, since = _telling(operation)
    days = clock.local.astype("datetime64[D]")
    # 1970-01-01 was a Thursday, three days after a Monday.
    weekday = (days.astype(np.int64) + 3) % DAYS
    first_step = np.flatnonzero((weekday == MONDAY) & (np.diff(clock.day, prepend=-1) > 0))
    whole = first_step[(first_step >= since) & (first_step + length <= len(clock))]
    if not whole.size:
        at = max(0, len(clock) - length)
        return slice(at, min(len(clock), at + length))
    sums = np.concatenate(([0.0], np.cumsum(telling)))
    means = (sums[whole + length] - sums[whole]) / length
    off = np.abs(means - float(telling[since:].mean()))
    alike = whole[off <= off.min() + SAME_MW]
    later = alike[alike >= (since + len(clock)) // 2]
    at = int(later[0] if later.size else alike[-1])
    return slice(at, at + length)


def _telling(operation: Operation) -> tuple[Floats, int]:
    """The power that a week should be typical of, and the step from which it is looked at."""
    mined, made = np.zeros(operation.setting.steps), np.zeros(operation.setting.steps)
    for section, dispatch in zip(operation.sections, operation.dispatches, strict=True):
        made += dispatch.generation.sum(axis=0)
        for use, power in zip(section.uses, dispatch.delivered, strict=True):
            if use.kind is UseKind.MINE:
                mined += power
    standing = [fleet.installed > 0.0 for fleet in operation.fleets.values()]
    if standing:
        return mined, int(np.argmax(np.logical_or.reduce(standing)))
    running = made > 0.0
    return made, int(np.argmax(running)) if running.any() else 0

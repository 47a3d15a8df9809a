"""A future written down as a plain case: what was drawn stands there as series and dates.

Whatever is read here a caller of a future can read too, so that the plan of a plain case says
what a future must come to.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from tests.plan.small_cases import write_series

from baseload.case.case import Case
from baseload.case.paths import shape_at, split
from baseload.case.units import written
from baseload.plan.baseline import Baselines
from baseload.plan.cash.accounts import Account
from baseload.plan.ensemble.arrays import ENERGY
from baseload.plan.ensemble.choices import Choice
from baseload.plan.ensemble.future import Future
from baseload.plan.ensemble.simulator import EPOCH
from baseload.plan.outcome import FLOWS
from baseload.plan.study import outcome


def as_text(case: Case, path: str, level: float) -> object:
    """Write a level of an unknown as a person would; a date is in days since 1970."""
    shape = shape_at(split(path))
    if shape.kind is dt.date:
        return EPOCH + dt.timedelta(days=int(level))
    if shape.kind is int:
        return int(level)
    return written(level, shape.quantity.unit)


def levels_of(future: Future) -> dict[str, object]:
    """Return the levels of a future as patches."""
    return {
        unknown.path: as_text(future.case, future.case.levels(unknown).paths[0], level)
        for unknown, level in zip(future.case.unknowns, future.levels, strict=True)
    }


def gates_of(future: Future, choice: Choice) -> dict[str, object]:
    """Return the gates that count for an alternative as open from the day they opened on."""
    counting, tree = future.counting(choice), future.case.tree
    patches: dict[str, object] = {}
    for name in tree.gate:
        patches[f"gate.{name}.state"] = "open" if name in counting else "shut"
        if name in counting:
            day = tree.case.start + dt.timedelta(days=counting[name])
            patches[f"gate.{name}.date"] = day
    return patches | ({"case.as_of": tree.case.end} if tree.gate else {})


@dataclass
class _Columns:
    """Writes series beside the case."""

    case: Case
    label: str

    def add(self, name: str, values: np.ndarray, unit: str) -> str:
        clock = self.case.clock
        assert clock.step == int(clock.step)
        # A shelf keeps what it has read: each future has files of its own.
        file = f"{self.label}-{name}.csv"
        write_series(self.case.folder, file, values, unit, str(clock.start), hours=int(clock.step))
        return f"{file}#value"


def series_of(future: Future) -> dict[str, object]:
    """Return what was drawn hour by hour and day by day as patches; writes it to files."""
    case = future.case
    add = _Columns(case, str(future.drawn.key.scenario)).add
    tree, days = case.tree, case.clock.day
    patches: dict[str, object] = {
        "bitcoin.price": add("coin", future.coin.price[days], "USD/BTC"),
        "bitcoin.price_growth": "0 %/year",
        "bitcoin.hashprice": add("hashprice", future.coin.hashprice[days], "USD/PH/day"),
        "bitcoin.fee_share": add("fees", future.coin.fees[days], "1"),
        "bitcoin.network_response": False,
    }
    out = future.drawn.spell("loss of all lines", "blackout") == 1
    for name in tree.link:
        _, up = future.drawn.link(name, future.row)
        patches[f"link.{name}.availability"] = add(f"link-{name}", np.where(out, 0.0, up), "1")
    for name, area in tree.area.items():
        if area.market is not None:
            price = add(f"price-{name}", future.price(name), "USD/MWh")
            patches[f"area.{name}.market.price"] = price
    if tree.futures.units.model == "two state":
        patches |= _units_of(future, add)
    return patches


def _units_of(future, add) -> dict[str, object]:
    places, patches = future.parameters, {}
    units = list(future.case.tree.plant.unit)
    rates = [places.place("plant", "unit", unit, "forced_outage_rate") for unit in units]
    drawn = future.drawn.units(future.row.values[rates])
    for unit, up in zip(units, drawn, strict=True):
        at = places.place("plant", "unit", unit, "available")
        number = future.row.series[at]
        level = future.row.values[at] if number < 0 else places.series[number]
        patches[f"plant.unit.{unit}.available"] = add(f"unit-{unit}", up * level, "1")
        patches[f"plant.unit.{unit}.forced_outage_rate"] = 0.0
    return patches


def plain_case(future: Future, choice: Choice) -> Case:
    """Write a future down as a case that draws nothing."""
    patches = levels_of(future) | gates_of(future, choice) | series_of(future)
    return future.case.patched(patches)


def assert_is_plain(future: Future, choice: Choice, tolerance: float = 1e-9) -> None:
    """Compare what an alternative comes to in a future with the plan of the plain case."""
    own, without = future.outcomes(choice)
    plan = outcome(plain_case(future, choice), choice.name, "today", Baselines())
    months = future.months.first_of_year[:-1]
    gross = plan.ledger.to_frame()["amount_usd"].abs().sum()
    close = {"rtol": 0.0, "atol": tolerance * max(1.0, gross)}
    np.testing.assert_allclose(own.npv, plan.metrics.npv, **close, err_msg="npv")
    value = own.npv - without.npv
    np.testing.assert_allclose(value, plan.metrics.mine_value, **close, err_msg="mine value")
    years = plan.ledger.by_year().values()
    for account, cash in zip(Account, own.yearly, strict=True):
        expected = [year.get(account, 0.0) for year in years]
        np.testing.assert_allclose(cash, expected, **close, err_msg=account)
    energy = np.add.reduceat(own.sums.energy, months, axis=1)
    most = max(1.0, *(values.max() for values in plan.energy.values()))
    for name in set(FLOWS) - {"storage_loss"}:
        place = ENERGY.index(name)
        np.testing.assert_allclose(
            energy[place], plan.energy[name], rtol=0, atol=tolerance * most, err_msg=name
        )
    coins = np.add.reduceat(own.sums.coins, months)
    np.testing.assert_allclose(coins, plan.coins, rtol=tolerance, atol=1e-12, err_msg="coins")
    assert bool(own.sums.installed.any()) == plan.built

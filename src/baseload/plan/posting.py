"""From dispatch to energy balance and ledger: the same numbers, added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseload.plan.busbar import Busbar
from baseload.plan.cash.accounts import Account
from baseload.plan.cash.ledger import Ledger, reconcile
from baseload.plan.dispatch.problem import UseKind
from baseload.plan.dispatch.result import Dispatch
from baseload.plan.operation import Operation
from baseload.plan.outcome import FLOWS
from baseload.plan.uses import Component, Use

Floats = NDArray[np.float64]

_FLOW_OF = {
    UseKind.MUST_SERVE: "house",
    UseKind.OBLIGATION: "obligations",
    UseKind.MARKET: "exported",
    UseKind.MINE: "mined",
}


@dataclass(frozen=True)
class Balance:
    """Energy by month of the horizon, shape (M,) each [MWh at the busbar]; coins [BTC]."""

    flows: dict[str, Floats]
    exported: dict[str, Floats]
    obligations: dict[str, Floats]
    mined: dict[str, Floats]
    coins: Floats
    hashes: Floats
    """Own hashes that were paid, the pool's fee taken off [PH/s times day]."""
    house_unserved: float
    """House and shutdown load that could not be served [MWh]."""

    def open_by(self) -> float:
        """Greatest relative amount by which a month's energy does not add up [-]."""
        flow = self.flows
        made = flow["generated"] + flow["imported"]
        used = sum(
            flow[name]
            for name in ("house", "exported", "obligations", "mined", "curtailed", "storage_loss")
        )
        return float(np.max(np.abs(made - used) / np.maximum(1.0, made), initial=0.0))


def by_month(operation: Operation, power: Floats) -> Floats:
    """Energy of each month [MWh] of a power [MW], or money of a flow [USD/h], shape (M,)."""
    clock = operation.setting.case.clock
    return np.asarray(np.add.reduceat(power, clock.month_starts[:-1]) * clock.step)


def balance(operation: Operation) -> Balance:
    """Add up where each megawatt-hour came from and went."""
    months = len(operation.setting.case.clock.month_starts) - 1
    flows = {name: np.zeros(months) for name in FLOWS}
    parts: dict[str, dict[str, Floats]] = {"exported": {}, "obligations": {}, "mined": {}}
    coins, hashes = np.zeros(months), np.zeros(months)
    for section, dispatch in _each(operation):
        flows["generated"] += by_month(operation, dispatch.generation.sum(axis=0))
        flows["imported"] += by_month(operation, dispatch.imported.sum(axis=0))
        flows["curtailed"] += by_month(operation, dispatch.curtailed)
        flows["shortfall"] += by_month(operation, dispatch.shortfall.sum(axis=0))
        lost = dispatch.schedule.charge.sum(axis=0) - dispatch.schedule.discharge.sum(axis=0)
        flows["storage_loss"] += by_month(operation, lost)
        for use, power in zip(section.uses, dispatch.delivered, strict=True):
            energy, flow = by_month(operation, power), _FLOW_OF[use.kind]
            flows[flow] += energy
            if flow in parts:
                parts[flow][use.name] = parts[flow].get(use.name, 0.0) + energy
            if use.fleet is not None:
                kept = 1.0 - operation.setting.over("mine", use.name, "pool", "fee")
                at_meter = power * (1.0 - use.loss) * kept
                coins += by_month(operation, at_meter * use.fleet.coins(use.segment))
                hashes += by_month(operation, at_meter * use.fleet.hashrate(use.segment)) / 24e3
    unserved = sum(
        float(dispatch.shortfall[0].sum()) * dispatch.problem.step
        for _, dispatch in _each(operation)
    )
    return Balance(
        flows, parts["exported"], parts["obligations"], parts["mined"], coins, hashes, unserved
    )


def post(operation: Operation) -> Ledger:
    """Post every dollar of the dispatch, and check the sum against the objective.

    Raises
    ------
    baseload.plan.cash.ledger.ReconciliationError
        If the ledger and the objective differ.
    """
    clock = operation.setting.case.clock
    months = len(clock.month_starts) - 1
    ledger = Ledger(np.datetime64(clock.start, "M"), months)
    for section, dispatch in _each(operation):
        _post_uses(operation, ledger, section, dispatch)
        _post_supply(operation, ledger, section, dispatch)
        _post_promises(operation, ledger, section, dispatch)
    reconcile(ledger, sum(dispatch.objective for dispatch in operation.dispatches))
    return ledger


def _each(operation: Operation) -> Iterator[tuple[Busbar, Dispatch]]:
    return zip(operation.sections, operation.dispatches, strict=True)


def _add(operation: Operation, ledger: Ledger, part: Component, power: Floats) -> None:
    amounts = by_month(operation, part.rate * power)
    months = np.arange(ledger.months)
    ledger.add(part.account, amounts, month=months, party=part.party, item=part.item)


def _post_uses(operation: Operation, ledger: Ledger, section: Busbar, dispatch: Dispatch) -> None:
    months = np.arange(ledger.months)
    for use, power, missing in zip(
        section.uses, dispatch.delivered, dispatch.shortfall, strict=True
    ):
        for part in use.components:
            _add(operation, ledger, part, power)
        damages = by_month(operation, -np.asarray(use.shortfall_price) * missing)
        ledger.add(Account.SHORTFALL_DAMAGES, damages, month=months, party=use.party, item=use.name)
        _transfer(operation, ledger, use, power)


def _transfer(operation: Operation, ledger: Ledger, use: Use, power: Floats) -> None:
    """What the mine's owner pays the plant's for power: between parties, so it sums to zero."""
    if use.fleet is None or operation.setting.tree.mine[use.name].power_price is None:
        return
    price = operation.setting.over("mine", use.name, "power_price")
    paid = by_month(operation, price * power * (1.0 - use.loss))
    payee = operation.setting.tree.plant.owner
    if payee != use.party:
        months = np.arange(ledger.months)
        ledger.transfer(paid, month=months, payer=use.party, payee=payee, item=use.name)


def _post_supply(operation: Operation, ledger: Ledger, section: Busbar, dispatch: Dispatch) -> None:
    setting, months = operation.setting, np.arange(ledger.months)
    owner = setting.tree.plant.owner
    for place, unit in enumerate(section.units):
        made = dispatch.generation[place]
        for account, key in ((Account.FUEL, "fuel_cost"), (Account.VARIABLE_OM, "variable_cost")):
            cost = -setting.over("plant", "unit", unit, key)
            _add(operation, ledger, Component(account, owner, unit, cost), made)
        started = dispatch.schedule.starts[place] / setting.case.clock.step
        starts = -by_month(operation, section.problem.units.start_cost[place] * started)
        ledger.add(Account.START_COST, starts, month=months, party=owner, item=unit)
    for purchase, power in zip(section.purchases, dispatch.imported, strict=True):
        for part in purchase.components:
            _add(operation, ledger, part, power)
    spilt = -section.problem.curtailment_cost * dispatch.curtailed
    ledger.add(
        Account.CURTAILMENT,
        by_month(operation, np.where(dispatch.curtailed > 0.0, spilt, 0.0)),
        month=months,
        party=owner,
        item=section.name,
    )


def _post_promises(
    operation: Operation, ledger: Ledger, section: Busbar, dispatch: Dispatch
) -> None:
    if not section.promises:
        return
    paid = dispatch.money["contract"]
    for promise, amounts in zip(section.promises, paid, strict=True):
        month = operation.setting.case.clock.month[promise.contract.stop - 1]
        ledger.add(
            Account.TAKE_OR_PAY,
            amounts.sum(),
            month=month,
            party=promise.party,
            item=promise.item,
        )

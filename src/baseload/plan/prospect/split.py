"""Money of the whole to parties: every account by shares, and what parties pay each other.

Shares of an account sum to one and payments between parties to zero, so that the parties' money
is the whole's. Money of the plant and of the mine are kept apart, as a bar may hold only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from baseload.case.sharing import Fee, Mining, Sharing, Supply
from baseload.plan.cash.accounts import Account, Group, accounts_of
from baseload.plan.prospect.entitlement import Placement, vector
from baseload.plan.prospect.whole import Whole

Floats = NDArray[np.float64]

BY_FIXED_SHARE = (Account.FIXED_OM, Account.CAPITAL_PLANT, Account.POWER_TRANSFER)
BY_ENERGY_TAKEN = (Account.FUEL, Account.VARIABLE_OM, Account.START_COST)
BY_HASHRATE = (
    Account.MINING_REVENUE,
    Account.POOL_FEE,
    Account.CAPITAL_MACHINES,
    Account.REPLACEMENT,
    Account.SALVAGE,
)
BY_INFRASTRUCTURE = (Account.CAPITAL_SITE, Account.MINE_FIXED_OM, Account.MINE_VARIABLE_OM)
BY_OWNER = (Account.TAX, *accounts_of(Group.FINANCING))


@dataclass
class Sheet:
    """What each party gets, shape (P, S, Y) [USD, MWh or BTC]; paid is negative.

    ``saving`` is no part of the whole's cash: what the energy supplied under an obligation would
    have cost in the market, and damages received, less what is paid for it.
    """

    plant: Floats
    mine: Floats
    energy: Floats
    coins: Floats
    saving: Floats

    @classmethod
    def empty(cls, parties: int, shape: tuple[int, ...]) -> Sheet:
        """Return a sheet on which nobody has anything."""
        return cls(*(np.zeros((parties, *shape)) for _ in range(5)))


@dataclass(frozen=True)
class Splitting:
    """Everything that a split looks at, and the sheet it fills.

    Parameters
    ----------
    whole, terms, who, placed : what there is, the terms, the parties and whose energy it is.
    fixed, hashrate, infrastructure, owner : shares, shape (P, 1, 1 or Y) [-].
    """

    whole: Whole
    terms: Sharing
    who: Sequence[str]
    placed: Placement
    fixed: Floats
    hashrate: Floats
    infrastructure: Floats
    owner: Floats
    sheet: Sheet = field(init=False)

    def __post_init__(self) -> None:
        shape = self.whole.coins.shape
        object.__setattr__(self, "sheet", Sheet.empty(len(self.who), shape))

    def one(self, party: str) -> Floats:
        """Shares that give all to one party."""
        return vector({party: 1.0}, self.who)


def split(whole: Whole, terms: Sharing, who: Sequence[str], placed: Placement) -> Sheet:
    """Split energy, money and coins among the parties of an arrangement."""
    mining = terms.mine or Mining()

    def shares(given: dict[str, float] | None, otherwise: Floats) -> Floats:
        return otherwise if given is None else vector(given, who)

    owner = shares(mining.owner, placed.entitled)
    work = Splitting(
        whole,
        terms,
        who,
        placed,
        fixed=shares(terms.costs.fixed, placed.entitled),
        hashrate=shares(mining.hashrate, owner),
        infrastructure=shares(mining.infrastructure, owner),
        owner=owner,
    )
    _split_energy(work)
    _split_costs(work)
    _split_sales(work)
    _split_obligation(work)
    _split_contracts(work)
    _split_mine(work, mining)
    _pay_cessions(work)
    for fee in terms.fee:
        _pay_fee(work, fee)
    return work.sheet


def _split_energy(work: Splitting) -> None:
    """Give energy to whom it ends with: sum over parties = generated + imported."""
    flows, sheet, placed = work.whole.flows, work.sheet, work.placed
    sheet.energy += work.fixed * flows["house"] + placed.held
    sheet.energy += work.infrastructure * flows["mined"] - placed.by_use["mine"]
    if work.terms.obligation is not None:
        delivered = placed.by_use["obligation"]
        sheet.energy += work.one(work.terms.obligation.to) * delivered.sum(axis=0) - delivered
    on_market = placed.by_use["market"]
    for sale in work.terms.sale:
        sheet.energy += sale.share * (work.one(sale.to) * on_market.sum(axis=0) - on_market)
    sheet.coins += work.hashrate * work.whole.coins


def _split_costs(work: Splitting) -> None:
    whole, sheet, imports = work.whole, work.sheet, work.terms.costs.imports
    sheet.plant += work.fixed * whole.spent(BY_FIXED_SHARE)
    sheet.plant += work.placed.taken * whole.spent(BY_ENERGY_TAKEN)
    sheet.plant += work.placed.share("lost") * whole.cash[Account.CURTAILMENT]
    payers = work.fixed if imports is None else vector(imports, work.who)
    inward, _ = _transmission(whole)
    sheet.plant += payers * (whole.cash[Account.IMPORT] + inward)


def _transmission(whole: Whole) -> tuple[Floats, Floats]:
    """Split the charge for links into that of import and that of export, (S, Y) each [USD].

    Energy through the links is known by direction only: import pays the greatest import charge
    of the case's areas, at most all of the charge; export pays the rest.
    """
    charge = whole.cash[Account.TRANSMISSION]
    rate = max((area.import_charge for area in whole.tree.area.values()), default=0.0)
    inward = np.maximum(-rate * whole.flows["imported"], np.minimum(charge, 0.0))
    return inward, charge - inward


def _split_sales(work: Splitting) -> None:
    """Split sales, their transmission, and what off-takers pay at their tariffs."""
    whole, sheet = work.whole, work.sheet
    sellers = work.placed.share("market")
    off_taken = sum(sale.share for sale in work.terms.sale)
    holders = sellers * (1.0 - off_taken)
    sold = whole.flows["exported"]
    for sale in work.terms.sale:
        buyer = work.one(sale.to)
        holders = holders + sale.share * buyer
        sheet.plant += (sellers - buyer) * (sale.price * sale.share * sold)
        if sale.operator is not None:
            margin = sale.margin * sale.share * sold
            sheet.plant += (work.one(sale.operator) - sellers) * margin
    sheet.plant += holders * whole.cash[Account.ENERGY_SALES]
    # The charge of export follows the energy: sold, owed, or mined behind the grid.
    far, _ = whole.mined_in_grid()
    through = np.stack([sold, whole.flows["obligations"], far * whole.flows["mined"]])
    total = through.sum(axis=0)
    nothing = np.zeros_like(through)
    nothing[0] = 1.0
    parts = np.divide(through, total, out=nothing, where=total > 0) * _transmission(whole)[1]
    sheet.plant += holders * parts[0] + work.placed.share("obligation") * parts[1]
    sheet.mine += work.infrastructure * parts[2]


def _bearers(work: Splitting) -> Floats:
    """Shares in which damages are borne, (P, 1, 1 or Y) [-]."""
    supply = work.terms.obligation
    if supply is None or supply.by is None:
        return work.placed.entitled
    return vector(supply.by, work.who)


def _split_obligation(work: Splitting) -> None:
    """Split what is paid for energy owed and the damages for what is not delivered."""
    whole, sheet = work.whole, work.sheet
    revenue = whole.cash[Account.OBLIGATION_REVENUE]
    missing, damages = whole.damages()
    bearers = _bearers(work)
    suppliers = work.placed.share("obligation", bearers)
    sheet.plant += suppliers * revenue
    sheet.plant += bearers * damages
    sheet.plant += work.fixed * (whole.cash[Account.SHORTFALL_DAMAGES] - damages)
    supply = work.terms.obligation
    if supply is not None:
        _settle_supply(work, supply, suppliers, missing, damages)


def _settle_supply(
    work: Splitting, supply: Supply, suppliers: Floats, missing: Floats, damages: Floats
) -> None:
    """Pay what the terms make dearer or cheaper than the case, and count what is saved."""
    whole, sheet, buyer = work.whole, work.sheet, work.one(supply.to)
    delivered, revenue = whole.flows["obligations"], whole.cash[Account.OBLIGATION_REVENUE]
    if supply.price is not None:
        sheet.plant += (suppliers - buyer) * (supply.price * delivered - revenue)
    if supply.damages is not None:
        sheet.plant += (buyer - _bearers(work)) * (supply.damages * missing + damages)
    sheet.saving += buyer * (whole.price * delivered - revenue - damages)


def _split_contracts(work: Splitting) -> None:
    """Split take-or-pay of mines and deliver-or-pay of obligations: one account in the ledger."""
    amount, tree = work.whole.cash[Account.TAKE_OR_PAY], work.whole.tree
    taken = any(tree.mine[name].take_or_pay for name in work.whole.mines)
    if taken:
        work.sheet.mine += work.infrastructure * amount
    else:
        work.sheet.plant += _bearers(work) * amount


def _split_mine(work: Splitting, mining: Mining) -> None:
    """Split the mine, and pay those whose energy it takes."""
    whole, sheet = work.whole, work.sheet
    sheet.mine += work.hashrate * whole.spent(BY_HASHRATE)
    sheet.mine += work.infrastructure * whole.spent(BY_INFRASTRUCTURE)
    sheet.mine += work.owner * whole.spent(BY_OWNER)
    price = mining.power_price
    price = whole.of_mines("power_price") if price is None else price
    paid = price * whole.mined_in_grid()[1] * whole.flows["mined"]
    sheet.mine -= work.infrastructure * paid
    sheet.plant += work.placed.share("mine") * paid
    earned = whole.spent((Account.MINING_REVENUE, Account.POOL_FEE))
    for party, share in mining.royalty.items():
        sheet.mine += (work.one(party) - work.hashrate) * (share * earned)


def _pay_cessions(work: Splitting) -> None:
    for cession, amount in zip(work.terms.cession, work.placed.ceded, strict=True):
        paid = cession.price * amount
        work.sheet.plant += (work.one(cession.by) - work.one(cession.to)) * paid


def _pay_fee(work: Splitting, fee: Fee) -> None:
    paid = fee.price * work.whole.flows[fee.on]
    if fee.on == "mined":
        work.sheet.mine += (work.one(fee.to) - work.infrastructure) * paid
    else:
        work.sheet.plant += (work.one(fee.to) - work.placed.taken) * paid

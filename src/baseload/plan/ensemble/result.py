"""What an ensemble finds: one table of variables, and how to read them.

A variable that has no year is small and is kept in memory; one by year is read from where it is
stored, alternative by alternative, so that memory does not grow with the number of futures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from baseload.plan.cash.accounts import Account
from baseload.plan.outcome import FLOWS

if TYPE_CHECKING:
    from baseload.case.case import Case

Floats = NDArray[np.float64]

SCENARIO = "scenario"


class Variable(NamedTuple):
    """One variable: dimensions, unit, and what it holds; one of them is the scenario."""

    dims: tuple[str, ...]
    units: str
    long_name: str


_FUTURE, _CHOICE = (SCENARIO,), ("alternative", SCENARIO)
_FUTURE_YEAR, _CHOICE_YEAR = (SCENARIO, "year"), ("alternative", SCENARIO, "year")

VARIABLES: Mapping[str, Variable] = {
    # --- what is common to all alternatives ---
    "unknown_level": Variable(
        ("unknown", SCENARIO), "canonical", "level drawn of each unknown; dates as days since 1970"
    ),
    "gate_open": Variable(
        ("gate", SCENARIO), "year", "time from the start until a gate opens; infinite if never"
    ),
    "bitcoin_price": Variable(_FUTURE_YEAR, "USD/BTC", "price of a bitcoin, mean of the year"),
    "network": Variable(_FUTURE_YEAR, "EH/s", "hashrate of all others, mean; NaN: not given"),
    "hashprice": Variable(
        _FUTURE_YEAR, "USD/PH/day", "hashprice when only the others mine, mean of the year"
    ),
    "power_price": Variable(
        ("area", SCENARIO, "year"), "USD/MWh", "price of an area's market, mean of the year"
    ),
    # --- what each alternative comes to ---
    "npv": Variable(_CHOICE, "USD", "net present value of all parties"),
    "mine_value": Variable(
        _CHOICE, "USD", "what the mine adds to the same future without it; 0 if never built"
    ),
    "investment": Variable(_CHOICE, "USD", "undiscounted spending on the mine"),
    "mine_mw": Variable(_CHOICE, "MW", "greatest power of all mines; 0 if never built"),
    "first_mining": Variable(
        _CHOICE, "year", "time from the start to the first coin; NaN if never"
    ),
    "first_generation": Variable(
        _CHOICE, "year", "time from the start to the first generation; NaN if never"
    ),
    "coins": Variable(_CHOICE_YEAR, "BTC", "coins after the pool's fee"),
    "network_share": Variable(_CHOICE_YEAR, "1", "own part of all hashes, mean of the year"),
    "surplus": Variable(
        _CHOICE_YEAR, "MWh", "output possible beyond house load and obligations; negative as found"
    ),
    **{
        flow: Variable(_CHOICE_YEAR, "MWh", f"{flow.replace('_', ' ')} at the busbar")
        for flow in FLOWS
    },
    "hours_generating": Variable(_CHOICE_YEAR, "h", "hours in which any unit generates"),
    "hours_mining": Variable(_CHOICE_YEAR, "h", "hours in which any mine runs"),
    "hours_curtailed": Variable(_CHOICE_YEAR, "h", "hours in which output is thrown away"),
    "hours_short": Variable(_CHOICE_YEAR, "h", "hours in which an obligation or load goes short"),
    "cash": Variable(
        ("account", *_CHOICE_YEAR), "USD", "cash of all parties by account, not discounted"
    ),
    "mine_cash": Variable(
        _CHOICE_YEAR, "USD", "what the mine adds to the cash of all parties, not discounted"
    ),
}
"""Every variable of an ensemble. Energy: generated + imported = house + exported + obligations +
mined + curtailed, in every alternative, future and year."""

ACCOUNTS: tuple[str, ...] = tuple(account.value for account in Account)
"""Labels of the dimension 'account'."""


class Shelf(Protocol):
    """Where variables by year are stored."""

    def read(self, name: str, alternative: str | None, account: str | None) -> Floats:
        """Return shape (S, Y), or (areas, S, Y) for the price of power."""


@dataclass(frozen=True)
class Simplification:
    """Something of the case that futures leave out, and what leaving it out may be worth."""

    what: str
    error: float | None = field(default=None)
    """Relative error of the objective, measured on a few futures [-]; None if not measured."""


@dataclass(frozen=True)
class Ensemble:
    """Every alternative of a case in the same futures.

    Parameters
    ----------
    case, seed : what was drawn.
    scenarios : number of futures, S.
    alternatives : names, A.
    years : calendar years of the horizon, shape (Y,).
    unknowns, gates, areas : labels of the dimensions of those names; unknowns are paths.
    small : variables without a year, with shapes as their dimensions say.
    shelf : holds the others.
    simplified : what futures leave out.
    times : seconds by stage; no part of the result.
    """

    case: Case
    seed: int
    scenarios: int
    alternatives: tuple[str, ...]
    years: NDArray[np.int64]
    unknowns: tuple[str, ...]
    gates: tuple[str, ...]
    areas: tuple[str, ...]
    small: Mapping[str, Floats]
    shelf: Shelf
    simplified: tuple[Simplification, ...] = ()
    times: Mapping[str, float] = field(default_factory=dict)

    def of(self, name: str, alternative: str | None = None, account: str | None = None) -> Floats:
        """Return a variable, of one alternative where it has that dimension.

        Returns
        -------
        Shape (S,) or (S, Y); with the dimension unknown, gate or area in front.
        """
        if "year" in VARIABLES[name].dims:
            return self.shelf.read(name, alternative, account)
        values = self.small[name]
        if "alternative" in VARIABLES[name].dims and alternative is not None:
            return np.asarray(values[self.alternatives.index(alternative)])
        return values

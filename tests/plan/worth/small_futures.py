"""Futures of the small case, made by hand: whatever a test does not give is zero or still."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.minimal import write_case

from baseload.case.load import load
from baseload.plan.ensemble.result import VARIABLES, Ensemble

UNKNOWNS = """\
[[unknown]]
path = "bitcoin.price"
name = "Price of a bitcoin"
low = "50000 USD/BTC"
high = "130000 USD/BTC"
source = "Z04"
status = "assumed"
note = "the range is assumed"

[[unknown]]
path = "bitcoin.fee_share"
name = "Fees"
low = "0 %"
high = "5 %"
status = "assumed"

[[unknown]]
path = "gate.agreement.date"
name = "Date of the agreement"
low = 2027-01-01
high = 2029-01-01
status = "assumed"
"""

ALTERNATIVES = """\
[alternative.none]
title = "No mine"

[alternative.large]
title = "A large mine"
needs = ["permit"]

[alternative.small]
title = "A small mine"
needs = ["agreement"]
"""

YEARS = np.arange(2028, 2034)


class Memory:
    """A shelf whose variables stand still unless they were given."""

    def __init__(self, given, scenarios, areas):
        self.given, self.scenarios, self.areas = given, scenarios, areas

    def read(self, name, alternative, account):
        found = self.given.get((name, alternative, account))
        if found is not None:
            return found
        shape = (self.scenarios, YEARS.size)
        return np.zeros((self.areas, *shape) if "area" in VARIABLES[name].dims else shape)


def futures(folder: Path, *, opening, levels, values, by_year=None, seed=0, **files) -> Ensemble:
    """Return an ensemble of the small case.

    Parameters
    ----------
    opening : time until each gate opens, by name.
    levels : level of each unknown, by path.
    values : what the mine of each alternative adds, by name.
    by_year : variables by year, by (name, alternative, account).
    """
    case = load(write_case(folder, **{"unknowns": UNKNOWNS, "alternatives": ALTERNATIVES, **files}))
    names = tuple(case.alternatives)
    scenarios = len(next(iter(values.values())))
    still = np.zeros(scenarios)
    return Ensemble(
        case=case,
        seed=seed,
        scenarios=scenarios,
        alternatives=names,
        years=YEARS,
        unknowns=tuple(levels),
        gates=tuple(opening),
        areas=tuple(case.tree.area),
        small={
            "unknown_level": np.array(list(levels.values())).reshape(-1, scenarios),
            "gate_open": np.array(list(opening.values())).reshape(-1, scenarios),
            "mine_value": np.array([values.get(name, still) for name in names]),
        },
        shelf=Memory(by_year or {}, scenarios, len(case.tree.area)),
    )

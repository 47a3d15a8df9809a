"""Ensembles made by hand: every flow and account is what a test puts there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tests.minimal import FILES, write_case

from baseload.case.case import Case
from baseload.case.load import load
from baseload.plan.cash.accounts import Account
from baseload.plan.ensemble.result import VARIABLES, Ensemble
from baseload.plan.outcome import FLOWS

Floats = NDArray[np.float64]

YEARS = 3
PARTIES = ("town", "miner", "north", "south", "manager")
HORIZON = (
    ("start = 2028-03-20", "start = 2028-01-01"),
    ("end = 2028-04-03", 'end = 2031-01-01\nstep = "24 h"'),
)


def case_of(folder: Path, terms: str, *edits: tuple[str, str], **files: str) -> Case:
    """The small case over three years, with five parties and one arrangement, ``A``.

    Parameters
    ----------
    folder : to write into.
    terms : what stands below ``[arrangement.A]``; it is studied with ``large``.
    edits, files : as of `write_case`.
    """
    people = "".join(f'[party.{name}]\nname = "The {name}"\n' for name in PARTIES)
    head = '[arrangement.A]\ntitle = "One way"\nalternative = "large"'
    text = f"{people}\n{head}\n{terms}\n"
    choices = FILES["alternatives"].replace('arrangement = "S1"\n', "")
    return load(
        write_case(
            folder,
            *HORIZON,
            *edits,
            **({"arrangements": text, "alternatives": choices} | files),
        )
    )


@dataclass
class Memory:
    """A shelf in memory: shape (S, Y) by variable, or by account; nothing else was posted."""

    shape: tuple[int, int]
    flows: Mapping[str, Floats]
    cash: Mapping[str, Floats]
    price: Floats
    reads: list[str] = field(default_factory=list)

    def read(self, name: str, alternative: str | None, account: str | None) -> Floats:
        """Return a variable, zeros if a test did not give it."""
        assert "year" in VARIABLES[name].dims
        self.reads.append(str(alternative))
        if name == "power_price":
            return self.price[None]
        found = self.cash.get(str(account)) if name == "cash" else self.flows.get(name)
        return np.zeros(self.shape) if found is None else found


def ensemble_of(
    case: Case,
    flows: Mapping[str, ArrayLike] | None = None,
    cash: Mapping[Account, ArrayLike] | None = None,
    *,
    scenarios: int = 2,
    gates: Mapping[str, ArrayLike] | None = None,
    price: float = 0.0,
    npv: ArrayLike = 0.0,
    years: int = YEARS,
) -> Ensemble:
    """An ensemble of a case whose alternatives all have the same flows and cash.

    Parameters
    ----------
    flows, cash : by name or account, anything that spreads to shape (S, Y).
    gates : year in which a gate opens, by future; never if not given.
    price : of power in the area ``grid`` [USD/MWh].
    """
    shape = (scenarios, years)

    def full(value: ArrayLike) -> Floats:
        return np.array(np.broadcast_to(np.asarray(value, float), shape))

    opens = {name: np.full(scenarios, np.inf) for name in case.tree.gate}
    for name, when in (gates or {}).items():
        opens[name] = np.broadcast_to(np.asarray(when, float), scenarios)
    shelf = Memory(
        shape,
        {name: full(value) for name, value in (flows or {}).items()},
        {account.value: full(value) for account, value in (cash or {}).items()},
        full(price),
    )
    names = tuple(case.alternatives)
    return Ensemble(
        case=case,
        seed=0,
        scenarios=scenarios,
        alternatives=names,
        years=np.arange(years) + case.tree.case.start.year,
        unknowns=(),
        gates=tuple(opens),
        areas=("grid",),
        small={
            "gate_open": np.array(list(opens.values())).reshape(len(opens), scenarios),
            "npv": np.array(np.broadcast_to(np.asarray(npv, float), (len(names), scenarios))),
        },
        shelf=shelf,
    )


def balanced(draw: np.random.Generator, scenarios: int) -> dict[str, Floats]:
    """Random flows of which energy made equals energy used, in every future and year [MWh]."""
    flows = {name: draw.uniform(0, 1e6, (scenarios, YEARS)) for name in FLOWS}
    flows["imported"] = np.minimum(flows["imported"], flows["house"])
    used = sum(flows[name] for name in FLOWS[3:] if name != "shortfall")
    flows["generated"] = used + flows["house"] - flows["imported"]
    return flows

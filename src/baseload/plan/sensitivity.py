"""What each unknown does to an alternative, one at a time."""

from __future__ import annotations

from typing import Literal

from baseload.case.case import Case
from baseload.plan.baseline import Baselines
from baseload.plan.money import settle_accounts
from baseload.plan.operation import Operation, run
from baseload.plan.outcome import Swing
from baseload.plan.valuation import worth
from baseload.plan.world import setting


def swings(case: Case, name: str, baselines: Baselines) -> tuple[Swing, ...]:
    """Move every unknown that base values know to its low and its high level, others at base.

    Parameters
    ----------
    case : the case.
    name : the alternative, with its gates open.
    baselines : worlds without a mine that are known already.

    Returns
    -------
    The swings from the widest to the narrowest: of the mine's value where the alternative
    has a mine at base or at any level, else of the whole.
    """
    base = run(setting(case, name, "opened"))
    rows = []
    for unknown in case.unknowns:
        if unknown.path.startswith("futures."):
            continue
        low, high = (
            _worth(case.patched({unknown.path: level}), name, base, baselines)
            for level in (unknown.low, unknown.high)
        )
        rows.append(
            Swing(
                unknown=unknown.path,
                label=unknown.name or unknown.path,
                low=str(unknown.low),
                high=str(unknown.high),
                npv=(low[0], high[0]),
                mine_value=(low[1], high[1]),
                status=unknown.status,
                source=unknown.source,
            )
        )
    return _ranked(rows)


def _worth(case: Case, name: str, base: Operation, baselines: Baselines) -> tuple[float, float]:
    place = setting(case, name, "opened")
    operation = run(place, like=base)
    accounts = settle_accounts(operation)
    return worth(place, accounts, baselines.of(operation, accounts))


def _ranked(rows: list[Swing]) -> tuple[Swing, ...]:
    mining = any(value != 0.0 for row in rows for value in row.mine_value)
    metric: Literal["npv", "mine_value"] = "mine_value" if mining else "npv"
    return tuple(sorted(rows, key=lambda row: (-row.width(metric), row.unknown)))

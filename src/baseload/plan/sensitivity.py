"""What each unknown does to an alternative, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from baseload.case.case import Case
from baseload.plan.baseline import Baselines
from baseload.plan.money import metrics, settle_accounts
from baseload.plan.operation import run
from baseload.plan.outcome import Metrics, Swing
from baseload.plan.world import setting


def swings(
    case: Case, names: Sequence[str], tell: Callable[[str], None], baselines: Baselines
) -> dict[str, tuple[Swing, ...]]:
    """Move every unknown to its low and its high level, all others at base.

    Parameters
    ----------
    case : the case.
    names : alternatives, each with its gates open.
    tell : called before each unknown, with its name.
    baselines : worlds without a mine that are known already.

    Returns
    -------
    By alternative, the swings from the widest to the narrowest: of the mine's value where
    the alternative has a mine at base or at any level, else of the whole.
    """
    found: dict[str, list[Swing]] = {name: [] for name in names}
    for unknown in case.unknowns:
        tell(unknown.name or unknown.path)
        levels = [case.patched({unknown.path: level}) for level in (unknown.low, unknown.high)]
        for name in names:
            low, high = (_metrics(level, name, baselines) for level in levels)
            found[name].append(
                Swing(
                    unknown=unknown.path,
                    label=unknown.name or unknown.path,
                    low=str(unknown.low),
                    high=str(unknown.high),
                    npv=(low.npv, high.npv),
                    mine_value=(low.mine_value, high.mine_value),
                    status=unknown.status,
                    source=unknown.source,
                )
            )
    return {name: _ranked(rows) for name, rows in found.items()}


def _metrics(case: Case, name: str, baselines: Baselines) -> Metrics:
    operation = run(setting(case, name, "opened"))
    accounts = settle_accounts(operation)
    return metrics(operation, accounts, baselines.of(operation, accounts))


def _ranked(rows: list[Swing]) -> tuple[Swing, ...]:
    mining = any(value != 0.0 for row in rows for value in row.mine_value)
    metric: Literal["npv", "mine_value"] = "mine_value" if mining else "npv"
    return tuple(sorted(rows, key=lambda row: (-row.width(metric), row.unknown)))

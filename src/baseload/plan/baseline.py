"""The same world without a mine, kept so that it is worked out once."""

from __future__ import annotations

from baseload.plan.money import Accounts, settle_accounts
from baseload.plan.operation import Operation, run
from baseload.plan.world import Setting

_WITHOUT_EFFECT = {"mine", "bitcoin", "money", "gate", "bar", "stages", "case"}
"""Parts of the tree that change nothing where nobody mines, but for the dates and rates of
exchange that are compared apart."""


class Baselines:
    """Accounts of worlds without any mine, by what can change them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Accounts] = {}

    def of(self, operation: Operation, accounts: Accounts) -> Accounts:
        """Return the accounts of an operation's world without its mines."""
        if not operation.fleets:
            return accounts
        key = _key(operation.setting)
        if key not in self._known:
            self._known[key] = settle_accounts(run(operation.setting, mines=False))
        return self._known[key]


def _key(setting: Setting) -> tuple[str, ...]:
    segments = [
        f"{stretch.start} {tree.model_dump_json(exclude=_WITHOUT_EFFECT)}"
        for stretch, tree in setting.segments
    ]
    restart = setting.tree.plant.restart
    back = setting.opening.get(restart.gate) if restart else None
    rates = sorted(setting.tree.money.rates.items())
    return (*segments, str(rates), str(back), setting.tree.case.model_dump_json())

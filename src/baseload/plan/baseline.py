"""Work that need not be done twice: what one world's operation shares with another's."""

from __future__ import annotations

from collections.abc import Set

from baseload.plan.money import Accounts, settle_accounts
from baseload.plan.operation import Operation, run
from baseload.plan.world import Setting

_FRAME = {"money", "gate", "bar", "stages", "case"}
"""Parts of the tree that act on the operation only through dates and rates of exchange, which
are compared apart."""

_PAID = {
    *("machine_price", "site_price", "site_life", "fixed_cost", "salvage", "power_price"),
    *("title", "owner", "note", "source", "status"),
}
"""Attributes of a mine that are paid for and change nothing in its operation."""


class Baselines:
    """Accounts of worlds without any mine, by what can change them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Accounts] = {}

    def of(self, operation: Operation, accounts: Accounts) -> Accounts:
        """Return the accounts of an operation's world without its mines."""
        if not operation.fleets:
            return accounts
        key = _key(operation.setting, {*_FRAME, "mine", "bitcoin"})
        if key not in self._known:
            self._known[key] = settle_accounts(run(operation.setting, mines=False))
        return self._known[key]


def same_operation(one: Setting, other: Setting) -> bool:
    """Tell whether two settings run alike, hour for hour, whatever they pay."""
    return _operation_key(one) == _operation_key(other)


def _operation_key(setting: Setting) -> tuple[str, ...]:
    mines = [name for name in setting.tree.mine if setting.mine_running(name).any()]
    wanted = [name for name in mines if name in setting.mines]
    parts = [
        tree.mine[name].model_dump_json(exclude=_PAID)
        for _, tree in setting.segments
        for name in wanted
    ]
    running = [setting.mine_running(name).tobytes().hex() for name in wanted]
    left_out = {*_FRAME, "mine"} if wanted else {*_FRAME, "mine", "bitcoin"}
    return (*_key(setting, left_out), *parts, *running)


def _key(setting: Setting, left_out: Set[str]) -> tuple[str, ...]:
    segments = [
        f"{stretch.start} {tree.model_dump_json(exclude=set(left_out))}"
        for stretch, tree in setting.segments
    ]
    restart = setting.tree.plant.restart
    back = setting.opening.get(restart.gate) if restart else None
    rates = sorted(setting.tree.money.rates.items())
    return (*segments, str(rates), str(back), setting.tree.case.model_dump_json())

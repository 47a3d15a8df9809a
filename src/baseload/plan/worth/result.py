"""What is worth knowing: what a decision gains by news, and which news."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """What the best choice becomes if a signal turns out one way."""

    outcome: str
    """How it turns out, for people: 'opens', 'stays shut', 'below 78,000 USD/BTC'."""
    probability: float
    best: str
    """Name of the best alternative then; 'nothing' where none adds value."""
    value: float
    """Expected value of it then [USD]."""


@dataclass(frozen=True)
class Signal:
    """Something that could be known before deciding, and what knowing it is worth."""

    kind: str
    """'gate', 'unknown' or 'group'."""
    name: str
    """Gate, path of the unknown, or name of the group."""
    label: str
    worth: float
    """Expected value of knowing it perfectly [USD]."""
    error: float
    """Monte Carlo standard error of it [USD]."""
    source: str
    """News that would show it, and who would give it."""
    by: str
    """When it would be known, for people; empty if not said."""
    verdicts: tuple[Verdict, ...]

    @property
    def clear(self) -> bool:
        """Whether the worth lies two standard errors above zero."""
        return self.worth > 2.0 * self.error


@dataclass(frozen=True)
class Waiting:
    """What it is worth to be able to decide later, for one alternative."""

    alternative: str
    now: float
    """Expected value of building as soon as the gates open, whatever comes [USD]."""
    flexible: float
    """Expected value with the right to build later or never, to mothball and to stop [USD]."""
    error: float
    """Monte Carlo standard error of ``flexible`` [USD]."""
    built_share: float
    """Share of futures in which the flexible owner ever builds [-]."""

    @property
    def worth(self) -> float:
        """What the right to wait is worth [USD]."""
        return self.flexible - max(0.0, self.now)


@dataclass(frozen=True)
class Index:
    """Share of an outcome's variance that an unknown explains: alone, and with all others."""

    first: float
    total: float
    """NaN, as its width, where only futures at hand were used."""
    first_error: float
    total_error: float
    """Half widths of the 95 % intervals [-]."""


@dataclass(frozen=True)
class Worth:
    """What the decision between all alternatives, and nothing, gains by knowing more."""

    best: str
    """Best choice now; 'nothing' where no alternative adds value."""
    value: float
    """Expected value of the best choice now [USD]."""
    evpi: float
    """Expected value of knowing everything [USD]."""
    evpi_error: float
    signals: tuple[Signal, ...]
    """Most valuable first."""
    waiting: tuple[Waiting, ...]
    indices: Mapping[str, Index]
    """By path of the unknown, for the alternative ``indices_of``."""
    indices_of: str

    def to_json(self) -> dict[str, Any]:
        """Return everything under names that hold the unit; None for what was not found."""
        plain = asdict(self)
        for part in ("signals", "waiting"):
            plain[part] = [
                _named(row) | extra
                for row, extra in zip(plain[part], self._derived(part), strict=True)
            ]
        plain["indices"] = {
            name: {key: None if math.isnan(value) else value for key, value in row.items()}
            for name, row in plain["indices"].items()
        }
        return _named(plain)

    def _derived(self, part: str) -> list[dict[str, Any]]:
        if part == "signals":
            return [
                {"clear": one.clear, "verdicts": [_named(asdict(way)) for way in one.verdicts]}
                for one in self.signals
            ]
        return [{"worth_usd": one.worth} for one in self.waiting]


MONEY = frozenset({"value", "worth", "error", "evpi", "evpi_error", "now", "flexible"})
"""Names of amounts [USD]."""


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}_usd" if name in MONEY else name: value for name, value in row.items()}

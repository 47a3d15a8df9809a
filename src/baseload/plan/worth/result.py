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
    rest: float | None = None
    """What knowing everything else is worth then [USD]; None where not found."""


@dataclass(frozen=True)
class IfOpen:
    """What a signal is worth if the gates of one alternative open: build it, or nothing."""

    alternative: str
    worth: float
    """Expected value of knowing the signal, given that the gates open [USD]."""
    error: float
    """Monte Carlo standard error of it [USD]."""
    swing: float
    """How far the alternative's expected value rises where the signal turns out best [USD]."""
    verdicts: tuple[Verdict, ...]

    @property
    def clear(self) -> bool:
        """Whether the worth lies two standard errors above zero."""
        return self.worth > 2.0 * self.error


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
    if_open: IfOpen | None = None
    """None for a group, and where futures were not made to open gates."""

    @property
    def clear(self) -> bool:
        """Whether the worth lies two standard errors above zero."""
        return self.worth > 2.0 * self.error


@dataclass(frozen=True)
class Waiting:
    """What it is worth to be able to decide later, for one alternative.

    Where ``chance`` is less than 1, all values are those in futures whose gates open.
    """

    alternative: str
    now: float
    """Expected value of building as soon as the gates open, whatever comes [USD]."""
    flexible: float
    """Expected value with the right to build later or never, to mothball and to stop [USD]."""
    error: float
    """Monte Carlo standard error of ``flexible`` [USD]."""
    built_share: float
    """Share of futures in which the flexible owner ever builds [-]."""
    chance: float = 1.0
    """Probability of the gates that had to open for these futures to be counted [-]."""
    gains: float | None = None
    """Share of futures in which building as soon as the gates open adds value [-]."""

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
    value_error: float = 0.0
    """Monte Carlo standard error of ``value`` [USD]."""
    subject: str = ""
    """Alternative that ``if_open`` of the signals is about; empty where that was not asked."""
    left_out: tuple[str, ...] = ()
    """Unknowns without an index: the outcome hardly moves with them."""

    def to_json(self) -> dict[str, Any]:
        """Return everything under names that hold the unit; None for what was not found."""
        plain = asdict(self)
        plain["signals"] = [_told(one) for one in self.signals]
        plain["waiting"] = [_named(asdict(one)) | {"worth_usd": one.worth} for one in self.waiting]
        plain["indices"] = {
            name: {key: None if math.isnan(value) else value for key, value in row.items()}
            for name, row in plain["indices"].items()
        }
        return _named(plain)


MONEY = frozenset(
    {
        "value",
        "worth",
        "error",
        "evpi",
        "evpi_error",
        "now",
        "flexible",
        "rest",
        "swing",
        "value_error",
    }
)
"""Names of amounts [USD]."""


def _told(one: Signal | IfOpen) -> dict[str, Any]:
    plain = _named(asdict(one)) | {"clear": one.clear}
    plain["verdicts"] = [_named(asdict(way)) for way in one.verdicts]
    if isinstance(one, Signal):
        plain["if_open"] = _told(one.if_open) if one.if_open else None
    return plain


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}_usd" if name in MONEY else name: value for name, value in row.items()}

"""Futures in which gates are made to open: rare coincidences need not be waited for.

Whether a gate opens is a draw of its own, with a known probability, given those before it. So
what a mine is worth can be found where its gates open, and weighted by the probability that they
do. Gates that no alternative does without are opened in every future. News that an alternative
can do without, but that lifts a bar for it, is still drawn, nearer to one half than it is likely,
and weighted back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from baseload.case.gates import barred_by, needed_gates
from baseload.plan.ensemble.gating import Gates
from baseload.plan.ensemble.simulator import Simulator
from baseload.plan.futures.random import driver_key, uniform
from baseload.plan.worth.gated import Gated
from baseload.plan.worth.regression import Flags, Floats

if TYPE_CHECKING:
    from baseload.case.case import Case
    from baseload.plan.ensemble.choices import Choice
    from baseload.plan.ensemble.parameters import Parameters, Row
    from baseload.plan.ensemble.result import Ensemble

NOTHING = "nothing"
"""The alternative that is always there: no mine, worth 0."""


@dataclass(frozen=True)
class ForcedGates(Gates):
    """Gates that open with other probabilities than the case's."""

    chances: Mapping[str, float]

    def opening(self, parameters: Parameters, row: Row, seed: int, scenario: int) -> dict[str, int]:
        """Draw as `Gates.opening` does, with these probabilities."""
        forced = row.copy()
        for name, chance in self.chances.items():
            place = parameters.place("gate", name, "probability")
            forced.values[place], forced.series[place] = chance, -1
        return super().opening(parameters, forced, seed, scenario)


@dataclass(frozen=True)
class Forcing:
    """Opens gates in futures, and knows how likely they would have been to open.

    Called as what makes a simulator, it makes one whose gates open with `chances`; all else is
    drawn as in the futures of the same seed without it.

    Attributes
    ----------
    mining : alternatives that may have a mine.
    needs : shut gates that each of them waits for, with all before them.
    chances : probability with which each shut gate opens in these futures: 1, or less for news
        that counts for an alternative that does not wait for it.
    """

    mining: tuple[str, ...]
    needs: Mapping[str, frozenset[str]]
    chances: Mapping[str, float]

    @classmethod
    def of(cls, case: Case, alternatives: Iterable[str]) -> Forcing:
        """Find what alternatives wait for, and what else counts for them."""
        simulator = Simulator(case, tuple(alternatives), 0, 1)
        choices = [choice for choice in simulator.choices if choice.mines]
        shut = {name for name, gate in case.tree.gate.items() if gate.state != "open"}
        needs = {choice.name: choice.needed & shut for choice in choices}
        news = {name for choice in choices for name in _news(simulator.gates, choice) & shut}
        chances = {
            name: (case.tree.gate[name].probability + 0.5) / 2.0 if name in news else 1.0
            for name in case.tree.gate
            if name in shut
        }
        return cls(tuple(needs), needs, chances)

    def __call__(
        self, case: Case, alternatives: tuple[str, ...], seed: int, scenarios: int
    ) -> Simulator:
        """Make a simulator of futures with these gates."""
        simulator = Simulator(case, alternatives, seed, scenarios)
        plain = simulator.gates
        simulator.gates = ForcedGates(plain.case, plain.names, plain.works, self.chances)
        return simulator

    @property
    def drawn(self) -> tuple[str, ...]:
        """Gates that are drawn in these futures."""
        return tuple(name for name, chance in self.chances.items() if chance < 1.0)

    def only(self, alternative: str) -> Forcing:
        """Return the same with every gate open that one alternative waits for."""
        opened = dict.fromkeys(self.needs[alternative], 1.0)
        needs = {alternative: self.needs[alternative]}
        return replace(self, mining=(alternative,), needs=needs, chances={**self.chances, **opened})

    def gated(self, ensemble: Ensemble) -> Gated:
        """Return what alternatives are worth by the outcome of gates, from forced futures."""
        tree = ensemble.case.tree
        drawn = {name: self._luck(ensemble, name) for name in self.drawn}
        likely = {name: probability(ensemble, name) for name in self.chances}
        weight = np.ones(ensemble.scenarios)
        for name, came in drawn.items():
            chance = self.chances[name]
            weight *= np.where(came, likely[name] / chance, (1 - likely[name]) / (1 - chance))
        return Gated(
            names=(NOTHING, *self.mining),
            values=np.array(
                [np.zeros(ensemble.scenarios)]
                + [ensemble.of("mine_value", name) for name in self.mining]
            ),
            needs=(frozenset(), *(self.needs[name] for name in self.mining)),
            chances=likely,
            drawn=drawn,
            weight=weight,
            before={
                name: frozenset(needed_gates(tree, [name]) & self.chances.keys())
                for name in self.chances
            },
        )

    def _luck(self, ensemble: Ensemble, name: str) -> Flags:
        """Return whether a gate's own draw lets it open, whatever those before it do."""
        driver, chance = driver_key(f"gate {name}"), self.chances[name]
        draws = [uniform(ensemble.seed, s, driver, 0) for s in range(ensemble.scenarios)]
        return np.array(draws) < chance


def probability(ensemble: Ensemble, gate: str) -> Floats:
    """Return the case's own probability of a gate in every future, shape (S,)."""
    case, path = ensemble.case, f"gate.{gate}.probability"
    for unknown, row in zip(case.unknowns, ensemble.of("unknown_level"), strict=True):
        if path in case.levels(unknown).paths:
            return np.asarray(row)
    return np.full(ensemble.scenarios, float(case.tree.gate[gate].probability))


def _news(gates: Gates, choice: Choice) -> set[str]:
    """Gates that count for an alternative which does not wait for them, with all before them."""
    tree = choice.case.tree
    bars = {name for mine in choice.mines for name in barred_by(tree, mine, choice.parties)}
    # Gates that it waits for are open when its mine begins.
    bars -= {bar for gate in choice.needed for bar in tree.gate[gate].lifts}
    news = {
        name
        for name, gate in tree.gate.items()
        if name not in gates.works and not bars.isdisjoint(gate.lifts)
    }
    return set(needed_gates(tree, news) - choice.needed)

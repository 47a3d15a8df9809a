"""What a decision gains by knowing, where values count only if all of a set of gates open.

Whether a gate opens, given those before it, is independent of everything else and its probability
is known. So expectations over gates are sums, not samples: what is sampled is the value of each
alternative *in futures where its gates open*. Only news that changes those values is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from baseload.plan.worth.information import FOLDS, Estimate, best, followed, standard_error
from baseload.plan.worth.regression import Flags, Floats, cross_fitted, design

CLEAR = 2.0
"""Standard errors by which another choice must be better before the choice changes to it."""


@dataclass(frozen=True)
class Gated:
    """Alternatives, and the gates that they wait for, over S futures.

    Attributes
    ----------
    names : 'nothing', and the alternatives, A in all.
    values : value of each in futures where all its forced gates open, shape (A, S) [USD].
    needs : gates that each waits for, with all before them.
    chances : probability of each gate given those before it, by future, shape (S,).
    drawn : gates that were drawn, with whether they came, shape (S,); all others were forced.
    weight : likelihood of those draws by the case over that by which they were drawn, shape (S,).
    before : each gate with all before it.
    """

    names: tuple[str, ...]
    values: Floats
    needs: tuple[frozenset[str], ...]
    chances: Mapping[str, Floats]
    drawn: Mapping[str, Flags]
    weight: Floats
    before: Mapping[str, frozenset[str]]

    # --- values -------------------------------------------------------------------------------

    @cached_property
    def possible(self) -> Flags:
        """Futures whose draws let an alternative be, shape (A, S)."""
        every = np.ones(self.weight.size, dtype=bool)
        return np.array(
            [
                np.logical_and.reduce([every, *(self.drawn[g] for g in needs & self.drawn.keys())])
                for needs in self.needs
            ]
        )

    @cached_property
    def joint(self) -> Floats:
        """Value with all gates averaged over that were not drawn, shape (A, S) [USD].

        Its mean over futures is the expected value of each alternative, and its expectation given
        anything but gates is the expected value given that.
        """
        forced = np.array([self._forced(needs) for needs in self.needs])
        return np.asarray(self.weight * forced * self.possible * self.values)

    def chance(self, alternative: int) -> float:
        """Return the probability that all gates of an alternative open."""
        return float(self._all(self.needs[alternative]).mean())

    def if_open(self, alternative: int) -> tuple[Flags, Floats]:
        """Return the futures where an alternative's gates open, and their weights of mean 1."""
        members = self.possible[alternative]
        weight = self.weight[members]
        return members, weight / weight.mean() if weight.size else weight

    def _all(self, gates: frozenset[str]) -> Floats:
        every = np.ones(self.weight.size)
        return np.asarray(np.prod([every, *(self.chances[gate] for gate in gates)], axis=0))

    def _forced(self, gates: frozenset[str]) -> Floats:
        return self._all(gates - self.drawn.keys())

    # --- what opens ---------------------------------------------------------------------------

    @cached_property
    def patterns(self) -> dict[frozenset[int], Floats]:
        """Sets of alternatives whose forced gates are all open, with probability, shape (S,).

        Found gate by gate, so that their number is that of different sets, not of all outcomes
        of gates: at most 2 to the number of different needs.
        """
        found = {frozenset(range(len(self.names))): np.ones(self.weight.size)}
        forced = frozenset().union(*self.needs) - self.drawn.keys()
        for gate in sorted(forced):
            waiting = {a for a, needs in enumerate(self.needs) if gate in needs}
            after: dict[frozenset[int], Floats] = {}
            for alive, chance in found.items():
                for left, share in (
                    (alive, self.chances[gate]),
                    (alive - waiting, 1.0 - self.chances[gate]),
                ):
                    after[left] = after.get(left, 0.0) + chance * share
            found = after
        return found

    def _paid(self, ranking: Floats) -> Floats:
        """Return what the alternative ranked first of those open brings, by future [USD].

        'Nothing' is always open.
        """
        paid, count = np.zeros(self.weight.size), np.arange(self.weight.size)
        ranking = np.where(self.possible, ranking, -np.inf)
        for alive, chance in self.patterns.items():
            rows = np.array(sorted(alive))
            choice = rows[ranking[rows].argmax(axis=0)]
            paid += chance * self.values[choice, count]
        return self.weight * paid

    def matters(self, gate: str) -> bool:
        """Whether the value of any alternative depends on a gate."""
        return gate in self.drawn or any(gate in needs for needs in self.needs)

    # --- worth of knowing ---------------------------------------------------------------------

    def everything(self) -> Estimate:
        """Return the worth of knowing everything, gates and all else."""
        return _mean(self._paid(self.values) - self.joint[best(self.joint)])

    def law(self, dates: Floats) -> Estimate:
        """Return the worth of knowing of every gate whether it opens, and when.

        Parameters
        ----------
        dates : when gates open if they do, shape (k, S); infinite if too late.

        Notes
        -----
        A rule is learned for the value of each alternative given the dates and what was drawn;
        in each future it is paid for the best alternative of each set that may be open.
        """
        known = np.vstack([dates, *(came[None].astype(float) for came in self.drawn.values())])
        expected = cross_fitted(design(known), self.values, FOLDS)
        expected[0] = 0.0
        found = _mean(self._paid(expected) - self.joint[best(self.joint)])
        return found if found.worth > 0.0 else Estimate(0.0, found.error)

    def came(self, gate: str) -> Floats:
        """Return `joint` where a gate opens, and 0 where it does not, shape (A, S) [USD]."""
        event = self.before[gate]
        drawn = [self.drawn[name] for name in event & self.drawn.keys()]
        allowed = np.logical_and.reduce([np.ones(self.weight.size, dtype=bool), *drawn])
        rest = np.array([self._forced(event - needs) for needs in self.needs])
        return np.asarray(self.joint * rest * allowed)

    def opens(self, gate: str) -> float:
        """Return the probability that a gate opens, with all before it."""
        return float(self._all(self.before[gate]).mean())

    def of_gate(self, gate: str, dates: Floats) -> Estimate:
        """Return the worth of knowing whether a gate opens and, if it does, when.

        Parameters
        ----------
        dates : when it opens if it does, shape (S,).
        """
        came, count = self.came(gate), np.arange(self.weight.size)
        shut = self.joint - came
        rule, always = followed(came, dates), followed(shut, np.zeros(count.size))
        paid = np.asarray(came[rule, count] + shut[always, count])
        found = _mean(paid - self.joint[best(self.joint)])
        return found if found.worth > 0.0 else Estimate(0.0, found.error)

    def given(self, gate: str) -> Gated:
        """Return the same where it is known that a gate opens."""
        event = self.before[gate]
        sure = {name: np.ones(self.weight.size) for name in event}
        weight = self.weight.copy()
        for name in event & self.drawn.keys():
            weight *= self.drawn[name] / np.maximum(self.chances[name], 1e-300)
        return replace(self, chances={**self.chances, **sure}, weight=weight)


def choice_of(values: Floats) -> int:
    """Return the best choice: not 'nothing' only where that is clear.

    Parameters
    ----------
    values : value of each alternative, of 'nothing' first, shape (A, S) [USD].

    Notes
    -----
    Among many alternatives one always looks better by chance: two standard errors are asked for.
    """
    choice = best(values)
    gain = values[choice]
    return choice if gain.mean() > CLEAR * standard_error(gain) else 0


def _mean(gain: Floats) -> Estimate:
    return Estimate(float(gain.mean()), standard_error(gain))

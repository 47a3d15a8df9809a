"""Pairs of claims that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass

from baseload.case.registers import Registers


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two ids that cannot both hold, and what each says; no side is taken."""

    first: str
    says: str
    second: str
    against: str


def contradictions(registers: Registers) -> tuple[Contradiction, ...]:
    """Return every pair once, in the order of the claims."""
    pairs: dict[frozenset[str], Contradiction] = {}
    for name, claim in registers.claims.items():
        for other in claim.contradicted_by:
            pair = frozenset((name, other))
            if pair not in pairs:
                pairs[pair] = Contradiction(name, claim.claim, other, _words(registers, other))
    return tuple(pairs.values())


def _words(registers: Registers, name: str) -> str:
    if name in registers.claims:
        return registers.claims[name].claim
    if name in registers.sources:
        source = registers.sources[name]
        return f"{source.what}: {source.value}" if source.value else source.what
    return registers.precedents[name].title

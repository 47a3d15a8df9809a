from __future__ import annotations

from baseload.case.contradictions import contradictions


def test_each_pair_of_claims_is_told_once(small):
    pairs = contradictions(small.registers)
    assert [(pair.first, pair.second) for pair in pairs] == [("Q01", "Q02"), ("Q02", "Z04")]
    assert (pairs[0].says, pairs[0].against) == ("It will run", "It will not run")
    assert pairs[1].against == "House load"

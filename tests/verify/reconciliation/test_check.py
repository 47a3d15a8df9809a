"""Logged results against what the entries give, down to the meters of the joint test."""

import copy
from types import SimpleNamespace

import pytest
from tests.verify.reconciliation.sites import START, year

from baseload.verify.reconciliation.check import Reconciliation

COLLECTOR = year(20)
RESULTS = COLLECTOR.results()


def told(results, size=1000):
    follower = Reconciliation()
    follower._collector = copy.deepcopy(COLLECTOR)
    body = {"kind": "reconciliation", "inputs": {"size": str(size), "root": "0"}}
    body |= {"period": RESULTS[0]["period"], "results": results}
    statement = {"schema": "statement/1", "source": "desk", "t0": str(START), "t1": str(START)}
    follower.add(1001, statement | {"body": body})
    audit = SimpleNamespace(counts={}, results=[])
    return [one for one in follower.end(audit) if one.code == "reconciliation.differs"]


def joint(results):
    return next(one for one in results if one["test"] == "T1-3")


def more(key, by):
    def change(results):
        joint(results)["meters"][2][key] = str(int(joint(results)["meters"][2][key]) + by)

    return change


CHANGES = {
    "nothing": (lambda results: None, False),
    "the last digit of a meter's statistic": (more("statistic_e6", 1), False),
    "a meter's statistic": (more("statistic_e6", 100), True),
    "what a meter would have to be off by": (more("detectable_95", -10_000_000), True),
    "a meter is left out": (lambda results: joint(results)["meters"].pop(), True),
    "a key of a meter is left out": (lambda results: joint(results)["meters"][0].pop("bias"), True),
    "another meter is named": (lambda results: joint(results)["likeliest"].append("aux"), True),
    "a result is left out": (lambda results: results.pop(), True),
    "a reason": (lambda results: results[-2].update(untested="for no reason"), True),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_statement_is_what_the_entries_give_or_it_is_told(name):
    change, differs = CHANGES[name]
    results = copy.deepcopy(RESULTS)
    change(results)
    assert [one.verdict for one in told(results)] == (["FAILED"] if differs else [])


def test_a_statement_of_fewer_entries_than_there_were_is_not_computed_again():
    assert [one.verdict for one in told(RESULTS, size=2)] == ["INCOMPLETE"]

"""Logged results against what the entries give, down to the meters of the joint test."""

import copy
from types import SimpleNamespace

import pytest
from tests.verify.reconciliation.sites import DAY, MWH, SITE, START, entry, year

from baseload.verify.reconciliation.check import Reconciliation
from baseload.verify.reconciliation.collect import HASHES_OF_WORK, Collector

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


def codes(collector):
    """Findings of the reconciliation, each with the test that it names."""
    follower = Reconciliation()
    follower._collector = collector
    audit = SimpleNamespace(counts={}, results=[])
    return {(one.code.partition(".")[2], one.meaning.split(",")[0].split(":")[0])
            for one in follower.end(audit)}  # fmt: skip


def summary(day, part, pool):
    """Shares handed to a pool: so many times what the fleet hashes in a day."""
    work = round(0.98 * 2400 * MWH * 3600 / 17.5 * 1e12 * part / HASHES_OF_WORK)
    body = {"pool": pool, "account": "x", "rejected": "0", "stale": "0", "work": str(work)}
    body |= {"accepted": str(work // 131072), "work_squared": str(work * 131072)}
    return entry("shares.summary/1", day, body)


def test_shares_for_a_pool_that_nobody_named_hide_no_hashes():
    """A tenth of the hashes work for somebody else, and are logged as shares of a ghost."""
    cheat = year(shares=0.9)
    for day in range(60):
        cheat.add(9, summary(day, 0.1, "ghost"))
    found = codes(cheat)
    assert {("alarm", "T4"), ("alarm", "T8")} <= found


def test_a_meter_that_counts_the_other_way_first_hides_nothing():
    """An export of less than was imported, told before it, is not taken for the import."""
    collector, honest = Collector(), year(5)
    collector.add(0, entry("rule.change/1", 0, {"kind": "site", "site": SITE}))
    for name, told in honest.years.items():
        for start, energy in told.energy.items():
            for register, value in (("export", 5), ("import", energy)):
                body = {"meter": name, "register": register, "energy": str(value)}
                day = (start - START) // DAY
                collector.add(1, entry("meter.reading/1", day, body | {"quality": "measured"}))
    for name, told in honest.years.items():
        assert dict(collector.years[name].energy) == dict(told.energy)
    back = {one["title"]: one["verdict"] for one in collector.results() if one["test"] == "T8"}
    assert back["energy of main towards the grid"] == "explain"


@pytest.mark.parametrize("lost", [6, 20, 60])
def test_telemetry_that_is_left_out_on_many_days_is_no_test_that_was_passed(lost):
    """An interval a day is not told, without a gap in the numbers of the source."""
    whole = year(60)
    starved = Collector()
    starved.add(0, entry("rule.change/1", 0, {"kind": "site", "site": SITE}))
    starved.years, starved._work, starved._hashes = whole.years, whole._work, whole._hashes
    starved._covered = {
        key: {day: DAY - (number < lost) for number, day in enumerate(sorted(days))}
        for key, days in whole._covered.items()
    }
    starved._span, starved.taken = whole._span, [0, 1]
    found = codes(starved)
    if lost == 60:
        assert {("alarm", "T8"), ("untested", "T3"), ("untested", "T4")} <= found
    else:
        assert (("untested", "T8") in found) == (lost == 20)


def test_a_pool_that_keeps_no_share_is_an_alarm():
    pool = SITE["pools"][0] | {"retained_difficulty": str(10**13)}
    found = codes(year(30, site=SITE | {"pools": [pool]}))
    assert ("alarm", "T5") in found
    assert ("alarm", "T5") not in codes(year(30))
    assert ("untested", "T5") in codes(year(30))

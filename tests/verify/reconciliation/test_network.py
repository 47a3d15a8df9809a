"""What a site or a record may hold that no test can be made of, or that looks like a loss."""

import math
import random

import pytest
from scipy import stats
from tests.verify.reconciliation.sites import DAY, MWH, SITE, START, entry, year

from baseload.verify.reconciliation.balances import Rating, Site, energy_due, rating_of
from baseload.verify.reconciliation.collect import Collector
from baseload.verify.reconciliation.joint import Network, reconciled
from baseload.verify.reconciliation.meters import MeterYear
from baseload.verify.reconciliation.network import HASHES, LINE, network_of
from baseload.verify.reconciliation.results import of_joint
from baseload.verify.reconciliation.statistics import Part, cumulative, pages_test, whitened

HONEST = year()


def told(collector, test, *words):
    """The results of a test whose titles hold some words."""
    found = [one for one in collector.results() if one["test"] == test]
    return [one for one in found if all(word in one["title"] for word in words)]


def site_with(**other):
    return SITE | other


def meters_with(**other):
    return site_with(meters=[meter | other for meter in SITE["meters"]])


NO_ERRORS = meters_with(random_ppm="0", systematic_ppm="0")
NO_ERRORS |= {"loss": SITE["loss"] | {"sigma_ppm": "0"}}
UNTESTABLE = {
    "no error is stated": (NO_ERRORS, "T1", "no error is stated"),
    "nor of any meter of one balance": (NO_ERRORS, "T1-3", "no error is stated"),
    "no false alarm is allowed": (site_with(false_alarm_ppm="0"), "T1", "leaves no test"),
    "all are allowed": (site_with(false_alarm_ppm="1000000"), "T1", "leaves no test"),
    "more than all are allowed": (site_with(false_alarm_ppm="9" * 30), "T1", "leaves no test"),
    "no interval": (site_with(interval_ms="0"), "T1", "no interval"),
    "a day is no whole number of them": (site_with(interval_ms="7000000"), "T1", "no interval"),
    "no meters": (site_with(meters=[]), "T1", "states no meters"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNTESTABLE)
def test_what_cannot_be_tested_says_why_and_has_no_numbers(name):
    site, test, reason = UNTESTABLE[name]
    HONEST.add(9, entry("rule.change/1", 0, {"kind": "site", "site": site}))
    try:
        found = told(HONEST, test)
    finally:
        HONEST.add(9, entry("rule.change/1", 0, {"kind": "site", "site": SITE}))
    assert any(reason in one.get("untested", "") for one in found)
    for one in found:
        if "untested" in one:
            assert one["verdict"] == "explain"
            assert not any(key.endswith(("_e6", "_e9")) or "detectable" in key for key in one)


@pytest.mark.parametrize("size", [1, 40, 79])
def test_figures_of_any_size_are_computed_with_or_told_to_be_too_large(size):
    huge = "9" * size
    meters = [meter | {"random_ppm": huge, "systematic_ppm": huge} for meter in SITE["meters"]]
    pools = [{"id": "p", "method": "solo", "fee_ppm": "0", "script": "", "tag": "",
              "retained_difficulty": "0"}]  # fmt: skip
    site = site_with(meters=meters, pools=pools, scale_bits="70")
    collector = Collector()
    collector.add(0, entry("rule.change/1", 0, {"kind": "site", "site": site}))
    for day in range(3):
        for meter in SITE["meters"]:
            body = {"meter": meter["id"], "register": "import", "energy": huge}
            collector.add(1, entry("meter.reading/1", day, body | {"quality": "measured"}))
        body = {"fleet": "f", "energy": "0", "machines": "1", "hashes": huge}
        collector.add(2, entry("fleet.telemetry/1", day, body))
        body = {"pool": "p", "account": "a", "rejected": huge, "stale": huge, "work": huge}
        body |= {"accepted": "1", "work_squared": huge}
        collector.add(3, entry("shares.summary/1", day, body))
    for one in collector.results():
        assert one["verdict"] in ("consistent", "explain", "alarm")
        seen = {"untested", "detectable_95", "detectable_95_ppm"} & set(one)
        assert seen or one["test"] in ("T6", "T8")


def test_every_test_has_a_result_whatever_the_record_holds():
    collector = Collector()
    collector.add(0, entry("rule.change/1", 0, {"kind": "site", "site": SITE}))
    body = {"meter": "main", "register": "import", "energy": "1", "quality": "missing"}
    collector.add(1, entry("meter.reading/1", 0, body))
    found = collector.results()
    assert {one["test"] for one in found} == {"T1", "T1-3", *(f"T{n}" for n in range(2, 9))}
    assert all("untested" in one for one in found if one["test"] != "T8")
    assert "alarm" in [one["verdict"] for one in found if one["test"] == "T8"]


def test_one_day_alone_is_tested():
    collector = year(1)
    for test in ("T1", "T1-3", "T2", "T3", "T4"):
        for one in told(collector, test):
            assert (one["days"], one["verdict"]) == ("1", "consistent")


def test_a_dead_meter_keeps_only_its_own_balances_from_being_tested():
    def dead(day, energy):
        if day >= 40:
            del energy["rack-a"]

    collector = year(change=dead)
    (plant,) = told(collector, "T1", "plant against main")
    (rack,) = told(collector, "T2")
    assert (plant["days"], rack["days"]) == ("60", "40")
    (lacking,) = told(collector, "T8", "days on which every meter")
    assert lacking["verdict"] == "explain"
    assert "40 of 60; rack-a lacks the most" in lacking["found"]


def test_the_other_side_of_the_meter_is_an_alarm_too():
    """Less at the plant than arrives: a loss with the wrong sign is no loss, and is not right."""

    def less(day, energy):
        energy["plant"] *= 0.98

    (one,) = told(year(change=less), "T1", "plant against main")
    assert one["verdict"] == "alarm"
    assert int(one["difference"]) < 0


def test_far_beyond_all_chance_a_probability_is_told_by_its_logarithm():
    def most(day, energy):
        energy["plant"] *= 3.0

    (one,) = told(year(365, change=most), "T1", "plant against main")
    assert (one["sum_p_e9"], one["page_p_e9"]) == ("0", "0")
    assert int(one["sum_log10_p_e6"]) < -300_000_000
    assert int(one["page_log10_p_e6"]) < -300_000_000


GROUPED = site_with(
    meters=[
        meter | ({"group": "batch"} if meter["id"] in ("plant", "main", "check") else {})
        for meter in SITE["meters"]
    ]
)


def test_what_meters_of_a_group_share_cancels_where_they_are_compared():
    """Three meters of a batch: the difference is sharper by far, what both miss is not seen."""
    alone, together = HONEST, year(site=GROUPED)
    for words in (("plant against main",), ("main against check",)):
        (one,), (other,) = told(alone, "T1", *words), told(together, "T1", *words)
        assert int(other["detectable_95"]) < 0.35 * int(one["detectable_95"])
        assert other["verdict"] == "consistent"

    def low(day, energy):
        for name in ("plant", "main", "check"):
            energy[name] *= 1.0005

    assert told(year(change=low), "T2")[0]["verdict"] == "consistent"
    names = {one["meter"]: one for one in told(together, "T1-3")[0]["meters"]}
    assert int(names["plant"]["sigma"]) > 0


def test_meters_that_share_an_error_and_are_said_not_to_are_told_by_the_joint_test():
    """Racks that all read half a percent too much, declared independent at 0.1 %."""

    def high(day, energy):
        energy["rack-a"] *= 1.006
        energy["rack-b"] *= 1.006

    (one,) = told(year(change=high), "T1-3")
    assert one["verdict"] == "alarm"
    assert one["likeliest"] == ["rack-a + rack-b"]
    assert int(one["difference"]) / (60 * 0.98 * 2400 * MWH * 0.006) == pytest.approx(1, rel=0.2)


@pytest.mark.parametrize(("wrong", "factor"), [("plant", 1.01), ("check", 0.99), ("main", 1.01)])
def test_the_joint_test_names_the_meter_that_is_wrong(wrong, factor):
    def off(day, energy):
        energy[wrong] *= factor

    (one,) = told(year(change=off), "T1-3")
    # The plant has no second meter here: what it counts too much might be lost on the line.
    named = ["plant", "loss of the line"] if wrong == "plant" else [wrong]
    assert (one["verdict"], one["likeliest"]) == ("alarm", named)
    assert int(one["difference"]) / (60 * 2400 * MWH * (factor - 1)) == pytest.approx(1, rel=0.25)


def test_meters_that_cannot_be_told_apart_are_one_entry_of_the_same_network():
    """Merged or not, chi-square is the same: it is computed here with each rack for itself."""
    (one,) = told(HONEST, "T1-3")
    site = Site(SITE, HONEST.years, START, START + 60 * DAY)
    ratings = [rating_of(SITE["machines"], START // DAY)]
    network = Network()
    for name, days in site.days.items():
        energy = sum(days.energy.values())
        random_part = sum(map(days.noise, days.squares))
        network.meter(name, energy, random_part + days.systematic * energy**2)
    loss = sum(site.loss("main", START // DAY + day) for day in range(60))
    network.meter("loss", loss, (0.05 * loss) ** 2)
    due = sum(HONEST._hashes.values()) * ratings[0].per_hash
    network.meter("hash", due, (0.005 * due) ** 2)
    network.balances = [
        {"main": 1, "check": -1},
        {"plant": 1, "main": -1, "loss": -1},
        {"main": 1, "rack-a": -1, "rack-b": -1, "aux": -1},
        {"rack-a": 1, "rack-b": 1, "hash": -1},
    ]
    found = reconciled(network, 0.05)
    assert int(one["chi2_statistic_e6"]) / 1e6 == pytest.approx(found.chi.statistic, abs=1e-6)
    names = [row["meter"] for row in one["meters"]]
    assert names == ["plant", "main", "check", "rack-a + rack-b", "aux", LINE, HASHES]
    seen = {row["meter"]: int(row["detectable_95"]) for row in one["meters"]}
    assert int(one["detectable_95"]) == max(seen[name] for name in names[:5]) < seen[HASHES]


def test_many_meters_of_one_balance_are_named_by_the_first():
    racks = [{"id": f"r{n:03}", "place": "rack", "random_ppm": "500", "systematic_ppm": "1000"}
             for n in range(300)]  # fmt: skip
    years = {name: MeterYear({START: 1000 * MWH}) for name in ["main", *(r["id"] for r in racks)]}
    main = {"id": "main", "place": "main", "random_ppm": "500", "systematic_ppm": "1000"}
    site = Site(site_with(meters=[main, *racks]), years, START, START + DAY)
    network, days = network_of(site, {}, [])
    assert (days, list(network.values)) == (1, ["main", "r000 and 299 more"])
    assert network.values["r000 and 299 more"] == 300_000 * MWH


def test_of_very_many_meters_those_furthest_off_are_told():
    """A hundred racks, each with a meter that checks it: an entry of a log has room for sixty."""
    network, chance = Network(), random.Random(4)
    for n in range(100):
        network.meter(f"r{n}", 1e9 + chance.gauss(0, 1e6), 1e12)
        network.meter(f"c{n}", 1e9 + chance.gauss(0, 1e6), 2e12)
        network.balances.append({f"r{n}": 1, f"c{n}": -1})
    network.values["r7"] += 1e7
    told_of = of_joint(network, 1, 0.05)
    assert (told_of["verdict"], told_of["degrees"]) == ("alarm", "100")
    assert told_of["likeliest"] == ["r7", "c7"]
    names = [one["meter"] for one in told_of["meters"]]
    assert len(names) == 60
    assert {"r7", "c7"} < set(names)
    assert names == sorted(names, key=[*network.values].index)


def test_each_rating_of_the_machines_has_an_error_of_its_own():
    ratings = [Rating(5, 2.0, 0.01), Rating(7, 3.0, 0.02)]
    due, parts = energy_due(ratings, {4: 10.0, 5: 10.0, 7: 10.0, 9: 20.0}, [4, 5, 7, 9])
    assert due == [20.0, 20.0, 30.0, 60.0]
    assert [(part.variance, part.exposure) for part in parts] == [
        (0.0001, [20.0, 20.0, 0.0, 0.0]), (0.0004, [0.0, 0.0, 30.0, 60.0]),
    ]  # fmt: skip


def test_a_day_with_an_interval_that_nobody_read_is_not_whole():
    hours = {START + hour * DAY // 24: 5 for hour in range(48) if hour != 30}
    alone = [{"id": "main", "place": "main", "random_ppm": "1", "systematic_ppm": "1"}]
    site = site_with(meters=alone, interval_ms=str(DAY // 24))
    found = Site(site, {"main": MeterYear(hours)}, START, START + 2 * DAY)
    assert found.whole("main") == [START // DAY]
    assert found.whole() == []


def test_what_has_no_data_takes_no_part_of_the_budget():
    """Without telemetry four tests are left: T1 twice, T2 and the joint one."""
    collector = Collector()
    collector.add(0, entry("rule.change/1", 0, {"kind": "site", "site": SITE}))
    collector.years = HONEST.years
    collector._span = HONEST._span
    for found, tests in ((collector, 4), (HONEST, 6)):
        share = 1.0 - 0.95 ** (1.0 / tests)
        (one,) = told(found, "T2")
        assert int(one["sum_threshold_e6"]) / 1e6 == pytest.approx(stats.norm.isf(share / 4))


def test_a_meter_that_stands_for_none_or_for_itself_checks_nothing():
    for other in ("nobody", "check", "rack-a"):
        meters = [
            meter | ({"stands_for": other} if meter["id"] == "check" else {})
            for meter in SITE["meters"]
        ]
        collector = year(3, site=site_with(meters=meters))
        assert told(collector, "T1", "which checks it") == []
        assert {one["test"] for one in collector.results()} >= {"T1", "T1-3", "T2", "T3"}


def tuned(collector, day, millijoule):
    machines = {"millijoule_per_terahash": str(millijoule), "sigma_ppm": "5000"}
    body = {"kind": "site", "site": site_with(machines=machines)}
    collector.add(99, entry("rule.change/1", day, body))


def test_machines_that_are_tuned_anew_are_reckoned_with_from_that_day_on():
    """Half of the days at 17.5 J/TH, half at 15: an alarm only where nobody says so."""
    collector = year()
    for day in range(30, 60):
        number = START // DAY + day
        collector._hashes[number] *= 17.5 / 15.0
    assert told(collector, "T3")[0]["verdict"] == "alarm"
    tuned(collector, 30, 15_000)
    assert told(collector, "T3")[0]["verdict"] == "consistent"
    assert told(collector, "T1-3")[0]["verdict"] == "consistent"
    tuned(collector, 45, 12_000)
    assert told(collector, "T3")[0]["verdict"] == "alarm"


MISFITS = {
    "a firmware counter that was reset": (20, 0.3, 1.0, {"T3", "T4", "T1-3"}),
    "hashes without power": (0, 1.10, 1.10, {"T3", "T1-3"}),
    "idle power without hashes": (0, 0.85, 0.85, {"T3", "T1-3"}),
    "no share at all": (0, 1.0, 0.0, {"T4"}),
}


@pytest.mark.parametrize("name", MISFITS)
def test_hashes_that_do_not_fit(name):
    since, hashes, shares, expected = MISFITS[name]
    collector = year(shares=shares)
    for day in range(since, 60):
        collector._hashes[START // DAY + day] *= hashes
    found = {one["test"] for one in collector.results() if one["verdict"] == "alarm"}
    assert found == expected


def summary(day, difficulties):
    """A day whose shares have difficulties that vardiff has chosen."""
    work, squared = sum(difficulties), sum(d * d for d in difficulties)
    body = {"pool": "p", "account": "a", "rejected": "0", "stale": "0", "work": str(work)}
    body |= {"accepted": str(len(difficulties)), "work_squared": str(squared)}
    return entry("shares.summary/1", day, body)


@pytest.mark.parametrize("claimed", ["as they were", "none"])
def test_difficulties_that_jump_make_no_alarm(claimed):
    """Shares of 1 to 4,096 times the least difficulty, Poisson in number: at most 1 of 200 years.

    Also where the sum of squares is said to be 0, which no difficulties can have.
    """
    chance, alarms = random.Random(2), 0
    for _ in range(20):
        collector = Collector()
        collector.add(0, entry("rule.change/1", 0, {"kind": "site", "site": SITE}))
        for day in range(20):
            found = []
            for level in (1, 64, 4096):
                count = int(stats.poisson.ppf(chance.random(), 300))
                found += [level * 1000] * count
            true = 300 * 1000 * (1 + 64 + 4096) * 2**48 / 65535
            row = summary(day, found)
            if claimed == "none":
                row["body"] |= {"work_squared": "0"}
            collector.add(1, row)
            body = {"fleet": "f", "energy": "0", "machines": "1", "hashes": str(round(true))}
            collector.add(2, entry("fleet.telemetry/1", day, body))
        (one,) = told(collector, "T4")
        alarms += one["verdict"] == "alarm" if claimed == "as they were" else 0
        assert int(one["detectable_95"]) > 0
    assert alarms <= 1


def test_how_often_heavy_tails_give_a_false_alarm():
    """Student's t with three degrees instead of the normal, of the same variance.

    The sum of a year is normal all the same; Page's test passes its limit more often, as one day
    in a thousand is off by five deviations: the share of years is written in the documentation.
    """
    chance, years = random.Random(12), 400
    alarms = {"sum": 0, "page": 0}
    for _ in range(years):
        days = []
        for _ in range(365):
            square = sum(chance.gauss(0, 1) ** 2 for _ in range(3))
            days.append(chance.gauss(0, 1) / math.sqrt(square / 3) / math.sqrt(3))
        total = cumulative(days, [], [1.0] * 365, 0.05)
        change = pages_test(whitened(days, [], [1.0] * 365), 0.05, 365)
        alarms["sum"] += abs(total.statistic) > total.threshold
        alarms["page"] += change.statistic > change.threshold
    assert alarms["sum"] / years == pytest.approx(0.05, abs=0.035)
    assert 0.08 < alarms["page"] / years < 0.40


def test_days_without_energy_tell_nothing_of_the_error_that_stays():
    values, energy = [0.0, 5.0, 0.0, 5.0], [0.0, 100.0, 0.0, 100.0]
    found = whitened(values, [Part(0.01, energy)], [0.0, 1.0, 0.0, 1.0])
    assert (found[0], found[2]) == (0.0, 0.0)
    assert abs(found[3]) < abs(found[1])


def test_errors_that_differ_from_the_certificate_are_to_be_explained():
    collector = year(3)
    certificate = {"random_ppm": "500", "systematic_ppm": "4000", "valid_to": str(START + 99 * DAY)}
    body = {"meter": "main", "kind": "calibration", "serial": "1", "certificate": certificate}
    collector.add(9, entry("meter.event/1", 0, body))
    (one,) = told(collector, "T8", "error of main")
    assert one["verdict"] == "explain"
    assert one["allowed"] == "500 and 4000 ppm, as certified"


def test_results_are_integers_as_text_lists_and_tables_of_them():
    def checked(value):
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            return all(map(checked, value.values()))
        if isinstance(value, list):
            return all(map(checked, value))
        return isinstance(value, str)

    assert all(map(checked, HONEST.results()))

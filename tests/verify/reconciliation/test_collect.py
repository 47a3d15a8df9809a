import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.verify.reconciliation.sites import DAY, MWH, SITE, START, entry, year

from baseload.verify.reconciliation.check import alarms_of
from baseload.verify.reconciliation.collect import Collector
from baseload.verify.reconciliation.meters import ByStart


def verdicts(collector):
    found = {}
    for one in collector.results():
        worst = found.get(one["test"], "consistent")
        found[one["test"]] = "alarm" if "alarm" in (worst, one["verdict"]) else one["verdict"]
    return found


def times(name, factor, since=0):
    def change(day, energy):
        if day >= since:
            energy[name] *= factor

    return change


def test_an_honest_record_is_consistent():
    found = year().results()
    tested = [one for one in found if "untested" not in one]
    assert {one["test"] for one in tested} == {"T1", "T1-3", "T2", "T3", "T4", "T8"}
    assert {one["verdict"] for one in tested} == {"consistent"}
    assert {one["test"] for one in found} == {"T1", "T1-3", *(f"T{n}" for n in range(2, 9))}
    assert list(alarms_of(found)) == []


@pytest.mark.parametrize(
    ("collector", "alarms"),
    [
        (year(change=times("plant", 1.02)), {"T1", "T1-3"}),
        (year(change=times("plant", 1.004, since=30)), {"T1"}),
        (year(change=times("rack-a", 0.97)), {"T2", "T1-3"}),
        (year(hashes=1.05, shares=1.05), {"T3", "T1-3"}),
        (year(shares=0.99), {"T4"}),
    ],
)
def test_what_does_not_agree_is_an_alarm_of_its_test(collector, alarms):
    found = verdicts(collector)
    assert alarms <= {test for test, verdict in found.items() if verdict == "alarm"}
    if "T2" not in alarms:
        assert {test for test, verdict in found.items() if verdict == "alarm"} == alarms


def test_a_day_whose_telemetry_was_lost_is_left_out():
    """It is a gap of the record, told as that; the other days are tested all the same."""
    whole = year()
    lost = Collector()
    lost.add(0, entry("rule.change/1", 0, {"kind": "site", "site": SITE}))
    lost.years = whole.years
    for day in (0, 1, 2):
        body = {"fleet": "f", "energy": "0", "machines": "1", "hashes": "1"}
        for name in "fg" if day != 1 else "f":
            lost.add(1, entry("fleet.telemetry/1", day, body | {"fleet": name}))
    found = {one["test"]: one for one in lost.results()}
    assert found["T3"]["days"] == "2"


def test_every_result_says_what_it_would_have_seen():
    for one in year().results():
        if one["test"] != "T8" and "untested" not in one:
            assert int(one["detectable_95"]) > 0
            assert int(one["days"]) == 60


def test_an_alarm_names_causes_and_the_next_step():
    (first, *_) = alarms_of(year(change=times("plant", 1.02)).results())
    assert (first.code, first.verdict) == ("reconciliation.alarm", "INCOMPLETE")
    assert "It may be innocent" in first.meaning
    assert "Next:" in first.meaning


def test_the_sum_of_a_skim_is_what_was_taken():
    taken = 60 * 2400 * MWH * 0.02
    found = next(one for one in year(change=times("plant", 1.02)).results() if one["test"] == "T1")
    assert int(found["difference"]) == pytest.approx(taken, rel=0.05)


def reading(day, quality="measured", energy=5, **more):
    body = {"meter": "main", "register": "import", "energy": str(energy), "quality": quality}
    return entry("meter.reading/1", day, body | more)


def upkeep(*entries):
    collector = Collector()
    alone = SITE | {"meters": [one for one in SITE["meters"] if one["id"] == "main"]}
    collector.add(0, entry("rule.change/1", 0, {"kind": "site", "site": alone}))
    for number, one in enumerate(entries):
        collector.add(number, one)
    return [(r["title"], r["verdict"]) for r in collector.results() if r["test"] == "T8"]


def event(day, kind, **more):
    return entry("meter.event/1", day, {"meter": "main", "kind": kind, "serial": "1"} | more)


def test_estimates_seals_certificates_and_values_that_stand():
    many = [reading(day, energy=day + 1) for day in range(20)]
    assert upkeep(*many) == [("meters", "consistent")]
    tenth = [reading(d, "missing" if d % 5 == 0 else "measured", d + 1) for d in range(20)]
    assert upkeep(*tenth) == [
        ("days on which every meter has a reading", "explain"),
        ("readings of main that were not measured", "alarm"),
    ]
    assert upkeep(*many, event(3, "unseal")) == [("seal of main", "alarm")]
    assert upkeep(*many, event(3, "unseal"), event(3, "seal")) == [("meters", "consistent")]
    certificate = {"random_ppm": "500", "systematic_ppm": "1000"}
    certificate |= {"valid_to": str(START + 10 * DAY)}
    late = event(0, "calibration", certificate=certificate)
    assert upkeep(*many, late) == [("certificate of main", "alarm")]
    still = [reading(day, energy=7) for day in range(13)]
    assert upkeep(*still) == [("values of main that stand still", "alarm")]
    assert upkeep(*(reading(day, energy=0) for day in range(13))) == [("meters", "consistent")]


def test_an_estimate_takes_the_place_of_what_was_missing():
    collector = Collector()
    collector.add(0, reading(0, "missing", 0))
    collector.add(1, reading(0, "estimated", 9, of="0" * 64))
    assert collector.years["main"].energy == {START: 9}
    assert collector.years["main"].estimated == {START}


def test_nothing_is_said_without_a_site():
    collector = Collector()
    collector.add(0, reading(0))
    assert collector.results() == []


def test_an_estimate_is_worth_little_and_hides_little():
    """A fifth of it is one sigma: a day that was guessed neither alarms nor vouches for much."""
    honest = {one["title"]: one for one in year(30).results() if one["test"] in ("T1", "T2")}
    for wrong in (0.8, 1.0, 1.2):
        guessed = year(30)
        body = {"meter": "main", "register": "import", "energy": str(round(2400 * MWH * wrong))}
        body |= {"quality": "estimated", "of": "ab" * 32, "method": "m", "reason": "r"}
        guessed.add(9, entry("meter.reading/1", 9, body))
        found = {one["title"]: one for one in guessed.results() if one["test"] in ("T1", "T2")}
        assert {one["verdict"] for one in found.values()} == {"consistent"}
        for title, one in honest.items():
            assert found[title]["days"] == one["days"]
            if "main" in title:
                assert int(found[title]["detectable_95"]) > int(one["detectable_95"])


def test_a_reading_that_is_missing_makes_no_day():
    lacking = year(30)
    body = {"meter": "main", "register": "import", "energy": "0", "quality": "missing"}
    lacking.add(9, entry("meter.reading/1", 9, body | {"of": "ab" * 32}))
    (one,) = [r for r in lacking.results() if r["title"].startswith("main intake against racks")]
    assert (one["days"], one["verdict"]) == ("29", "consistent")


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(-(2**40), 2**40)), max_size=60))
def test_energies_are_a_mapping(pairs):
    found, model = ByStart(), {}
    for number, energy in pairs:
        start = START + number * 900_000
        found[start] = energy
        model[start] = energy
    assert dict(found) == model
    assert dict(found.items()) == model
    assert len(found) == len(model)
    for number in range(401):
        start = START + number * 900_000
        assert found.get(start) == model.get(start)
        assert (start in found) == (start in model)

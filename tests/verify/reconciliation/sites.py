"""A site of 100 MW with two meters at the main intake, and records of it by the day."""

import random

from baseload.verify.reconciliation.collect import HASHES_OF_WORK, Collector

DAY = 86_400_000
START = 20_000 * DAY
MWH = 1_000_000
METERS = {
    "plant": ("plant", 500, 1000), "main": ("main", 500, 1000), "check": ("main", 500, 1000),
    "rack-a": ("rack", 500, 1000), "rack-b": ("rack", 500, 1000), "aux": ("aux", 1000, 2000),
}  # fmt: skip
SITE = {
    "interval_ms": str(DAY),
    "meters": [
        {"id": name, "place": place, "random_ppm": str(r), "systematic_ppm": str(s)}
        | ({"stands_for": "main"} if name == "check" else {})
        for name, (place, r, s) in METERS.items()
    ],
    "loss": {"constant": "100000", "per_terawatt": "50", "sigma_ppm": "50000"},
    "machines": {"millijoule_per_terahash": "17500", "sigma_ppm": "5000"},
    "pools": [
        {"id": "p", "method": "fpps", "fee_ppm": "0", "script": "00", "tag": "00"}
        | {"retained_difficulty": str(10**40)}  # none is expected to be kept
    ],
    "false_alarm_ppm": "50000",
}


def entry(schema, day, body):
    t0 = START + day * DAY
    return {"schema": schema, "t0": str(t0), "t1": str(t0 + DAY), "body": body}


def energies(day, chance):
    """True energies of a day: 2,400 MWh at the main intake, its loss before it."""
    main = 2400 * MWH
    power = main / 24
    loss = (100_000 + 50 * power * power / 1e12) * 24
    true = {"plant": main + loss, "main": main, "check": main, "aux": 0.02 * main}
    true |= {"rack-a": 0.6 * 0.98 * main, "rack-b": 0.4 * 0.98 * main}
    return {
        name: value * (1 + chance.gauss(0, METERS[name][1] / 1e6)) for name, value in true.items()
    }


def year(days=60, change=lambda day, energy: None, hashes=1.0, shares=1.0, site=SITE, seed=5):
    """A record of some days; what is said is changed on the way, or is so many times the truth."""
    collector, chance = Collector(), random.Random(seed)
    collector.add(0, entry("rule.change/1", 0, {"kind": "site", "site": site}))
    for day in range(days):
        energy = energies(day, chance)
        change(day, energy)
        for name, value in energy.items():
            body = {"meter": name, "register": "import", "energy": str(round(value))}
            collector.add(1, entry("meter.reading/1", day, body | {"quality": "measured"}))
        count = 0.98 * 2400 * MWH * 3600 / 17.5 * 1e12
        body = {"fleet": "f", "energy": "0", "machines": "1", "hashes": str(round(count * hashes))}
        collector.add(2, entry("fleet.telemetry/1", day, body))
        work = round(count * shares / HASHES_OF_WORK)
        body = {"pool": "p", "account": "a", "rejected": "0", "stale": "0", "work": str(work)}
        body |= {"accepted": str(work // 131072), "work_squared": str(work * 131072)}
        collector.add(3, entry("shares.summary/1", day, body))
    return collector

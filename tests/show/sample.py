"""A small case folder and a study of it made by hand: no number in it is a result."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from baseload.case.case import Case
from baseload.case.load import load
from baseload.plan.cash.accounts import Account
from baseload.plan.cash.ledger import Ledger
from baseload.plan.outcome import FLOWS, Metrics, Outcome, Study, Swing, Week, World

HOSTILE = "<script>alert('claim')</script> & \"quoted\""
"""A claim that tries to run as code."""

CASE = """
[case]
name = "Sample plant"
time_zone = "Europe/Kyiv"
start = 2027-01-01
end = 2031-01-01
step = "1 day"
as_of = 2026-03-13

[money]
base_year = 2026
discount_rate = "8 %/year"

[plant]
name = "Sample plant"
running_units_cap = 1

[plant.bus.site]

[plant.unit.U1]
bus = "site"
gross = { value = "1000 MW", source = "Z03", status = "confirmed" }
house_load = { value = "50 MW", source = "Z04", note = "gross less net" }
shutdown_load = { value = "35 MW", status = "memory" }
state = "stopped"

[plant.restart]
gate = "restart"
first = "15 months"
following = "4 months"
order = ["U1"]

[link.line]
bus = "site"
area = "north"
export_limit = "400 MW"
import_limit = "400 MW"

[area.north]
title = "Northern area"
[area.north.market]
price = "90 USD/MWh"

[mine.onsite]
title = "Mine at the site"
bus = "site"
machine = "Antminer S21"
power = "0 MW"

[bitcoin]
price = "91000 USD/BTC"
network = "1040 EH/s"
at = 2026-01-12
height = 931700
"""

GATES = """
[stages]
order = ["talk", "agreement", "operate"]
reached = "talk"

[gate.restart]
title = "The first unit restarts"
stage = "operate"
after = ["agreement"]
delay = "6 months"

[gate.agreement]
title = "An agreement is signed"
stage = "agreement"
date = 2027-06-01
probability = "30 %"
signal = "text published by the parties"
lifts = ["R05"]
status = "assumed"

[bar.R01]
title = "Decree on mining"
jurisdiction = "first state"
since = 2025-01-01
until = 2031-03-15
blocks = ["mine.*"]

[bar.R05]
title = "Sanctions on the operator"
jurisdiction = "second state"
since = 2023-02-24
blocks = ["mine.*"]
"""

UNKNOWNS = """
[[unknown]]
path = "bitcoin.price"
name = "Price of a bitcoin"
low = "50000 USD/BTC"
high = "150000 USD/BTC"
status = "assumed"
"""

ALTERNATIVES = """
[alternative.status-quo]
title = "As it stands"

[alternative.pilot]
title = "30 MW pilot at the site"
needs = ["restart"]
set = { "mine.onsite.power" = "30 MW" }
arrangement = "S1"
"""

ARRANGEMENTS = """
[party.first]
name = "First party"
roles = ["operator"]

[party.second]
name = "Second party"

[arrangement.S1]
title = "Halves"
proposed_by = "a draft"
energy = { first = "50 %", second = "50 %" }
parties = ["first", "second"]
"""

CLAIMS = f"""
[claim.Q01]
claim = '''{HOSTILE}'''
by = "someone"
reported_by = "a paper"
date = 2025-12-24
standing = "single chain"
contradicted_by = ["Q02"]

[claim.Q02]
claim = "No comment was found."
by = "silence"
reported_by = "nobody"
standing = "absence only"
"""

SOURCES = """
[Z03]
what = "Gross capacity"
value = "1,000 MW"
where = "a newspaper"
confidence = "confirmed"

[Z04]
what = "House load"
where = "derivation"
confidence = "assumed"
"""

PRECEDENTS = """
[P01]
title = "A mine beside a plant"
figures = "50 MW"
where = "company report"
confidence = "memory"
"""

FILES = {
    "case.toml": CASE,
    "gates.toml": GATES,
    "unknowns.toml": UNKNOWNS,
    "alternatives.toml": ALTERNATIVES,
    "arrangements.toml": ARRANGEMENTS,
    "claims.toml": CLAIMS,
    "sources.toml": SOURCES,
    "precedents.toml": PRECEDENTS,
}

YEARS = np.arange(2027, 2031)


def write_case(folder: Path) -> Path:
    """Write the sample case and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def sample_study(folder: Path) -> Study:
    """Return a study of the sample case: nothing today, a pilot if its gates open."""
    case = load(write_case(folder))
    outcomes: dict[str, dict[World, Outcome]] = {
        name: {world: _outcome(case, name, world) for world in ("today", "opened")}
        for name in case.alternatives
    }
    swing = Swing(
        "bitcoin.price",
        "Price of a bitcoin",
        "50000 USD/BTC",
        "150000 USD/BTC",
        (-3e6, 17e6),
        (-8e6, 12e6),
        "assumed",
        None,
    )
    still = Swing(
        "mine.onsite.altitude",
        "Altitude",
        "0 m",
        "500 m",
        (7e6, 8e6),
        (2.4e6, 2.4e6),
        "assumed",
        None,
    )
    return Study(case, outcomes, {"pilot": (still, swing), "status-quo": ()}, seed=0)


def _outcome(case: Case, name: str, world: World) -> Outcome:
    mining = name == "pilot" and world == "opened"
    energy = _energy(mining)
    return Outcome(
        name=name,
        title=case.alternatives[name].title,
        world=world,
        built=mining,
        blocked_by=("agreement", "restart", "R01", "R05") if world == "today" else (),
        waits_for=("restart",) if mining else (),
        first_mining=dt.date(2029, 3, 1) if mining else None,
        first_generation=dt.date(2029, 3, 1) if mining else None,
        mine_mw={"onsite": 30.0 if mining else 0.0},
        years=YEARS,
        energy=energy,
        exported={"north": energy["exported"]},
        obligations={},
        mined={"onsite": energy["mined"]},
        monthly={flow: np.repeat(energy[flow] / 12, 12) for flow in FLOWS},
        months=np.arange("2027-01", "2031-01", dtype="datetime64[M]"),
        coins=np.array([0.0, 0.0, 40.0, 50.0]) if mining else np.zeros(4),
        network_share=np.array([0.0, 0.0, 0.001, 0.0015]) if mining else np.zeros(4),
        ledger=_ledger(mining),
        metrics=_metrics(mining),
        certificates=("site: merit order",),
        gap=0.0,
        week=_week(mining),
        years_long=35_064 / 8766,
        house_unserved=0.0,
        balance_open=0.0,
        unsettled=0.0,
    )


def _energy(mining: bool) -> dict[str, np.ndarray]:
    zero = np.zeros(4)
    flows = dict.fromkeys(FLOWS, zero)
    if not mining:
        load = np.full(4, 35.0 * 8766)
        return {**flows, "house": load, "imported": load}
    run = np.array([0.0, 0.0, 0.8, 1.0])
    flows |= {
        "generated": 8.0e6 * run,
        "exported": 7.0e6 * run,
        "mined": 0.25e6 * run,
        "curtailed": 0.75e6 * run,
        "house": 35.0 * 8766 * (1 - run),
    }
    return {**flows, "imported": flows["house"]}


def _ledger(mining: bool) -> Ledger:
    ledger = Ledger("2027-01", 48)
    months = np.arange(48)
    if not mining:
        ledger.add(Account.IMPORT, -2e6, month=months, party="plant", item="north")
        return ledger
    late = months[26:]
    ledger.add(Account.IMPORT, -2e6, month=months[:26], party="plant", item="north")
    ledger.add(Account.CAPITAL_MACHINES, -25e6, month=26, party="mine", item="onsite")
    ledger.add(Account.ENERGY_SALES, 50e6, month=late, party="plant", item="north")
    ledger.add(Account.MINING_REVENUE, 1.5e6, month=late, party="mine", item="onsite")
    ledger.add(Account.POOL_FEE, -0.03e6, month=late, party="mine", item="onsite")
    ledger.add(Account.FUEL, -3e6, month=late, party="plant", item="U1")
    return ledger


def _metrics(mining: bool) -> Metrics:
    found = {
        "irr": 0.11,
        "irr_finding": "single",
        "payback": 4.2,
        "cost_of_energy": 21.0,
        "cost_of_coin": 48_000.0,
        "hashprice": 39.5,
        "break_even_factor": 0.94,
        "break_even_hashprice": 37.0,
        "break_even_power_price": 61.0,
    }
    if not mining:
        return Metrics(-60e6, 0.0, **dict.fromkeys(found), mine_value_by_era={4: 0.0})
    return Metrics(820e6, 2.4e6, **found, mine_value_by_era={4: 2.4e6})


def _week(mining: bool) -> Week:
    times = np.arange("2029-07-01T21", "2029-07-08T21", dtype="datetime64[h]").astype(
        "datetime64[s]"
    )
    hour = np.arange(168.0)
    flat = np.full(168, 35.0)
    if not mining:
        return Week(
            times,
            "Europe/Kyiv",
            {"import north": flat},
            {"house load": flat},
            {"north": 90 + 30 * np.sin(hour / 3.8)},
            np.full(168, np.nan),
        )
    market = 300 + 100 * np.sin(hour / 3.8)
    return Week(
        times,
        "Europe/Kyiv",
        {"generation U1": np.full(168, 950.0), "import north": np.zeros(168)},
        {
            "house load": np.zeros(168),
            "market north": market,
            "mine onsite": np.full(168, 30.0),
            "curtailed": 920.0 - market,
        },
        {"north": 90 + 30 * np.sin(hour / 3.8)},
        np.full(168, 94.0),
    )

"""Random cases of some days, with a bit of everything that steps do not couple."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.plan.small_cases import HASHPRICE, NETWORK, STAGES, small, write_series

from baseload.case.case import Case

MORE = """
[plant.unit.u2]
bus = "main"
gross = "400 MW"
house_load = "30 MW"
shutdown_load = "9 MW"

[plant.unit.u3]
bus = "main"
gross = "300 MW"
state = "stopped"
shutdown_load = "12 MW"

[plant.restart]
gate = "restart"
first = "2 days"
following = "1 days"
order = ["u3"]

[link.second]
bus = "main"
area = "grid"
export_limit = "300 MW"
import_limit = "40 MW"

[link.far]
bus = "main"
area = "abroad"
export_limit = "250 MW"

[area.abroad.market]
price = "30 USD/MWh"

[area.grid.obligation.town]
to = "miner"
power = "100 MW"
price = "25 USD/MWh"
shortfall_price = "300 USD/MWh"

[mine.behind]
area = "grid"
machine = "Antminer S21 XP"
power = "80 MW"
uptime = 0.9
owner = "plant"
"""

GATES = (
    STAGES
    + """
[gate.licence]
title = "The regulator agrees"
stage = "operate"
date = 2028-01-03
probability = 0.8
lifts = ["R01"]

[gate.restart]
title = "A third unit may run"
stage = "operate"
date = 2028-01-02
probability = 0.7

[gate.line]
title = "The line is mended"
stage = "operate"
after = ["restart"]
delay = "36 h"
probability = 0.8
set = { "link.line.export_limit" = "900 MW", "mine.pilot.power" = "45 MW" }

[bar.R01]
title = "Mining is forbidden"
jurisdiction = "one"
since = 2025-01-01
until = 2028-01-08
blocks = ["mine.pilot"]
"""
)

CHOICES = """
[alternative.all]
title = "As written"

[alternative.restarted]
title = "With the third unit"
needs = ["line"]
set = { "mine.behind.power" = "200 MW" }

[alternative.none]
title = "No mine"
needs = ["restart"]
set = { "mine.*.power" = "0 MW" }
"""

UNKNOWNS = """
[[unknown]]
path = "plant.unit.*.fuel_cost"
low = "0 USD/MWh"
base = "5 USD/MWh"
high = "30 USD/MWh"
status = "assumed"

[[unknown]]
path = "mine.*.efficiency"
low = "13 J/TH"
base = "15 J/TH"
high = "25 J/TH"
status = "assumed"

[[unknown]]
path = "gate.licence.date"
low = 2027-12-20
base = 2028-01-03
high = 2028-01-09
status = "assumed"

[[unknown]]
path = "plant.running_units_cap"
low = 1
base = 2
high = 3
status = "assumed"

[[unknown]]
path = "area.grid.loss"
low = "0 %"
base = "3 %"
high = "6 %"
status = "assumed"
"""

FUTURES = """
[futures.bitcoin_price]
model = "jump diffusion"

[futures.fees]
model = "fat tail"
spike_rate = "0 1/year"

[futures.power_price.grid]
model = "mean reverting"
deviation = 0.9

[futures.units]
model = "two state"
repair = "30 h"
trip_rate = "30 1/year"
trip_delay = "7 h"

[futures.link.line]
model = "two state"
repair = "20 h"

[futures.blackout]
rate = "40 1/year"
duration = "6 h"
"""

DAYS = 10


def random_case(folder: Path, seed: int) -> Case:
    """Write one into a folder that is made for it, and load it."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    hours = 24 * DAYS
    write_series(folder, "market.csv", rng.normal(30.0, 40.0, hours), "USD/MWh")
    write_series(folder, "house.csv", rng.uniform(0.0, 90.0, hours), "MW")
    write_series(folder, "up.csv", rng.choice([0.0, 0.3, 1.0], hours), "1")
    answers = rng.random() < 0.3
    network = bool(answers or rng.random() < 0.5)
    futures = FUTURES + ('[futures.network]\nmodel = "competitors"\n' if answers else "")
    return small(
        folder,
        _patches(rng, network=network),
        end=f"2028-01-{1 + DAYS:02d}",
        income=NETWORK.replace("2028-01-01", "2027-12-20") if network else HASHPRICE,
        more=MORE,
        gates=GATES,
        alternatives=CHOICES,
        unknowns=UNKNOWNS,
        futures=futures,
    )


def _patches(rng: np.random.Generator, *, network: bool) -> dict[str, object]:
    def one(*choices: object) -> object:
        return choices[rng.integers(len(choices))]

    patches: dict[str, object] = {
        "area.grid.market.price": one("market.csv#value", "20 USD/MWh", "-10 USD/MWh"),
        "area.abroad.market.price": one("market.csv#value", "55 USD/MWh", "-30 USD/MWh"),
        "area.abroad.market.sells": one(True, False),
        "area.abroad.market.depth": one("20 MW", "900 MW"),
        "plant.bus.main.house_load": one("house.csv#value", "0 MW", "40 MW"),
        "plant.bus.main.curtailment_cost": one("0 USD/MWh", "12 USD/MWh"),
        "plant.bus.main.shortfall_price": one("10000 USD/MWh", "60 USD/MWh"),
        "plant.unit.u1.forced_outage_rate": one("0 %", "30 %", "100 %"),
        "plant.unit.u2.forced_outage_rate": one("0 %", "50 %"),
        "plant.unit.u2.available": one("up.csv#value", "80 %"),
        "plant.unit.u1.minimum": one("0 %", "60 %"),
        "plant.unit.u2.variable_cost": one("0 USD/MWh", "2 USD/MWh"),
        "plant.unit.u1.fixed_cost": "12 USD/kW/year",
        "link.line.availability": one("up.csv#value", "70 %", "100 %"),
        "link.second.availability": one("90 %", "100 %"),
        "area.grid.secure": one("n-0", "n-1"),
        "area.grid.export_charge": one("0 USD/MWh", "4 USD/MWh"),
        "area.grid.import_charge": one("0 USD/MWh", "6 USD/MWh"),
        "area.grid.export_limit": one("120 MW", "2000 MW"),
        "area.grid.obligation.town.since": one("2028-01-01", "2028-01-05"),
        "mine.pilot.power": one("30 MW", "700 MW"),
        "mine.pilot.build_time": one("0 h", "40 h"),
        "mine.pilot.machine": "Antminer S19k Pro (120T)",
        "mine.pilot.curve": one("flat", "table"),
        "mine.pilot.inlet_temperature": one("20 degC", "44 degC"),
        "mine.pilot.ageing": "0 %/year",
        "mine.pilot.life": one("3 days", "5 years"),
        "mine.pilot.machine_price": "9 USD/(TH/s)",
        "mine.pilot.power_price": "21 USD/MWh",
        "mine.behind.variable_cost": one("0 USD/MWh", "7 USD/MWh"),
        "mine.behind.fixed_cost": "30 USD/kW/year",
        "mine.behind.site_price": "300 USD/kW",
        "mine.behind.pool.scheme": one("FPPS", "PPS"),
        "money.debt.share": one("0 %", "60 %"),
        "money.tax_rate": one("0 %", "20 %"),
        "bitcoin.fee_share": "4 %",
        "bitcoin.network_response": False,
    }
    if network:
        patches["bitcoin.price_growth"] = "10 %/year"
    return patches

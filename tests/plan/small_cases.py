"""Cases of a few days with one unit, one line and one mine; tests change what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tests.minimal import write_case

from baseload.case.case import Case
from baseload.case.load import load
from baseload.plan.outcome import World
from baseload.plan.world import Setting, setting

TEXT = """\
[case]
name = "Small"
time_zone = "UTC"
start = {start}
end = {end}
step = "{step}"
as_of = 2027-01-01

[money]
base_year = 2027
discount_rate = "8 %/year"
rates = {{ EUR = 1.0 }}

[plant]
name = "Small"

[plant.bus.main]

[plant.unit.u1]
bus = "main"
gross = "1000 MW"
house_load = "50 MW"

[link.line]
bus = "main"
area = "grid"
export_limit = "600 MW"
import_limit = "100 MW"

[area.grid.market]
price = "45 USD/MWh"

[mine.pilot]
bus = "main"
machine = "Antminer S21 XP"
efficiency = "13.5 J/TH"
power = "30 MW"
pue = 1.0
uptime = 1.0
pool = {{ fee = 0.0 }}
owner = "miner"

[bitcoin]
price = "90000 USD/BTC"
{income}
"""

HASHPRICE = 'hashprice = "40 USD/PH/day"'
NETWORK = 'network = "1000 EH/s"\nat = 2028-01-01\nheight = 1030000'
"""Income of a hash: given, or from a network; by the height the subsidy is 3.125 BTC."""

ALTERNATIVES = '[alternative.all]\ntitle = "As written"\n'
STAGES = '[stages]\norder = ["talk", "operate"]\nreached = "talk"\n'


def small(
    folder: Path,
    patches: Mapping[str, object] | None = None,
    *,
    start: str = "2028-01-01",
    end: str = "2028-01-11",
    step: str = "1 h",
    income: str = HASHPRICE,
    more: str = "",
    **files: str,
) -> Case:
    """Write a small case into a folder and load it.

    Parameters
    ----------
    folder : made if it is not there.
    patches : value by path, in place of what is written.
    start, end, step : the horizon.
    income : lines that say what a hash earns.
    more : further tables of case.toml.
    files : texts of other files by name without ``.toml``; alternatives hold 'all'.
    """
    text = TEXT.format(start=start, end=end, step=step, income=income)
    names = ("gates", "unknowns", "arrangements", "claims", "sources", "precedents")
    texts = dict.fromkeys(names, "") | {"alternatives": ALTERNATIVES} | files
    case = load(write_case(folder, case=text + more, **texts))
    return case.patched(patches) if patches else case


def place(case: Case, name: str = "all", world: World = "opened") -> Setting:
    """Put an alternative of a case in a world."""
    return setting(case, name, world)


def write_series(
    folder: Path,
    name: str,
    values: Sequence[float],
    unit: str,
    start: str = "2028-01-01",
    hours: int = 1,
) -> None:
    """Write values, one every so many hours from a day on, as the column 'value' of a CSV file."""
    times = np.datetime64(f"{start}T00", "h") + hours * np.arange(len(values))
    rows = [f"{time}:00Z,{float(x)!r}" for time, x in zip(times, values, strict=True)]
    text = "\n".join([f"time,value [{unit}]", *rows]) + "\n"
    (folder / name).write_text(text, encoding="utf-8")


STUDIED = {
    "gates": STAGES
    + """
[gate.permit]
title = "The regulator agrees"
stage = "operate"
date = 2028-03-01
lifts = ["R01"]

[gate.past]
title = "It has happened"
stage = "talk"
state = "open"
date = 2026-01-01
lifts = ["R02"]

[bar.R01]
title = "Mining is forbidden"
jurisdiction = "one"
since = 2025-01-01
until = 2031-03-15
blocks = ["mine.*"]

[bar.R02]
title = "Mining was forbidden"
jurisdiction = "two"
since = 2025-01-01
blocks = ["mine.*"]

[bar.R03]
title = "Mining will be forbidden"
jurisdiction = "one"
since = 2030-01-01
blocks = ["mine.*"]
""",
    "alternatives": """
[alternative.status-quo]
title = "As it stands"
set = { "mine.pilot.power" = "0 MW" }

[alternative.pilot]
title = "A pilot"
needs = ["permit"]

[alternative.large]
title = "A large mine"
needs = ["permit"]
set = { "mine.pilot.power" = "300 MW" }
""",
    "unknowns": """
[[unknown]]
path = "mine.pilot.site_price"
name = "Price of the site"
low = "0 USD/kW"
base = "300 USD/kW"
high = "900 USD/kW"
status = "assumed"

[[unknown]]
path = "area.grid.market.price"
low = "45 USD/MWh"
high = "60 USD/MWh"
status = "reported"
source = "Z1"

[[unknown]]
path = "plant.unit.*.fuel_cost"
low = "0 USD/MWh"
high = "5 USD/MWh"
status = "assumed"
""",
    "sources": '[Z1]\nwhat = "a price"\nwhere = "an exchange"\nconfidence = "reported"\n',
}
"""Files of a case to be studied: gates, bars, three alternatives and three unknowns."""


def studied(folder: Path) -> Case:
    """Write and load the case to be studied: fourteen months by days."""
    return small(folder, end="2029-03-01", step="24 h", income=NETWORK, **STUDIED)

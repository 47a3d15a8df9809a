"""The smallest case that has a bit of everything; tests change what they are about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

CASE = """\
[case]
name = "Small"
time_zone = "Europe/Kyiv"
start = 2028-03-20
end = 2028-04-03
as_of = 2026-03-13

[money]
base_year = 2026
discount_rate = "8 %/year"
rates = { EUR = 1.08 }

[plant]
name = "Small NPP"

[plant.bus.main]

[plant.unit.u1]
source = "Z03"
bus = "main"
gross = "1000 MW"
house_load = { value = "50 MW", source = "Z04", status = "assumed", note = "gross less net" }
fuel_cost = "4 USD/MWh"

[plant.unit.u2]
bus = "main"
gross = "1000 MW"
house_load = "50 MW"
shutdown_load = "6 MW"
state = "stopped"

[plant.restart]
gate = "permit"
first = "9 months"
following = "4 months"
order = ["u2"]

[link.line]
bus = "main"
area = "grid"
export_limit = "600 MW"
import_limit = "100 MW"

[area.grid.market]
price = "45 USD/MWh"

[area.grid.obligation.town]
to = "town"
power = "100 MW"
shortfall_price = "300 USD/MWh"

[mine.pilot]
bus = "main"
machine = "Antminer S21 XP"
efficiency = "13.5 J/TH"
power = "30 MW"
owner = "miner"

[bitcoin]
price = "90000 USD/BTC"
hashprice = "40 USD/PH/day"
"""

FILES = {
    "gates": """\
[stages]
order = ["talk", "licence", "operate"]
reached = "talk"

[gate.agreement]
title = "The parties agree"
stage = "talk"
date = 2027-06-01

[gate.permit]
title = "The regulator agrees"
stage = "licence"
after = ["agreement"]
delay = "6 months"
lifts = ["R01"]
set = { "plant.running_units_cap" = 2 }

[bar.R01]
title = "Mining is forbidden"
jurisdiction = "somewhere"
since = 2025-01-01
until = 2031-03-15
blocks = ["mine.*"]
source = "Z03"
""",
    "unknowns": """\
[[unknown]]
path = "plant.unit.*.house_load"
low = "45 MW"
high = "65 MW"
status = "assumed"
source = "Z04"

[[unknown]]
path = "mine.pilot.efficiency"
name = "Energy of a hash"
low = "12 J/TH"
base = "13.5 J/TH"
high = "17.5 J/TH"
status = "reported"
""",
    "alternatives": """\
[alternative.none]
title = "No mine"
set = { "mine.pilot.power" = "0 MW" }

[alternative.large]
title = "A large mine"
needs = ["permit"]
arrangement = "S1"
source = "Z04"
[alternative.large.set]
mine.pilot.power = "300 MW"
"plant.unit.*.ramp" = "0.45 %/min"
""",
    "arrangements": """\
[party.town]
name = "The town"

[party.miner]
name = "The miner"

[arrangement.S1]
title = "Half each"
energy = { town = "50 %", miner = "50 %" }
parties = ["town", "miner"]
""",
    "claims": """\
[claim.Q01]
claim = "It will run"
by = "one"
reported_by = "a paper"
standing = "on record"
contradicted_by = ["Q02"]

[claim.Q02]
claim = "It will not run"
by = "another"
reported_by = "a paper"
standing = "on record"
contradicted_by = ["Q01", "Z04"]
""",
    "sources": """\
[Z03]
what = "Gross capacity"
value = "1,000 MW"
where = "an agency"
confidence = "confirmed"

[Z04]
what = "House load"
where = "gross less net"
confidence = "assumed"
""",
    "precedents": """\
[P01]
title = "One before"
figures = "50 MW"
where = "a filing"
confidence = "confirmed"
""",
}


def write_case(folder: Path, *edits: tuple[str, str], **files: str) -> Path:
    """Write the small case into a folder and return the folder.

    Parameters
    ----------
    folder : made if it is not there.
    edits : text in case.toml and what to put in its place; it must occur.
    files : whole texts by name without ``.toml``, in place of those of the small case; an
        empty text leaves the file out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = files.pop("case", CASE)
    for old, new in edits:
        assert old in text, f"{old!r} is not in the small case"
        text = text.replace(old, new, 1)
    (folder / "case.toml").write_text(text, encoding="utf-8")
    for name, content in (FILES | files).items():
        if content:
            (folder / f"{name}.toml").write_text(content, encoding="utf-8")
    return folder


def hours(start: str, count: int, step: int = 60) -> list[str]:
    """Times in UTC from a start on, every `step` minutes, as ISO texts with Z."""
    first = dt.datetime.fromisoformat(start)
    return [f"{first + dt.timedelta(minutes=step * i):%Y-%m-%dT%H:%MZ}" for i in range(count)]


def write_series(
    path: Path, times: Iterable[str], values: Iterable[object], header: str = "time,price [USD/MWh]"
) -> Path:
    """Write a CSV file of times and values."""
    rows = [f"{time},{value}" for time, value in zip(times, values, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path

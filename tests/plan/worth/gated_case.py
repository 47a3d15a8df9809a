"""A case of two weeks whose mines wait for gates that are likely enough to be waited for."""

from __future__ import annotations

from pathlib import Path

from tests.minimal import CASE, write_case

from baseload.case.case import Case
from baseload.case.load import load

EDITS = (
    ('power = "30 MW"', 'power = "0 MW"\nmachine_price = "0.1 USD/TH"\nbuild_time = "0 h"'),
    ('export_limit = "600 MW"', 'export_limit = "2000 MW"'),
)

GATES = """\
[stages]
order = ["talk", "licence", "operate"]
reached = "talk"

[gate.agreement]
title = "The parties agree"
stage = "talk"
date = 2027-06-01
probability = 0.7
signal = "A signed text"

[gate.permit]
title = "The regulator agrees"
stage = "licence"
after = ["agreement"]
delay = "6 months"
probability = 0.6

[gate.decree]
title = "The ban is lifted"
stage = "licence"
date = 2028-03-22
probability = 0.3
lifts = ["R01"]

[bar.R01]
title = "Mining is forbidden for now"
jurisdiction = "somewhere"
since = 2025-01-01
until = 2028-03-27
blocks = ["mine.*"]
source = "Z03"
"""

UNKNOWNS = """\
[[unknown]]
path = "area.grid.market.price"
name = "Price of power"
low = "10 USD/MWh"
high = "250 USD/MWh"
distribution = "uniform"
source = "Z04"
status = "assumed"

[[unknown]]
path = "plant.unit.*.fixed_cost"
low = "0 USD/kW/year"
high = "10 USD/kW/year"
status = "assumed"

[[unknown]]
path = "gate.permit.probability"
name = "Chance of a permit"
low = 0.4
high = 0.8
distribution = "uniform"
status = "assumed"
"""

ALTERNATIVES = """\
[alternative.none]
title = "No mine"

[alternative.large]
title = "A large mine"
needs = ["permit"]
set = { "mine.pilot.power" = "300 MW" }

[alternative.small]
title = "A small mine"
needs = ["agreement"]
set = { "mine.pilot.power" = "100 MW" }

[alternative.decreed]
title = "A mine once the ban is lifted"
needs = ["agreement", "decree"]
set = { "mine.pilot.power" = "200 MW" }
"""


def gated_case(folder: Path, **files: str) -> Case:
    """Write the case and read it."""
    texts = {"gates": GATES, "unknowns": UNKNOWNS, "alternatives": ALTERNATIVES, "case": CASE}
    return load(write_case(folder, *EDITS, **(texts | files)))

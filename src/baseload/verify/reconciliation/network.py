"""The network of a site for the joint test: its meters over a period, and every balance of them.

Meters that stand in the same balances with the same signs cannot be told apart, so they are one
entry of the network: the sum of what they counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from baseload.verify.reconciliation.balances import Rating, Site, energy_due
from baseload.verify.reconciliation.joint import Network
from baseload.verify.reconciliation.meters import PPM

LINE, HASHES = "loss of the line", "energy of the hashes"
NAMED = 4
"""Meters of one entry that are named one by one."""


def network_of(
    site: Site, hashes: Mapping[int, float], ratings: Sequence[Rating]
) -> tuple[Network, int]:
    """Return meters and balances of a site, and the number of days that they are sums of.

    Days on which every meter was read; where there are some on which the fleets have told of all
    of their hashes too, only those, and the energy of the hashes as one more meter.

    Parameters
    ----------
    site : the site.
    hashes : hashes of each whole day by the firmware's counters.
    ratings : efficiency of the machines.
    """
    rows = _rows(site)
    days = site.whole(*site.meters)
    with_hashes = [day for day in days if day in hashes]
    racks = _primaries(site, "rack")
    if with_hashes and racks and ratings:
        days = with_hashes
        rows.append(dict.fromkeys(racks, 1) | {HASHES: -1})
    found = Network(balances=rows)
    if not days:
        return Network(), 0
    _meters(found, site, days)
    if any(LINE in row for row in rows):
        primary = _primaries(site, "main")[0]
        loss = math.fsum(site.loss(primary, day) for day in days)
        found.meter(LINE, loss, (int(site.site["loss"]["sigma_ppm"]) * PPM * loss) ** 2)
    if any(HASHES in row for row in rows):
        due, errors = energy_due(ratings, hashes, days)
        variance = math.fsum(part.variance * math.fsum(part.exposure) ** 2 for part in errors)
        found.meter(HASHES, math.fsum(due), variance)
    return _merged(found), len(days)


def _primaries(site: Site, place: str) -> list[str]:
    """Return the meters of a place that check no other one."""
    checking = {other for _, other in site.checks()}
    return [name for name in site.names(place) if name not in checking]


def _rows(site: Site) -> list[Mapping[str, int]]:
    """Return the balances between meters: each with the one that checks it, T1 and T2."""
    rows: list[Mapping[str, int]] = [{one: 1, other: -1} for one, other in site.checks()]
    plant, main, rack, aux = (_primaries(site, p) for p in ("plant", "main", "rack", "aux"))
    if plant and main:
        rows.append(dict.fromkeys(plant, 1) | dict.fromkeys(main, -1) | {LINE: -1})
    if main and rack:
        rows.append(dict.fromkeys(main, 1) | dict.fromkeys([*rack, *aux], -1))
    return rows


def _meters(found: Network, site: Site, days: Sequence[int]) -> None:
    shared: dict[str, dict[str, float]] = {}
    for name in site.meters:
        row = site.days[name]
        energy = math.fsum(row.energy[day] for day in days)
        random = math.fsum(row.noise(day) for day in days)
        found.meter(name, energy, random + row.systematic * energy**2)
        for group, sigma in row.groups.items():
            shared.setdefault(group, {})[name] = sigma * energy
    found.shared = [shared[group] for group in sorted(shared)]


def _merged(network: Network) -> Network:
    """Return the network with one entry for all meters of the same column."""
    columns: dict[tuple[int, ...], list[str]] = {}
    for name in network.values:
        column = tuple(row.get(name, 0) for row in network.balances)
        if any(column):
            columns.setdefault(column, []).append(name)
    found = Network()
    known: dict[str, str] = {}
    for names in columns.values():
        label = _label(names)
        known |= dict.fromkeys(names, label)
        found.meter(
            label,
            math.fsum(network.values[name] for name in names),
            math.fsum(network.variances[name] for name in names),
        )
    found.balances = [{known[name]: sign for name, sign in row.items()} for row in network.balances]
    for row in network.shared:
        sums: dict[str, float] = {}
        for name, sigma in row.items():
            if name in known:
                sums[known[name]] = sums.get(known[name], 0.0) + sigma
        found.shared.append(sums)
    return found


def _label(names: Sequence[str]) -> str:
    if len(names) <= NAMED:
        return " + ".join(names)
    return f"{names[0]} and {len(names) - 1} more"

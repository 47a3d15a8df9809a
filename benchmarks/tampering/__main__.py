"""Measure, write ``build/tampering.json``, and the page from it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from baseload.record.example.tampers.registry import everything
from benchmarks.tampering import power, whole
from benchmarks.tampering.page import page

TARGET = Path("build/tampering.json")
PAGE = Path("docs/tampering.md")
FACTORS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)
"""Parts of a tamper's own size that are measured: from what nobody sees to what anybody does."""
HONEST = 4
"""Seeds of honest years for each of a tamper: false alarms are rare."""
LONG_DAYS = 30
"""Days of the records with tampers that statistics must find."""


def main() -> None:
    """Run the parts that are asked for; what is not, is taken from the last run."""
    options = _options()
    data = json.loads(TARGET.read_text()) if TARGET.exists() else {}
    if "power" in options.part:
        data.update(_power(range(options.power_seeds)))
        _keep(data)
    if "whole" in options.part:
        data.update(_whole(options.days, range(options.whole_seeds)))
        _keep(data)
    PAGE.write_text(page(data), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tampering", description=__doc__)
    parser.add_argument("--part", nargs="*", default=["power", "whole"])
    parser.add_argument("--power-seeds", type=int, default=100)
    parser.add_argument("--whole-seeds", type=int, default=3)
    parser.add_argument("--days", type=int, default=5)
    return parser.parse_args()


def _keep(data: dict[str, Any]) -> None:
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(data, indent=1, sort_keys=True))


def _power(seeds: range) -> dict[str, Any]:
    ways = [
        (way, way.size * factor)
        for way in everything()
        if way.layer in ("truth", "measured")
        for factor in (FACTORS if way.size and way.unit != "day" else (1.0,))
    ]
    rows = [
        {"name": way.name, "size": size, "unit": way.unit, "seen": asdict(seen)}
        for (way, size), seen in zip(ways, power.measured([*ways], seeds), strict=True)
    ]
    (honest,) = power.measured([(None, 0.0)], range(HONEST * len(seeds)))
    return {
        "power": {"honest": asdict(honest), "rows": rows},
        "power_seeds": len(seeds),
        "power_days": power.HORIZONS[-1],
        "horizons": list(power.HORIZONS),
    }


def _whole(days: int, seeds: range) -> dict[str, Any]:
    ways = [way for way in everything() if way.layer not in ("truth", "measured")]
    slow = [way for way in ways if way.tests]
    seen = whole.measured([None, *(way for way in ways if not way.tests)], days, seeds)
    longer = whole.measured([None, *slow], LONG_DAYS, seeds)
    honest = {"short": seen["honest"].table(), "long": longer.pop("honest").table()}
    seen |= longer
    rows = [
        {
            "name": way.name,
            "size": way.size,
            "unit": way.unit,
            "days": LONG_DAYS if way.tests else days,
            "detected": seen[way.name].detected,
            "seen": seen[way.name].table(),
        }
        for way in ways
    ]
    unseen = [way for way in ways if way.layer == "files" and not seen[way.name].detected]
    return {
        "whole": {"honest": honest, "rows": rows},
        "whole_seeds": len(seeds),
        "whole_days": days,
        "long_days": LONG_DAYS,
        "since": {"seeds": len(seeds), "found": whole.with_earlier(unseen, days, seeds)},
    }


if __name__ == "__main__":
    main()

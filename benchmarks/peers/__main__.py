"""Measure every installed tool on the reference workloads and print the ratios."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.peers.measure import ROOT, TOOLS, Cost, Tool, measure
from benchmarks.peers.report import TITLES, entries, machine, table


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument(
        "--workload", action="append", choices=TITLES, help="may be given again (default: all)"
    )
    parser.add_argument(
        "--tool",
        action="append",
        choices=[tool.module for tool in TOOLS],
        help="may be given again (default: all that are installed)",
    )
    parser.add_argument(
        "--repetitions", type=int, default=3, help="counted runs; one more comes before them"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "build" / "bench.json",
        help="file that the figures are added to",
    )
    return parser.parse_args()


def installed(wanted: list[str] | None) -> list[Tool]:
    """Return the wanted tools that are installed; say which are not."""
    tools = []
    for tool in TOOLS:
        if wanted and tool.module not in wanted:
            continue
        missing = tool.missing()
        if missing:
            print(f"{tool.title}: skipped, {missing} is not installed")
        else:
            tools.append(tool)
    return tools


def main() -> int:
    """Run the comparison; return 1 where a tool found a wrong optimum."""
    asked = arguments()
    tools = installed(asked.tool)
    print(f"{machine()}\nmedian of {asked.repetitions}, seconds; one process per run\n")
    found: dict[str, dict[str, object]] = {}
    good = True
    for name in asked.workload or TITLES:
        costs = dict(measure(tools, name, asked.repetitions))
        print(table(name, costs), "\n", flush=True)
        found |= entries(name, costs)
        good &= all(cost.right for cost in costs.values() if isinstance(cost, Cost))
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    asked.out.write_text(json.dumps(known | found, indent=2) + "\n")
    print(f"written to {asked.out}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

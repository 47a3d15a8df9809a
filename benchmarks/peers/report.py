"""The measured costs as a table to read and as a file for machines."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks.peers.measure import BASELOAD, HIGHS, Cost, Tool

Costs = dict[Tool, Cost | str]

TITLES = {
    "W1": "8,760 h, ramps of each unit",
    "W1nr": "8,760 h, no ramps",
    "W2": "W1 with the sizes of the fleets free",
    "W4": "744 h, units can be off, at least 72 h on, gap 1e-3",
}
HEAD = (
    f"{'':31}{'start':>7}{'import':>7}{'build':>8}{'solve':>8}{'whole':>8}{'MiB':>6}"
    f"{'missed':>10}{'whole ÷':>11}{'inside ÷':>11}{'inside ÷':>11}\n"
    f"{'':85}{'baseload':>11}{'baseload':>11}{'HiGHS':>11}"
)


def machine() -> str:
    """Describe the machine and the software in one line."""
    model = platform.processor() or platform.machine()
    cores = "?"
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model, cores = (names[0], str(len(names))) if names else (model, cores)
    return (
        f"{cores} cores of {model}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, NumPy {version('numpy')}, "
        f"highspy {version('highspy')}"
    )


def ratio(cost: Cost, costs: Costs, other: Tool, part: str) -> float | None:
    """How many times as long `cost` is as `other`'s, or None where either did not answer."""
    reference = costs.get(other)
    if not isinstance(reference, Cost) or not (cost.right and reference.right):
        return None
    return float(getattr(cost, part) / getattr(reference, part))


def table(name: str, costs: Costs) -> str:
    """One workload as a table [s, MiB]."""
    lines = [f"{name} · {TITLES[name]}", HEAD]
    for tool, cost in costs.items():
        if isinstance(cost, str):
            lines.append(f"{tool.label:31} {cost}")
            continue
        ratios = [
            ratio(cost, costs, BASELOAD, "whole"),
            ratio(cost, costs, BASELOAD, "inside"),
            ratio(cost, costs, HIGHS, "inside"),
        ]
        build = f"{'–':>8}" if cost.build is None else f"{cost.build:8.3f}"
        lines.append(
            f"{tool.label:31}{cost.start:7.2f}{cost.load:7.2f}{build}{cost.solve:8.3f}"
            f"{cost.whole:8.2f}{cost.peak:6.0f}{cost.shortfall:10.1e}"
            + "".join(f"{r:11.2f}" if r is not None else f"{'–':>11}" for r in ratios)
            + ("" if cost.right else "  WRONG OPTIMUM")
        )
    return "\n".join(lines)


def entries(name: str, costs: Costs) -> dict[str, dict[str, object]]:
    """One workload for the results file: value, unit, and ratio against whom."""
    found: dict[str, dict[str, object]] = {}

    def note(key: str, cost: Cost, part: str, unit: str, other: Tool) -> None:
        times = ratio(cost, costs, other, part)
        if times is not None:
            found[f"{name}, {key}, against {other.title}"] = {
                "value": round(getattr(cost, part), 6),
                "unit": unit,
                "ratio": round(times, 4),
                "against": other.title,
            }

    for tool, cost in costs.items():
        if isinstance(cost, Cost):
            for other in (BASELOAD, HIGHS):
                note(f"{tool.title}, whole process", cost, "whole", "s", other)
                note(f"{tool.title}, in process", cost, "inside", "s", other)
                note(f"{tool.title}, peak memory", cost, "peak", "MiB", other)
    return found

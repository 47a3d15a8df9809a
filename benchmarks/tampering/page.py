"""The page of ``docs/tampering.md``, from measurements alone."""

from __future__ import annotations

import math
from typing import Any

from baseload.record.example import scene
from baseload.record.example.tampers import registry

COMMAND = "python -m benchmarks.tampering"


def page(data: dict[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    data : what ``build/tampering.json`` holds.
    """
    parts = [_head(), _honest(data), _power(data), _whole(data), _blind(data), _stories()]
    return "\n\n".join(parts) + "\n"


def part(count: int, seeds: int) -> str:
    """Return how many of some seeds, in per cent with the standard error of a proportion."""
    if seeds == 0:
        return "–"
    share = count / seeds
    error = math.sqrt(share * (1.0 - share) / seeds)
    return (
        f"{100 * share:.0f} ± {100 * error:.0f} %" if 0 < count < seeds else f"{100 * share:.0f} %"
    )


def _head() -> str:
    return f"""# Ways to cheat, and what sees them

Every figure on this page was measured by `{COMMAND}` on synthetic records; the page is written
from its output and by nothing else. ± is one standard error over seeds; 0 % and 100 % of n seeds
leave up to 3/n unseen (at 95 %). Try one:

    baseload record example --days 30 --tamper skim-from-midyear --out example
    baseload inspect example/kit --policy example/policy

A record cannot prevent a lie in it. It makes a lie show: by its bytes at once, or by physics
after a time that depends on its size, or not at all. All three are below."""


def _honest(data: dict[str, Any]) -> str:
    power = data["power"]["honest"]
    short, long = data["whole"]["honest"]["short"], data["whole"]["honest"]["long"]
    rows = [
        "## False alarms",
        "",
        "Records in which nobody cheats. The budget of the site is 5 % a year, all tests together.",
        "",
        "| records | seeds | alarm within the record | tests that gave it |",
        "|---|---|---|---|",
        *(
            f"| {days} days, power and hashes (T1 to T4) | {power['seeds']} | "
            f"{part(count, power['seeds'])} | "
            f"{_tests(power['tests'], power['seeds']) if days == data['power_days'] else ''} |"
            for days, count in zip(data["horizons"], power["by"], strict=True)
        ),
        *(
            f"| {days} days, whole inspector | {seen['seeds']} | "
            f"{part(seen['codes'].get('reconciliation.alarm', 0), seen['seeds'])} | "
            f"{_codes(seen)} |"
            for days, seen in ((data["whole_days"], short), (data["long_days"], long))
        ),
    ]
    return "\n".join(rows)


def _power(data: dict[str, Any]) -> str:
    days = data["horizons"]
    rows = [
        "## Power, meters and hashes",
        "",
        (
            f"Years of {data['power_days']} days, seeds 0 to {data['power_seeds'] - 1}, with the "
            "day as the metering interval. What begins at mid-year begins after day 182. The last "
            "size of each is the tamper's own."
        ),
        "",
        "| tamper | size | "
        + " | ".join(f"by day {day}" for day in days)
        + " | tests on the last |",
        "|---|---|" + "---|" * len(days) + "---|",
    ]
    for row in data["power"]["rows"]:
        seen = row["seen"]
        cells = " | ".join(part(count, seen["seeds"]) for count in seen["by"])
        tests = _tests(seen["tests"], seen["seeds"])
        rows.append(f"| {row['name']} | {_size(row)} | {cells} | {tests} |")
    return "\n".join(rows)


def _whole(data: dict[str, Any]) -> str:
    rows = [
        "## Entries, pools and files",
        "",
        (
            f"Records of {data['whole_days']} or {data['long_days']} days, seeds 0 to "
            f"{data['whole_seeds'] - 1}, by the "
            "whole inspector that was told the log's key and the policy. What it finds, it finds "
            "at the first inspection after the deed; the size here is the tamper's own."
        ),
        "",
        "| tamper | days | size | detected | verdicts | findings (in how many of the seeds) |",
        "|---|---|---|---|---|---|",
    ]
    for row in data["whole"]["rows"]:
        seen = row["seen"]
        rows.append(
            f"| {row['name']} | {row['days']} | {_size(row)} | "
            f"{part(row['detected'], seen['seeds'])} | "
            f"{_counted(seen['verdicts'])} | {_codes(seen)} |"
        )
    return "\n".join(rows)


def _blind(data: dict[str, Any]) -> str:
    unseen = [row["name"] for row in data["whole"]["rows"] if not row["detected"]]
    unseen += [
        f"{row['name']} ({_size(row)})"
        for row in data["power"]["rows"]
        if row["seen"]["by"][-1] <= max(1, round(0.1 * row["seen"]["seeds"]))
    ]
    listed = "\n".join(f"- {name}" for name in unseen) or "- none"
    since = data["since"]
    rows = "\n".join(
        f"| {name} | {part(count, since['seeds'])} |" for name, count in since["found"].items()
    )
    return f"""## What was not seen

Not detected in any seed, or in no more than a tenth of them:

{listed}

An inspector who kept the kit of an earlier inspection and passes it as `--since` sees of those:

| tamper | detected with an earlier kit |
|---|---|
{rows}"""


def _stories() -> str:
    rows = [
        "## Who does what, and what they hope",
        "",
        "| tamper | changes | story |",
        "|---|---|---|",
    ]
    for way in registry.everything():
        rows.append(f"| {way.name} | {way.layer} | {way.story} |")
    return "\n".join(rows)


def _size(row: dict[str, Any]) -> str:
    size, unit = row["size"], row["unit"]
    if not unit:
        return "–"
    if unit.startswith("W"):
        return f"{size / 1e6:g} M{unit} ({100 * size / scene.RATED:.2g} % of the rating)"
    if unit.startswith("of"):
        return f"{100 * size:g} % {unit}"
    return f"{size:g} {unit}"


def _tests(tests: dict[str, int], seeds: int) -> str:
    found = sorted(tests.items())
    return ", ".join(f"{test} {part(count, seeds)}" for test, count in found) or "–"


def _codes(seen: dict[str, Any]) -> str:
    found = sorted(seen["codes"].items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"`{code}` {count}/{seen['seeds']}" for code, count in found) or "–"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))

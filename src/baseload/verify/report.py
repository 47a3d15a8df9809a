"""A verdict for a person at a terminal: the checks as a picture, then what was found."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from baseload.verify.findings import FAILED, INCOMPLETE, OK, instant_text
from baseload.verify.testwords import Comparison, comparisons, found_text, seen_text

MARKS = {OK: "✓", INCOMPLETE: "?", FAILED: "✗"}
HEADLINES = {
    OK: "OK: everything in this record could be checked, and holds.",
    INCOMPLETE: "INCOMPLETE: nothing was shown to be wrong, but not everything could be checked.",
    FAILED: "FAILED: this record is not what was signed, or breaks its own rules.",
}
ALARMED = (
    "INCOMPLETE: this record is whole, but energy, hashes and coins do not agree; see the alarms."
)
_TEST_MARKS = {"consistent": MARKS[OK], "explain": MARKS[INCOMPLETE]}
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
SHOWN = 12
"""Findings that a terminal shows."""
BAR = 30


def text_of(verdict: Mapping[str, Any]) -> str:
    """Return a verdict as text for a terminal."""
    lines = [headline(verdict), ""]
    lines += [f"{verdict['origin']}", f"{verdict['size']:,} entries, root {verdict['root']}"]
    if verdict["log_time"] is not None:
        lines.append(f"seen by witnesses up to {instant_text(verdict['log_time'])}")
    if verdict["trust"] == "kit":
        lines.append(
            "keys and witnesses are those the kit itself names: ask the parties for theirs, and "
            "give them with --log-key, --charter and --policy"
        )
    lines.append("")
    widest = max(len(check["name"]) for check in verdict["checks"])
    for check in verdict["checks"]:
        mark = MARKS[check["verdict"]] if check["count"] or check["verdict"] != OK else "–"
        lines.append(f"  {mark} {check['name']:<{widest}} {check['count']:>11,}  {check['text']}")
    lines += _reconciled_lines(verdict["reconciliation"])
    lines += _finding_lines(verdict)
    lines.append(f"\n{verdict['seconds']:.1f} s")
    return written_out("\n".join(lines) + "\n")


def written_out(text: str) -> str:
    """Return a text in which what a terminal would obey is written out: it may be a stranger's."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _reconciled_lines(results: Sequence[Mapping[str, Any]]) -> list[str]:
    return ["", *(f"  {line}" for line in reconciled_lines(results))] if results else []


def headline(verdict: Mapping[str, Any]) -> str:
    """Return a verdict in one sentence, after its name and a colon."""
    codes = set(verdict["counts"])
    only_alarms = verdict["verdict"] == INCOMPLETE and codes == {"reconciliation.alarm"}
    return ALARMED if only_alarms else HEADLINES[verdict["verdict"]]


def json_of(verdict: Mapping[str, Any]) -> str:
    """Return a verdict as JSON."""
    return json.dumps(verdict, indent=2, ensure_ascii=False) + "\n"


def reconciled_lines(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the results of the reconciliation for a terminal: the picture first, then words.

    Each comparison of a test has a line: where the statistic lies between its limits, the two as
    numbers, and the probability of as much where nothing is wrong.
    """
    widest = max((len(one["title"]) for one in results), default=0)
    found = []
    for one in results:
        mark = _TEST_MARKS.get(one["verdict"], "✗")
        seen = seen_text(one)
        told = found_text(one) + (f"; would have seen {seen}" if seen else "")
        found.append(f"{mark} {one['test']:<4} {one['title']:<{widest}}  {told}")
        found += [_comparison_line(each) for each in comparisons(one) if each.p != "a rule"]
        found += [f"       not checked: {what}" for what in one.get("unchecked", ())]
        if one["verdict"] == "alarm":
            found += [f"       it may be innocent: {one['causes']}", f"       next: {one['next']}"]
    return found


def _comparison_line(one: Comparison) -> str:
    name = f"{one.name}: " if one.name else ""
    p = "exact" if one.p == "exact" else f"p {one.p}"
    return f"       {strip_of(one)}  {name}{one.statistic}, allowed {one.threshold}, {p}"


def strip_of(one: Comparison, half: int = 8) -> str:
    """Return where a statistic lies between its limits, as a row of characters."""
    if one.place is None:
        return " " * (2 * half + 3)
    row = ["·"] * (2 * half + 1)
    if one.signed:
        row[half] = "|"
        row[half + round(max(-1.0, min(1.0, one.place)) * half)] = "●"
    else:
        row[round(max(0.0, min(1.0, one.place)) * 2 * half)] = "●"
    return f"[{''.join(row)}]"


def _finding_lines(verdict: Mapping[str, Any]) -> list[str]:
    findings = verdict["findings"]
    lines = [""] if findings else []
    for finding in findings[:SHOWN]:
        place = ", ".join(
            f"{name} {finding[key]}"
            for key, name in (("index", "entry"), ("source", "of"), ("file", "in"), ("at", "byte"))
            if key in finding
        )
        lines.append(f"{MARKS[finding['verdict']]} {finding['code']}  {place}")
        lines.append(f"    {finding['meaning']}")
        if "expected" in finding:
            lines.append(f"    expected {finding['expected']}")
        if "found" in finding:
            lines.append(f"    found    {finding['found']}")
    total = sum(verdict["counts"].values())
    if total > len(findings[:SHOWN]):
        rest = ", ".join(f"{number} {code}" for code, number in verdict["counts"].items())
        lines.append(f"… {total:,} findings in all: {rest}; --json lists them")
    return lines


class Bar:
    """A bar on a terminal, and nothing elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._on = self._stream.isatty()
        self._last = -1

    def __call__(self, done: int, size: int) -> None:
        """Show how far the audit has come."""
        part = BAR * done // max(size, 1)
        if self._on and part != self._last:
            self._last = part
            bar = "█" * part + "·" * (BAR - part)
            self._stream.write(f"\r{bar} {done:,} of {size:,} entries")
            self._stream.flush()

    def end(self) -> None:
        """Take the bar away."""
        if self._on:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

"""Run tools in processes of their own, in turn, and take medians."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 900.0


@dataclass(frozen=True)
class Tool:
    """A tool that is measured.

    Attributes
    ----------
    name : what people call it.
    module : suffix of its ``with_<module>`` module.
    packages : distributions it needs, the one whose version is shown first.
    how : which of several ways to use it.
    """

    name: str
    module: str
    packages: tuple[str, ...]
    how: str = ""

    def missing(self) -> str | None:
        """Return the first package that is not installed, or None."""
        for package in self.packages:
            try:
                version(package)
            except PackageNotFoundError:
                return package
        return None

    @property
    def label(self) -> str:
        """Name, version and way."""
        return f"{self.name} {version(self.packages[0])}{self.how and ', '}{self.how}"

    @property
    def title(self) -> str:
        """Name and way."""
        return f"{self.name}{self.how and ', '}{self.how}"


BASELOAD = Tool("baseload", "baseload", ("baseload", "highspy"))
HIGHS = Tool("HiGHS", "highs", ("highspy",), "called directly")
TOOLS = (
    BASELOAD,
    HIGHS,
    Tool("SciPy", "scipy", ("scipy",)),
    Tool("linopy", "linopy", ("linopy", "highspy")),
    Tool("PyPSA", "pypsa", ("pypsa", "highspy"), "LP file"),
    Tool("PyPSA", "pypsa_direct", ("pypsa", "highspy"), "direct"),
    Tool("oemof-solph", "oemof", ("oemof.solph", "highspy")),
)


@dataclass(frozen=True)
class Cost:
    """Median cost of one tool on one workload.

    Attributes
    ----------
    start : from asking for the process to its first statement [s].
    load : import of the tool [s].
    build, solve : see `benchmarks.peers.answer.Answer` [s].
    whole : from asking for the process to its end [s].
    peak : most memory held [MiB].
    shortfall : the largest share of the optimum that was missed [-].
    right : whether every repetition found the optimum.
    """

    start: float
    load: float
    build: float | None
    solve: float
    whole: float
    peak: float
    shortfall: float
    right: bool

    @property
    def inside(self) -> float:
        """From the workload's arrays to the result [s]."""
        return (self.build or 0.0) + self.solve


class NoAnswerError(Exception):
    """A tool gave no answer; the text says why."""


def run_once(tool: Tool, workload: str) -> dict[str, Any]:
    """Let `tool` solve `workload` in a new process and return what that took."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        asked = monotonic()
        command = [sys.executable, "-m", "benchmarks.peers.child", tool.module, workload]
        try:
            done = subprocess.run(
                [*command, repr(asked), str(report)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=LONGEST_S,
            )
        except subprocess.TimeoutExpired:
            raise NoAnswerError(f"no answer within {LONGEST_S:.0f} s") from None
        whole = monotonic() - asked
        if done.returncode or not report.exists():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise NoAnswerError(f"failed: {last}")
        found: dict[str, Any] = json.loads(report.read_text())
    if "not_asked" in found:
        raise NoAnswerError(f"not asked: {found['not_asked']}")
    return found | {"whole": whole}


def summary(runs: list[dict[str, Any]]) -> Cost:
    """Medians over `runs`."""

    def middle(key: str) -> float:
        return median(run[key] for run in runs)

    return Cost(
        start=middle("start"),
        load=middle("import"),
        build=None if runs[0]["build"] is None else middle("build"),
        solve=middle("solve"),
        whole=middle("whole"),
        peak=middle("peak"),
        shortfall=max((run["shortfall"] for run in runs), key=abs),
        right=all(run["right"] for run in runs),
    )


def measure(
    tools: list[Tool], workload: str, repetitions: int
) -> Iterator[tuple[Tool, Cost | str]]:
    """Yield the cost of each tool on `workload`, or why there is none.

    The tools take turns, so that a change in what else the machine does meets them all. The
    first turn fills caches (bytecode, compiled kernels) and is not counted.
    """
    runs: dict[Tool, list[dict[str, Any]]] = {tool: [] for tool in tools}
    reasons: dict[Tool, str] = {}
    for _ in range(repetitions + 1):
        for tool in tools:
            if tool in reasons:
                continue
            try:
                runs[tool].append(run_once(tool, workload))
            except NoAnswerError as reason:
                reasons[tool] = str(reason)
    for tool in tools:
        yield tool, reasons[tool] if tool in reasons else summary(runs[tool][1:])

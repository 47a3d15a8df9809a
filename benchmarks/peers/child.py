"""One tool, one workload, one process: ``python -m benchmarks.peers.child``.

Nothing heavy is imported before the clock of the tool's own import runs.
"""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from time import monotonic

# getrusage counts memory in bytes on macOS and in KiB elsewhere.
MIB = 2**20 if sys.platform == "darwin" else 2**10


def main(tool: str, workload: str, spawned: float, report: Path) -> None:
    """Let `tool` solve `workload` and write what it took to `report`.

    Parameters
    ----------
    tool : suffix of the ``with_<tool>`` module.
    workload : name of a workload.
    spawned : reading of the monotonic clock when the process was asked for [s].
    report : file to write.
    """
    started = monotonic()
    module = import_module(f"benchmarks.peers.with_{tool}")
    imported = monotonic()
    workloads = import_module("benchmarks.workloads")
    peers = import_module("benchmarks.peers.answer")
    question = getattr(workloads, workload.lower())()
    try:
        answer = module.solve(question)
    except peers.NotAskedError as reason:
        report.write_text(json.dumps({"not_asked": str(reason)}))
        return
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {
        "start": started - spawned,
        "import": imported - started,
        "build": answer.build_s,
        "solve": answer.solve_s,
        "peak": peak / MIB,
        "objective": answer.objective,
        "right": peers.right(workload, answer.objective),
        "shortfall": peers.shortfall(workload, answer.objective),
    }
    report.write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), Path(sys.argv[4]))

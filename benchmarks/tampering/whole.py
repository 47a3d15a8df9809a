"""Tampers with entries and files: whole records of a few days, by the whole inspector."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from baseload.record.example import make
from baseload.record.example.making import Example, told
from baseload.record.example.office import Writers
from baseload.record.example.tampers import forge
from baseload.record.example.tampers.registry import Cheat, Tamper
from baseload.verify.main import main as inspect

REFUSED = 2
"""Exit code of the inspector where a kit cannot be used at all."""


@dataclass
class Seen:
    """What the inspector said of some seeds: codes of findings, and how often each verdict.

    A record counts as detected where the verdict is not OK.
    """

    seeds: int = 0
    detected: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: dict[str, Any]) -> None:
        """Count one verdict."""
        self.seeds += 1
        self.detected += verdict["verdict"] != "OK"
        self.verdicts[verdict["verdict"]] += 1
        self.codes.update({finding["code"] for finding in verdict["findings"]})

    def table(self) -> dict[str, Any]:
        """Return the counts for JSON."""
        return vars(self) | {"codes": dict(self.codes), "verdicts": dict(self.verdicts)}


def verdict_of(kit: Path, log_key: str, policy: Path, *more: str) -> dict[str, Any]:
    """Return the inspector's verdict on a kit, its trust given."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(io.StringIO()):
        code = inspect([str(kit), "--json", "--log-key", log_key, "--policy", str(policy), *more])
    if code == REFUSED:
        return {"verdict": "refused", "findings": []}
    found: dict[str, Any] = json.loads(text.getvalue())
    return found


def measured(ways: list[Tamper | None], days: int, seeds: range) -> dict[str, Seen]:
    """Return what the inspector sees of each tamper; None is an honest record."""
    found: dict[str, Seen] = {}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            honest = make(Path(folder) / "honest", days, seed)
            for way in ways:
                kit = _tampered(honest, way, days, seed, Path(folder) / "tampered")
                name = way.name if way is not None else "honest"
                verdict = verdict_of(kit, honest.log_key, honest.policy)
                found.setdefault(name, Seen()).add(verdict)
                shutil.rmtree(Path(folder) / "tampered", ignore_errors=True)
    return found


def _tampered(honest: Example, way: Tamper | None, days: int, seed: int, folder: Path) -> Path:
    """Return the kit of a tampered record; one with other files is a copy of the honest one."""
    if way is None:
        return honest.kit
    if way.layer != "files":
        return make(folder, days, seed, way.name).kit
    shutil.copytree(honest.kit, folder / "kit")
    writers = Writers(seed, folder / "blobs")
    way.act(Cheat(way, way.size, writers, told(days, seed, None, 0.0)), folder / "kit")
    return folder / "kit"


def with_earlier(ways: list[Tamper], days: int, seeds: range) -> dict[str, int]:
    """Return how often each tamper is seen by one who kept the honest kit."""
    found = {way.name: 0 for way in ways}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            honest = make(Path(folder) / "honest", days, seed)
            before = forge.earlier(honest.kit, Path(folder) / "before", 2)
            for way in ways:
                kit = _tampered(honest, way, days, seed, Path(folder) / "tampered")
                more = ("--since", str(before))
                verdict = verdict_of(kit, honest.log_key, honest.policy, *more)
                found[way.name] += verdict["verdict"] != "OK"
                shutil.rmtree(Path(folder) / "tampered", ignore_errors=True)
    return found

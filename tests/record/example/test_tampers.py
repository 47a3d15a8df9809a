"""Each way to cheat is found by what it says it is found by; an honest record is not.

A third of the ways that need a record of their own run here; ``python -m benchmarks.tampering``
runs all of them, over several seeds.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from baseload.record.example import make
from baseload.record.example.making import told
from baseload.record.example.office import Writers
from baseload.record.example.tampers import forge, registry
from baseload.record.example.tampers.registry import Cheat
from baseload.verify.main import main

DAYS, SEED = 3, 5
FILES = [way.name for way in registry.everything() if way.layer == "files"]
WRITTEN = [
    way.name
    for way in registry.everything()
    if way.layer in ("drafts", "entries") and not way.tests
][::3]


def inspected(kit: Path, example: Any, *more: str) -> dict[str, Any]:
    text = io.StringIO()
    options = ["--log-key", example.log_key, "--policy", str(example.policy), *more]
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(io.StringIO()):
        main([str(kit), "--json", *options])
    found: dict[str, Any] = json.loads(text.getvalue())
    return found


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    return make(tmp_path_factory.mktemp("honest") / "a", DAYS, SEED)


def tampered(honest: Any, name: str, folder: Path) -> Path:
    way = registry.find(name)
    shutil.copytree(honest.kit, folder)
    story = told(DAYS, SEED, None, 0.0)
    way.act(Cheat(way, way.size, Writers(SEED, folder / "none"), story), folder)
    return folder


def test_an_honest_record_of_five_days_is_ok(tmp_path):
    example = make(tmp_path / "a", 5, 2)
    found = inspected(example.kit, example)
    assert found["findings"] == []
    assert found["verdict"] == "OK"
    assert found["trust"] == "given"


@pytest.mark.parametrize("name", FILES)
def test_a_kit_with_other_files_is_found_out(name, honest, tmp_path):
    way = registry.find(name)
    found = inspected(tampered(honest, name, tmp_path / "kit"), honest)
    codes = {finding["code"] for finding in found["findings"]}
    assert codes & set(way.expects) if way.expects else found["verdict"] == "OK"


def test_a_collusion_of_the_quorum_is_seen_by_who_kept_an_earlier_kit(honest, tmp_path):
    name = "collusion-of-quorum"
    kit = tampered(honest, name, tmp_path / "kit")
    found = inspected(kit, honest, "--since", str(forge.earlier(honest.kit, tmp_path / "before")))
    assert "since.inconsistent" in {finding["code"] for finding in found["findings"]}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_record_with_other_entries_is_found_out(name, tmp_path):
    way = registry.find(name)
    example = make(tmp_path / "a", DAYS, SEED, name)
    codes = {finding["code"] for finding in inspected(example.kit, example)["findings"]}
    assert codes & set(way.expects)
